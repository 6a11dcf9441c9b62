// Edits files, and measures when a browser shows them:
//
//     node measure.mjs '{"rounds": 20, "builds": 5, "live": {…}, "build": {…}, "vite": {…}}'
//
// prints {"live": {"style": [milliseconds, …], …}, …}. What is not shown in time is null.

import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const task = JSON.parse(process.argv[2]);

/** How long it may take until an edit is shown. Vite does not show all of them. */
const LIMIT = 20_000;

/** What is edited: the file, what is written there for a number, and how the page shows it. */
const edits = {
  style: {
    file: "group-0/style-0.css",
    text: (old, n) => old.replace(/rgb\([^)]*\)/, `rgb(1, 2, ${n})`),
    isShown: (n) => getComputedStyle(document.body).color === `rgb(1, 2, ${n})`,
  },
  picture: {
    file: "group-0/picture-10.svg",
    text: (old, n) => old.replace(/width='\d*'/, `width='${8 + n}'`),
    // To a page, the same URL is the same picture, whatever the server would send for it now.
    // Not asynchronous: to whoever waits, a promise is true.
    isShown: (n) => {
      const style = getComputedStyle(document.querySelector(".p10")).backgroundImage;
      if (style === window.pictureBefore) return false;
      if (style !== window.pictureStyle) {
        window.pictureStyle = style;
        window.picture = new Image();
        window.picture.src = style.match(/url\("(.*)"\)/)?.[1] ?? "";
      }
      return window.picture.complete && window.picture.naturalWidth === 8 + n;
    },
    limit: 3_000,
  },
  module: {
    file: "group-0/module-1.js",
    text: (old, n) => old.replace(/version = \d*/, `version = ${n}`),
    isShown: (n) => window.version === n,
  },
  partial: {
    file: "sass/_colors.scss",
    text: (old, n) => `$color: rgb(3, 4, ${n});\n`,
    isShown: (n) => getComputedStyle(document.querySelector("em")).color === `rgb(3, 4, ${n})`,
  },
};

/** Starts a server, and waits for the URL that it prints. */
async function start(program, args, env = {}) {
  const server = spawn(program, args, { stdio: ["ignore", "pipe", "inherit"], env: { ...process.env, ...env } });
  const [url] = await once(createInterface({ input: server.stdout }), "line");
  return { url, stop: async () => (server.kill(), await once(server, "exit")) };
}

const vite = () => start(process.execPath, [fileURLToPath(new URL("vite.mjs", import.meta.url)), task.vite.folder]);

const contestants = [
  { name: "live", server: await start(task.live.program, [], { LIVE: "1" }), rounds: task.rounds },
  { name: "build", server: await start(task.build.program, []), rounds: task.builds, after: rebuild },
  { name: "vite", server: await vite(), rounds: task.rounds },
];

/** What a tool does that watches a program's files: builds it, starts it, and loads the page again. */
async function rebuild(contestant) {
  const [cargo, ...args] = task.build.cargo;
  const { status } = spawnSync(cargo, args, { stdio: ["ignore", "ignore", "inherit"] });
  if (status !== 0) throw new Error("the program does not build");
  await contestant.server.stop();
  contestant.server = await start(task.build.program, []);
  await contestant.page.goto(contestant.server.url, { waitUntil: "commit" });
}

const profile = mkdtempSync(join(tmpdir(), "stamped-live-"));
const browser = await chromium.launchPersistentContext(profile, {
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  headless: true,
  args: ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"],
});

const times = {};
for (const contestant of contestants) {
  contestant.page = await browser.newPage();
  times[contestant.name] = Object.fromEntries(Object.keys(edits).map((edit) => [edit, []]));
}

let number = 0;
async function measure(contestant, { file, text, isShown, limit }) {
  const path = join(task[contestant.name].folder, file);
  const next = text(readFileSync(path, "utf8"), ++number % 250);
  const { page } = contestant;
  await page.evaluate(() => {
    window.pictureBefore = getComputedStyle(document.querySelector(".p10")).backgroundImage;
  });
  const start = performance.now();
  writeFileSync(path, next);
  await contestant.after?.(contestant);
  try {
    await page.waitForFunction(isShown, number % 250, { polling: "raf", timeout: limit ?? LIMIT });
  } catch (error) {
    if (error.name !== "TimeoutError") throw error;
    return null;
  }
  return performance.now() - start;
}

const visited = new Set();
for (let round = -1; round < task.rounds; round += 1) {
  for (const [edit, how] of Object.entries(edits)) {
    for (const contestant of contestants) {
      const { name, page, rounds } = contestant;
      const shown = times[name][edit];
      // Those who have not shown it twice never will.
      if (round >= rounds || shown.length > 1 && shown.every((time) => time === null)) continue;
      // One in the background would not be drawn.
      await page.bringToFront();
      if (!visited.has(name)) {
        await page.goto(contestant.server.url);
        await page.waitForFunction(() => window.version === 0);
        visited.add(name);
        await sleep(1_000);
      }
      const time = await measure(contestant, how);
      // The first one warms up.
      if (round >= 0) shown.push(time);
      await sleep(200);
    }
  }
}

console.log(JSON.stringify(times));
await browser.close();
for (const { server } of contestants) await server.stop();
rmSync(profile, { recursive: true, force: true });

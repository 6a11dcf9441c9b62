// Opens pages in Chromium, twice each, and tells what went wrong:
//
//     node crawl.mjs BASE PAGE...
//
// BASE is the server's URL; it counts requests for stamped paths at /count. A page is done when its
// title is "done".

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { launch } from "./chromium.mjs";

const [base, ...pages] = process.argv.slice(2);
const STAMPED = /\.\d{10,20}(\.[^/]*)?$/;

const profile = mkdtempSync(join(tmpdir(), "stamped-browser-"));
const browser = await launch(profile);
const troubles = [];
const trouble = (text) => troubles.push(text);
const requested = async () => Number(await (await fetch(`${base}/count`)).text());

for (const path of pages) {
  let requests = 0;
  const page = await browser.newPage();
  page.on("console", (message) => trouble(`${path}: console: ${message.text()}`));
  page.on("pageerror", (error) => trouble(`${path}: ${error}`));
  page.on("requestfailed", (request) => trouble(`${path}: ${request.url()} failed: ${request.failure()?.errorText}`));
  page.on("response", (response) => {
    const url = new URL(response.url());
    if (!url.href.startsWith(base)) return;
    requests += 1;
    if (response.status() >= 400) trouble(`${path}: ${url.pathname} is ${response.status()}`);
    if (!STAMPED.test(url.pathname) && !url.pathname.endsWith(".html")) trouble(`${path}: ${url.pathname} has no stamp`);
  });
  const open = async () => {
    await page.goto(base + path, { waitUntil: "load" });
    await page.waitForFunction(() => document.title === "done", null, { timeout: 60_000 });
    await page.waitForLoadState("networkidle");
  };
  await open();
  const first = await requested();
  if (process.env.SCREENSHOTS) await page.screenshot({ path: join(process.env.SCREENSHOTS, path.split("/").pop() + ".png") });
  const loaded = requests;
  await open();
  const second = await requested();
  if (second !== first) trouble(`${path}: the second look asked for ${second - first} stamped assets again`);
  console.log(`${path}: ${loaded} responses, all stamped assets from the cache at the second look`);
  await page.close();
}

await browser.close();
rmSync(profile, { recursive: true, force: true });
for (const text of troubles) console.error(text);
process.exit(troubles.length === 0 ? 0 : 1);

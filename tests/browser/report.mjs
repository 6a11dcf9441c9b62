// Uses the report's page in Chromium and prints what went wrong:
//
//     node report.mjs FILE BASE
//
// FILE is a page that `stamped report --html` has written, of at least 60 assets in folders; BASE the
// URL of `stamped serve`. With SCREENSHOTS, a folder, there are pictures of each look.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const [file, base] = process.argv.slice(2);
const STAMPED = /^\/static\/.*\.\d{10,20}\.[^/]*$/;
const LOOKS = [
  ["light", { viewport: { width: 1280, height: 900 }, colorScheme: "light" }],
  ["dark", { viewport: { width: 1280, height: 900 }, colorScheme: "dark" }],
  ["tablet", { viewport: { width: 768, height: 1024 }, colorScheme: "light" }],
  ["phone", { viewport: { width: 390, height: 844 }, colorScheme: "light" }],
  ["small phone", { viewport: { width: 360, height: 740 }, colorScheme: "light" }],
];

const troubles = [];
const expect = (holds, text) => holds || troubles.push(text);

/** Waits until what `read` reads is right. A page may be drawn some time after a click. */
async function becomes(text, read, isRight) {
  const end = Date.now() + 10_000;
  let value = await read();
  while (!isRight(value) && Date.now() < end) {
    await new Promise((resume) => setTimeout(resume, 20));
    value = await read();
  }
  expect(isRight(value), `${text} ${value}`);
}

/** A page whose console, errors and requests are troubles, but for requests that `allowed` allows. */
async function watched(context, name, allowed) {
  const page = await context.newPage();
  page.on("console", (message) => troubles.push(`${name}: console: ${message.text()}`));
  page.on("pageerror", (error) => troubles.push(`${name}: ${error}`));
  page.on("dialog", (dialog) => troubles.push(`${name}: a name ran as a script`) && dialog.dismiss());
  page.on("request", (request) => allowed(request.url()) || troubles.push(`${name}: asks for ${request.url()}`));
  return page;
}

const profile = mkdtempSync(join(tmpdir(), "stamped-report-"));
const launch = (options) =>
  chromium.launchPersistentContext(profile, {
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    headless: true,
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
    ...options,
  });

const address = pathToFileURL(file).href;

async function used(context, name) {
  const page = await watched(context, name, (url) => url.split("#")[0] === address || url.startsWith("data:"));
  await page.goto(address);
  const rows = page.locator("#assets tbody tr");
  const told = () => page.locator("#assets output").textContent();
  await rows.first().waitFor();
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  expect(overflow <= 0, `${name}: the page is ${overflow} pixels too wide`);
  const paper = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  expect((paper === "rgb(255, 255, 255)") === (name !== "dark"), `${name}: the paper is ${paper}`);
  if (process.env.SCREENSHOTS) await page.screenshot({ path: join(process.env.SCREENSHOTS, `report-${name}.png`), fullPage: true });

  // Search, filter, pages and order.
  const all = await told();
  await becomes(`${name}: the rows on a page of the table are`, () => rows.count(), (count) => count === 50);
  await page.getByRole("button", { name: "Next" }).click();
  await becomes(`${name}: the second page is`, told, (text) => /^51 to /.test(text));
  await page.getByRole("searchbox").fill("NEEDLE css");
  await becomes(`${name}: the rows that a search finds are`, () => rows.count(), (count) => count === 1);
  await page.getByRole("searchbox").fill("no such asset");
  await becomes(`${name}: a search for nothing finds`, told, (text) => text === "No asset matches.");
  await page.getByRole("searchbox").fill("");
  await becomes(`${name}: without a search there are`, told, (text) => text === all);
  await page.getByRole("combobox").selectOption({ label: "Not stamped" });
  await becomes(`${name}: instead of the reason for a missing stamp there is`, () => rows.first().textContent(), (text) => text.includes("its name is kept"));
  await page.getByRole("combobox").selectOption({ label: "All assets" });
  await becomes(`${name}: of all assets there are`, told, (text) => text === all);
  const numbers = async () => (await page.locator("td[data-label=Bytes]").allTextContents()).map((text) => Number(text.replaceAll(",", "")));
  const head = page.locator("#assets thead").getByRole("button", { name: "Bytes" });
  for (const [order, sign] of [["descending", -1], ["ascending", 1]]) {
    await head.click();
    await becomes(`${name}: the head that is ${order} is`, () => page.locator(`th[aria-sort=${order}]`).allTextContents(), (heads) => heads.join() === "Bytes");
    await becomes(`${name}: ${order}:`, numbers, (sizes) => sizes.every((size, at) => at === 0 || (size - sizes[at - 1]) * sign >= 0));
  }

  // The map: into a folder by pointer, out by key; the measure.
  const boxes = page.locator(".boxes .box");
  const open = () => page.locator(".trail [aria-current]").textContent();
  const inTheWhole = await boxes.count();
  const swollen = await boxes.evaluateAll((all) => all.filter((box) => box.offsetWidth > parseFloat(box.style.width) + 1).length);
  expect(swollen === 0, `${name}: ${swollen} boxes are larger than their bytes`);
  await page.locator(".boxes button", { hasText: "many" }).first().click({ position: { x: 6, y: 6 } });
  await becomes(`${name}: the folder that is open is`, open, (text) => text.startsWith("many "));
  await page.keyboard.press("ArrowRight");
  await page.locator(".boxes [tabindex='0']").focus();
  await page.keyboard.press("Escape");
  await becomes(`${name}: Escape leads to`, open, (text) => text.startsWith("All assets "));
  await becomes(`${name}: of ${inTheWhole} boxes, there are on the way back`, () => boxes.count(), (count) => count === inTheWhole);
  const before = await open();
  await page.getByText("Compressed", { exact: true }).last().click();
  await becomes(`${name}: compressed sizes are the same:`, open, (text) => text !== before);

  // References: the groups, an asset, its neighbours, and back.
  await checkDrawings(page, name);
  const chosen = page.locator(".chosen h3");
  expect((await page.locator("#references figure").count()) > 0, `${name}: there are no groups`);
  await page.getByRole("searchbox").fill("needle.css");
  await rows.first().getByRole("link").click();
  // Drawn after the address has changed, which is after the click.
  const showsThat = (end, text) => chosen.filter({ hasText: new RegExp(`${end}$`) }).waitFor()
    .catch(async () => expect(false, `${name}: ${text} ${await chosen.textContent()}`));
  await showsThat("needle.css", "chosen is");
  const strands = await page.locator(".walk .wire").getAttribute("d");
  expect(strands.split("M").length === 3, `${name}: the asset has the strands ${strands}`);
  await page.locator(".side.out a").click();
  await showsThat("eye.svg", "the reference leads to");
  await page.goBack();
  await showsThat("needle.css", "back leads to");
  await page.locator(".side.in a").click();
  await showsThat("page.css", "the referrer is");
  await page.getByRole("link", { name: "All groups" }).click();
  await page.locator("#references figure").first().waitFor();
  console.log(`${name}: ${all}, no request and no message`);
}

/** No wire crosses a name, and what is cut has a cue. */
async function checkDrawings(page, name) {
  const { crossed, names, cut, silent } = await page.evaluate(() => {
    const crossed = [];
    let [names, cut, silent] = [0, 0, 0];
    for (const svg of document.querySelectorAll("svg.named")) {
      const wire = svg.querySelector(".wire");
      const labels = [...svg.querySelectorAll("text")].map((text) => {
        const [box, move] = [text.getBBox(), text.parentNode.transform.baseVal[0].matrix];
        return { label: text.textContent, left: box.x + move.e, right: box.x + move.e + box.width, top: box.y + move.f + 2, bottom: box.y + move.f + box.height - 2 };
      });
      names += labels.length;
      for (let at = 0; at < wire.getTotalLength(); at += 1) {
        const { x, y } = wire.getPointAtLength(at);
        const hit = labels.find((box) => x > box.left && x < box.right && y > box.top && y < box.bottom);
        if (hit && !crossed.includes(hit.label)) crossed.push(hit.label);
      }
      const drawing = svg.closest(".drawing");
      const frame = drawing.querySelector(".scroll");
      const isCut = frame.scrollWidth > frame.clientWidth + 1;
      const says = !drawing.querySelector(".cue").hidden && getComputedStyle(frame).maskImage !== "none";
      if (isCut) cut += 1;
      if (isCut !== says) silent += 1;
    }
    return { crossed, names, cut, silent };
  });
  expect(names > 8, `${name}: the drawings have ${names} names`);
  expect(crossed.length === 0, `${name}: wires cross ${crossed}`);
  expect(silent === 0, `${name}: ${silent} drawings are cut without a cue, or have one without need`);
  expect(cut > 0 || !name.includes("phone"), `${name}: no drawing is cut, so no cue was tested`);
}

/** The page in the program: everything but itself has a stamp, and is asked for once. */
async function served(context) {
  const page = await watched(context, "served", (url) => url === `${base}/` || STAMPED.test(new URL(url).pathname) || url.startsWith("data:"));
  const line = async () => {
    await page.goto(`${base}/`);
    await page.waitForFunction(() => document.getElementById("requests").textContent !== "");
    return page.locator("#requests").textContent();
  };
  const first = await line();
  expect(/^(\d+) of \1 assets .* were requested/.test(first), `served, first: ${first}`);
  const second = await line();
  expect(/^All \d+ assets .*no request was sent/.test(second), `served, again: ${second}`);
  expect((await page.locator("#assets tbody tr").count()) > 10, "served: the table is empty");
  console.log(`served: ${first} Again: ${second}`);
  if (process.env.SCREENSHOTS) await page.screenshot({ path: join(process.env.SCREENSHOTS, "report-served.png"), fullPage: true });
}

for (const [name, options, use] of [...LOOKS.map((look) => [...look, used]), ["served", LOOKS[0][1], served]]) {
  const context = await launch(options);
  context.setDefaultTimeout(15_000);
  await use(context, name).catch((error) => troubles.push(`${name}: ${error}`));
  await context.close();
}
rmSync(profile, { recursive: true, force: true });
for (const text of troubles) console.error(text);
process.exit(troubles.length === 0 ? 0 : 1);

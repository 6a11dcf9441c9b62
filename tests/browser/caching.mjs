// A browser that does what it is told, one JSON line each, until its input ends:
//
//     node caching.mjs PROFILE [as-of-user]
//
//     {"tab": 1, "open": URL}      in a new tab or one that was opened before
//     {"tab": 1, "reload": true}
//     {"tab": 1, "run": SCRIPT}    what it gives is the answer's value
//     {"tab": 1, "forget": true}   the cache of HTTP; service workers keep their own
//
// Each answer is a line {"value": …, "messages": […]}: all that the browser has complained of since the
// last one. A page has been opened when its title is "done" or tells what went wrong, and when
// everything is there that tools would load for it: source maps, and the icons of its web manifest. As
// of a user, it tells pages nothing of being driven, and does not wait for the last request of a page.

import { createInterface } from "node:readline";
import { launch } from "./chromium.mjs";

const isOfUser = process.argv[3] === "as-of-user";
const browser = await launch(process.argv[2], isOfUser);
const tabs = new Map();
let messages = [];

async function newTab() {
  const page = await browser.newPage();
  page.on("console", (message) => messages.push(`${message.type()}: ${message.text()}`));
  page.on("pageerror", (error) => messages.push(`uncaught: ${error}`));
  page.on("requestfailed", (request) => {
    messages.push(`${request.url()} failed: ${request.failure()?.errorText}`);
  });
  const tools = await browser.newCDPSession(page);
  const sourceMaps = new Set();
  const note = ({ sourceMapURL }, base) => {
    if (sourceMapURL) sourceMaps.add(new URL(sourceMapURL, base).href);
  };
  tools.on("Debugger.scriptParsed", (script) => note(script, script.url));
  tools.on("CSS.styleSheetAdded", ({ header }) => note(header, header.sourceURL));
  for (const domain of ["Debugger", "DOM", "CSS"]) await tools.send(`${domain}.enable`);
  return { page, tools, sourceMaps };
}

/** Goes to a page by `navigate`, and does what the tools of a developer and an installation would. */
async function visit({ page, tools, sourceMaps }, navigate) {
  sourceMaps.clear();
  await navigate();
  await page.waitForFunction(() => document.title !== "-", null, { timeout: 30_000 });
  if (isOfUser) return page.title();
  await page.waitForLoadState("networkidle");
  const { url, errors, data } = await tools.send("Page.getAppManifest");
  messages.push(...errors.map((error) => `${url}: ${error.message}`));
  const icons = data ? JSON.parse(data).icons.map((icon) => new URL(icon.src, url).href) : [];
  const frameId = (await tools.send("Page.getFrameTree")).frameTree.frame.id;
  const options = { disableCache: false, includeCredentials: true };
  for (const url of [...sourceMaps, ...icons]) {
    const { resource } = await tools.send("Network.loadNetworkResource", { frameId, url, options });
    if (!resource.success) messages.push(`${url} failed: ${resource.httpStatusCode} ${resource.netErrorName}`);
  }
  return page.title();
}

for await (const line of createInterface({ input: process.stdin })) {
  const command = JSON.parse(line);
  if (!tabs.has(command.tab)) tabs.set(command.tab, await newTab());
  const tab = tabs.get(command.tab);
  let value = null;
  try {
    if (command.open) value = await visit(tab, () => tab.page.goto(command.open));
    if (command.reload) value = await visit(tab, () => tab.page.reload());
    if (command.forget) await tab.tools.send("Network.clearBrowserCache");
    if (command.run) value = await tab.page.evaluate(command.run);
  } catch (error) {
    messages.push(String(error));
  }
  console.log(JSON.stringify({ value: value ?? null, messages }));
  messages = [];
}
await browser.close();

// Opens pages of real trees in Chromium, as they are and stamped, and writes a table of what differs:
//
//     node compare.mjs STAMPED TREES LIST TABLE
//
// STAMPED is the command, TREES the folder of the trees that LIST lists (see tests/sites/trees), and TABLE
// the page to write.

import { execFileSync } from "node:child_process";
import { createReadStream, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { extname, join, normalize } from "node:path";
import { launch } from "./chromium.mjs";

const [command, trees, list, table] = process.argv.slice(2);

const TYPES = {
  ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".mjs": "text/javascript", ".css": "text/css",
  ".json": "application/json", ".svg": "image/svg+xml", ".png": "image/png", ".wasm": "application/wasm",
  ".woff2": "font/woff2", ".woff": "font/woff", ".ttf": "font/ttf",
};

/** Serves a folder. */
function serve(folder) {
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url, "http://x").pathname);
    const file = join(folder, normalize(path));
    if (!existsSync(file) || !statSync(file).isFile()) {
      response.writeHead(404, { "content-type": "text/plain" }).end();
      return;
    }
    response.writeHead(200, { "content-type": TYPES[extname(file)] ?? "application/octet-stream", "cache-control": "no-store" });
    createReadStream(file).pipe(response);
  });
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server)));
}

/** What a browser sees of a page. `nameOf` is the name of the asset at a path. */
async function look(browser, folder, page, nameOf) {
  const server = await serve(folder);
  const origin = `http://127.0.0.1:${server.address().port}`;
  const tab = await browser.newPage();
  const seen = { errors: [], failed: [], modules: new Map(), requests: 0, names: new Set() };
  const path = (url) => decodeURIComponent(new URL(url).pathname);
  // Nothing from elsewhere, whose state nobody knows.
  await tab.route((url) => !url.href.startsWith(origin), (route) => route.abort());
  const isOurs = (url) => !url || url.startsWith(origin);
  tab.on("console", (message) => {
    if (message.type() !== "error" || !isOurs(message.location().url)) return;
    // Requests that fail are counted by themselves.
    if (!message.text().startsWith("Failed to load resource")) seen.errors.push(message.text());
  });
  tab.on("pageerror", (error) => seen.errors.push(String(error)));
  tab.on("requestfailed", (request) => isOurs(request.url()) && seen.failed.push(path(request.url())));
  tab.on("response", (response) => {
    if (!isOurs(response.url())) return;
    seen.requests += 1;
    seen.names.add(nameOf(path(response.url())));
    if (response.status() >= 400) seen.failed.push(nameOf(path(response.url())));
  });
  const tools = await browser.newCDPSession(tab);
  tools.on("Debugger.scriptParsed", ({ url, isModule }) => {
    if (!isModule || !url.startsWith(origin)) return;
    const name = nameOf(path(url));
    seen.modules.set(name, (seen.modules.get(name) ?? new Set()).add(url));
  });
  await tools.send("Debugger.enable");
  try {
    await tab.goto(`${origin}/${page}`, { waitUntil: "load", timeout: 30_000 });
    await tab.waitForLoadState("networkidle", { timeout: 15_000 }).catch(() => {});
    await new Promise((resume) => setTimeout(resume, 700));
  } catch (error) {
    seen.errors.push(String(error));
  }
  await tab.close();
  server.closeAllConnections();
  server.close();
  return seen;
}

const count = ({ errors, failed, modules, requests }) => ({
  errors: errors.length,
  failed: failed.length,
  modules: modules.size,
  twice: [...modules.values()].filter((urls) => urls.size > 1).length,
  requests,
});

/** A page that loads these files and has this HTML behind them. */
function pageOf(parts, html) {
  const tags = parts.map((part) => {
    const [kind, name] = part.split(":");
    if (kind === "css") return `<link rel=stylesheet href="${name}">`;
    return `<script${kind === "module" ? " type=module" : ""} src="${name}"></script>`;
  });
  return `<!doctype html><meta charset=utf-8><title>-</title><link rel=icon href="data:,"><body>${tags.join("")}${html}`;
}

const scratch = mkdtempSync(join(tmpdir(), "stamped-trees-"));
const browser = await launch(join(scratch, "profile"));
const rows = [];
let unexplained = 0;
for (const line of readFileSync(list, "utf8").split("\n").filter((line) => /^[a-z]/.test(line))) {
  const [words, reason = ""] = line.split(" -- ");
  const [files, html = ""] = words.split(" == ");
  const [from, what, folder, ...parts] = files.split(" ");
  const tree = join(trees, from, what, folder);
  // What a site of ours is made of says less than the tool that built it.
  const title = from === "site" ? `${from} ${what}/${folder}` : `${from} ${what}`;
  if (!existsSync(tree)) {
    console.error(`${title}: ${tree} is not there`);
    rows.push(`| ${title} | – | not fetched | | | | | |`);
    unexplained += 1;
    continue;
  }
  // A page of our own is stamped with the tree.
  const own = parts[0].startsWith("page:") ? undefined : pageOf(parts, html);
  const page = own === undefined ? parts[0].slice(5) : "stamped-table.html";
  const out = join(scratch, "out");
  if (own !== undefined) writeFileSync(join(tree, page), own);
  execFileSync(command, ["build", tree, "--out", out, "--mount", "/", "--stamp", "content", "--encodings", "none", "--quiet"], { maxBuffer: 1 << 26 });
  const manifest = JSON.parse(readFileSync(join(out, "manifest.json"), "utf8"));
  const names = new Map(Object.entries(manifest.assets).map(([name, { path }]) => [`/${path}`, `/${name}`]));
  // On a busy machine a page may take longer than anyone waits: what differs has to differ again.
  let before, after, a, b;
  const keys = ["errors", "failed", "modules", "twice", "requests"];
  for (let attempt = 0; attempt < 3 && (attempt === 0 || keys.some((key) => a[key] !== b[key])); attempt++) {
    before = await look(browser, tree, page, (path) => path);
    after = await look(browser, join(out, "root"), page, (path) => names.get(path) ?? path);
    [a, b] = [count(before), count(after)];
  }
  if (own !== undefined) rmSync(join(tree, page));
  rmSync(out, { recursive: true, force: true });
  const cells = keys.map((key) => (a[key] === b[key] ? `${a[key]}` : `${a[key]} → **${b[key]}**`));
  const differs = keys.some((key) => a[key] !== b[key]);
  if (differs) {
    unexplained += reason ? 0 : 1;
    const only = (one, other) => [...one.names].filter((name) => !other.names.has(name));
    console.error(`${title} differs: ${JSON.stringify({ before: a, after: b, errors: after.errors.slice(0, 3), failed: after.failed.slice(0, 5), gone: only(before, after).slice(0, 5), more: only(after, before).slice(0, 5) })}`);
  }
  console.log(`${title}: ${cells.join(", ")}`);
  rows.push(`| ${title} | ${names.size} | ${cells.join(" | ")} | ${differs ? reason || "not known" : ""} |`);
}
await browser.close();
rmSync(scratch, { recursive: true, force: true });

const same = rows.filter((row) => !row.includes("**") && !row.includes("not fetched")).length;
writeFileSync(table, `# Real trees

\`tests/sites/table\` fetches the trees below, has Chromium open a page of each, first as it is and then as \`stamped build
--mount /\` writes it, and compares what the browser sees. Where a tree has no page, one is made that loads its style sheet
and scripts. Requests to other sites are refused in both.

Of ${rows.length} trees, ${same} give the same numbers. Where they differ, a cell shows the original, an arrow, and the stamped tree. An
error or a failed request that both have is one of the tree itself, mostly for want of its server.

| tree | files | console errors | failed requests | modules | evaluated twice | requests | why they differ |
|---|---|---|---|---|---|---|---|
${rows.join("\n")}
`);
console.log(`${rows.length} trees, ${unexplained} that differ without an explanation`);
process.exit(unexplained === 0 ? 0 : 1);

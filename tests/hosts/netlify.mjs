// What Netlify answers for a site: `node netlify.mjs SITE`, with a list of URL paths in JSON as its input.
// Prints a list of `{ status, headers }`, with the names of headers in lower case.

import { parseAllHeaders } from "@netlify/headers-parser";
import { parseAllRedirects } from "@netlify/redirect-parser";
import { readFileSync, statSync } from "node:fs";

const site = process.argv[2];
const read = await parseAllHeaders({ headersFiles: [`${site}/_headers`], minimal: false });
const rewrites = await parseAllRedirects({ redirectsFiles: [`${site}/_redirects`], minimal: false });
for (const error of [...read.errors, ...rewrites.errors]) throw error;

function answer(path) {
    const rewrite = rewrites.redirects.find((rule) => rule.status === 200 && rule.path === path);
    const file = site + decodeURIComponent(rewrite?.to ?? path);
    const matching = read.headers.filter((rule) => rule.forRegExp.test(path));
    const values = Object.entries(Object.assign({}, ...matching.map((rule) => rule.values)));
    return {
        status: statSync(file, { throwIfNoEntry: false })?.isFile() ? 200 : 404,
        headers: Object.fromEntries(values.map(([name, value]) => [name.toLowerCase(), value])),
    };
}

console.log(JSON.stringify(JSON.parse(readFileSync(0, "utf8")).map(answer)));

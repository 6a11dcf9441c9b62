// The report as the views need it: assets with links to their neighbours.

/** The kinds of assets, in the order of the legend. */
export const KINDS = new Map([
  ["script", "Scripts"],
  ["style", "Style sheets"],
  ["picture", "Pictures"],
  ["font", "Fonts"],
  ["text", "Text and data"],
  ["map", "Source maps"],
  ["other", "Other"],
]);

/** Reads the report that `stamped report --json` prints too. */
export function read(report) {
  const assets = report.assets.map((row, id) => {
    const slash = row.name.lastIndexOf("/");
    return {
      id,
      name: row.name,
      file: row.name.slice(slash + 1),
      folder: row.name.slice(0, Math.max(slash, 0)),
      url: row.url,
      stamp: row.stamp,
      unstamped: row.unstamped,
      type: row.type.split(";")[0],
      kind: kind(row.name, row.type),
      size: row.size,
      codings: new Map(Object.entries(row.encodings)),
      smallest: Math.min(row.size, ...Object.values(row.encodings)),
      out: row.references,
      in: [],
    };
  });
  const byName = new Map(assets.map((asset) => [asset.name, asset]));
  for (const asset of assets) {
    asset.out = asset.out.map((name) => byName.get(name)).filter(Boolean);
    for (const target of asset.out) target.in.push(asset);
  }
  const codings = [...new Set(assets.flatMap((asset) => [...asset.codings.keys()]))].sort();
  return { assets, byName, codings, warnings: report.warnings, total: report.total };
}

function kind(name, type) {
  if (name.endsWith(".map")) return "map";
  if (/javascript|wasm/.test(type)) return "script";
  if (type.startsWith("text/css")) return "style";
  if (type.startsWith("image/")) return "picture";
  if (/font/.test(type)) return "font";
  if (/^text\/|json|xml|yaml|toml/.test(type)) return "text";
  return "other";
}

/** Totals of some assets by kind, `{ kind, assets, size, smallest }`, without empty ones. */
export function byKind(assets) {
  const sums = new Map([...KINDS.keys()].map((kind) => [kind, { kind, assets: 0, size: 0, smallest: 0 }]));
  for (const asset of assets) {
    const sum = sums.get(asset.kind);
    sum.assets += 1;
    sum.size += asset.size;
    sum.smallest += asset.smallest;
  }
  return [...sums.values()].filter((sum) => sum.assets > 0);
}

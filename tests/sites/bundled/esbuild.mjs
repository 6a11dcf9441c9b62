import { writeFileSync } from "node:fs";
import { build } from "esbuild";

const { metafile } = await build({
  entryPoints: ["src/main.js"],
  bundle: true,
  splitting: true,
  format: "esm",
  sourcemap: true,
  metafile: true,
  loader: { ".svg": "file" },
  entryNames: "[name]-[hash]",
  outdir: "dist/esbuild",
});
writeFileSync("dist/esbuild/meta.json", JSON.stringify(metafile));
const [script, { cssBundle }] = Object.entries(metafile.outputs).find(([, output]) => output.entryPoint === "src/main.js");
const name = (path) => path.split("/").pop();
writeFileSync(
  "dist/esbuild/index.html",
  `<!doctype html><title>-</title><link rel=icon href="data:,"><link rel=stylesheet href=${name(cssBundle)}><body><script type=module src=${name(script)}></script>`,
);

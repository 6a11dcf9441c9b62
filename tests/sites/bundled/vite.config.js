export default { build: { outDir: "dist/vite", sourcemap: true, assetsInlineLimit: 0 } };

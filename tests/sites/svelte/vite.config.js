import { svelte } from "@sveltejs/vite-plugin-svelte";

export default {
  base: "./",
  plugins: [svelte()],
  build: { manifest: true, rollupOptions: { input: "src/main.js" } },
};

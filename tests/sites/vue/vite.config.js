import vue from "@vitejs/plugin-vue";

export default {
  base: "./",
  plugins: [vue()],
  build: { manifest: true, rollupOptions: { input: ["src/main.ts", "src/other.ts"] } },
};

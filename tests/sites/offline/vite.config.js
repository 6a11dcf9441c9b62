import { VitePWA } from "vite-plugin-pwa";

export default {
  build: { target: "esnext", assetsInlineLimit: 0 },
  plugins: [VitePWA({ registerType: "autoUpdate", manifest: false, workbox: { globPatterns: ["**/*.{js,css,html,svg}"] } })],
};

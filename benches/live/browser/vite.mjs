// Starts Vite's development server for a folder, as `vite FOLDER` does, and prints its URL.

import { createServer } from "vite";

const server = await createServer({
  root: process.argv[2],
  configFile: false,
  logLevel: "silent",
  server: { host: "127.0.0.1" },
});
await server.listen();
console.log(server.resolvedUrls.local[0]);

// The program writes the list of files before this: `const files = [{ url, revision, integrity }, …]`.

// A URL with a stamp stands for the same bytes for ever. Another one is kept by its revision.
const keys = new Map(files.map(({ url, revision }) => [url, revision ? `${url}?${revision}` : url]));

self.addEventListener("install", (event) => event.waitUntil(install()));
self.addEventListener("activate", (event) => event.waitUntil(activate()));
self.addEventListener("fetch", (event) => {
  const { method, mode, url } = event.request;
  const { origin, pathname } = new URL(url);
  if (method !== "GET" || origin !== location.origin) return;
  const key = keys.get(mode === "navigate" ? "/index.html" : pathname);
  if (key) event.respondWith(answer(key, event.request));
});

async function install() {
  const cache = await caches.open("files");
  const fetched = files.map(async ({ url, revision, integrity }) => {
    const key = keys.get(url);
    // An earlier release had it already.
    if (await cache.match(key)) return;
    // While a release is rolled out, another server may have other bytes. By their hash, the browser
    // refuses them, and installs this worker the next time.
    const response = await fetch(url, { integrity, cache: revision ? "no-cache" : "default" });
    if (!response.ok) throw new Error(`${url}: ${response.status}`);
    await cache.put(key, response);
  });
  await Promise.all(fetched);
  await self.skipWaiting();
}

async function activate() {
  const cache = await caches.open("files");
  const wanted = new Set([...keys.values()].map((key) => new URL(key, location).href));
  for (const request of await cache.keys()) {
    if (!wanted.has(request.url)) await cache.delete(request);
  }
  await self.clients.claim();
}

async function answer(key, request) {
  const cache = await caches.open("files");
  return (await cache.match(key)) ?? fetch(request);
}

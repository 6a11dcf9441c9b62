// Tells how much of this page came over the wire, and how much from the browser's cache.

const costs = new Map();

const tell = () => {
  const requested = [...costs.values()].filter((bytes) => bytes > 0).length;
  document.getElementById("requests").textContent =
    requested === 0
      ? `All ${costs.size} assets of this page came from the browser's cache: no request was sent.`
      : `${requested} of ${costs.size} assets of this page were requested. Reload: none will be.`;
};

// Some pictures are asked for only when they are first shown.
new PerformanceObserver((list) => {
  for (const { name, transferSize } of list.getEntries()) {
    if (name.includes("/static/")) costs.set(name, Math.max(costs.get(name) ?? 0, transferSize));
  }
  if (document.readyState === "complete") tell();
}).observe({ type: "resource", buffered: true });

addEventListener("load", tell);

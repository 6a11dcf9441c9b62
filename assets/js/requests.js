// Shows how many assets of this page the browser requested, and how many came from its cache.

const costs = new Map();

const show = () => {
  const requested = [...costs.values()].filter((bytes) => bytes > 0).length;
  document.getElementById("requests").textContent =
    requested === 0
      ? `All ${costs.size} assets of this page came from the browser's cache: no request was sent.`
      : `${requested} of ${costs.size} assets of this page were requested. Reload the page, and none will be.`;
};

// The browser requests some pictures only when they are first shown.
new PerformanceObserver((list) => {
  for (const { name, transferSize } of list.getEntries()) {
    if (name.includes("/static/")) costs.set(name, Math.max(costs.get(name) ?? 0, transferSize));
  }
  if (document.readyState === "complete") show();
}).observe({ type: "resource", buffered: true });

addEventListener("load", show);

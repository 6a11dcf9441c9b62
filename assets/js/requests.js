// Tells how much of this page came over the wire, and how much from the browser's cache.

const tell = () => {
  const assets = performance.getEntriesByType("resource").filter((entry) => entry.name.includes("/static/"));
  const requested = assets.filter((entry) => entry.transferSize > 0).length;
  document.getElementById("requests").textContent =
    requested === 0
      ? `All ${assets.length} assets of this page came from the browser's cache: no request was sent.`
      : `${requested} of ${assets.length} assets of this page were requested. Reload: none will be.`;
};

if (document.readyState === "complete") tell();
else addEventListener("load", tell);

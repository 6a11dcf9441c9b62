// Tells how much of this page came over the wire, and how much from the browser's cache.
addEventListener("load", () => {
  const assets = performance.getEntriesByType("resource").filter((entry) => entry.name.includes("/static/"));
  const cached = assets.filter((entry) => entry.transferSize === 0).length;
  const line = document.getElementById("requests");
  line.textContent =
    cached === assets.length
      ? `All ${assets.length} assets of this page came from the browser's cache: no request was sent.`
      : `${assets.length - cached} of ${assets.length} assets of this page were requested. Reload: none will be.`;
});

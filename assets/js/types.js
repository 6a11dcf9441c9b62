// Two bars on one scale: the bytes of each kind of asset, original and compressed.

import { element } from "./dom.js";
import { bytes, counted, saving } from "./format.js";
import { byKind, KINDS } from "./model.js";

export function types(model) {
  const sums = byKind(model.assets);
  const size = sums.reduce((all, sum) => all + sum.size, 0);
  const smallest = sums.reduce((all, sum) => all + sum.smallest, 0);
  const bar = (label, measure, whole) =>
    element("div", { class: "weight" },
      element("span", { class: "what" }, label),
      element("span", { class: "track", "aria-hidden": "true" },
        ...sums.filter((sum) => sum[measure] > 0).map((sum) =>
          element("span", { "data-kind": sum.kind, style: `width:${(sum[measure] * 100) / size}%` }))),
      element("span", { class: "amount" }, bytes(whole)));
  const legend = sums.sort((a, b) => b.size - a.size).map((sum) =>
    element("li", { "data-kind": sum.kind },
      element("i", { class: "swatch" }),
      element("span", {}, KINDS.get(sum.kind)),
      element("span", { class: "amount" }, bytes(sum.size), sum.smallest < sum.size ? element("i", {}, saving(sum.smallest, sum.size)) : null),
      element("small", {}, counted(sum.assets, "asset"))));
  return element("section", { id: "types", "aria-labelledby": "types-title" },
    element("h2", { id: "types-title", class: "unseen" }, "Bytes by type"),
    bar("Original", "size", size),
    smallest < size ? bar("Compressed", "smallest", smallest) : null,
    element("ul", { class: "legend" }, ...legend));
}

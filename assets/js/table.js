// All assets, in a table with search, order and pages.

import { button, element, link, shown, title } from "./dom.js";
import { bytes, count, counted, saving } from "./format.js";
import { KINDS } from "./model.js";

const ROWS = 50;

const FILTERS = new Map([
  ["", ["All assets", () => true]],
  ["stamped", ["Stamped", (asset) => asset.stamp !== null]],
  ["unstamped", ["Not stamped", (asset) => asset.stamp === null]],
  ["unreferred", ["Nothing refers to it", (asset) => asset.in.length === 0]],
]);

/** The table with its controls. */
export function table(model) {
  const present = new Set(model.assets.map((asset) => asset.kind));
  const filters = new Map(FILTERS);
  for (const [kind, label] of KINDS) {
    if (present.has(kind)) filters.set(kind, [label, (asset) => asset.kind === kind]);
  }
  const columns = columnsOf(model);
  let sorted = { column: columns[0], down: false };
  let from = 0;
  let found = [];

  const search = element("input", { type: "search", placeholder: "Search names, types, stamps", "aria-label": "Search assets", input: () => update() });
  const filter = element("select", { "aria-label": "Which assets", change: () => update() },
    ...[...filters].map(([value, [label]]) => element("option", { value }, label)));
  const heads = columns.map((column) =>
    element("th", { scope: "col", class: column.number ? "number" : null }, button(column.label, () => sort(column))));
  const body = element("tbody");
  const range = element("output", { "aria-live": "polite" });
  const earlier = button("Previous", () => turn(-ROWS));
  const later = button("Next", () => turn(ROWS));

  function sort(column) {
    const down = sorted.column === column ? !sorted.down : Boolean(column.number);
    sorted = { column, down };
    update();
  }

  function update() {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const [, passes] = filters.get(filter.value);
    const { column, down } = sorted;
    const order = (a, b) => {
      const [left, right] = [column.key(a), column.key(b)];
      return (left < right ? -1 : left > right ? 1 : a.id - b.id) * (down ? -1 : 1);
    };
    found = model.assets.filter((asset) => {
      if (!passes(asset)) return false;
      asset.haystack ??= `${asset.name} ${asset.stamp ?? ""} ${asset.type}`.toLowerCase();
      return words.every((word) => asset.haystack.includes(word));
    }).sort(order);
    columns.forEach((one, at) =>
      heads[at].setAttribute("aria-sort", one !== column ? "none" : down ? "descending" : "ascending"));
    from = 0;
    draw();
  }

  function turn(by) {
    from = Math.max(0, from + by);
    draw();
  }

  function draw() {
    const shownRows = found.slice(from, from + ROWS);
    body.replaceChildren(...shownRows.map((asset) => element("tr", { "data-kind": asset.kind }, ...columns.map((column) => column.cell(asset)))));
    range.textContent = found.length === 0
      ? "No asset matches."
      : `${count(from + 1)} to ${count(from + shownRows.length)} of ${counted(found.length, "asset")}`;
    earlier.disabled = from === 0;
    later.disabled = from + ROWS >= found.length;
  }

  update();
  return element("section", { id: "assets", "aria-labelledby": "assets-title" },
    element("div", { class: "bar" }, element("h2", { id: "assets-title" }, "Assets"), element("div", { class: "controls" }, search, filter)),
    element("div", { class: "scroll" },
      element("table", {}, element("thead", {}, element("tr", {}, ...heads)), body)),
    element("div", { class: "pager" }, range, earlier, later));
}

function columnsOf({ codings }) {
  const cell = (label, content, kind) => element("td", { "data-label": label, class: kind }, content);
  return [
    { label: "Name", key: (asset) => asset.name, cell: (asset) => element("th", { scope: "row" }, link(asset, {}, title(asset))) },
    {
      label: "Stamp",
      key: (asset) => asset.stamp ?? "",
      cell: (asset) => asset.stamp === null
        ? cell("Stamp", element("span", { class: "reason" }, asset.unstamped ?? "its name is kept"))
        : cell("Stamp", element("code", {}, asset.stamp)),
    },
    { label: "Type", key: (asset) => asset.type, cell: (asset) => cell("Type", [element("i", { class: "swatch" }), shown(asset.type)], "type") },
    { label: "Bytes", number: true, key: (asset) => asset.size, cell: (asset) => cell("Bytes", element("span", { title: bytes(asset.size) }, count(asset.size)), "number") },
    ...codings.map((coding) => ({
      label: coding,
      number: true,
      key: (asset) => asset.codings.get(coding) ?? -1,
      cell: (asset) => {
        const size = asset.codings.get(coding);
        return cell(coding, size === undefined ? element("span", { class: "none" }, "–") : [count(size), element("i", {}, saving(size, asset.size))], "number coding");
      },
    })),
    { label: "Refers to", number: true, key: (asset) => asset.out.length, cell: (asset) => cell("Refers to", count(asset.out.length), "number") },
    { label: "Referred by", number: true, key: (asset) => asset.in.length, cell: (asset) => cell("Referred by", count(asset.in.length), "number") },
  ];
}

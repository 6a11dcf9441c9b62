// References: one asset between those that refer to it and those that it refers to, or all groups.

import { drawn, button, element, link, shown, stacked, title, whenResized } from "./dom.js";
import { bytes, count, counted, saving } from "./format.js";
import { drawing, pieces } from "./pieces.js";

const AT_FIRST = 12; // Neighbours on each side.
const MORE = 60;
const PIECES = 6;

/** The view, and `choose(asset)`, which shows an asset or, without one, the groups. */
export function graph(model) {
  const stage = element("div", { class: "stage" });
  const heading = element("h2", { id: "references-title" }, "References");
  const back = element("a", { class: "quiet-button", href: "#/", hidden: true }, "All groups");
  let overview = null;

  function choose(asset) {
    back.hidden = !asset;
    overview ??= asset ? null : pictures(model);
    stage.replaceChildren(asset ? walk(asset) : overview);
    if (asset) stage.querySelector(".chosen h3").focus({ preventScroll: true });
  }

  const view = element("section", { id: "references", "aria-labelledby": "references-title" },
    element("div", { class: "bar" }, heading, back), stage);
  return { view, choose };
}

function walk(asset) {
  const wires = drawn("svg", { class: "wires", "aria-hidden": "true" });
  const chosen = card(asset);
  const before = side(asset.in, "in", (n) => (n === 1 ? "1 asset refers to it" : `${count(n)} assets refer to it`), () => draw());
  const after = side(asset.out, "out", (n) => `It refers to ${counted(n, "asset")}`, () => draw());
  const host = element("div", { class: "walk" }, before, chosen, after, wires);

  function draw() {
    const frame = host.getBoundingClientRect();
    const middle = chosen.getBoundingClientRect();
    const strands = (list, from, to) => [...list.querySelectorAll("li")].map((item, at, items) => {
      const box = item.getBoundingClientRect();
      const [x, end] = [box[from] - frame.x, middle[to] - frame.x];
      const y = box.y - frame.y + box.height / 2;
      const endY = middle.y - frame.y + (middle.height * (at + 1)) / (items.length + 1);
      const bend = (x + end) / 2;
      return `M${x} ${y}C${bend} ${y} ${bend} ${endY} ${end} ${endY}`;
    });
    const all = [...strands(before, "right", "left"), ...strands(after, "left", "right")];
    wires.replaceChildren(drawn("path", { class: "wire", d: all.join("") }));
  }
  whenResized(host, draw);
  return host;
}

/** A list of neighbours with a button that shows more of them. */
function side(assets, name, caption, changed) {
  const list = element("ul");
  const more = button("", grow, { class: "quiet-button" });
  let listed = 0;
  function grow() {
    const next = listed === 0 ? AT_FIRST : listed + MORE;
    list.append(...assets.slice(listed, next).map((asset) => element("li", { "data-kind": asset.kind }, link(asset, {}, stacked(asset)), element("span", { class: "amount" }, bytes(asset.size)))));
    listed = Math.min(next, assets.length);
    more.hidden = listed === assets.length;
    more.textContent = `Show ${count(Math.min(MORE, assets.length - listed))} of ${count(assets.length - listed)} more`;
    if (listed > AT_FIRST) changed();
  }
  grow();
  return element("div", { class: `side ${name}` }, element("h4", {}, assets.length === 0 ? { in: "Nothing refers to it", out: "It refers to nothing" }[name] : caption(assets.length)), list, more);
}

function card(asset) {
  const fact = (term, ...value) => [element("dt", {}, term), element("dd", {}, ...value)];
  const sizes = [["original", asset.size], ...asset.codings].map(([coding, size]) =>
    element("div", { class: "size" },
      element("span", {}, coding),
      element("span", { class: "track" }, element("span", { class: "fill", style: `width:${asset.size > 0 ? (size * 100) / asset.size : 0}%` })),
      element("span", { class: "amount" }, bytes(size), size < asset.size ? element("i", {}, saving(size, asset.size)) : null)));
  return element("article", { class: "chosen", "data-kind": asset.kind },
    element("h3", { tabindex: -1 }, title(asset)),
    element("div", { class: "sizes" }, ...sizes),
    element("dl", {},
      fact("URL", element("code", {}, shown(asset.url))),
      fact("Type", asset.type),
      asset.stamp === null ? fact("No stamp", asset.unstamped ?? "its name is kept") : fact("Stamp", element("code", {}, asset.stamp))));
}

function pictures({ assets }) {
  const all = pieces(assets);
  const alone = assets.length - all.reduce((sum, { members }) => sum + members.length, 0);
  // There are many pairs, so they are shown only where there is nothing larger.
  const large = all.filter(({ members }) => members.length > 2);
  const shownPieces = (large.length > 0 ? large : all).slice(0, PIECES);
  const figures = shownPieces.map((piece) => {
    const { members, entry } = piece;
    const references = members.reduce((sum, asset) => sum + asset.out.length, 0);
    const most = members.reduce((best, asset) => (asset.in.length > best.in.length ? asset : best));
    const { picture, wide } = drawing(piece);
    return element("figure", { class: wide ? "wide" : null },
      picture,
      element("figcaption", {},
        element("b", {}, `${counted(members.length, "asset")}, ${counted(references, "reference")}`),
        element("span", {}, "from ", link(entry)),
        element("span", {}, "most referred to: ", link(most), ` (${count(most.in.length)})`)));
  });
  const rest = [];
  if (all.length > shownPieces.length) rest.push(`${counted(all.length - shownPieces.length, "smaller group")}.`);
  if (alone > 0) rest.push(`${counted(alone, "asset")} without references.`);
  return element("div", {},
    element("p", { class: "note" }, all.length === 0
      ? "No asset refers to another."
      : "Groups of assets that refer to each other: references lead from left to right. Choose an asset here, in the map or in the table to see its neighbours."),
    element("div", { class: "pieces" }, ...figures),
    all.length > 0 && rest.length > 0 ? element("p", { class: "note" }, `Not shown: ${rest.join(" ")}`) : null);
}

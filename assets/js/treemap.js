// Bytes by folder: a box for each asset, in the box of its folder.

import { address, button, element, shown, whenResized } from "./dom.js";
import { bytes, count, counted, saving } from "./format.js";
import { squarify } from "./squarify.js";

const HEAD = 20; // Height of a folder's title.
const ROOM = { width: 76, height: 58 }; // A folder of this size shows what is in it.
const SMALLEST = 130; // Square pixels: a folder shows no more boxes than would fit at this size.
const SPECK = 30; // Boxes below this many square pixels are put together.

/** A map of all assets, with its controls. `measure` is `size` or `smallest`. */
export function treemap(model) {
  const root = folders(model.assets);
  let open = root;
  let measure = "size";

  const trail = element("nav", { class: "trail", "aria-label": "Folder" });
  const boxes = element("div", { class: "boxes", role: "group", "aria-label": "Folders and assets by size" });
  const hint = element("div", { class: "hint", role: "tooltip", hidden: true });
  const map = element("div", { class: "map" }, boxes, hint);
  const choice = (value, label) =>
    element("label", {},
      element("input", { type: "radio", name: "measure", value, checked: value === measure, change: () => { measure = value; draw(); } }),
      label);

  function draw() {
    const width = boxes.clientWidth;
    const height = boxes.clientHeight;
    if (width === 0) return;
    const cells = [];
    layOut(open, { x: 0, y: 0, width, height }, measure, cells, 1);
    const held = boxes.contains(document.activeElement);
    boxes.replaceChildren(...cells.map(box));
    roam(boxes.firstElementChild, held);
    trail.replaceChildren(...crumbs());
    hint.hidden = true;
  }

  function box(cell) {
    const { item, rest, x, y, width, height, head } = cell;
    const label = rest ? `${counted(rest.count, "smaller asset")} in ${rest.where.path || "all"}` : item.path;
    const sum = rest ?? item;
    const roomy = width > 44 && height > 20;
    const attributes = {
      class: `box${head ? " holds" : ""}${rest ? " rest" : ""}${roomy ? "" : " bare"}`,
      "data-kind": head || rest ? null : item.kind,
      tabindex: -1,
      "aria-label": `${shown(label)}, ${bytes(sum[measure])}${item?.folder ? `, folder of ${counted(sum.count, "asset")}` : ""}`,
      style: `--depth:${head ?? 0};left:${x}px;top:${y}px;width:${Math.max(width - 1, 1)}px;height:${Math.max(height - 1, 1)}px`,
    };
    const text = rest ? `+ ${count(rest.count)}` : cell.label ?? item.label;
    const children = roomy
      ? [
          element("bdi", { class: "label" }, shown(text)),
          (head ? width > 130 : height > 40 && width > 56) ? element("span", { class: "amount" }, bytes(sum[measure])) : null,
        ]
      : [];
    const asset = item?.asset;
    const made = asset
      ? element("a", { ...attributes, href: address(asset) }, ...children)
      : button(children, () => show(rest ? rest.where : item), attributes);
    made.cell = cell;
    return made;
  }

  function show(folder) {
    if (folder === open) return;
    open = folder;
    draw();
  }

  function crumbs() {
    const path = [];
    for (let folder = open; folder; folder = folder.parent) path.unshift(folder);
    return path.map((folder) =>
      folder === open
        ? element("b", { "aria-current": "true" }, element("bdi", {}, shown(folder.label)), ` ${bytes(folder[measure])}`)
        : button(element("bdi", {}, shown(folder.label)), () => show(folder)));
  }

  // The tab key reaches one box, and the arrow keys the others.
  function roam(target, focus = true) {
    boxes.querySelector("[tabindex='0']")?.setAttribute("tabindex", -1);
    target?.setAttribute("tabindex", 0);
    if (focus) target?.focus({ preventScroll: true });
  }

  function neighbour(from, [dx, dy]) {
    const middle = ({ x, y, width, height, head }) => [x + width / 2, y + (head ? HEAD : height) / 2];
    const [fromX, fromY] = middle(from.cell);
    let best = null;
    let least = Infinity;
    for (const other of boxes.children) {
      const [x, y] = middle(other.cell);
      const ahead = (x - fromX) * dx + (y - fromY) * dy;
      const aside = Math.abs((x - fromX) * dy) + Math.abs((y - fromY) * dx);
      if (ahead > 0.5 && ahead + 2 * aside < least) [best, least] = [other, ahead + 2 * aside];
    }
    return best;
  }

  const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  boxes.addEventListener("keydown", (event) => {
    const from = event.target.closest(".box");
    if (from && ARROWS[event.key]) roam(neighbour(from, ARROWS[event.key]) ?? from);
    else if ((event.key === "Backspace" || event.key === "Escape") && open.parent) show(open.parent);
    else return;
    event.preventDefault();
  });

  function explain(target, at) {
    const cell = target?.closest?.(".box")?.cell;
    hint.hidden = !cell;
    if (!cell) return;
    hint.replaceChildren(...explanation(cell));
    const frame = map.getBoundingClientRect();
    const x = Math.min(at.x - frame.x + 14, frame.width - hint.offsetWidth - 4);
    const below = at.y - frame.y + 18;
    const y = below + hint.offsetHeight > frame.height ? at.y - frame.y - hint.offsetHeight - 10 : below;
    hint.style.left = `${Math.max(x, 4)}px`;
    hint.style.top = `${Math.max(y, 4)}px`;
  }
  boxes.addEventListener("pointermove", (event) => event.pointerType === "mouse" && explain(event.target, event));
  boxes.addEventListener("pointerleave", () => explain(null));
  boxes.addEventListener("focusout", () => explain(null));
  boxes.addEventListener("focusin", (event) => {
    const { x, y } = event.target.getBoundingClientRect();
    if (event.target.matches(":focus-visible")) explain(event.target, { x, y });
  });

  whenResized(boxes, draw);
  return element("section", { id: "sizes", "aria-labelledby": "sizes-title" },
    element("div", { class: "bar" },
      element("h2", { id: "sizes-title" }, "Where the bytes are"),
      element("fieldset", { class: "switch", hidden: root.smallest === root.size },
        element("legend", { class: "unseen" }, "Sizes"),
        choice("size", "Original"),
        choice("smallest", "Compressed"))),
    trail,
    map,
    element("p", { class: "note" }, "Press a folder to open it, or an asset to see its references. Arrow keys move between boxes, and Escape goes up."));
}

function explanation({ item, rest }) {
  const sum = rest ?? item;
  const lines = [
    element("b", {}, element("bdi", {}, shown(rest ? `${counted(rest.count, "smaller asset")}` : item.path || item.label))),
    element("span", {}, `${bytes(sum.size)}, compressed ${bytes(sum.smallest)} ${saving(sum.smallest, sum.size)}`),
  ];
  if (item?.folder) lines.push(element("span", {}, counted(sum.count, "asset")));
  return lines;
}

/** The folder of all assets. A folder whose only content is a folder is merged with it. */
function folders(assets) {
  const folder = (label, path, parent) => ({ folder: true, label, path, parent, below: new Map(), items: [], size: 0, smallest: 0, count: 0 });
  const root = folder("All assets", "", null);
  for (const asset of assets) {
    let into = root;
    for (const part of asset.folder === "" ? [] : asset.folder.split("/")) {
      const path = into.path === "" ? part : `${into.path}/${part}`;
      if (!into.below.has(part)) into.below.set(part, folder(part, path, into));
      into = into.below.get(part);
    }
    const { size, smallest, kind, name: path, file: label } = asset;
    into.items.push({ asset, label, path, kind, size, smallest, count: 1 });
  }
  const finish = (node) => {
    const below = [...node.below.values()].map(finish);
    node.items.push(...below);
    const kinds = new Map();
    for (const item of node.items) {
      node.size += item.size;
      node.smallest += item.smallest;
      node.count += item.count;
      kinds.set(item.kind, (kinds.get(item.kind) ?? 0) + item.size);
    }
    node.kind = [...kinds].sort((a, b) => b[1] - a[1])[0]?.[0] ?? "other";
    return node;
  };
  return finish(root);
}

/** Lays a folder out in a box: its title, if it has one, then its items. */
function layOut(folder, box, measure, cells, depth) {
  const items = folder.items.filter((item) => item[measure] > 0).sort((a, b) => b[measure] - a[measure]);
  const area = box.width * box.height;
  const scale = area / items.reduce((sum, item) => sum + item[measure], 0);
  let room = Math.min(items.length, Math.max(4, Math.floor(area / SMALLEST)));
  while (room > 1 && items[room - 1][measure] * scale < SPECK) room -= 1;
  // A box for the rest that holds one item shows that item.
  if (room === items.length - 1) room += 1;

  const weighed = items.slice(0, room).map((item) => ({ item, weight: item[measure] }));
  const rest = { where: folder, size: 0, smallest: 0, count: 0 };
  for (const item of items.slice(room)) {
    rest.size += item.size;
    rest.smallest += item.smallest;
    rest.count += item.count;
  }
  if (rest.count > 0) weighed.push({ rest, weight: rest[measure] });
  weighed.sort((a, b) => b.weight - a.weight);
  const rectangles = squarify(weighed.map(({ weight }) => weight), box);
  weighed.forEach(({ item, rest }, at) => {
    const cell = { item, rest, ...rectangles[at] };
    const holds = item?.folder && cell.width >= ROOM.width && cell.height >= ROOM.height;
    if (!holds) return cells.push(cell);
    const inside = item.items.length === 1 && item.items[0].folder ? only(item) : item;
    const path = inside.path.slice(folder.path === "" ? 0 : folder.path.length + 1);
    cells.push({ ...cell, item: inside, label: path, head: depth });
    const { x, y, width, height } = cell;
    layOut(inside, { x: x + 3, y: y + HEAD, width: width - 7, height: height - HEAD - 4 }, measure, cells, depth + 1);
  });
}

/** The first folder below with more than one folder in it. */
function only(folder) {
  while (folder.items.length === 1 && folder.items[0].folder) folder = folder.items[0];
  return folder;
}

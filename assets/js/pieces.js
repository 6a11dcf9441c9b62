// Groups of assets that references connect, and drawings of them.

import { address, drawn, element, shown, whenResized } from "./dom.js";
import { bytes, counted } from "./format.js";

/** The groups of more than one asset, the largest first. */
export function pieces(assets) {
  const parent = assets.map((_, id) => id);
  const find = (id) => {
    while (parent[id] !== id) id = parent[id] = parent[parent[id]];
    return id;
  };
  for (const asset of assets) {
    for (const target of asset.out) parent[find(asset.id)] = find(target.id);
  }
  const groups = new Map();
  for (const asset of assets) {
    const group = find(asset.id);
    if (groups.has(group)) groups.get(group).push(asset);
    else groups.set(group, [asset]);
  }
  return [...groups.values()]
    .filter((members) => members.length > 1)
    .sort((a, b) => b.length - a.length)
    .map((members) => ({ members, entry: entry(members) }));
}

/** The asset to start reading at: of those that nothing refers to, the one with the most references. */
function entry(members) {
  const first = members.filter((asset) => asset.in.length === 0);
  return (first.length > 0 ? first : members).reduce((best, asset) => (asset.out.length > best.out.length ? asset : best));
}

/** Members that lead to all others: those that nothing refers to, and one of each cycle. */
function roots({ members, entry }) {
  const chosen = [];
  const reached = new Set();
  for (const member of [...members.filter((asset) => asset.in.length === 0), entry, ...members]) {
    if (reached.has(member)) continue;
    chosen.push(member);
    const waiting = [member];
    for (let asset = waiting.pop(); asset; asset = waiting.pop()) {
      if (reached.has(asset)) continue;
      reached.add(asset);
      waiting.push(...asset.out);
    }
  }
  return chosen;
}

/** The distance of each member from a root, by the shortest path. */
function nearest(piece) {
  let layer = roots(piece);
  const depths = new Map(layer.map((asset) => [asset, 0]));
  for (let depth = 1; layer.length > 0; depth += 1) {
    const next = [];
    for (const target of layer.flatMap((asset) => asset.out)) {
      if (depths.has(target)) continue;
      depths.set(target, depth);
      next.push(target);
    }
    layer = next;
  }
  return depths;
}

/** The same by the longest path, so that only cycles lead back. For small groups. */
function farthest(piece) {
  const order = [];
  const seen = new Set();
  const visit = (asset) => {
    seen.add(asset);
    for (const target of asset.out) if (!seen.has(target)) visit(target);
    order.unshift(asset);
  };
  for (const root of roots(piece)) if (!seen.has(root)) visit(root);
  const rank = new Map(order.map((asset, at) => [asset, at]));
  const depths = new Map(order.map((asset) => [asset, 0]));
  for (const asset of order) {
    for (const target of asset.out) {
      if (rank.get(target) > rank.get(asset)) depths.set(target, Math.max(depths.get(target), depths.get(asset) + 1));
    }
  }
  return depths;
}

/** The members by depth. In a layer, members with the same referrers are neighbours. */
function layers(depths) {
  const all = [];
  for (const [asset, depth] of depths) (all[depth] ??= []).push(asset);
  const place = new Map();
  return all.map((layer) => {
    const middle = (asset) => {
      const places = asset.in.map((from) => place.get(from)).filter((at) => at !== undefined);
      return places.length === 0 ? 0 : places.reduce((sum, at) => sum + at, 0) / places.length;
    };
    const sorted = layer.map((asset) => [middle(asset), asset]).sort((a, b) => a[0] - b[0] || a[1].id - b[1].id).map(([, asset]) => asset);
    sorted.forEach((asset, at) => place.set(asset, (at + 0.5) / sorted.length));
    return sorted;
  });
}

/** A drawing of a group: with linked names if it is small, else only its shape. */
export function drawing(piece) {
  for (const depths of piece.members.length <= 32 ? [farthest, nearest] : []) {
    const all = layers(depths(piece));
    const most = Math.max(...all.map((layer) => layer.length));
    if (most <= 14 && all.length <= 5) {
      const { picture, width } = named(all);
      return { picture, wide: width > 520 };
    }
  }
  return { picture: shape(layers(nearest(piece))), wide: false };
}

// Between two columns: wires bend only here, where no name is.
const GAP = 60;
const LONGEST = 24; // Characters of a name.
const BEHIND = 9; // From a dot to a wire that ends there.

let pen = null;

/** The width of a label in pixels. */
function widthOf(label) {
  pen ??= document.createElement("canvas").getContext("2d");
  pen.font = `12.5px ${getComputedStyle(document.body).fontFamily}`;
  return pen.measureText(label).width;
}

/** The rows of each column: its assets, and a free row for each asset whose wires pass to a later column. */
function rows(all) {
  const column = new Map(all.flatMap((layer, x) => layer.map((asset) => [asset, x])));
  const place = new Map();
  return all.map((layer, x) => {
    const passing = [...column.keys()].filter((asset) => column.get(asset) < x && asset.out.some((target) => column.get(target) > x));
    const middle = (item, from) => {
      const places = from.map((one) => place.get(one)).filter((at) => at !== undefined);
      return places.length === 0 ? 0 : places.reduce((sum, at) => sum + at, 0) / places.length;
    };
    const items = [
      ...layer.map((asset) => ({ asset, passes: false, at: middle(asset, asset.in.filter((from) => column.get(from) < x)) })),
      ...passing.map((asset) => ({ asset, passes: true, at: middle(asset, [asset]) })),
    ].sort((a, b) => a.at - b.at || a.passes - b.passes || a.asset.id - b.asset.id);
    items.forEach(({ asset }, y) => place.set(asset, (y + 0.5) / items.length));
    return items;
  });
}

function named(all) {
  const columns = rows(all);
  const most = Math.max(...columns.map((items) => items.length));
  const row = most < 6 ? 40 : 30;
  const labelOf = ({ file }) => {
    const label = shown(file);
    return label.length > LONGEST ? `${label.slice(0, LONGEST - 1)}…` : label;
  };
  // Per column, where its dots are and where its names end.
  const [starts, ends] = [[], []];
  let x = 34;
  for (const layer of all) {
    starts.push(x);
    x += 16 + Math.max(...layer.map((asset) => widthOf(labelOf(asset))));
    ends.push(x);
    x += GAP;
  }
  const width = x - GAP + 14;
  const inner = most * row;
  const at = new Map();
  const passages = columns.map((items, column) => {
    const passage = new Map();
    items.forEach(({ asset, passes }, y) => {
      const middle = 8 + ((y + 0.5) * inner) / items.length;
      if (passes) passage.set(asset, middle);
      else at.set(asset, { column, x: starts[column], y: middle });
    });
    return passage;
  });
  const lane = inner + 18; // Below all names, for wires that lead back to an earlier column.
  let leadsBack = false;
  const wires = [...at].flatMap(([asset, from]) => asset.out.map((target) => {
    const to = at.get(target);
    if (to.column > from.column) {
      let d = `M${(from.x + 15 + widthOf(labelOf(asset))).toFixed(1)} ${from.y.toFixed(1)}H${ends[from.column].toFixed(1)}`;
      let y = from.y;
      for (let column = from.column + 1; column <= to.column; column += 1) {
        const next = column === to.column ? to.y : passages[column].get(asset);
        d += bend(ends[column - 1], y, starts[column] - BEHIND, next);
        if (column < to.column) d += `H${ends[column].toFixed(1)}`;
        y = next;
      }
      return d;
    }
    if (to.column === from.column) return `M${from.x - 6} ${from.y}C${from.x - 30} ${from.y} ${to.x - 30} ${to.y} ${to.x - 6} ${to.y}`;
    leadsBack = true;
    return `M${from.x - 6} ${from.y}Q${from.x - 22} ${from.y} ${from.x - 22} ${from.y + 10}V${lane - 8}Q${from.x - 22} ${lane} ${from.x - 30} ${lane}`
      + `H${to.x - 14}Q${to.x - 22} ${lane} ${to.x - 22} ${lane - 8}V${to.y + 10}Q${to.x - 22} ${to.y} ${to.x - 6} ${to.y}`;
  }));
  const height = inner + (leadsBack ? 26 : 16);
  const names = [...at].map(([asset, { x, y }]) =>
    drawn("a", { href: address(asset), transform: `translate(${x} ${y})` },
      drawn("title", {}, `${shown(asset.name)}, ${bytes(asset.size)}`),
      drawn("rect", { x: -8, y: -12, width: 24 + widthOf(labelOf(asset)), height: 24, rx: 6 }),
      drawn("circle", { r: 4.5, "data-kind": asset.kind }),
      drawn("text", { x: 10, dy: "0.32em" }, labelOf(asset))));
  const picture = drawn("svg", { class: "named", viewBox: `0 0 ${width} ${height}`, width, height, role: "group", "aria-label": "References" },
    drawn("path", { class: "wire", d: wires.join("") }), ...names);
  return { picture: withCue(picture), width };
}

/** A drawing that may be wider than the page: it fades where it is cut, and a line says so. */
function withCue(picture) {
  const frame = element("div", { class: "scroll", tabindex: 0, role: "group", "aria-label": "A drawing, which scrolls sideways" }, picture);
  const cue = element("p", { class: "cue", hidden: true }, "There is more at the side: scroll the drawing.");
  function look() {
    const beyond = frame.scrollWidth - frame.clientWidth;
    cue.hidden = beyond < 2;
    frame.tabIndex = beyond < 2 ? -1 : 0;
    frame.classList.toggle("before", frame.scrollLeft > 1);
    frame.classList.toggle("after", frame.scrollLeft < beyond - 1);
  }
  frame.addEventListener("scroll", look, { passive: true });
  whenResized(frame, look);
  return element("div", { class: "drawing" }, frame, cue);
}

const bend = (x, y, toX, toY) => {
  const middle = ((x + toX) / 2).toFixed(1);
  return `C${middle} ${y.toFixed(1)} ${middle} ${toY.toFixed(1)} ${toX.toFixed(1)} ${toY.toFixed(1)}`;
};

function shape(all) {
  const [width, height, margin] = [640, 220, 14];
  const step = (width - 2 * margin) / Math.max(all.length, 1);
  const at = new Map();
  const most = Math.max(...all.map((layer) => layer.length));
  const dot = Math.max(2, Math.min(9, Math.sqrt((step * height) / most) * 0.55));
  all.forEach((layer, x) => {
    // A layer that is too long for one column takes several.
    const columns = Math.max(1, Math.min(Math.floor((step * 0.7) / dot) || 1, Math.ceil((layer.length * dot * 1.6) / height)));
    const rows = Math.ceil(layer.length / columns);
    layer.forEach((asset, n) => at.set(asset, [
      margin + x * step + (step * 0.7 * ((n % columns) + 0.5)) / columns,
      margin + ((Math.floor(n / columns) + 0.5) * (height - 2 * margin)) / rows,
    ]));
  });
  const wires = [...at].flatMap(([asset, [x, y]]) => asset.out.map((target) => curve(x, y, ...at.get(target))));
  const dots = new Map();
  for (const [asset, [x, y]] of at) dots.set(asset.kind, `${dots.get(asset.kind) ?? ""}M${x.toFixed(1)} ${y.toFixed(1)}h0`);
  const label = `A drawing of ${counted(at.size, "asset")} in ${counted(all.length, "layer")}`;
  return drawn("svg", { class: "shape", viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": label },
    drawn("path", { class: "wire", d: wires.join(""), style: `opacity:${wires.length > 400 ? Math.max(0.1, 90 / wires.length) : 0.45}` }),
    ...[...dots].map(([kind, d]) => drawn("path", { class: "dots", d, "data-kind": kind, style: `stroke-width:${dot.toFixed(1)}px` })));
}

const curve = (x, y, toX, toY) => {
  const bend = (toX - x) / 2;
  return `M${x.toFixed(1)} ${y.toFixed(1)}C${(x + bend).toFixed(1)} ${y.toFixed(1)} ${(toX - bend).toFixed(1)} ${toY.toFixed(1)} ${toX.toFixed(1)} ${toY.toFixed(1)}`;
};

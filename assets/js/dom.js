// Elements are created one by one and never parsed from text, so no name can become markup.

const SVG = "http://www.w3.org/2000/svg";

/** An element with attributes and children; `true` sets an empty attribute, `false` and `null` none. */
export const element = (tag, attributes = {}, ...children) => fill(document.createElement(tag), attributes, children);

/** The same for SVG. */
export const drawn = (tag, attributes = {}, ...children) => fill(document.createElementNS(SVG, tag), attributes, children);

function fill(made, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") made.addEventListener(name, value);
    else if (value !== false && value != null) made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.flat().filter((child) => child != null));
  return made;
}

/** A button, and what to do when it is pressed. */
export const button = (label, press, attributes = {}) => element("button", { type: "button", click: press, ...attributes }, label);

/** The name of an asset, with the folder in a quieter colour than the file. */
export function title(asset) {
  const folder = asset.folder === "" ? null : element("span", { class: "folder" }, shown(`${asset.folder}/`));
  return element("bdi", {}, folder, shown(asset.file));
}

/** The same on two lines, the file first. */
export const stacked = (asset) => [
  element("bdi", {}, shown(asset.file)),
  asset.folder === "" ? null : element("bdi", { class: "folder" }, shown(asset.folder)),
];

/** A link that chooses an asset by the address after `#/`, so that the browser's history works. */
export const link = (asset, attributes = {}, ...children) =>
  element("a", { href: address(asset), ...attributes }, ...(children.length ? children : [title(asset)]));

export const address = (asset) => `#/${encodeURIComponent(asset.name)}`;

// Control characters, line separators, and what turns the direction of text around.
const UNSEEN = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;

/** Text in which invisible characters are spelled out. */
export const shown = (text) => text.replace(UNSEEN, (c) => `\\u{${c.codePointAt(0).toString(16)}}`);

/** Calls `draw` with the width of an element, at first and whenever it changes. */
export function whenResized(host, draw) {
  let width = 0;
  new ResizeObserver(() => {
    if (host.clientWidth === width) return;
    width = host.clientWidth;
    if (width > 0) draw(width);
  }).observe(host);
}

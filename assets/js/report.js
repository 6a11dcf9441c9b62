// The report of a folder. Its data are in the page, as JSON.

import { element, shown } from "./dom.js";
import { counted } from "./format.js";
import { graph } from "./graph.js";
import { read } from "./model.js";
import { table } from "./table.js";
import { treemap } from "./treemap.js";
import { types } from "./types.js";

const model = read(JSON.parse(document.getElementById("data").textContent));
const references = graph(model);

const warnings = model.warnings.length === 0 ? null : element("section", { id: "warnings", "aria-labelledby": "warnings-title" },
  element("h2", { id: "warnings-title" }, counted(model.warnings.length, "warning")),
  element("ul", {}, ...model.warnings.map((warning) => element("li", {}, element("bdi", {}, shown(warning))))));

const hasBytes = model.total.size > 0;
document.getElementById("report").replaceChildren(
  ...[hasBytes && types(model), warnings, hasBytes && treemap(model), references.view, table(model)].filter(Boolean));

/** Shows the asset that the address names after `#/`. */
function follow(scroll) {
  const name = location.hash.startsWith("#/") ? location.hash.slice(2) : "";
  let asset = null;
  try {
    asset = model.byName.get(decodeURIComponent(name));
  } catch {
    // The address was cut in the middle of a character.
  }
  references.choose(asset);
  if (scroll || asset) references.view.scrollIntoView({ block: "nearest" });
}

addEventListener("hashchange", () => follow(true));
follow(false);

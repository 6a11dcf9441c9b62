// Uses all three packages, and TypeScript.
import { BoxGeometry, Mesh, MeshBasicMaterial, Raycaster, Vector3 } from "./three.module.js";

declare const bootstrap: any, $: any;

enum Part { Button = ".btn" }

const box: Mesh = new Mesh(new BoxGeometry(2, 2, 2), new MeshBasicMaterial());
box.updateMatrixWorld();
const hits = new Raycaster(new Vector3(0, 0, 5), new Vector3(0, 0, -1)).intersectObject(box);
const button = $(Part.Button);
const color: string = button.css("background-color");
button.on("shown.bs.tooltip", () => {
    const text = $(".tooltip-inner").text();
    const seen = [hits[0].point.z, color, text].join("; ");
    document.title = seen === "1; rgb(1, 2, 3); Tooltip" ? "done" : seen;
});
new bootstrap.Tooltip(button[0], { animation: false }).show();

import { release } from "./release.js";

document.getElementById("release").textContent = release;
await navigator.serviceWorker.register("/worker.js");
await navigator.serviceWorker.ready;
document.title = "done";

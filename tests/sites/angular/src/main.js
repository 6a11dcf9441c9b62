const picture = new Image();
// As the templates of Angular's components name pictures.
picture.src = "img/named.svg";
const { text } = await import("./chunk.js");
await picture.decode();
document.querySelector("app-root").textContent = text;
await navigator.serviceWorker.register("ngsw-worker.js");
await navigator.serviceWorker.ready;
document.title = "done";

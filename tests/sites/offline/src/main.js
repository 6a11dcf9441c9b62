import "./main.css";

const picture = new Image();
// Named by a string, as frameworks do, so its plain name has to work offline too.
picture.src = "/named.svg";
const { text } = await import("./later.js");
await picture.decode();
document.querySelector("#text").textContent = text;
await navigator.serviceWorker.ready;
document.title = "done";

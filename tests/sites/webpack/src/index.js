import "./main.css";

import("./later.js").then(({ text }) => {
  document.querySelector("#text").textContent = text;
  document.title = "done";
});

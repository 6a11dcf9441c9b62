import "./main.css";
import logo from "./logo.svg";

const image = new Image();
image.src = logo;
document.body.append(image);
import("./lazy.js").then(({ finish }) => finish());

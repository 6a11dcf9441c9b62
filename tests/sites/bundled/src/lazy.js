import "./lazy.css";

export function finish() {
  document.title = "done";
}

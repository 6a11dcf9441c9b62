import { version } from "vue";
import "./main.css";

document.title = version.startsWith("3.") ? "done" : version;

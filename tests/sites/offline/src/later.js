import "./later.css";

export const text = "late";

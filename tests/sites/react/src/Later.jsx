import { useEffect, useState } from "react";
import "./Later.css";

// A hook of another React than the one that renders fails: React, loaded twice, leaves the page blank.
export default function Later() {
  const [title] = useState("done");
  useEffect(() => { document.title = title; }, [title]);
  return <h1>{title}</h1>;
}

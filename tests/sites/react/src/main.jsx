import { StrictMode, Suspense, lazy } from "react";
import { createRoot } from "react-dom/client";
import "./main.css";

const Later = lazy(() => import("./Later.jsx"));

createRoot(document.getElementById("root")).render(
  <StrictMode>
    <Suspense fallback="waiting">
      <Later />
    </Suspense>
  </StrictMode>,
);

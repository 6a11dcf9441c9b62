// Starts Chromium so that it asks for nothing but what a page names.

import { chromium } from "playwright-core";

/**
 * A browser that keeps its cache in the folder `profile`. Pages cannot tell that one `asOfUser` is driven. The
 * variable STAMPED_CHROMIUM has more options.
 */
export const launch = (profile, asOfUser = false) =>
  chromium.launchPersistentContext(profile, {
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    headless: true,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      ...(process.env.STAMPED_CHROMIUM?.split(" ") ?? []),
      ...(asOfUser ? ["--disable-blink-features=AutomationControlled"] : []),
    ],
  });

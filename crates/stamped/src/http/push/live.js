// Takes changes of assets into this page: see `Handler::live` of the crate `stamped`.
//
// A page runs it, and so does a shared worker, which has the one stream of events for all pages of the
// browser: it allows only six connections to a server, and pages need some.
(() => {
  "use strict";
  const kinds = ["hello", "changed", "failed", "repaired", "warned", "lost"];

  // Listens to the program, even to one behind a proxy that answers while there is none.
  function listen(url, take) {
    const events = new EventSource(url);
    for (const kind of kinds) events.addEventListener(kind, ({ data }) => take(kind, JSON.parse(data)));
    let again;
    events.addEventListener("error", () => {
      take("gone");
      if (events.readyState === EventSource.CLOSED) again = setTimeout(() => close = listen(url, take), 500);
    });
    let close = () => { clearTimeout(again); events.close(); };
    return () => close();
  }

  if (typeof document === "undefined") return beWorker();
  const script = new URL(document.currentScript.src);
  const running = window.__stampedLive ??= { scripts: new Set(), programs: new Set() };
  // A layer and a template may both name it.
  if (running.scripts.has(script.pathname)) return;
  running.scripts.add(script.pathname);

  function beWorker() {
    const pages = new Set();
    // What a page that comes later has to know.
    let version, failure;
    listen(new URL("events", location), (kind, data) => {
      if (kind === "hello" || kind === "gone") [version, failure] = [data];
      if (kind === "changed") version = data.to;
      if (kind === "failed") failure = data;
      if (kind === "repaired") failure = undefined;
      for (const page of pages) page.postMessage([kind, data]);
    });
    onconnect = ({ ports: [page] }) => {
      pages.add(page);
      page.onmessage = () => pages.delete(page);
      if (version !== undefined) page.postMessage(["hello", version]);
      if (failure !== undefined) page.postMessage(["failed", failure]);
    };
  }

  // Joins the worker; where there is none to be had, listens alone.
  function join(take) {
    const alone = () => leave = listen(new URL("events", script), take);
    let leave = () => {};
    // A browser that a program drives has few pages, and takes the worker for a request that never ends.
    if (!window.SharedWorker || navigator.webdriver) return alone();
    try {
      const worker = new SharedWorker(script.origin + script.pathname, "stamped live 1");
      worker.onerror = () => { leave(); alone(); };
      worker.port.onmessage = ({ data: [kind, data] }) => take(kind, data);
      leave = () => { worker.port.postMessage("left"); worker.port.close(); };
    } catch {
      alone();
    }
    return () => leave();
  }

  // What this page was made from, if the element that loads this script says so.
  let version = script.searchParams.get("since") ?? undefined;

  function take(kind, data) {
    switch (kind) {
      case "hello": return greet(data);
      case "failed": return overlay.show(data);
      case "repaired": return overlay.hide();
      case "warned": return console.warn(data);
      case "lost": return location.reload();
      case "changed":
        if (version !== data.from) return catchUp(data.to);
        version = data.to;
        return change(data.assets.flat());
    }
  }

  let program;
  function greet(now) {
    const [name] = now.split(".");
    // Another script, of another mount, listens to the same program.
    if (name !== program && running.programs.has(name)) return leave();
    running.programs.delete(program);
    running.programs.add(program = name);
    overlay.hide();
    if (version !== undefined && version !== now) return catchUp(now);
    version = now;
  }

  // A page that comes from a cache may stay old however often it is loaded.
  function catchUp(now) {
    version = now;
    const key = `stamped live ${location.href}`;
    try {
      if (sessionStorage.getItem(key) === now) return;
      sessionStorage.setItem(key, now);
    } catch {
      // Without storage, the page is loaded each time.
    }
    location.reload();
  }

  function change(assets) {
    // What a page cannot take in, such as a module, begins anew with the page.
    if (assets.some(({ kind, url }) => kind === "other" || url === null)) return location.reload();
    const sheets = assets.filter(({ kind }) => kind === "style").map(swapSheets);
    const images = assets.filter(({ kind }) => kind === "image");
    images.forEach(swapImages);
    // A sheet that no element of the page names may be imported by one that does.
    if (sheets.includes(false)) refreshImporters(assets);
    if (images.length > 0) sheetsThatStay().forEach((sheet) => repaint(sheet, images));
  }

  // Whether the URL is that of a version of the asset: of this one, of another, or of none.
  function isOf({ start, end }, url) {
    let path;
    try {
      const { origin, pathname } = new URL(url, document.baseURI);
      if (origin !== location.origin) return false;
      path = pathname;
    } catch {
      return false;
    }
    if (!path.startsWith(start) || !path.endsWith(end)) return false;
    const middle = path.slice(start.length, path.length - end.length);
    return path.length >= start.length + end.length && /^(\.\d{1,20})?$/.test(middle);
  }

  function absolute(url, base) {
    try {
      return new URL(url, base).href;
    } catch {
      return url;
    }
  }

  // The URL with another path, so that the browser asks again even if the path is the same.
  let count = 0;
  function fresh(url, now) {
    const old = new URL(url, document.baseURI);
    const next = new URL(now, document.baseURI);
    next.search = old.search;
    next.hash = old.hash;
    next.searchParams.set("live", ++count);
    return next.href;
  }

  function swapSheets(asset) {
    const links = [...document.querySelectorAll("link[rel~=stylesheet][href]")]
      .filter((link) => !link.stampedOld && isOf(asset, link.href));
    links.forEach((link) => replace(link, fresh(link.href, asset.url)));
    return links.length > 0;
  }

  // The old sheet stays until the new one is there, so that the page is never without.
  function replace(link, href) {
    const next = link.cloneNode();
    next.removeAttribute("integrity");
    next.href = href;
    link.stampedOld = true;
    const done = () => link.remove();
    next.addEventListener("load", done, { once: true });
    next.addEventListener("error", done, { once: true });
    link.after(next);
  }

  const attributes = { src: "img, input, source, video, audio, embed, iframe", poster: "video",
    href: "link[rel~=icon], image, use", "xlink:href": "image, use", data: "object" };

  function swapImages(asset) {
    for (const [name, selector] of Object.entries(attributes)) {
      for (const element of document.querySelectorAll(selector)) {
        const url = element.getAttribute(name);
        if (url !== null && isOf(asset, url)) element.setAttribute(name, fresh(url, asset.url));
      }
    }
    for (const element of document.querySelectorAll("[srcset], [imagesrcset]")) {
      for (const name of ["srcset", "imagesrcset"]) {
        const set = element.getAttribute(name);
        if (set === null) continue;
        const next = set.replace(/[^\s,]\S*[^\s,]|[^\s,]/g, (part) => isOf(asset, part) ? fresh(part, asset.url) : part);
        if (next !== set) element.setAttribute(name, next);
      }
    }
    for (const element of document.querySelectorAll("[style]")) {
      const style = element.getAttribute("style");
      const next = replaceUrls(style, [asset], document.baseURI);
      if (next !== style) element.setAttribute("style", next);
    }
  }

  function replaceUrls(css, assets, base) {
    return css.replace(/url\((["']?)([^"')]*)\1\)/g, (whole, quote, relative) => {
      const url = absolute(relative, base);
      const asset = assets.find((one) => isOf(one, url));
      return asset ? `url(${quote}${fresh(url, asset.url)}${quote})` : whole;
    });
  }

  // Sheets that are rewritten have changed themselves. These are for those that are not.
  function refreshImporters(assets) {
    refresh((sheet) => imports(sheet, assets));
  }

  function imports(sheet, assets) {
    return rules(sheet).some((rule) =>
      rule instanceof CSSImportRule &&
      (assets.some((one) => isOf(one, new URL(rule.href, sheet.href ?? document.baseURI))) ||
        (rule.styleSheet && imports(rule.styleSheet, assets))));
  }

  // Gives the pictures of a sheet other URLs. To load the sheet again would not help: to a page, a URL stands
  // for one picture.
  function repaint(sheet, images, base = sheet.href ?? document.baseURI) {
    for (const rule of rules(sheet)) {
      if (rule.styleSheet) repaint(rule.styleSheet, images);
      if (rule.cssRules) repaint(rule, images, base);
      for (const name of [...rule.style ?? []]) {
        const value = rule.style.getPropertyValue(name);
        const next = replaceUrls(value, images, base);
        if (next !== value) rule.style.setProperty(name, next, rule.style.getPropertyPriority(name));
      }
    }
  }

  function refresh(isMeant) {
    for (const sheet of sheetsThatStay()) {
      const link = sheet.ownerNode;
      if (link instanceof HTMLLinkElement && isMeant(sheet)) replace(link, fresh(link.href, link.href));
    }
  }

  // Those that no other one is about to replace.
  function sheetsThatStay() {
    return [...document.styleSheets].filter((sheet) => !sheet.ownerNode?.stampedOld);
  }

  function rules(sheet) {
    try {
      return [...sheet.cssRules ?? []];
    } catch {
      // A sheet of another origin keeps its rules to itself.
      return [];
    }
  }

  // The message of a build that failed, over the page. The page's own styles do not reach it,
  // and it needs no inline style, which a policy may forbid.
  const overlay = {
    host: null,
    show(message) {
      this.hide();
      this.host = document.createElement("stamped-live");
      const root = this.host.attachShadow({ mode: "open" });
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(`
        :host { position: fixed; inset: 0; z-index: 2147483647; overflow: auto; display: block;
          background: #1b1b1fee; color: #f2f2f2; font: 15px/1.5 ui-monospace, monospace }
        section { max-width: 100ch; margin: 3rem auto; padding: 0 1.5rem }
        h1 { font: 600 1.1rem system-ui, sans-serif; color: #ff8c7a }
        pre { white-space: pre-wrap; overflow-wrap: anywhere }
        p { font: .9rem system-ui, sans-serif; color: #b8b8c0 }`);
      root.adoptedStyleSheets = [sheet];
      const section = document.createElement("section");
      for (const [tag, text] of [["h1", "The build failed"], ["pre", message],
        ["p", "The page behind this is the last good version. Escape hides this."]]) {
        section.append(Object.assign(document.createElement(tag), { textContent: text }));
      }
      root.append(section);
      document.documentElement.append(this.host);
    },
    hide() {
      this.host?.remove();
      this.host = null;
    },
  };
  addEventListener("keydown", ({ key }) => key === "Escape" && overlay.hide());

  // A page that is left, even for the browser's memory of pages, listens no more until it is back.
  let leave = join(take);
  addEventListener("pagehide", () => leave());
  addEventListener("pageshow", ({ persisted }) => persisted && (leave = join(take)));
})();

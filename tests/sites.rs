//! Whole sites in a real browser, as `stamped serve` serves them. `tests/run` has the tools build those
//! in `tests/sites`.

mod support;

use stamped_test_support::Dir;
use std::path::{Path, PathBuf};
use support::browser::Browser;
use support::server::{Server, free_port};

/// The folder in which `tests/sites/build` built the site of this name.
fn built(name: &str) -> PathBuf {
    let sites = std::env::var_os("STAMPED_SITES").expect("STAMPED_SITES is set");
    Path::new(&sites).join(name).join("dist")
}

/// A site in a browser.
struct Visit {
    server: Option<Server>,
    browser: Browser,
    origin: String,
    /// With the profile of the browser.
    _folder: Dir,
}

impl Visit {
    fn to(site: &Path, options: &[&str]) -> Self {
        let folder = Dir::new();
        let port = free_port();
        let mut command = stamped_test_support::stamped(env!("CARGO_BIN_EXE_stamped"));
        command.arg("serve").arg(site).args(["--mount", "/", "--encodings", "none", "--quiet"]);
        command.args(["--listen", &format!("127.0.0.1:{port}")]).args(options);
        let server = Some(Server::start(port, &mut command, &folder.join("log")));
        let browser = Browser::start(&folder.join("profile"));
        // By this name, Angular's service worker begins at once.
        Visit { server, browser, origin: format!("http://localhost:{port}"), _folder: folder }
    }

    /// Opens the page at `path`, which has the title `done` once it works. Returns every file that it loaded.
    #[track_caller]
    fn open(&mut self, path: &str) -> Vec<String> {
        let (title, messages) = self.browser.open(1, &format!("{}{path}", self.origin));
        assert_eq!((title.as_str(), &messages[..]), ("done", &[][..]));
        let names = self.run(
            "performance.getEntriesByType('resource').map(one => new URL(one.name).pathname).join('\\n')",
        );
        names.lines().map(str::to_owned).collect()
    }

    #[track_caller]
    fn run(&mut self, script: &str) -> String {
        let (value, messages) = self.browser.run(1, script);
        assert_eq!(messages, [] as [&str; 0]);
        value
    }
}

/// Every file that the page at `path` of this site loaded, once it has the title `done`.
#[track_caller]
fn loaded(site: &Path, path: &str, options: &[&str]) -> Vec<String> {
    Visit::to(site, options).open(path)
}

/// Every file that the index page of this site loads from its service worker, when there is no server.
#[track_caller]
fn loaded_offline(site: &Path, options: &[&str]) -> Vec<String> {
    /// Waits until the worker of Angular has everything. That of Workbox has it before it is ready.
    const READY: &str = "(async () => {
        const list = await fetch('/ngsw.json').then((answer) => answer.json());
        const wanted = Object.keys(list.hashTable).length;
        for (let wait = 0; wait < 100; wait += 1) {
            let count = 0;
            for (const name of await caches.keys()) {
                if (name.endsWith(':cache')) count += (await (await caches.open(name)).keys()).length;
            }
            if (count >= wanted) return 'ready';
            await new Promise((later) => setTimeout(later, 100));
        }
        return 'late: ' + await (await fetch('/ngsw/state')).text();
    })()";
    let mut visit = Visit::to(site, options);
    visit.open("/index.html");
    if site.join("ngsw.json").exists() {
        assert_eq!(visit.run(READY), "ready");
    }
    visit.server = None;
    visit.browser.forget(1);
    visit.open("/index.html")
}

/// Whether a path has a stamp in it.
fn is_stamped(path: &str) -> bool {
    stamped::name::unstamp(path).is_some_and(|parts| parts.stamp.len() >= 10)
}

#[test]
#[ignore = "needs Chromium, playwright-core, and the sites that tests/sites/build builds, in STAMPED_SITES"]
fn a_page_by_react_and_vite_loads_each_module_once_and_stamped() {
    let stamp = ["--bundler-names", "stamp"];
    let files = loaded(&built("react"), "/index.html", &stamp);
    assert!(files.len() >= 4 && files.iter().all(|file| is_stamped(file)), "{files:#?}");
    let mut different = files.clone();
    different.sort();
    different.dedup();
    assert_eq!(different.len(), files.len(), "{files:#?}");

    // Left as it is, the page loads all modules by their own names.
    let files = loaded(
        &built("react"),
        "/index.html",
        &["--bundler-names", "stamp", "--verbatim", "*.html"],
    );
    let scripts: Vec<_> = files.iter().filter(|file| file.ends_with(".js")).collect();
    assert!(scripts.iter().any(|file| !is_stamped(file)), "{scripts:#?}");
}

#[test]
#[ignore = "needs Chromium, playwright-core, and the sites that tests/sites/build builds, in STAMPED_SITES"]
fn pages_by_bundlers_load_what_these_have_stamped_by_the_names_that_it_has() {
    for (site, by) in
        [("react", ""), ("bundled", "vite"), ("bundled", "webpack"), ("bundled", "esbuild")]
    {
        let folder = built(site).join(by);
        let files = loaded(&folder, "/index.html", &["--bundler-names", "keep"]);
        assert!(files.len() >= 4 && !files.iter().any(|file| is_stamped(file)), "{files:#?}");
        for file in &files {
            let url = stamped_test_support::stamped(env!("CARGO_BIN_EXE_stamped"))
                .args(["report", "--json", "--mount", "/", "--encodings", "none", "--quiet"])
                .arg(&folder)
                .output()
                .unwrap();
            let report: serde_json::Value = serde_json::from_slice(&url.stdout).unwrap();
            let asset = report["assets"].as_array().unwrap().iter().find(|it| it["url"] == **file);
            assert_eq!(asset.unwrap()["unstamped"], "a bundler has stamped it", "{file}");
        }
    }
}

#[test]
#[ignore = "needs Chromium and playwright-core"]
fn a_module_is_evaluated_once_however_it_is_named() {
    const STATE: &str =
        "globalThis.evaluated = (globalThis.evaluated ?? 0) + 1; export const x = 1;";
    const END: &str = "document.title = evaluated === 1 ? 'done' : `evaluated ${evaluated} times`;";
    for (what, page, main) in [
        ("plainly", "", "import './state.js'; await import('./lazy.js');"),
        (
            "by a sum",
            "",
            "const n = 'state'; await import('./' + n + '.js'); await import('./lazy.js');",
        ),
        (
            "by the prefix of an import map",
            r#"<script type=importmap>{"imports":{"deep/":"./"}}</script>"#,
            "import 'deep/state.js'; await import('./lazy.js');",
        ),
        (
            "by an import map",
            r#"<script type=importmap>{"imports":{"state":"./state.js"}}</script>"#,
            "import 'state'; await import('./lazy.js');",
        ),
        ("by a base", "<base href='/js/'>", "import '../state.js'; await import('../lazy.js');"),
    ] {
        let site = Dir::new();
        let source = if what == "by a base" { "main.js" } else { "js/main.js" };
        let main = main.replace("'./", if what == "by a base" { "'./" } else { "'../" });
        site.write("state.js", STATE);
        site.write("lazy.js", "import { x } from './state.js'; export { x };");
        site.write("js/main.js", format!("{main}\n{END}"));
        site.write(
            "index.html",
            format!(
                "<!doctype html><title>-</title>{page}<link rel=icon href='data:,'>\
                 <script type=module src={source}></script>"
            ),
        );
        println!("{what}");
        loaded(site.path(), "/index.html", &[]);
    }
}

#[test]
#[ignore = "needs Chromium, playwright-core, and the sites that tests/sites/build builds, in STAMPED_SITES"]
fn scripts_with_integrity_run_also_those_that_load_later() {
    for options in
        [&[][..], &["--verbatim", "*.html"], &["--references", "leave", "--markup", "*.html"]]
    {
        println!("{options:?}");
        let files = loaded(&built("webpack"), "/index.html", options);
        assert!(files.iter().filter(|file| file.ends_with(".js")).count() >= 2, "{files:#?}");
        let is_rewritten = options.first() != Some(&"--verbatim");
        assert_eq!(files.iter().any(|file| is_stamped(file)), is_rewritten, "{files:#?}");
    }
}

#[test]
#[ignore = "needs Chromium, playwright-core, and the sites that tests/sites/build builds, in STAMPED_SITES"]
fn a_page_with_a_service_worker_works_without_a_server() {
    for site in ["offline", "angular"] {
        for options in [
            &["--bundler-names", "stamp"][..],
            &[],
            &["--verbatim", "*.html"],
            &["--verbatim", "sw.js", "--verbatim", "ngsw.json"],
            &["--references", "leave", "--markup", "*.html"],
            &["--references", "leave"],
        ] {
            println!("{site} {options:?}");
            let files = loaded_offline(&built(site), options);
            assert!(files.len() >= 5, "{files:#?}");
            if options.first() == Some(&"--bundler-names") {
                let code =
                    files.iter().filter(|file| file.ends_with(".js") || file.ends_with(".css"));
                assert!(
                    code.clone().count() >= 3 && code.clone().all(|file| is_stamped(file)),
                    "{files:#?}"
                );
            }
        }
    }
}

#[test]
#[ignore = "needs Chromium and playwright-core"]
fn a_service_worker_that_lists_files_by_hand_finds_them() {
    let site = Dir::new();
    site.write("app.css", "p { color: teal; background: url(a.svg) }");
    site.write("a.svg", "<svg xmlns='http://www.w3.org/2000/svg'/>");
    site.write("app.js", "await navigator.serviceWorker.register('sw.js'); await navigator.serviceWorker.ready; document.title = 'done'");
    site.write(
        "sw.js",
        "self.addEventListener('install', (event) => event.waitUntil(
             caches.open('1').then((cache) => cache.addAll(['index.html', './app.css', '/app.js', 'a.svg']))));
         self.addEventListener('fetch', (event) => event.respondWith(
             caches.match(event.request).then((kept) => kept ?? fetch(event.request))));",
    );
    site.write(
        "index.html",
        "<!doctype html><title>-</title><link rel=icon href='data:,'><link rel=stylesheet href=app.css>\
         <script type=module src=app.js></script><p>text",
    );
    let files = loaded_offline(site.path(), &[]);
    assert!(files.iter().all(|file| !is_stamped(file)), "{files:#?}");
}

#[test]
#[ignore = "needs Chromium, playwright-core, and the packages that tests/fetch-packages fetches, in STAMPED_PACKAGES"]
fn a_browser_shows_what_is_inlined_and_asks_for_none_of_it() {
    let packages = std::env::var_os("STAMPED_PACKAGES").expect("STAMPED_PACKAGES is set");
    let font =
        Path::new(&packages).join("fortawesome-fontawesome-free/webfonts/fa-regular-400.woff2");
    let site = Dir::new();
    site.write("font.woff2", std::fs::read(font).unwrap());
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/assets");
    site.write("dot.png", std::fs::read(examples.join("img/dot.png")).unwrap());
    site.write(
        "it's é.svg",
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width='3' height='5'><!-- it's #1, 100 % 図 (`\\`) -->\n\
         <rect width='3' height='5' fill=\"#08f\"/><text>&lt;é&gt;</text></svg>\n",
    );
    site.write(
        "style.css",
        "@font-face { font-family: f; src: url(font.woff2) format('woff2') }\n\
         #a { background: url(it\\'s%20é.svg) } #b { background: url(\"it's é.svg\") } #c { background: url( dot.png ) }",
    );
    site.write(
        "check.js",
        "const shown = async (url) => {
             const image = new Image();
             image.src = url;
             await image.decode();
             const context = document.createElement('canvas').getContext('2d');
             context.drawImage(image, 0, 0);
             return [url.slice(0, 5), image.naturalWidth, image.naturalHeight, ...context.getImageData(0, 0, 1, 1).data].join();
         };
         const background = (id) => getComputedStyle(document.getElementById(id)).backgroundImage.slice(5, -2);
         const images = [...document.images].map((image) => image.currentSrc);
         const seen = [];
         for (const url of [...images, background('a'), background('b'), background('d')]) seen.push(await shown(url));
         const dot = await shown(background('c'));
         const [font] = await document.fonts.load('1em f', '\\uf007');
         const wanted = 'data:,3,5,0,136,255,255';
         const isRight = seen.every((one) => one === wanted) && dot.startsWith('data:,2,2,') && font.status === 'loaded';
         document.title = isRight ? 'done' : JSON.stringify([seen, dot, font.status]);",
    );
    site.write(
        "index.html",
        "<!doctype html><meta charset=utf-8><title>-</title><link rel=icon href='data:,'>\
         <meta http-equiv=Content-Security-Policy content=\"img-src 'self' data:; font-src 'self' data:\">\
         <link rel=stylesheet href=style.css><img src=\"it's é.svg\"><img srcset=\"it's%20é.svg 1x, it's%20é.svg 9x\">\
         <img src=it&#39;s%20é.svg><p id=a>a<p id=b>b<p id=c>c<p id=d style='background:url(\"it&#39;s é.svg\")'>d\
         <script type=module src=check.js></script>",
    );
    let files = loaded(site.path(), "/index.html", &["--inline", "*=40k"]);
    let kinds: Vec<_> = files.iter().filter_map(|file| file.rsplit('.').next()).collect();
    assert_eq!(kinds, ["css", "js"], "{files:#?}");
}

//! Tests what a browser keeps of a site with stamped URLs, and what it asks for again. `tests/run` installs
//! everything that this needs.
//!
//! The servers record all requests. What the browser shows without a request, it took from its cache.

#![cfg(unix)]

mod support;

use serde_json::Value;
use stamped_test_support::Dir;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;
use support::browser::Browser;
use support::nginx;
use support::recorder::{Exchange, Recorder};
use support::server::{Server, free_port};

/// The time of all files that were never changed.
const START: u64 = 1_452_929_749;

const FOREVER: &str = "max-age=31536000, immutable";

const PAGE: &str = "page.html";
const WRONG_PAGE: &str = "wrong.html";
const WEB_MANIFEST: &str = "site.webmanifest";
const ICON: &str = "img/icon.svg";
const SHEET: &str = "css/page style.css";
const BASE_SHEET: &str = "css/深い/base sheet.css";
const SHEET_MAP: &str = "css/深い/base sheet.css.map";
const BACKGROUND: &str = "img/背景 picture.svg";
const FONT: &str = "font/a font.woff2";
const MAIN: &str = "js/main.js";
const MAIN_MAP: &str = "js/main.js.map";
const SHOW: &str = "js/parts/show.mjs";
const DEEP: &str = "js/parts/深い module.js";
const DEEP_PICTURE: &str = "img/shown.svg";
const LATER: &str = "js/later.js";

/// The files that are fetched with the page, and may be kept.
const KEPT: [&str; 12] = [
    ICON,
    SHEET,
    BASE_SHEET,
    SHEET_MAP,
    BACKGROUND,
    FONT,
    MAIN,
    MAIN_MAP,
    SHOW,
    DEEP,
    DEEP_PICTURE,
    "img/with srcset.svg",
];

/// The files that are fetched with the page, and must be revalidated each time.
const NEVER_STAMPED: [&str; 2] = [PAGE, WEB_MANIFEST];

const FILES: &[(&str, &str)] = &[
    (WEB_MANIFEST, r#"{"name": "site", "icons": [{"src": "img/icon.svg", "sizes": "any"}]}"#),
    (SHEET, "@import url('%E6%B7%B1%E3%81%84/base sheet.css');\nbody { color: rgb(1, 2, 3) }\n"),
    (
        BASE_SHEET,
        "@font-face { font-family: x; src: url(../../font/a%20font.woff2) format('woff2') }\n\
         body { font: 20px x; background: url(\"../../img/背景 picture.svg\") }\n\
         /*# sourceMappingURL=base%20sheet.css.map */\n",
    ),
    (SHEET_MAP, MAP),
    (
        MAIN,
        "import { show } from './parts/show.mjs';\n\
         globalThis.later = async () => (await import('./later.js')).text;\n\
         await Promise.all([show(), document.fonts.load('20px x', '\\uf005')]);\n\
         const sheet = getComputedStyle(document.body).color === 'rgb(1, 2, 3)';\n\
         const fonts = [...document.fonts].map(font => font.status);\n\
         document.title = sheet && fonts.join() === 'loaded' ? 'done' : `${sheet} ${fonts}`;\n\
         //# sourceMappingURL=main.js.map\n",
    ),
    (MAIN_MAP, MAP),
    (
        SHOW,
        "export const show = async () => (await import('./深い module.js')).picture.decode();\n",
    ),
    (
        DEEP,
        "export const picture = new Image();\n\
         picture.src = new URL('../../img/shown.svg', import.meta.url);\n\
         document.body.append(picture);\n",
    ),
    (LATER, "export const text = 'first';\n"),
    (ICON, PICTURE),
    (BACKGROUND, PICTURE),
    (DEEP_PICTURE, PICTURE),
    ("img/with srcset.svg", PICTURE),
];

const MAP: &str = r#"{"version":3,"sources":["a"],"sourcesContent":[""],"mappings":""}"#;
const PICTURE: &str = "<svg xmlns='http://www.w3.org/2000/svg' width='8' height='8'/>";

/// A file of the site, as it is at first.
fn text(name: &str) -> &'static str {
    FILES.iter().find(|(known, _)| *known == name).unwrap().1
}

/// The page, with the values of two integrity attributes.
fn page(sheet: &str, script: &str) -> String {
    format!(
        "<!doctype html><meta charset=utf-8><title>-</title>\n\
         <script>let refused = 0; const refuse = () => {{ if (++refused > 1) document.title = 'refused' }}</script>\n\
         <link rel=icon href=img/icon.svg><link rel=manifest href=site.webmanifest>\n\
         <link rel=stylesheet href='css/page style.css' integrity='{sheet}' onerror='refuse()'>\n\
         <script type=module src=js/main.js integrity='{script}' onerror='refuse()'></script>\n\
         <body><p>\u{f005}</p><img srcset='img/with%20srcset.svg 1x' alt=''>\n"
    )
}

/// What serves the site.
#[derive(Clone, Copy, PartialEq)]
enum By {
    /// `stamped serve`, with stamps from times.
    Command,
    /// nginx, with the files and rules that the command has written, and stamps from contents.
    Nginx,
}

/// A site whose files change, at one origin.
struct Site {
    by: By,
    folder: Dir,
    clock: u64,
    manifest: Value,
    server: Server,
    recorder: Recorder,
}

impl Site {
    fn new(name: &str, by: By) -> Self {
        let folder = Dir::at(Path::new(env!("CARGO_TARGET_TMPDIR")).join("caching").join(name));
        let packages = std::env::var_os("STAMPED_PACKAGES").expect("STAMPED_PACKAGES is set");
        let font = "fortawesome-fontawesome-free/webfonts/fa-v4compatibility.woff2";
        let font = fs::read(Path::new(&packages).join(font)).unwrap();
        let mut clock = START;
        for &(name, text) in FILES {
            write(&folder.join("assets").join(name), text, clock);
        }
        write(&folder.join("assets").join(FONT), font, clock);
        let manifest = publish(&folder, by, &mut clock);
        let server = serve(&folder, by);
        let recorder = Recorder::start(server.port);
        Site { by, folder, clock, manifest, server, recorder }
    }

    fn browser(&self) -> Browser {
        Browser::start(&self.folder.join("profile"))
    }

    /// Changes a file and puts the new version of the site in place of the old one. The names of all
    /// assets whose URLs are new.
    fn deploy(&mut self, name: &str, text: &str) -> BTreeSet<String> {
        self.clock += 1;
        self.deploy_at(self.clock, name, text)
    }

    /// Changes a file to what it was at first, time and all, and deploys that.
    fn roll_back(&mut self, name: &str) -> BTreeSet<String> {
        self.deploy_at(START, name, text(name))
    }

    fn deploy_at(&mut self, time: u64, name: &str, text: &str) -> BTreeSet<String> {
        write(&self.folder.join("assets").join(name), text, time);
        let manifest = publish(&self.folder, self.by, &mut self.clock);
        let old = std::mem::replace(&mut self.manifest, manifest);
        self.server = serve(&self.folder, self.by);
        self.recorder.switch_to(self.server.port);
        let assets = self.manifest["assets"].as_object().unwrap().iter();
        let new = assets.filter(|(name, asset)| asset["url"] != old["assets"][name]["url"]);
        new.map(|(name, _)| name.clone()).collect()
    }

    fn page(&self) -> String {
        self.recorder.url(&format!("/static/{PAGE}"))
    }

    fn url(&self, name: &str) -> &str {
        self.manifest["assets"][name]["url"].as_str().unwrap()
    }

    /// The names of the stamped assets that were requested. Each must be requested once, under the URL of
    /// this version, with an answer that may be kept. Answers for the page and other files without a stamp
    /// must be `no-cache`.
    #[track_caller]
    fn fetched(&self) -> BTreeSet<String> {
        let assets = self.manifest["assets"].as_object().unwrap();
        let mut names = BTreeSet::new();
        for Exchange { path, status, cache } in self.recorder.take() {
            let asset = assets.iter().find(|(_, asset)| asset["url"] == *path);
            let (name, asset) = asset.unwrap_or_else(|| panic!("{path} is no URL of this version"));
            if NEVER_STAMPED.contains(&name.as_str()) {
                assert!(asset["stamp"].is_null() && cache == "no-cache", "{path}: {cache}");
                assert!(status == "200" || status == "304", "{path}: {status}");
                continue;
            }
            assert!(asset["stamp"].is_string(), "{path}");
            assert_eq!((&*status, &*cache), ("200", FOREVER), "{path}");
            assert!(names.insert(name.clone()), "{path} was asked for twice");
        }
        names
    }
}

/// Writes a file of this modification time.
fn write(path: &Path, bytes: impl AsRef<[u8]>, time: u64) {
    stamped_test_support::write_at(time, path, bytes);
}

fn options(by: By) -> [&'static str; 5] {
    let stamp = if by == By::Command { "modified" } else { "content" };
    ["assets", "--stamp", stamp, "--markup", "*.webmanifest"]
}

fn stamped(folder: &Path) -> Command {
    let mut command = stamped_test_support::stamped(env!("CARGO_BIN_EXE_stamped"));
    command.current_dir(folder);
    command
}

#[track_caller]
fn runs_without_a_word(command: &mut Command, wrong_pages: &[&str]) {
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    let is_expected = |line: &str| {
        line.contains("this hash is not") && wrong_pages.iter().any(|page| line.contains(page))
    };
    assert!(output.status.success() && said.lines().all(is_expected), "{said}");
}

/// Writes the pages, with the integrity from the manifest, and the folder for web servers.
fn publish(folder: &Path, by: By, clock: &mut u64) -> Value {
    let build = |wrong_pages: &[&str]| {
        let mut command = stamped(folder);
        command.arg("build").args(options(by)).args(["--out", "out"]);
        runs_without_a_word(&mut command, wrong_pages);
        let manifest = fs::read(folder.join("out/manifest.json")).unwrap();
        serde_json::from_slice::<Value>(&manifest).unwrap()
    };
    // The pages have the hashes of the last version.
    let manifest = build(&[PAGE, WRONG_PAGE]);
    let integrity = |name: &str| manifest["assets"][name]["integrity"].as_str().unwrap();
    *clock += 1;
    let (sheet, script) = (integrity(SHEET), integrity(MAIN));
    for (name, text) in [(PAGE, page(sheet, script)), (WRONG_PAGE, page(script, sheet))] {
        write(&folder.join("assets").join(name), text, *clock);
    }
    build(&[WRONG_PAGE])
}

/// A server of the site's current version.
fn serve(folder: &Path, by: By) -> Server {
    let port = free_port();
    let mut command = match by {
        By::Command => {
            let mut command = stamped(folder);
            command.arg("serve").args(options(by)).arg(format!("--listen=127.0.0.1:{port}"));
            command
        }
        By::Nginx => {
            let mut command = stamped(folder);
            command.args(["config", "nginx", "out", "--out", "conf"]);
            runs_without_a_word(&mut command, &[]);
            let server = format!("server {{ listen 127.0.0.1:{port}; include conf/server.conf; }}");
            let configuration =
                nginx::configure(folder, &format!("include conf/http.conf;\n{server}"));
            nginx::command(folder, &configuration)
        }
    };
    Server::start(port, &mut command, &folder.join("server.log"))
}

/// The page has loaded, and the browser reports no problem.
#[track_caller]
fn done((title, messages): (String, Vec<String>)) {
    assert_eq!((&*title, messages), ("done", Vec::new()));
}

fn names<const N: usize>(names: [&str; N]) -> BTreeSet<String> {
    names.map(str::to_owned).into()
}

fn each_version_of_an_asset_is_fetched_once(mut site: Site) {
    let mut browser = site.browser();
    done(browser.open(1, &site.page()));
    assert_eq!(site.fetched(), names(KEPT));

    done(browser.open(1, &site.page()));
    assert_eq!(site.fetched(), names([]), "by a link to the same page");
    done(browser.reload(1));
    assert_eq!(site.fetched(), names([]), "by reloading");
    done(browser.open(2, &site.page()));
    assert_eq!(site.fetched(), names([]), "in another tab");
    drop(browser);
    let mut browser = site.browser();
    done(browser.open(1, &site.page()));
    assert_eq!(site.fetched(), names([]), "in a browser that was closed meanwhile");

    let renamed = site.deploy(BACKGROUND, &PICTURE.replace('8', "9"));
    assert_eq!(renamed, names([BACKGROUND, BASE_SHEET, SHEET]));
    done(browser.open(1, &site.page()));
    assert_eq!(site.fetched(), renamed);

    let renamed = site.deploy(DEEP, &format!("{}// Changed.\n", text(DEEP)));
    assert_eq!(renamed, names([DEEP, SHOW, MAIN]));
    done(browser.open(1, &site.page()));
    assert_eq!(site.fetched(), renamed);

    done(browser.open(1, &site.page()));
    assert_eq!(site.fetched(), names([]), "after changes");
}

#[test]
#[ignore = "needs Chromium, and a font of the packages in STAMPED_PACKAGES; tests/run fetches them"]
fn each_version_of_an_asset_is_fetched_once_from_the_command() {
    each_version_of_an_asset_is_fetched_once(Site::new("command", By::Command));
}

#[test]
#[ignore = "needs Chromium, nginx, and a font of the packages in STAMPED_PACKAGES; tests/run fetches them"]
fn each_version_of_an_asset_is_fetched_once_from_nginx() {
    each_version_of_an_asset_is_fetched_once(Site::new("nginx", By::Nginx));
}

/// The page is open while another version of a script takes the place of the one that it asks for
/// now. What the script says, and what the server has answered to the URL of the first version.
#[track_caller]
fn asks_for_a_script_after_a_deploy(site: &mut Site, browser: &mut Browser) -> (String, Exchange) {
    done(browser.open(1, &site.page()));
    site.recorder.take();
    let first = site.url(LATER).to_owned();
    let renamed = site.deploy(LATER, "export const text = 'second';\n");
    assert_eq!(renamed, names([LATER, MAIN]));
    let (said, messages) = browser.run(1, "later()");
    assert!(messages.is_empty(), "{messages:?}");
    let [exchange] = &site.recorder.take()[..] else { panic!("one request") };
    assert_eq!(exchange.path, first);
    (said, exchange.clone())
}

#[test]
#[ignore = "needs Chromium, and a font of the packages in STAMPED_PACKAGES; tests/run fetches them"]
fn an_answer_to_a_stale_url_is_not_kept_for_the_version_that_has_this_url() {
    let mut site = Site::new("stale", By::Command);
    let mut browser = site.browser();
    let (said, answer) = asks_for_a_script_after_a_deploy(&mut site, &mut browser);
    assert_eq!(said, "second");
    assert_eq!((&*answer.status, &*answer.cache), ("200", "no-store"));

    // Had the browser kept that answer, it would now take the second version for the first one.
    assert_eq!(site.roll_back(LATER), names([LATER, MAIN]));
    assert_eq!(site.url(LATER), answer.path);
    done(browser.open(2, &site.page()));
    assert_eq!(browser.run(2, "later()"), ("first".to_owned(), Vec::new()));
    assert_eq!(site.fetched(), names([LATER]));
}

#[test]
#[ignore = "needs Chromium, nginx, and a font of the packages in STAMPED_PACKAGES; tests/run fetches them"]
fn a_page_that_is_open_during_a_deploy_finds_its_own_version_behind_nginx() {
    let mut site = Site::new("kept", By::Nginx);
    let mut browser = site.browser();
    let (said, answer) = asks_for_a_script_after_a_deploy(&mut site, &mut browser);
    assert_eq!(said, "first");
    assert_eq!((&*answer.status, &*answer.cache), ("200", FOREVER));
}

#[test]
#[ignore = "needs Chromium, and a font of the packages in STAMPED_PACKAGES; tests/run fetches them"]
fn the_browser_refuses_what_has_not_the_integrity_that_the_page_names() {
    let site = Site::new("integrity", By::Command);
    let mut browser = site.browser();
    let page = site.recorder.url(&format!("/static/{WRONG_PAGE}"));
    let (title, messages) = browser.open(1, &page);
    assert_eq!((&*title, messages.len()), ("refused", 2), "{messages:#?}");
    for name in [SHEET, MAIN] {
        let refused = |message: &String| {
            message.contains("'integrity' attribute") && message.contains(site.url(name))
        };
        assert!(messages.iter().any(refused), "{name}: {messages:#?}");
    }
}

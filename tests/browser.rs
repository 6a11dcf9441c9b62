//! Opens pages with real packages in a real browser. `tests/run` fetches both and runs this test.

mod support;

use support::browser;

/// The packages with their pages, as a build script bakes them. monaco-editor imports style sheets as
/// bundlers do, but a browser needs the type in the import.
const BUILD_SCRIPT: &str = r#"
    let packages = std::env::var("STAMPED_PACKAGES").unwrap();
    stamped_build::Pipeline::new("assets")
        .root_at("bootstrap", format!("{packages}/bootstrap/dist"))
        .root_at("fontawesome", format!("{packages}/fortawesome-fontawesome-free"))
        .root_at("monaco", format!("{packages}/monaco-editor"))
        .markup("/*.html")
        .transform("monaco/esm/**/*.js", |draft| {
            let text = std::str::from_utf8(draft.bytes())?;
            let typed: Vec<String> = text
                .lines()
                .map(|line| match line.strip_prefix("import '").and_then(|rest| rest.strip_suffix(".css';")) {
                    Some(path) => format!("import '{path}.css' with {{ type: 'css' }};"),
                    None => line.to_owned(),
                })
                .collect();
            draft.set_bytes(typed.join("\n"));
            Ok(())
        })
        .bake()"#;

const PAGES: &[(&str, &str)] = &[
    (
        "bootstrap.html",
        r#"<!doctype html><title>-</title><link rel=icon href="data:,">
<link rel=stylesheet href=bootstrap/css/bootstrap.min.css>
<input type=checkbox class=form-check-input checked><button class="btn btn-primary">Button</button>
<select class=form-select></select><button class=btn-close></button><div class="carousel-control-next-icon"></div>
<script src=bootstrap/js/bootstrap.bundle.min.js></script>
<script>document.title = typeof bootstrap.Modal === "function" ? "done" : "no bootstrap"</script>"#,
    ),
    (
        "fontawesome.html",
        r#"<!doctype html><title>-</title><link rel=icon href="data:,">
<link rel=stylesheet href=fontawesome/css/all.min.css>
<h1><i class="fa-solid fa-stamp"></i> <i class="fa-regular fa-clock"></i> <i class="fa-brands fa-rust"></i></h1>
<script>document.fonts.ready.then(() => { document.title = document.fonts.size > 2 ? "done" : "no fonts" })</script>"#,
    ),
    (
        "monaco.html",
        r#"<!doctype html><title>-</title><link rel=icon href="data:,">
<link rel=stylesheet href=monaco/min/vs/editor/editor.main.css>
<div id=editor style="height: 20em"></div>
<script>
  self.MonacoEnvironment = { getWorker: () => new Worker(URL.createObjectURL(new Blob([""]))) };
</script>
<script type=module src=start.js></script>"#,
    ),
    (
        "start.js",
        "import * as monaco from './monaco/esm/vs/editor/editor.main.js';\n\
         const editor = monaco.editor.create(document.getElementById('editor'), { value: 'fn main() {}', language: 'rust' });\n\
         setTimeout(() => { document.title = editor.getValue() === 'fn main() {}' ? 'done' : 'no editor' }, 1000);\n",
    ),
];

#[test]
#[ignore = "needs Chromium, playwright-core, and the packages that tests/fetch-packages fetches, in STAMPED_PACKAGES"]
fn a_browser_finds_every_reference_stamped_and_asks_for_nothing_twice() {
    let project = browser::project("browser");
    project.build_script(BUILD_SCRIPT);
    for (name, text) in PAGES {
        project.write(&format!("assets/{name}"), text);
    }
    let pages = PAGES.iter().map(|(name, _)| *name).filter(|name| name.ends_with(".html"));
    browser::crawl(&project, pages);
}

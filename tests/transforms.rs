//! Opens pages in a real browser whose scripts and style sheets a build script has compiled and minified. `tests/run`
//! fetches all that this needs, and runs this test.

mod support;

use std::path::Path;
use support::browser;

/// The whole line: Sass, style sheets, scripts.
const BUILD: &str = r#"
    let packages = std::env::var("STAMPED_SOURCES").unwrap();
    stamped_build::Pipeline::new("assets")
        .root_at("jquery", format!("{packages}/jquery/dist"))
        .root_at("bootstrap", format!("{packages}/bootstrap/dist/js"))
        .root_at("three", format!("{packages}/three/build"))
        .include("*.{html,scss,ts}")
        .include("jquery/jquery.js")
        .include("bootstrap/bootstrap.bundle.js")
        .include("three/three.{core,module}.js")
        .transform_with(stamped_transform::sass().load_path(packages))
        .transform_with(stamped_transform::css())
        .transform_with(stamped_transform::js())
        .bake()"#;

const PAGE: &str = r#"<!doctype html><title>-</title><link rel=icon href="data:,">
<link rel=stylesheet href=app.scss>
<button class="btn btn-primary" data-bs-toggle=tooltip title=Tooltip>Button</button>
<script src=jquery/jquery.js></script>
<script src=bootstrap/bootstrap.bundle.js></script>
<script type=module src=app.ts></script>"#;

const STYLE: &str = "$primary: rgb(1, 2, 3); @import 'bootstrap/scss/bootstrap';";

/// Uses all three of them.
const SCRIPT: &str = r#"
import { BoxGeometry, Mesh, MeshBasicMaterial, Raycaster, Vector3 } from "./three/three.module.js";

declare const bootstrap: any, $: any;

enum Part { Button = ".btn" }

const box: Mesh = new Mesh(new BoxGeometry(2, 2, 2), new MeshBasicMaterial());
box.updateMatrixWorld();
const hits = new Raycaster(new Vector3(0, 0, 5), new Vector3(0, 0, -1)).intersectObject(box);
const button = $(Part.Button);
const color: string = button.css("background-color");
button.on("shown.bs.tooltip", () => {
    const text = $(".tooltip-inner").text();
    const seen = [hits[0].point.z, color, text].join("; ");
    document.title = seen === "1; rgb(1, 2, 3); Tooltip" ? "done" : seen;
});
new bootstrap.Tooltip(button[0], { animation: false }).show();
"#;

#[test]
#[ignore = "needs Chromium, playwright-core, and the packages that tests/fetch-packages fetches, in STAMPED_SOURCES"]
fn minified_packages_do_in_a_browser_what_they_did_before() {
    let project = browser::project("transforms");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("crates/stamped-transform");
    browser::manifest(
        &project,
        &format!(
            "[build-dependencies.stamped-transform]\npath = {path:?}\nfeatures = [\"css\", \"js\", \"sass\"]\n"
        ),
    );
    project.build_script(BUILD);
    project.write("assets/page.html", PAGE);
    project.write("assets/app.scss", STYLE);
    project.write("assets/app.ts", SCRIPT);
    browser::crawl(&project, ["page.html"]);
}

//! The program: axum, with a page that names some of its assets.

use crate::{root, site};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const MANIFEST: &str = "
[dependencies]
axum = { version = '0.8', default-features = false, features = ['http1', 'tokio'] }
stamped = { path = '{crates}/stamped', features = ['axum', 'live'] }
tokio = { version = '1', features = ['macros', 'net', 'rt-multi-thread'] }
[build-dependencies]
grass = { version = '0.13', default-features = false }
stamped-build = { path = '{crates}/stamped-build' }
[workspace]
";

const BUILD_SCRIPT: &str = r#"
fn main() -> Result<(), stamped_build::Error> {
    stamped_build::Pipeline::new("assets")
        .exclude("sass/_*")
        .transform("*.scss", |draft| {
            draft.set_bytes(grass::from_path(draft.path(), &grass::Options::default())?);
            draft.set_name(draft.name().replace(".scss", ".css"));
            Ok(())
        })
        .bake()
}
"#;

const PROGRAM: &str = r#"
mod assets { stamped::include_assets!(); }

use axum::{Router, extract::State, response::Html, routing::get};
use stamped::http::Handler;

async fn page(State(handler): State<Handler>) -> Html<String> {
    let assets = handler.assets();
    let url = |name| assets.url_for(name);
    Html(format!(
        "<!doctype html><title>done</title><link rel=stylesheet href={}><link rel=stylesheet href={}>\
         <script type=module src={}></script><p class=p10>text<em>text</em>\n",
        url("group-0/style-0.css"), url("sass/main.css"), url("group-0/module-1.js"),
    ))
}

#[tokio::main]
async fn main() {
    let mut handler = Handler::new(&assets::ASSETS);
    if std::env::var_os("LIVE").is_some() {
        handler = handler.live();
    }
    let router = Router::new().route("/", get(page)).with_state(handler.clone()).layer(handler.into_layer());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    println!("http://{}/", listener.local_addr().unwrap());
    axum::serve(listener, router).await.unwrap();
}
"#;

/// A package that was built in the debug profile.
pub struct Program {
    folder: PathBuf,
    name: String,
}

impl Program {
    pub fn build(name: &str, files: usize) -> Program {
        let folder = root().join(name);
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(folder.join("src")).unwrap();
        let crates =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("../../crates").canonicalize().unwrap();
        let sections = MANIFEST.replace("{crates}", crates.to_str().unwrap());
        let manifest =
            format!("[package]\nname = '{name}'\nversion = '0.0.0'\nedition = '2024'\n{sections}");
        fs::write(folder.join("Cargo.toml"), manifest).unwrap();
        fs::write(folder.join("build.rs"), BUILD_SCRIPT).unwrap();
        fs::write(folder.join("src/main.rs"), PROGRAM).unwrap();
        let program = Program { folder, name: name.to_owned() };
        site::write(&program.assets(), files);
        let mut arguments = program.cargo().into_iter();
        let mut command = Command::new(arguments.next().unwrap());
        let status = command.args(arguments).status().unwrap();
        assert!(status.success(), "{name} does not build");
        program
    }

    pub fn path(&self) -> PathBuf {
        target().join("debug").join(&self.name)
    }

    pub fn assets(&self) -> PathBuf {
        self.folder.join("assets")
    }

    /// The command that builds it. Dependencies are shared.
    pub fn cargo(&self) -> Vec<String> {
        let (manifest, target) = (self.folder.join("Cargo.toml"), target());
        let text = |path: &Path| path.to_str().unwrap().to_owned();
        let arguments = [env!("CARGO"), "build", "--quiet", "--manifest-path"].map(str::to_owned);
        arguments
            .into_iter()
            .chain([text(&manifest), "--target-dir".to_owned(), text(&target)])
            .collect()
    }
}

fn target() -> PathBuf {
    root().join("target")
}

//! `examples/offline`, a page that works without a network, in a real browser and over two of its releases.

#![cfg(unix)]

mod support;

use stamped_test_support::Dir;
use std::path::Path;
use std::process::Command;
use support::Project;
use support::browser::Browser;
use support::server::{Server, free_port};

/// Waits until no worker is on its way any more. Gives the paths that are kept, in order.
const KEPT: &str = "(async () => {
    const registration = await navigator.serviceWorker.ready;
    await registration.update();
    for (let wait = 0; wait < 200 && (registration.installing || registration.waiting
            || registration.active.state !== 'activated'); wait += 1) {
        await new Promise((later) => setTimeout(later, 50));
    }
    const kept = await (await caches.open('files')).keys();
    return kept.map((request) => new URL(request.url).pathname).sort().join(' ');
})()";

/// What the page shows, and the style that it has.
const SHOWN: &str =
    "document.getElementById('release').textContent + ' ' + getComputedStyle(document.body).color";

/// The example as a package of its own.
fn example() -> Project {
    let project = Project::new("offline");
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR"));
    let example = workspace.join("examples/offline");
    let manifest = std::fs::read_to_string(example.join("Cargo.toml")).unwrap();
    let dependencies: String = manifest
        .lines()
        .filter(|line| line.starts_with("axum =") || line.starts_with("tokio ="))
        .map(|line| format!("{line}\n"))
        .collect();
    let stamped = workspace.join("crates/stamped");
    project.manifest(
        &format!("stamped = {{ path = {stamped:?}, features = [\"axum\"] }}\n{dependencies}"),
        "",
    );
    for file in [
        "build.rs",
        "src/main.rs",
        "src/worker.js",
        "assets/index.html",
        "assets/css/style.css",
        "assets/js/app.js",
        "assets/js/release.js",
        "assets/img/cloud.svg",
    ] {
        project.write(file, std::fs::read(example.join(file)).unwrap());
    }
    project
}

struct Release {
    port: u16,
    folder: Dir,
}

impl Release {
    /// Builds and starts the program.
    #[track_caller]
    fn deploy(&self, project: &Project) -> Server {
        let built = project.cargo(&["build"]);
        let said = String::from_utf8_lossy(&built.stderr);
        assert!(built.status.success() && !said.contains("warning"), "{said}");
        let mut command = Command::new(project.program("debug"));
        command.arg(format!("127.0.0.1:{}", self.port));
        Server::start(self.port, &mut command, &self.folder.join("log"))
    }
}

#[test]
#[ignore = "needs Chromium and playwright-core"]
fn a_page_works_without_its_server_and_has_the_next_release_after_a_deploy() {
    let project = example();
    let release = Release { port: free_port(), folder: Dir::new() };
    // A worker needs a secure context, which this name is.
    let url = format!("http://localhost:{}/", release.port);
    let mut browser = Browser::start(&release.folder.join("profile"));
    let run = |browser: &mut Browser, script: &str| {
        let (value, messages) = browser.run(1, script);
        assert_eq!(messages, [""; 0], "{script}");
        value
    };

    let server = release.deploy(&project);
    assert_eq!(browser.open(1, &url), ("done".to_owned(), vec![]));
    let first = run(&mut browser, KEPT);
    assert_eq!(first.split(' ').count(), 5, "{first}");
    drop(server);
    browser.forget(1);
    assert_eq!(browser.open(1, &url), ("done".to_owned(), vec![]));
    assert_eq!(run(&mut browser, SHOWN), "first rgb(0, 0, 0)");

    project.write("assets/js/release.js", "export const release = \"second\";\n");
    let style = std::fs::read_to_string(project.path("assets/css/style.css")).unwrap();
    project.write("assets/css/style.css", format!("{style}body {{ color: rgb(0, 0, 128) }}\n"));
    let server = release.deploy(&project);
    // The page of the first release learns of the second one.
    assert_eq!(browser.open(1, &url), ("done".to_owned(), vec![]));
    let second = run(&mut browser, KEPT);
    drop(server);
    browser.forget(1);
    assert_eq!(browser.open(1, &url), ("done".to_owned(), vec![]));
    assert_eq!(run(&mut browser, SHOWN), "second rgb(0, 0, 128)");

    let of = |kept: &str| -> Vec<String> { kept.split(' ').map(str::to_owned).collect() };
    let (first, second) = (of(&first), of(&second));
    let stayed: Vec<_> = second.iter().filter(|path| first.contains(path)).collect();
    // What did not change was not fetched again, and what is out of use is gone.
    assert!(stayed.iter().any(|path| path.starts_with("/img/cloud.")), "{second:#?}");
    assert_eq!((second.len(), stayed.len()), (5, 2), "{first:#?} {second:#?}");
}

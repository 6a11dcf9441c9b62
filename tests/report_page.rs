//! Opens the page of a report in a real browser. `tests/run` fetches what this needs and runs it.

use stamped_test_support::Dir;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

/// A folder with subfolders, references, and names that would be markup if they were not escaped.
fn folder() -> Dir {
    let folder = Dir::at(Path::new(env!("CARGO_TARGET_TMPDIR")).join("report_page"));
    let write = |name: &str, text: &str| folder.write(name, text);
    for number in 0..70 {
        write(&format!("many/{number}.txt"), &"many words\n".repeat(50 + number * 7));
    }
    write("css/page.css", "@import 'needle.css';");
    write("css/needle.css", "a{b:url(../img/eye.svg)}");
    write("img/eye.svg", &format!("<svg>{}</svg>", " ".repeat(9000)));
    write("img/odd.css", "a{b:url(gone.png)}");
    write("robots.txt", "");
    // Wires that pass columns.
    write(
        "web/main.js",
        "import './a-module-with-a-long-name.js'; import './b.js'; import './last.js';",
    );
    write("web/a-module-with-a-long-name.js", "import './middle.js'; import './last.js';");
    write("web/b.js", "import './middle.js'; import './last.js';");
    write("web/middle.js", "import './last.js'; import './other-name.js';");
    write("web/other-name.js", "import './last.js';");
    write("web/last.js", "export {};");
    // One that leads back.
    write("cycle/one.js", "import './two.js';");
    write("cycle/two.js", "import './three.js';");
    write("cycle/three.js", "import './one.js';");
    #[cfg(unix)]
    for name in [
        "<img src=x onerror=alert(1)>.css",
        "'\"><script>alert(2)<!--.js",
        "\u{202e}gpj.exe",
        "line\u{2028}end.txt",
    ] {
        write(&format!("img/{name}"), "x");
    }
    folder
}

#[test]
#[ignore = "needs Chromium, and playwright-core in target/browser"]
fn the_page_works_without_a_request_in_each_look_and_when_served_is_asked_for_once() {
    let folder = folder();
    let program = env!("CARGO_BIN_EXE_stamped");
    let page = folder.with_file_name("report_page.html");
    let report = stamped_test_support::stamped(program)
        .arg("report")
        .arg(&folder)
        .arg("--html")
        .arg(&page)
        .output();
    let report = report.unwrap();
    assert!(report.status.success(), "{}", String::from_utf8_lossy(&report.stderr));

    let mut server = stamped_test_support::stamped(program)
        .args(["serve", "--listen", "127.0.0.1:0"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut base = String::new();
    BufReader::new(server.stdout.take().unwrap()).read_line(&mut base).unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    // Beside the modules that npm has installed, which is where node looks for them.
    let script = root.join("target/browser/report.mjs");
    fs::copy(root.join("tests/browser/report.mjs"), &script).unwrap();
    let used =
        Command::new("node").arg(script).arg(page).arg(base.trim().trim_end_matches('/')).output();
    server.kill().unwrap();
    server.wait().unwrap();
    let used = used.unwrap();
    print!("{}", String::from_utf8_lossy(&used.stdout));
    assert!(used.status.success(), "{}", String::from_utf8_lossy(&used.stderr));
}

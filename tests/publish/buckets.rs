//! With object stores: moto's S3 and azurite, which `tests/run` installs.

use super::support::objects::{self, Azure, Fault, S3, S3s, faulty};
use super::*;
use std::sync::Arc;

/// The command that publishes to the bucket behind this port.
fn to_s3(site: &Site, port: u16, out: &str, arguments: &[&str]) -> Command {
    let mut command = site.command(out, "s3://site/pre fix", arguments);
    objects::s3_environment(&mut command, port);
    command
}

#[track_caller]
fn summary(mut command: Command) -> Value {
    let output = command.arg("--json").output().unwrap();
    succeeds(&output);
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The path of a request for a key.
fn path(key: &str) -> String {
    let encoded = stamped::percent::Encoded(key).to_string();
    format!("pre%20fix/{encoded}")
}

fn get(s3: &S3, key: &str) -> Option<Vec<u8>> {
    let answer = s3.get(&path(key));
    match answer.status {
        200 => Some(answer.body),
        404 => None,
        status => panic!("`{key}`: {status}"),
    }
}

/// The URL path of the current version.
fn key_of(site: &Site, out: &str, name: &str) -> String {
    let manifest = fs::read(site.path(out).join("manifest.json")).unwrap();
    let manifest: Value = serde_json::from_slice(&manifest).unwrap();
    format!("static/{}", manifest["assets"][name]["path"].as_str().unwrap())
}

#[test]
#[ignore = "needs moto: see tests/run"]
fn objects_have_the_headers_of_our_own_answers_and_are_corrected_where_they_have_others() {
    let site = Site::new("headers");
    let s3 = S3::start(&site.0);
    built(&site, "out", "1");
    let publish =
        |encoding: &str| summary(to_s3(&site, s3.port(), "out", &["--encoding", encoding]));
    let first = publish("br");
    assert_eq!(publish("br")["unchanged"], first["put"]);

    let style = key_of(&site, "out", "css/style.css");
    let answers = |key: &str| {
        let answer = s3.get(&path(key));
        assert_eq!(answer.status, 200, "{key}");
        ["content-type", "cache-control", "content-encoding"]
            .map(|name| answer.field(name))
            .join(" | ")
    };
    let right = "text/css; charset=utf-8 | max-age=31536000, immutable | br";
    assert_eq!(answers(&style), right);
    assert_eq!(answers("static/css/style.css"), "text/css; charset=utf-8 | no-cache | br");
    assert_eq!(answers("robots.txt"), "text/plain; charset=utf-8 | no-cache | br");
    assert_eq!(answers("static/empty.txt"), "text/plain; charset=utf-8 | no-cache | -");
    assert_eq!(answers("static/img/图 1 #2%20.svg"), "image/svg+xml; charset=utf-8 | no-cache | -");
    let stored = fs::read(site.path("out").join(format!("{style}.br"))).unwrap();
    assert_eq!(get(&s3, &style), Some(stored));

    // Another tool has copied the right bytes, without what belongs to them.
    let plain = fs::read_to_string(site.path("out").join(&style)).unwrap();
    s3.put(&path(&style), "Content-Type: text/css\r\nCache-Control: max-age=60\r\n", &plain);
    s3.put(&path("static/js/3.js"), "x-amz-meta-stampedsha384: other\r\n", "old");
    assert_eq!(publish("br")["put"], 2);
    assert_eq!(answers(&style), right);
    assert_eq!(publish("br")["put"], 0);

    // Another encoding of the same bytes takes the place of the first.
    assert!(publish("gzip")["put"].as_u64().unwrap() >= 4);
    assert_eq!(answers(&style), "text/css; charset=utf-8 | max-age=31536000, immutable | gzip");
    assert_eq!(publish("gzip")["put"], 0);
}

#[test]
#[ignore = "needs moto: see tests/run"]
fn what_others_have_put_into_a_bucket_is_reported_and_never_overwritten() {
    let site = Site::new("bucket-strangers");
    let s3 = S3::start(&site.0);
    built(&site, "out", "1");
    let style = key_of(&site, "out", "css/style.css");
    for (key, says) in [(style.as_str(), "other bytes"), ("static/index.html", "by a publish")] {
        s3.put(&path(key), "", "theirs");
        let output = to_s3(&site, s3.port(), "out", &[]).output().unwrap();
        assert!(
            output.status.code() == Some(1) && said(&output).contains(says),
            "{}",
            said(&output)
        );
        assert!(said(&output).contains(key) && said(&output).contains("nothing was changed"));
        assert_eq!(get(&s3, key), Some(b"theirs".to_vec()));
        assert_eq!(get(&s3, "static/robots.txt"), None);
        s3.delete(&path(key));
    }
    // One that comes between the look and the write.
    let port = s3.port();
    let (target, wanted) = (path(&style), format!("PUT /site/{} ", path(&style)));
    let (proxy, _) = faulty(port, move |_, line| {
        if line.starts_with(&wanted) {
            S3::put_at(port, &format!("/{target}"), "", "theirs");
        }
        Fault::None
    });
    let output = to_s3(&site, proxy, "out", &[]).output().unwrap();
    assert!(said(&output).contains("other bytes"), "{}", said(&output));
    assert_eq!(get(&s3, &style), Some(b"theirs".to_vec()));
    assert_eq!(get(&s3, ".stamped/manifest.json"), None);
}

#[test]
#[ignore = "needs moto: see tests/run"]
fn a_bucket_with_more_objects_than_a_list_has_on_a_page_is_known_whole() {
    let site = Site::new("bucket-pages");
    let s3 = S3::start(&site.0);
    // Two objects each, and a page is a thousand. Those that change are on the last one.
    let build = |out: &str| {
        let name = |number: usize| format!("{}{number}.js", if number < 3 { "z/" } else { "" });
        let text = |number| format!("let a={number}{}", if number < 3 { out } else { "" });
        let files: Vec<_> = (0..510).map(|number| (name(number), text(number))).collect();
        let files: Vec<_> = files.iter().map(|(name, text)| (&**name, &**text)).collect();
        site.build(out, &files, &["--encodings", "none"]);
    };
    let publish = |out: &str, arguments: &[&str]| {
        let mut command = to_s3(&site, s3.port(), out, &["--jobs", "32"]);
        command.args(arguments);
        summary(command)
    };
    build("1");
    assert_eq!(publish("1", &[])["put"], 1_022);
    let second = publish("1", &[]);
    assert_eq!((&second["put"], &second["unchanged"]), (&0.into(), &1_022.into()));
    build("2");
    assert_eq!(publish("2", &[])["kept"], 3);
    assert_eq!(crawl(|key| get(&s3, key)), Ok(513));
    let pruned = publish("2", &["--prune", "--keep", "0", "--keep-for", "0s"]);
    assert_eq!((&pruned["deleted"], &pruned["kept"]), (&3.into(), &0.into()));
    assert_eq!(crawl(|key| get(&s3, key)), Ok(510));
}

#[test]
#[ignore = "needs moto: see tests/run"]
fn of_two_publishes_at_once_the_later_manifest_is_refused() {
    let site = Site::new("bucket-at-once");
    let s3 = S3::start(&site.0);
    for version in ["1", "2", "3"] {
        built(&site, version, version);
    }
    let port = s3.port();
    // The manifest of the other one is new; then it is the last one, and only its plain names are new.
    for (out, other) in [("1", "2"), ("3", "1")] {
        // The other one runs as a whole while this one is about to write its manifest.
        let ran = AtomicBool::new(false);
        let inner = std::sync::Mutex::new(to_s3(&site, port, other, &[]));
        let (proxy, _) = faulty(port, move |_, line| {
            if line.starts_with("PUT ")
                && line.contains("/.stamped/manifest.json")
                && !ran.swap(true, Ordering::SeqCst)
            {
                succeeds(&inner.lock().unwrap().output().unwrap());
            }
            Fault::None
        });
        let output = to_s3(&site, proxy, out, &[]).output().unwrap();
        let text = said(&output);
        assert!(output.status.code() == Some(1) && text.contains("another publish has"), "{text}");
        assert_eq!(text.contains(".stamped/manifest.json"), other == "2", "{text}");
        let holds = if other == "2" { other } else { out };
        let expected = key_of(&site, holds, "css/style.css");
        let manifest = String::from_utf8(get(&s3, ".stamped/manifest.json").unwrap()).unwrap();
        assert!(manifest.contains(expected.strip_prefix("static/").unwrap()));
        crawl(|key| get(&s3, key)).unwrap();
        summary(to_s3(&site, port, out, &[]));
        crawl(|key| get(&s3, key)).unwrap();
        let page = fs::read(site.path(out).join("static/index.html")).unwrap();
        assert_eq!(get(&s3, "static/index.html"), Some(page));
    }
}

#[test]
#[ignore = "needs moto: see tests/run"]
fn a_publish_gets_past_errors_lost_answers_and_silence() {
    let site = Site::new("faults");
    let s3 = S3::start(&site.0);
    for (number, version) in ["1", "2"].into_iter().enumerate() {
        fs::remove_dir_all(site.path("out")).ok();
        built(&site, "out", version);
        let (proxy, requests) = faulty(s3.port(), |number, _| match number % 11 {
            1 => Fault::Status("503 SlowDown"),
            4 => Fault::Status("500 Internal Server Error"),
            7 => Fault::LostAnswer,
            9 if number < 30 => Fault::Silence,
            _ => Fault::None,
        });
        let arguments = ["--timeout", "1s", "--jobs", "8"];
        assert_eq!(summary(to_s3(&site, proxy, "out", &arguments))["kept"], number as u64 * 14);
        assert!(requests.load(Ordering::Relaxed) > 40);
        assert_eq!(summary(to_s3(&site, s3.port(), "out", &[]))["put"], 0);
        assert_eq!(crawl(|key| get(&s3, key)), Ok(16 + number * 14));
    }
}

#[test]
#[ignore = "needs moto: see tests/run"]
fn a_store_that_goes_on_failing_is_an_error_that_names_key_cause_and_what_is_done() {
    let site = Site::new("broken");
    let s3 = S3::start(&site.0);
    built(&site, "out", "1");
    let style = path(&key_of(&site, "out", "css/style.css"));
    let (proxy, _) =
        faulty(s3.port(), move |_, line| match line.starts_with("PUT ") && line.contains(&style) {
            true => Fault::Status("503 SlowDown"),
            false => Fault::None,
        });
    let output = to_s3(&site, proxy, "out", &[]).output().unwrap();
    let text = said(&output);
    assert_eq!(output.status.code(), Some(1));
    for part in
        ["cannot write `static/css/style.", "503", "SlowDown", "steps are done", "run it again"]
    {
        assert!(text.contains(part), "`{part}`: {text}");
    }
    assert_eq!(text.lines().count(), 1, "{text}");
    assert_eq!(get(&s3, ".stamped/manifest.json"), None);
    // What is there already is not sent again.
    let again = summary(to_s3(&site, s3.port(), "out", &[]));
    assert!(again["unchanged"].as_u64().unwrap() > 5, "{again}");
    assert_eq!(crawl(|key| get(&s3, key)), Ok(16));
}

#[test]
#[ignore = "needs moto: see tests/run"]
fn a_reader_finds_all_objects_while_publishes_to_a_bucket_are_killed() {
    let site = Site::new("bucket-kills");
    let s3 = S3::start(&site.0);
    let port = s3.port();
    kills(&site, |key| get(&s3, key), |out| to_s3(&site, port, out, &[]));
}

#[test]
#[ignore = "needs moto: see tests/run"]
fn an_interrupt_does_not_wait_for_a_slow_store() {
    let site = Site::new("bucket-interrupt");
    let s3 = S3::start(&site.0);
    built(&site, "out", "1");
    summary(to_s3(&site, s3.port(), "out", &[]));
    built(&site, "out", "2");
    let slow = path(&key_of(&site, "out", "js/3.js"));
    let others = Arc::new(AtomicUsize::new(0));
    let put = others.clone();
    let (proxy, _) = faulty(s3.port(), move |_, line| match line.starts_with("PUT ") {
        true if line.contains(&slow) => Fault::Silence,
        true => {
            put.fetch_add(1, Ordering::Relaxed);
            Fault::None
        }
        false => Fault::None,
    });
    let said =
        interrupted(to_s3(&site, proxy, "out", &[]), || others.load(Ordering::Relaxed) == 13);
    assert!(said.starts_with("stamped: interrupted; at least "), "{said}");
    assert!(said.contains("the manifest is as it was; run it again to finish"), "{said}");
    assert_eq!(crawl(|key| get(&s3, key)), Ok(16));
    summary(to_s3(&site, s3.port(), "out", &[]));
    assert_eq!(crawl(|key| get(&s3, key)), Ok(16 + 14));
}

#[test]
#[ignore = "needs moto: see tests/run"]
fn a_large_file_is_sent_in_parts_and_is_there_as_a_whole_or_not_at_all() {
    let site = Site::new("parts");
    let s3 = S3::start(&site.0);
    let film = "seventeen bytes.\n".repeat(1_000_000);
    site.build("out", &[("film.bin", &film)], &["--encodings", "none"]);
    let key = key_of(&site, "out", "film.bin");
    let (file, port) = (site.path("out").join(&key), s3.port());
    let to_proxy = |proxy| to_s3(&site, proxy, "out", &["--parts-above", "1m"]);
    let fails = |proxy, says: &str| {
        let output = to_proxy(proxy).output().unwrap();
        assert!(
            output.status.code() == Some(1) && said(&output).contains(says),
            "{}",
            said(&output)
        );
    };

    // One that comes while the parts are sent is not overwritten, and no part is left.
    let (target, aborted) = (path(&key), Arc::new(AtomicUsize::new(0)));
    let (at, seen) = (target.clone(), aborted.clone());
    let (proxy, _) = faulty(port, move |_, line| {
        if line.contains(&at) && line.contains("partNumber=2&") {
            S3::put_at(port, &format!("/{at}"), "", "theirs");
        }
        let is_abort = line.starts_with("DELETE ") && line.contains("uploadId=");
        seen.fetch_add(usize::from(is_abort), Ordering::Relaxed);
        Fault::None
    });
    fails(proxy, "other bytes");
    assert_eq!((get(&s3, &key), aborted.load(Ordering::Relaxed)), (Some(b"theirs".to_vec()), 1));
    s3.delete(&target);

    // A file that is another one since the build.
    fs::write(&file, film.replacen("seventeen", "Seventeen", 1)).unwrap();
    fails(port, "build again");
    assert_eq!(get(&s3, &key), None);
    fs::write(&file, &film).unwrap();

    // The answer that the object is complete is lost, and a part fails once.
    let parts = Arc::new(AtomicUsize::new(0));
    let (at, seen) = (target, parts.clone());
    let (proxy, _) = faulty(port, move |_, line| {
        let is_part = line.contains(&at) && line.contains("partNumber=");
        match is_part.then(|| seen.fetch_add(1, Ordering::Relaxed)) {
            Some(0) => Fault::Status("503 SlowDown"),
            None if line.starts_with("POST ") && line.contains("uploadId=") => Fault::LostAnswer,
            _ => Fault::None,
        }
    });
    summary(to_proxy(proxy));
    assert_eq!(parts.load(Ordering::Relaxed), 2 + 1);
    assert_eq!(get(&s3, &key), Some(film.into_bytes()));
    let answer = s3.get(&path(&key));
    assert_eq!(answer.field("cache-control"), "max-age=31536000, immutable");
    assert_eq!(summary(to_proxy(port))["put"], 0);
}

#[test]
#[ignore = "needs moto: see tests/run"]
fn everything_is_read_back_and_wrong_answers_are_listed() {
    let site = Site::new("verify");
    let s3 = S3::start(&site.0);
    let base = format!("http://127.0.0.1:{}/site", s3.port());
    for version in ["1", "2"] {
        fs::remove_dir_all(site.path("out")).ok();
        built(&site, "out", version);
        let arguments = ["--encoding", "br", "--verify", &format!("{base}/pre%20fix")];
        assert_eq!(summary(to_s3(&site, s3.port(), "out", &arguments))["verified"], true);
    }
    // A front server that knows better.
    let (proxy, _) = faulty(s3.port(), |_, line| match line.contains("/js/3.") {
        true => Fault::Status("200 OK"),
        false => Fault::None,
    });
    let url = format!("http://127.0.0.1:{proxy}/site/pre%20fix");
    let output =
        to_s3(&site, s3.port(), "out", &["--encoding", "br", "--verify", &url]).output().unwrap();
    let text = said(&output);
    assert!(output.status.code() == Some(1) && text.contains("3 answers"), "{text}");
    assert!(text.contains("/static/js/3.js: it has other bytes"), "{text}");
}

#[test]
#[ignore = "needs azurite: see tests/run"]
fn azure_gets_the_same_objects_and_refuses_the_later_manifest() {
    let site = Site::new("azure");
    let Some(azure) = Azure::start(&site.0) else { return };
    gets_the_same_objects_and_refuses_the_later_manifest(&site, |out, arguments| {
        let mut command = site.command(out, "az://site/a", arguments);
        azure.environment(&mut command);
        command
    });
}

#[test]
#[ignore = "needs s3s-fs: see tests/run"]
fn s3s_fs_gets_the_same_objects_and_refuses_the_later_manifest() {
    let site = Site::new("s3s-fs");
    let store = S3s::start(&site.0);
    gets_the_same_objects_and_refuses_the_later_manifest(&site, |out, arguments| {
        to_s3(&site, store.port(), out, arguments)
    });
}

/// Publishes to an empty store.
fn gets_the_same_objects_and_refuses_the_later_manifest(
    site: &Site,
    to_store: impl Fn(&str, &[&str]) -> Command,
) {
    for version in ["1", "2"] {
        built(site, version, version);
    }
    let first = summary(to_store("1", &["--encoding", "br"]));
    let again = summary(to_store("1", &["--encoding", "br"]));
    assert_eq!((&again["put"], &again["unchanged"]), (&0.into(), &first["put"]));
    assert_eq!(summary(to_store("2", &["--encoding", "br"]))["kept"], 14);
    // Both plan from the same manifest, and one of them comes later.
    let runs = ["1", "2"].map(|out| {
        let mut command = to_store(out, &["--prune", "--keep", "0", "--keep-for", "0s"]);
        command.stderr(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap()
    });
    for output in runs.map(|run| run.wait_with_output().unwrap()) {
        assert!(
            output.status.success() || said(&output).contains("another publish has"),
            "{}",
            said(&output)
        );
    }
    let last = summary(to_store("2", &["--prune", "--keep", "0", "--keep-for", "0s"]));
    assert_eq!(last["kept"], 0);
    assert_eq!(summary(to_store("2", &[]))["put"], 0);
}

/// Answers every request with the page at its path, until the process ends.
fn pages(pages: Vec<(&'static str, String)>) -> u16 {
    use std::io::{Read as _, Write as _};
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut request = [0; 4096];
            let count = stream.read(&mut request).unwrap_or(0);
            let line = String::from_utf8_lossy(&request[..count]).into_owned();
            let path = line.split(' ').nth(1).unwrap_or_default();
            let page = pages.iter().find(|(name, _)| *name == path).map_or("", |(_, page)| page);
            // A browser that has gone needs no answer.
            let _ = write!(
                stream,
                "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{page}",
                page.len()
            );
        }
    });
    port
}

#[test]
#[ignore = "needs moto and Chromium: see tests/run"]
fn pages_of_another_origin_use_a_bucket_in_a_browser() {
    let site = Site::new("origins");
    let s3 = S3::start(&site.0);
    let files = [
        ("css/style.css", "@import 'base.css'; body{background:url(../img/a.svg)}"),
        ("css/base.css", "body{color:rgb(1, 2, 3)}"),
        ("img/a.svg", "<svg xmlns='http://www.w3.org/2000/svg'/>"),
        ("js/app.js", "import { done } from './done.js'; done();"),
        (
            "js/done.js",
            "export function done() { document.title = getComputedStyle(document.body).color === 'rgb(1, 2, 3)' ? 'done' : 'no style'; }",
        ),
    ];
    site.build("out", &files, &["--encodings", "gzip,br"]);
    summary(to_s3(&site, s3.port(), "out", &["--encoding", "br"]));

    // As a program has them, which was built of the same folder.
    let pipeline = stamped_build::Pipeline::new(site.path("assets")).encodings([]);
    let bundle = pipeline.stamp(stamped_build::Stamp::Content).process().unwrap();
    let assets = bundle.leak().unwrap();
    // `localhost` and `127.0.0.1` are two sites, and not only two origins.
    let base = format!("http://127.0.0.1:{}/site/pre%20fix", s3.port());
    let based = assets.with_base(&base);
    let page = |integrity: &str| {
        format!(
            "<!doctype html><title>-</title>\
             <link rel=stylesheet href='{}' integrity='{}' crossorigin>\
             <script type=module src='{}' integrity='{integrity}' crossorigin \
             onerror=\"document.title='refused'\"></script>",
            based.url("css/style.css").unwrap(),
            assets.get("css/style.css").unwrap().integrity(),
            based.url("js/app.js").unwrap(),
        )
    };
    let right = assets.get("js/app.js").unwrap().integrity();
    let wrong = assets.get("css/base.css").unwrap().integrity();
    let port = pages(vec![("/right", page(right)), ("/wrong", page(wrong))]);
    let mut browser = super::support::browser::Browser::start(&site.path("profile"));
    let (title, problems) = browser.open(1, &format!("http://localhost:{port}/right"));
    assert_eq!((title.as_str(), problems), ("done", Vec::new()));
    let (title, problems) = browser.open(1, &format!("http://localhost:{port}/wrong"));
    assert!(
        title == "refused" && problems.iter().any(|it| it.contains("integrity")),
        "{problems:?}"
    );
}

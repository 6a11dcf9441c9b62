//! Tests that errors name the path and the way out.

use stamped_build::{Encoding, Error, ErrorKind, Missing, Pipeline, Stamp, WarningKind};
use stamped_test_support::Dir;
#[cfg(unix)]
use stamped_test_support::is_unprivileged;
use std::fs;
use std::process::Command;

#[track_caller]
fn fails(pipeline: Pipeline, with: &[&str]) -> Error {
    let error = pipeline.process().expect_err("the pipeline finds nothing wrong");
    let message = error.to_string();
    for part in with {
        assert!(message.contains(part), "`{part}` is not said: {message}");
    }
    assert!(!message.contains('\n'), "{message}");
    // What cargo shows when a build script's main returns the error.
    assert_eq!(format!("{error:?}"), message);
    assert_eq!(format!("{}; {}", error.message(), error.help()), message);
    error
}

/// Whether the process has the environment that `test`, the full name of the caller, wants; the test
/// should go on then. Runs it again in one that has, otherwise: a program can change its own
/// environment only in unsafe code.
#[track_caller]
fn has_environment(test: &str, change: impl FnOnce(&mut Command)) -> bool {
    const AGAIN: &str = "STAMPED_TEST_AGAIN";
    if std::env::var_os(AGAIN).is_some() {
        return true;
    }
    let mut again = Command::new(std::env::current_exe().unwrap());
    change(again.args(["--exact", test]).env(AGAIN, "1"));
    let output = again.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
    false
}

#[test]
fn a_missing_folder_is_an_error_unless_it_may_be_missing() {
    let dir = Dir::new();
    let missing = dir.join("no such");
    let error = fails(Pipeline::new(&missing), &["no such", "create it", "`.allow_missing(true)`"]);
    assert_eq!(error.path(), Some(missing.as_path()));
    assert!(Pipeline::new(&missing).allow_missing(true).process().unwrap().assets().is_empty());
    let near = dir.mkdirp("web/assets");
    dir.write("web/asset", "not a folder");
    let did_you_mean = format!("did you mean `{}`? Otherwise", near.display());
    fails(
        Pipeline::new(dir.join("web/asets")),
        &["asets`", &did_you_mean, "`.allow_missing(true)`"],
    );
}

#[test]
fn a_file_is_no_folder() {
    let dir = Dir::new();
    let file = dir.write("a.css", "");
    fails(Pipeline::new(file), &["a.css` is not a folder", "`.file(name, bytes)`"]);
}

#[cfg(unix)]
#[test]
fn a_file_or_folder_that_cannot_be_read_is_an_error_unless_it_is_excluded() {
    use std::os::unix::fs::PermissionsExt;
    let test = "a_file_or_folder_that_cannot_be_read_is_an_error_unless_it_is_excluded";
    if !is_unprivileged(test) {
        return;
    }
    let dir = Dir::new();
    for (path, closed) in [("secret.css", "secret.css"), ("closed/a.css", "closed")] {
        let file = dir.write(path, "x");
        let close =
            |mode| fs::set_permissions(dir.join(closed), fs::Permissions::from_mode(mode)).unwrap();
        close(0o000);
        let error = fails(Pipeline::new(dir.path()), &[closed, "cannot be read", "`.exclude(…)`"]);
        assert!(error.io_error().is_some());
        assert!(Pipeline::new(dir.path()).exclude(closed).process().is_ok());
        close(0o755);
        fs::remove_file(file).unwrap();
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_name_that_is_not_utf8_is_an_error_unless_it_is_excluded() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    let dir = Dir::new();
    dir.write(OsStr::from_bytes(b"caf\xe9.css"), "");
    fails(Pipeline::new(dir.path()), &[r"caf\xE9.css", "not UTF-8", "rename it", "`.exclude(…)`"]);
    assert!(Pipeline::new(dir.path()).exclude("caf*.css").process().is_ok());
}

#[cfg(unix)]
#[test]
fn a_broken_link_is_a_warning_unless_it_is_no_asset() {
    for (to, path, said) in [
        ("..", "css/up", "leads back to"),
        ("nowhere", "css/style.css", "leads to something that does not exist"),
        ("/etc/passwd/x", "style.css", "leads to something that does not exist"),
        ("self.css", "self.css", "leads nowhere ("),
    ] {
        let dir = Dir::new();
        dir.write("a.css", "");
        dir.symlink("nowhere", ".#style.css");
        dir.symlink("nowhere", "css/old.css~");
        dir.symlink(to, path);
        let bundle = Pipeline::new(dir.path()).process().unwrap();
        assert_eq!(bundle.assets().len(), 1);
        let [warning] = bundle.warnings() else { panic!("{:?}", bundle.warnings()) };
        assert_eq!(warning.kind(), WarningKind::BrokenLink);
        let warning = warning.to_string();
        for part in [path, said, "mend", "`.exclude(…)`"] {
            assert!(warning.contains(part), "{warning}");
        }
        assert!(Pipeline::new(dir.path()).exclude(path).process().unwrap().warnings().is_empty());
    }
}

/// Whoever names a file would otherwise say something to the terminal, or to cargo.
#[cfg(unix)]
#[test]
fn control_characters_of_names_are_escaped() {
    let name = "a\u{1b}[31m\ncargo::rustc-cfg=x\r\u{202e}.css";
    let dir = Dir::new();
    dir.symlink("nowhere", name);
    let bundle = Pipeline::new(dir.path()).process().unwrap();
    let warning = bundle.warnings()[0].to_string();
    dir.write(format!("sub/{name}"), "");
    let error = fails(Pipeline::new(dir.join("sub").join(name)), &["is not a folder"]).to_string();
    for message in [warning, error] {
        assert!(message.contains(r"a\u{1b}[31m\ncargo::rustc-cfg=x\r\u{202e}.css"), "{message}");
        assert!(!message.contains(['\u{1b}', '\n', '\r', '\u{202e}']), "{message}");
    }
}

#[test]
fn two_sources_for_one_name_are_an_error_that_names_both() {
    let (one, other) = (Dir::new(), Dir::new());
    let first = one.write("lib/a.css", "1");
    let second = other.write("a.css", "2");
    let both = || Pipeline::new(one.path()).root_at("lib", other.path());
    fails(
        both(),
        &[
            "`lib/a.css`",
            first.to_str().unwrap(),
            second.to_str().unwrap(),
            "rename",
            "`.root_at(…)`",
        ],
    );
    assert!(Pipeline::new(one.path()).root_at("lib2", other.path()).process().is_ok());
    fails(
        Pipeline::new(one.path()).file("lib/a.css", ""),
        &["`lib/a.css`", "made by the build script"],
    );
    let renamed = |draft: &mut stamped_build::Draft| {
        draft.set_name("same.css");
        Ok(())
    };
    fails(Pipeline::new(one.path()).file("b.css", "").transform("*.css", renamed), &["`same.css`"]);
}

#[test]
fn a_stamped_path_that_is_another_assets_name_is_an_error() {
    let dir = Dir::new();
    dir.write("app.css", "");
    dir.write("app.7.css", "");
    let taken = || Pipeline::new(dir.path()).stamp(Stamp::Fixed(7));
    fails(taken(), &["`app.css`", "`app.7.css`", "rename or exclude"]);
    assert!(Pipeline::new(dir.path()).stamp(Stamp::Fixed(8)).process().is_ok());
}

#[test]
fn a_pattern_that_does_not_parse_is_an_error_wherever_it_stands() {
    let dir = Dir::new();
    dir.write("a.css", "");
    let new = || Pipeline::new(dir.path());
    for pipeline in [
        new().include("[a"),
        new().exclude("[a"),
        new().plain(["[a"]),
        new().prestamped("[a"),
        new().at_root(["[a"]),
        new().markup("[a"),
        new().verbatim("[a"),
        new().allow_missing_references("[a"),
        new().transform("[a", |_| Ok(())),
    ] {
        fails(pipeline, &["the pattern `[a` does not parse", "backslash"]);
    }
}

#[test]
fn a_mount_that_cannot_begin_a_url_is_an_error() {
    for (mount, why) in [
        ("static", "does not begin with a slash"),
        ("", "is empty"),
        ("/a b", "percent-encoded"),
        ("/a?b", "percent-encoded"),
        ("/a%20b", "percent-encoded"),
        ("/a//b", "empty"),
        ("/../b", "`..`"),
        ("https://cdn.example", "does not begin with a slash"),
    ] {
        fails(
            Pipeline::new(".").mount(mount),
            &[&format!("`{mount}` cannot be the mount"), why, "`/static`"],
        );
    }
}

#[test]
fn a_name_that_is_no_path_is_an_error() {
    let long = "x".repeat(5000);
    for name in ["", "/a.css", "a//b.css", "../a.css", "a/./b", "a/", "a\0b", &long] {
        let pipeline = Pipeline::new("no such folder").allow_missing(true).file(name, "");
        fails(
            pipeline,
            &["made by the build script", "cannot be an asset", "such as `css/style.css`"],
        );
    }
}

#[test]
fn a_failing_transformation_names_the_file() {
    let dir = Dir::new();
    dir.write("a.scss", "");
    let pipeline =
        Pipeline::new(dir.path()).transform("*.scss", |_| Err("line 3: expected `;`".into()));
    let error = fails(pipeline, &["`a.scss`", "line 3: expected `;`", "`.exclude(…)`"]);
    assert_eq!(error.transform_error().unwrap().to_string(), "line 3: expected `;`");
    // Or reports that print sources would print it twice.
    assert!(std::error::Error::source(&error).is_none());
    assert!(error.path().unwrap().ends_with("a.scss"));
}

#[test]
fn a_level_that_a_coding_does_not_have_is_an_error() {
    let with = |encodings: &[Encoding]| {
        let pipeline = Pipeline::new("no such folder").allow_missing(true);
        pipeline.encodings(encodings.iter().copied())
    };
    let level = "or leave out `.level(…)`";
    fails(with(&[Encoding::brotli().level(12)]), &["`br` has no level 12", "from 0 to 11", level]);
    fails(with(&[Encoding::gzip().level(0)]), &["`gzip` has no level 0", "from 1 to 12", level]);
    let twice = with(&[Encoding::gzip(), Encoding::brotli(), Encoding::gzip().level(1)]);
    fails(twice, &["`gzip` is asked for twice", "`.encodings(…)`"]);
}

#[test]
fn a_denied_reference_is_an_error_that_names_file_and_line() {
    let dir = Dir::new();
    dir.write("css/style.css", "a{}\nb{background:url(gone.png)}\nc{background:url(lost.png)}");
    let with = || Pipeline::new(dir.path()).missing_references(Missing::Deny);
    let error = fails(
        with(),
        &[
            "css/style.css:2:",
            "`gone.png`",
            "(1 more",
            "correct it",
            "`.allow_missing_references(…)`",
        ],
    );
    assert_eq!(error.kind(), ErrorKind::MissingReference);
    assert!(with().allow_missing_references("css/*").process().is_ok());
}

#[test]
fn a_time_of_the_environment_that_is_no_number_is_an_error() {
    let test = "a_time_of_the_environment_that_is_no_number_is_an_error";
    if !has_environment(test, |process| _ = process.env("SOURCE_DATE_EPOCH", "soon")) {
        return;
    }
    let dir = Dir::new();
    fails(
        Pipeline::new(dir.path()),
        &["SOURCE_DATE_EPOCH is `soon`", "set it to a number of seconds since 1970, or unset it"],
    );
}

#[test]
fn a_cache_that_cannot_be_written_is_a_warning() {
    let test = "a_cache_that_cannot_be_written_is_a_warning";
    if !has_environment(test, |process| _ = process.env_remove("STAMPED_CACHE")) {
        return;
    }
    let dir = Dir::new();
    for name in ["a.css", "b.css"] {
        dir.write(format!("assets/{name}"), name.repeat(1000));
    }
    // A file where the folder should be: permissions do not stop root.
    let cache = dir.write("cache", "");
    let pipeline = Pipeline::new(dir.join("assets")).encodings([Encoding::gzip()]).cache(&cache);
    let bundle = pipeline.process().unwrap();
    let [warning] = bundle.warnings() else { panic!("{:?}", bundle.warnings()) };
    assert_eq!(warning.kind(), WarningKind::Cache);
    for part in
        [cache.to_str().unwrap(), "cannot be written: ", "name another folder in STAMPED_CACHE"]
    {
        assert!(warning.to_string().contains(part), "{warning}");
    }
    assert!(bundle.assets().iter().all(|asset| asset.encodings().count() == 1));
}

#[test]
fn two_bundles_of_one_name_are_an_error_and_so_is_a_name_that_files_cannot_have() {
    let test = "two_bundles_of_one_name_are_an_error_and_so_is_a_name_that_files_cannot_have";
    let out = Dir::new();
    if !has_environment(test, |process| _ = process.env("OUT_DIR", &out)) {
        return;
    }
    let dir = Dir::new();
    dir.write("a.css", "");
    let bake = |name: &str| Pipeline::new(dir.path()).bundle_name(name).bake();
    bake("admin").unwrap();
    bake("shop").unwrap();
    let error = bake("admin").unwrap_err().to_string();
    for part in ["two bundles named `admin`", "`.bundle_name(…)`", "`include_assets!`"] {
        assert!(error.contains(part), "{error}");
    }
    let error = bake("a/b").unwrap_err().to_string();
    assert!(
        error.contains("`a/b` cannot be the name") && error.contains("ASCII letters"),
        "{error}"
    );
}

/// Cargo sets an `OUT_DIR` for tests too.
#[test]
fn baking_outside_of_a_build_script_is_an_error() {
    let test = "baking_outside_of_a_build_script_is_an_error";
    if !has_environment(test, |process| _ = process.env_remove("OUT_DIR")) {
        return;
    }
    let dir = Dir::new();
    let error = Pipeline::new(dir.path()).bake().unwrap_err().to_string();
    assert!(error.contains("OUT_DIR is not set") && error.contains("`process`"), "{error}");
}

#[cfg(unix)]
#[test]
fn what_is_neither_file_nor_folder_is_passed_over_with_a_warning() {
    let dir = Dir::new();
    std::os::unix::net::UnixListener::bind(dir.join("socket")).unwrap();
    dir.write("a.css", "");
    let bundle = Pipeline::new(dir.path()).process().unwrap();
    assert_eq!(bundle.assets().len(), 1);
    assert_eq!(bundle.warnings().len(), 1);
    assert!(bundle.warnings()[0].message().contains("socket"), "{:?}", bundle.warnings());
}

#[test]
fn a_pattern_that_matches_nothing_is_a_warning_with_the_nearest_that_does() {
    let dir = Dir::new();
    dir.write("assets/css/style.css", "");
    dir.write("assets/img/logo.svg", "");
    let new = || Pipeline::new(dir.join("assets"));
    for (setter, pattern, help) in [
        ("include", "assets/css/*.css", "did you mean `css/*.css`?"),
        ("plain", "/static/css/*", "did you mean `css/*`?"),
        ("prestamped", "./css/style.css", "did you mean `css/style.css`?"),
        ("markup", r"img\*.svg", "did you mean `img/*.svg`?"),
        ("verbatim", "css/stile.css", "did you mean `css/style.css`?"),
        ("at_root", "/llms.txt", "for names below the folder"),
        ("transform", "*.scss", "for names below the folder, such as `css/style.css`"),
    ] {
        let with = |pattern: &str| match setter {
            "include" => new().include("img/*").include(pattern),
            "plain" => new().plain(stamped_build::NEVER_STAMPED.iter().copied().chain([pattern])),
            "prestamped" => new().prestamped(pattern),
            "at_root" => new().at_root(stamped_build::AT_ROOT.iter().copied().chain([pattern])),
            "markup" => new().markup(pattern),
            "verbatim" => new().verbatim(pattern),
            _ => new().transform(pattern, |_| Ok(())),
        };
        let bundle = with(pattern).process().unwrap();
        let [warning] = bundle.warnings() else { panic!("{:?}", bundle.warnings()) };
        assert_eq!(warning.kind(), WarningKind::UnusedPattern);
        let warning = warning.to_string();
        for part in [&format!("the pattern `{pattern}` of `{setter}` does not match"), help] {
            assert!(warning.contains(part), "{warning}");
        }
        assert_eq!(with("*.svg").process().unwrap().warnings(), []);
    }
    // These only prevent something.
    let careful = new().exclude("*.map").allow_missing_references("vendor/**");
    assert_eq!(careful.process().unwrap().warnings(), []);
}

#[test]
fn an_extension_that_no_file_has_is_a_warning_with_the_nearest_that_one_has() {
    let dir = Dir::new();
    dir.write("css/style.min.css", "");
    dir.write("robots", "");
    let with = |entry: &str| {
        let bundle = Pipeline::new(dir.path()).stamp_only(["css", entry]).process().unwrap();
        bundle.warnings().to_vec()
    };
    for (entry, help) in [
        ("cs", "did you mean `css`?"),
        ("CSS", "did you mean `css`?"),
        ("*.min.css", "did you mean `min.css`?"),
        ("scss", "did you mean `css`?"),
        ("woff2", "an extension that files have, such as `css`"),
        ("robots", "leave it out"),
        ("", "leave it out"),
    ] {
        let [warning] = &with(entry)[..] else { panic!("{entry}: {:?}", with(entry)) };
        assert_eq!(warning.kind(), WarningKind::UnusedPattern);
        let warning = warning.to_string();
        for part in [&format!("has the extension `{entry}`"), dir.path().to_str().unwrap(), help] {
            assert!(warning.contains(part), "{warning}");
        }
    }
    for entry in [".css", "min.css"] {
        assert_eq!(with(entry), []);
    }
}

#[test]
fn a_folder_without_assets_is_a_warning_unless_it_may_be_missing() {
    let dir = Dir::new();
    fs::create_dir(dir.join("empty")).unwrap();
    dir.write("hidden/.keep", "");
    for (folder, said) in [("empty", "has no files"), ("hidden", "the only file in `")] {
        let new = || Pipeline::new(dir.join(folder)).markup("*.svg");
        let bundle = new().process().unwrap();
        let [warning] = bundle.warnings() else { panic!("{:?}", bundle.warnings()) };
        assert_eq!(warning.kind(), WarningKind::EmptyFolder);
        for part in [folder, said, "correct the path", "`.allow_missing(true)`"] {
            assert!(warning.to_string().contains(part), "{warning}");
        }
        assert_eq!(new().allow_missing(true).process().unwrap().warnings(), []);
    }
}

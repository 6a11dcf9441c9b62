//! Mistakes with the command: each message says what is wrong, where, and how to get out.

use stamped_test_support::{Dir, own_cache, skip, stamped};
use std::path::Path;
use std::process::{Command, Output};

/// A command line, its exit status, and what stderr has: the cause, the place, and the way out.
///
/// Words in front that have `=` are environment variables, as in a shell.
type Mistake = (&'static str, i32, [&'static str; 3]);

/// The folder that the command lines are run in.
fn folder(name: &str) -> Dir {
    let dir = Dir::at(Path::new(env!("CARGO_TARGET_TMPDIR")).join("mistakes").join(name));
    dir.write_at(1_452_929_749, "assets/css/style.css", "a{color:red}".repeat(100));
    dir.write_at(1_452_929_749, "assets/img/logo.svg", "<svg/>");
    dir.write("a file", "");
    dir
}

fn command(program: &str, line: &str) -> Command {
    let mut process = stamped(program);
    process.env_remove("SOURCE_DATE_EPOCH").env_remove("CARGO_MANIFEST_DIR");
    let mut words = line.split(' ').peekable();
    while let Some((variable, value)) = words.peek().and_then(|word| word.split_once('=')) {
        process.env(variable, value);
        words.next();
    }
    // A plus stands for the space in a name.
    process.args(words.map(|word| word.replace('+', " ")));
    process
}

#[track_caller]
fn check(output: &Output, (line, status, parts): &Mistake) {
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(*status), "{line}: {said}");
    assert_eq!(output.stdout.is_empty(), *status != 0, "{line}: {:?}", output.stdout);
    for part in parts {
        assert!(said.contains(part), "`{part}` is not said of `{line}`: {said}");
    }
    match status {
        2 => assert!(said.starts_with("error: "), "{line}: {said}"),
        // One line, which names no method of a build script.
        _ => assert!(
            said.starts_with("stamped: ") && said.lines().count() == 1 && !said.contains("`."),
            "{line}: {said}"
        ),
    }
}

#[track_caller]
fn check_all(dir: &Dir, mistakes: &[Mistake]) {
    for mistake in mistakes {
        let mut command = command(env!("CARGO_BIN_EXE_stamped"), mistake.0);
        check(&command.current_dir(dir).output().unwrap(), mistake);
    }
}

#[test]
fn each_mistake_is_answered_with_cause_place_and_way_out() {
    let dir = folder("all");
    dir.mkdirp("empty");
    dir.write("twice/app.css", "");
    dir.write("twice/app.7.css", "");
    dir.write(format!("long/{}.css", "n".repeat(246)), "");
    dir.write("conf/http.conf", "gzip on;");
    dir.write("no-json/manifest.json", "{");
    dir.write("version/manifest.json", r#"{"version":2,"mount":"/static","assets":{}}"#);
    dir.write("edited/manifest.json", r#"{"version":1,"mount":"/static","assets":{"a":7}}"#);
    dir.write("whole/manifest.json", r#"{"version":1,"mount":"/static","assets":{}}"#);
    dir.write("whole/importmap.json", "{}");
    dir.write("broken/manifest.json", "{");
    dir.write("broken/static/app.css", "");
    dir.write("broken/static/app.7.css", "");
    check_all(
        &dir,
        &[
            // The folder
            ("serve asets", 1, ["there is no folder", "`asets` in `", "did you mean `assets`?"]),
            ("report zzz", 1, ["there is no folder", "`zzz` in `", "correct the path"]),
            ("serve a+file", 1, ["is not a folder", "`a file`", "name the folder that it is in"]),
            ("url a+file/css a", 1, ["there is no folder", "`a file/css`", "correct the path"]),
            ("build empty --out o", 0, ["has no files", "`empty`", "put assets into it"]),
            // Names and patterns
            (
                "url assets css/stile.css",
                1,
                ["no asset is named", "`css/stile.css`", "did you mean `css/style.css`?"],
            ),
            (
                "url assets js/main.js",
                1,
                ["no asset is named", "`js/main.js`", "`stamped report` lists"],
            ),
            (
                "resolve assets /static/css/stile.css",
                1,
                [
                    "belongs to no asset",
                    "`/static/css/stile.css`",
                    "did you mean `/static/css/style.1452929749.css`?",
                ],
            ),
            (
                "resolve assets /js/main.js",
                1,
                ["belongs to no asset", "`/js/main.js`", "`stamped report` lists all 2"],
            ),
            (
                "url twice app.css --stamp 7",
                1,
                [
                    "is the name of another asset",
                    "`app.css` would be `app.7.css`",
                    "rename one of the two, or leave it out with `--exclude`",
                ],
            ),
            ("build long --out o", 1, ["261 bytes long", "nnn.css", "`--plain`"]),
            (
                "report assets --exclude [",
                1,
                ["does not parse: `[` is not closed", "`[`", "write a glob such as"],
            ),
            (
                "url assets css/style.css --plain css/stile.css",
                0,
                [
                    "does not match any of the 2 files",
                    "`css/stile.css` of `plain`",
                    "did you mean `css/style.css`?",
                ],
            ),
            (
                "url assets css/style.css --markup *.html5",
                0,
                [
                    "does not match any of the 2 files",
                    "`*.html5` of `markup`",
                    "leave it out, or write it for names below the folder",
                ],
            ),
            (
                "url assets css/style.css --verbatim assets/css/*",
                0,
                ["does not match", "in `assets`", "did you mean `css/*`?"],
            ),
            (
                "url assets css/style.css --prestamped app-*",
                0,
                ["does not match", "`app-*` of `prestamped`", "leave it out"],
            ),
            (
                "url assets css/style.css --only css,*.svgs",
                0,
                ["no file in `assets` has the extension", "`*.svgs`", "did you mean `svg`?"],
            ),
            // Values of options
            (
                "url assets a --mount static",
                1,
                ["does not begin with a slash", "`static`", "such as `/static`"],
            ),
            (
                "url assets a --mount=",
                1,
                ["it is empty", "`` cannot be the mount", "such as `/static`"],
            ),
            (
                "url assets a --mount https://cdn",
                1,
                ["does not begin with a slash", "`https://cdn`", "such as `/static`"],
            ),
            (
                "url assets a --mount /a%20b",
                1,
                ["percent-encoded", "`/a%20b`", "such as `/static`"],
            ),
            (
                "build assets --out o --encodings lzma",
                2,
                ["invalid value 'lzma'", "--encodings", "[possible values: br, gzip, none]"],
            ),
            (
                "build assets --out o --encodings br:99",
                2,
                ["invalid value 'br:99'", "--encodings", "[possible values: br, gzip, none]"],
            ),
            (
                "build assets --out o --encodings br,br",
                1,
                ["asked for twice", "`br`", "`--encodings`"],
            ),
            (
                "report assets --stamp comitted",
                2,
                [
                    "invalid value 'comitted'",
                    "--stamp",
                    "expected modified, committed, content, or a number",
                ],
            ),
            (
                "build assets --out o --keep some",
                2,
                ["invalid value 'some'", "--keep <N>", "expected a number of versions, such as 3"],
            ),
            (
                "build assets --out o --keep=-1",
                2,
                ["invalid value '-1'", "--keep <N>", "expected a number of versions, such as 3"],
            ),
            (
                "build assets --out o --keep-for 7",
                2,
                ["invalid value '7'", "--keep-for", "such as 12h or 7d"],
            ),
            (
                "report assets --references leav",
                2,
                ["invalid value 'leav'", "--references", "a similar value exists: 'leave'"],
            ),
            (
                "serve assets --listen 8080",
                2,
                ["invalid value '8080'", "--listen", "such as 127.0.0.1:8080"],
            ),
            (
                "build assets --out o --config ngix",
                2,
                ["invalid value 'ngix'", "--config", "expected nginx, caddy or apache"],
            ),
            (
                "SOURCE_DATE_EPOCH=soon report assets",
                1,
                ["`soon`", "SOURCE_DATE_EPOCH", "set it to a number of seconds since 1970"],
            ),
            // Commands and options
            (
                "biuld assets",
                2,
                ["unrecognized subcommand", "'biuld'", "a similar subcommand exists: 'build'"],
            ),
            (
                "config ngix assets --out c",
                2,
                ["unrecognized subcommand", "'ngix'", "a similar subcommand exists: 'nginx'"],
            ),
            (
                "build assets --oot o",
                2,
                ["unexpected argument", "'--oot'", "a similar argument exists: '--out'"],
            ),
            ("build assets --out o --base /x", 2, ["unexpected argument", "'--base'", "--help"]),
            (
                "build assets",
                2,
                ["required arguments were not provided", "--out <OUT>", "Usage: stamped build"],
            ),
            (
                "url assets",
                2,
                ["required arguments were not provided", "<NAME>", "Usage: stamped url"],
            ),
            // The output
            (
                "build assets --out assets/out",
                1,
                ["it would be taken for assets", "assets/out`", "choose a folder beside that"],
            ),
            (
                "build assets --out assets",
                1,
                ["it is the folder with the assets", "assets`", "choose one beside it"],
            ),
            (
                "build assets --out .",
                1,
                ["it holds the assets in `assets`", "all`", "choose a folder in it"],
            ),
            ("build assets --out a+file", 1, ["it is not a folder", "a file`", "choose another"]),
            (
                "build assets --out a+file/out",
                1,
                ["cannot be written: ", "`a file/out`", "move that file, or choose another path"],
            ),
            (
                "build assets --out conf",
                1,
                ["no manifest of an earlier export", "conf`", "choose another folder"],
            ),
            (
                "build assets --out no-json",
                1,
                ["no manifest of an earlier export", "no-json`", "choose another folder"],
            ),
            (
                "build assets --out version",
                1,
                ["knows only version 1", "version/manifest.json", "use the program that wrote it"],
            ),
            (
                "build assets --out edited",
                1,
                ["is damaged: ", "edited/manifest.json", "choose another folder, or empty it"],
            ),
            (
                "config hosts assets --out c",
                1,
                ["has no stamped files", "assets`", "write them with `stamped build`"],
            ),
            (
                "publish asets t",
                1,
                ["there is no folder", "`asets` in `", "did you mean `assets`?"],
            ),
            (
                "publish assets t",
                1,
                ["`assets` has no manifest", "No such file", "`stamped build` wrote"],
            ),
            (
                "publish edited t",
                1,
                ["is damaged", "in `edited`", "write it again with `stamped build`"],
            ),
            (
                "publish no-json t",
                1,
                ["is not the manifest of an export", "in `no-json`", "that `stamped build` wrote"],
            ),
            (
                "publish version t",
                1,
                ["has version 2", "in `version`", "use the program that wrote it"],
            ),
            ("publish whole a+file", 1, ["is not a folder", "/a file`", "name another target"]),
            ("publish whole s3:/b/c", 1, ["lacks slashes", "`s3:/b/c`", "write `s3://b/c`"]),
            (
                "publish whole ftp://a/b",
                1,
                ["is no target", "`ftp://a/b`", "write `s3://BUCKET/PREFIX`"],
            ),
            ("publish whole s3://", 1, ["names no place", "`s3://`", "write `s3://BUCKET`"]),
            (
                "publish whole file://a",
                1,
                ["cannot be read as a path", "`file://a`", "without `file://`"],
            ),
            (
                "publish whole whole/in",
                1,
                ["lie in one another", "whole/in", "name a folder beside"],
            ),
            (
                "publish whole t --encoding br",
                1,
                ["keeps no Content-Encoding", "`t`", "leave `--encoding` out"],
            ),
            ("publish whole t --keep 1", 2, ["required", "--prune", "Usage"]),
            ("publish whole t --keep-bytes 1m", 2, ["required", "--prune", "Usage"]),
            ("publish whole t --parts-above 6g", 2, ["invalid value '6g'", "--parts-above", "5g"]),
            ("publish whole t --jobs 0", 2, ["invalid value '0'", "--jobs", "from 1 to 1000"]),
            (
                "config caddy edited --out c",
                1,
                [
                    "is damaged: ",
                    "edited/manifest.json",
                    "empty the folder, and write it again with `stamped build`",
                ],
            ),
            (
                "config caddy version --out c",
                1,
                [
                    "knows only version 1",
                    "version/manifest.json",
                    "empty the folder and write it again",
                ],
            ),
            (
                "config caddy assets --out c",
                1,
                ["has no stamped files", "assets`", "write them with `stamped build`"],
            ),
            (
                "config nginx broken --stamp 7 --out c",
                1,
                [
                    "is not JSON",
                    "broken/manifest.json`",
                    "if `stamped build` wrote this folder, let it write it again",
                ],
            ),
            (
                "config caddy broken --out c",
                1,
                ["is not JSON", "broken/manifest.json`", "let it write it again"],
            ),
            (
                "config nginx assets --out conf",
                1,
                ["was not written by `stamped config`", "`conf/http.conf`", "`--force`"],
            ),
            (
                "config nginx assets --out a+file",
                1,
                ["cannot make the folder", "`a file`", "choose another"],
            ),
            (
                "report assets --html gone/a.html",
                1,
                ["there is no folder `gone`", "`gone/a.html`", "make it, or name another file"],
            ),
            ("report assets --html assets", 1, ["it is a folder", "`assets`", "name a file in it"]),
            (
                "man --out a+file",
                1,
                ["cannot write to", "`a file`", "name a folder that can be written"],
            ),
            (
                "STAMPED_CACHE=assets/css/style.css build assets --out o",
                0,
                [
                    "cannot be written: ",
                    "the cache `assets/css/style.css",
                    "name another folder in STAMPED_CACHE",
                ],
            ),
        ],
    );
}

/// Other systems do not have such names and links.
#[cfg(target_os = "linux")]
#[test]
fn mistakes_that_need_linux_are_answered_too() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;
    let dir = folder("linux");
    dir.write(Path::new("latin").join(OsStr::from_bytes(b"caf\xe9.css")), "");
    for (to, link) in [("/etc", "outward/etc"), ("nowhere", "broken/b.css"), (".", "round/up")] {
        dir.symlink(to, link);
        dir.write(Path::new(link).with_file_name("a.css"), "");
    }
    check_all(
        &dir,
        &[
            (
                "build latin --out o",
                1,
                [
                    "is not UTF-8",
                    r#""latin/caf\xE9.css""#,
                    "rename it, or leave it out with `--exclude`",
                ],
            ),
            (
                "url outward a.css",
                0,
                ["leads out of `outward`", "`outward/etc`", "`--follow-links`"],
            ),
            (
                "url broken a.css",
                0,
                ["leads to something that does not exist", "`broken/b.css`", "mend or remove it"],
            ),
            ("url round a.css", 0, ["leads back to", "`round/up`", "mend or remove it"]),
            (
                "build assets --out /dev/full",
                1,
                ["it is not a folder", "`/dev/full`", "choose another"],
            ),
            (
                "PATH= url assets css/style.css --stamp committed",
                0,
                ["no program `git` is in the PATH", "`assets`", "choose another stamp"],
            ),
            // The target folder may lie in a repository.
            (
                "GIT_DIR=none url assets css/style.css --stamp committed",
                0,
                ["not a git repository", "`assets`", "build in a checkout where git works"],
            ),
        ],
    );
}

/// Root may read and write everything, so another user makes these mistakes.
#[cfg(unix)]
#[test]
fn what_permissions_forbid_is_answered_too() {
    use std::fs::{Permissions, copy, metadata, set_permissions};
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
    use std::os::unix::process::CommandExt as _;
    const NOBODY: u32 = 65534;

    // Outside of the target folder, which may be closed to others.
    let dir = Dir::new();
    dir.write("open/a.css", "");
    dir.write("secret/a.css", "");
    dir.mkdirp("closed");
    dir.mkdirp("read-only");
    let program = dir.join("stamped");
    copy(env!("CARGO_BIN_EXE_stamped"), &program).unwrap();
    for (path, mode) in [
        ("", 0o755),
        ("stamped", 0o755),
        ("open", 0o755),
        ("open/a.css", 0o644),
        ("secret", 0o755),
        ("secret/a.css", 0),
        ("closed", 0),
        ("read-only", 0o555),
    ] {
        set_permissions(dir.join(path), Permissions::from_mode(mode)).unwrap();
    }
    for mistake in [
        (
            "build secret --out o",
            1,
            [
                "cannot be read: ",
                "`secret/a.css`",
                "make it readable, or leave it out with `--exclude`",
            ],
        ),
        ("build closed --out o", 1, ["cannot be read: ", "`closed`", "make it readable"]),
        (
            "url closed/a b.css",
            1,
            ["cannot read", "`closed/a`", "make it readable, or correct the path"],
        ),
        (
            "build open --out read-only/o",
            1,
            ["cannot be written: ", "read-only/o", "make its folder writable, or choose another"],
        ),
        (
            "build open --out read-only",
            1,
            ["cannot be written: ", "read-only", "make its folder writable, or choose another"],
        ),
        (
            "config nginx open --out read-only",
            1,
            ["cannot write", "`read-only/http.conf`", "choose another folder"],
        ),
    ] {
        let mut command = command(program.to_str().unwrap(), mistake.0);
        if metadata(dir.path()).unwrap().uid() == 0 {
            command.uid(NOBODY).gid(NOBODY);
        }
        match command.current_dir(&dir).output() {
            Ok(output) => check(&output, &mistake),
            Err(error) => {
                skip(&format!("there is no other user: {error}"));
                return;
            }
        }
    }
    set_permissions(dir.join("closed"), Permissions::from_mode(0o755)).unwrap();
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_answered_too() {
    let dir = folder("full");
    dir.mkdirp("disk");
    let on_a_small_disk = |command: &str| {
        let script = format!("mount -t tmpfs -o size=32k none disk && {command}");
        let mut process = Command::new("unshare");
        process.args(["--mount", "--propagation", "private", "sh", "-euc", &script]);
        process.arg(env!("CARGO_BIN_EXE_stamped")).current_dir(&dir);
        own_cache(&mut process, env!("CARGO_BIN_EXE_stamped"));
        process.env_remove("SOURCE_DATE_EPOCH").env_remove("CARGO_MANIFEST_DIR").output()
    };
    if !on_a_small_disk("true").is_ok_and(|output| output.status.success()) {
        skip("nothing can be mounted here");
        return;
    }
    dir.write("assets/film.mp4", [7; 1 << 16]);
    let output = on_a_small_disk(r#""$0" build assets --out disk/out"#).unwrap();
    let line = "build assets --out disk/out";
    check(
        &output,
        &(
            line,
            1,
            ["No space left", "disk/out/static/", "make room for it, or choose another disk"],
        ),
    );
}

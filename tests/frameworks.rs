//! Follows the pages in `docs/` for programs in other languages. Each test takes the commands, the code and
//! the rules for nginx out of a page, and adds only what any such program has. `tests/run` installs what the
//! tests need and runs them. A test whose tools are missing prints SKIPPED, and fails if
//! `STAMPED_REQUIRE_ALL` is set.

#![cfg(unix)]

mod support;

use base64::Engine as _;
use serde_json::Value;
use stamped_test_support::{Dir, is_installed, write_at};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};
use support::nginx;
use support::server::{Answer, Server, free_port};

/// What the pages in `docs/` name.
const DOCUMENTED: &[&str] = &["css/style.css", "js/app.js", "img/logo.png"];

/// The names that the templates of this test add.
const FURTHER: &[&str] =
    &["css/theme.dark.min.css", "img/a b 漢字.v1.2.png", "js/jquery-1.11.3.min.js", "LICENSE"];

/// A style sheet, whose URL is to change with those of its pictures.
const SHEET: &str = "h1 { background: url(../img/logo.png) }\n\
                     p { background: url(\"../img/a b 漢字.v1.2.png\") }\n";

const TIME: u64 = 1_452_929_749;

const FOREVER: &str = "200 forever";
const GONE: &str = "404 no-store";

/// What one page in `docs/` is about.
struct Language {
    page: &'static str,
    /// The folders that the page's commands read and write.
    assets: &'static str,
    out: &'static str,
    /// How a template writes the URL of an asset.
    url: fn(&str) -> String,
    /// What a program has besides the files of the page. Files of both are put together.
    files: &'static [(&'static str, &'static str)],
    /// The command that runs it. 8000 stands for its port, here and on the page.
    program: &'static str,
    renewal: Renewal,
}

/// How the program gets a new manifest.
enum Renewal {
    /// By this signal.
    Signal(&'static str),
    Restart,
    /// By the second commands of the page.
    Commands,
}

/// A program, with its assets and nginx in front.
struct Site<'l> {
    language: &'l Language,
    folder: Dir,
    path: OsString,
    port: u16,
    nginx_port: u16,
    commands: Vec<String>,
    template: PathBuf,
}

/// What nginx answered for the assets of one page, by name: URL and bytes.
type Seen = BTreeMap<String, (String, Vec<u8>)>;

impl<'l> Site<'l> {
    /// The files of the page in a folder of this name, with a template that names more assets.
    fn new(name: &str, language: &'l Language) -> Self {
        let folder = Dir::at(Path::new(env!("CARGO_TARGET_TMPDIR")).join("frameworks").join(name));
        let mut path = vec![Path::new(env!("CARGO_BIN_EXE_stamped")).parent().unwrap().to_owned()];
        path.extend(std::env::var_os("STAMPED_VENV").map(|venv| Path::new(&venv).join("bin")));
        path.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()));
        let mut site = Site {
            language,
            folder,
            path: std::env::join_paths(path).unwrap(),
            port: free_port(),
            nginx_port: free_port(),
            commands: Vec::new(),
            template: PathBuf::new(),
        };
        for (name, text) in language.files {
            site.append(name, text);
        }
        let last = DOCUMENTED[DOCUMENTED.len() - 1];
        for (kind, text) in blocks(language.page) {
            if kind == "sh" {
                site.commands.push(text);
                continue;
            }
            let name = text.lines().next().unwrap().split(' ').find(|word| word.contains('.'));
            let name = name.unwrap_or_else(|| panic!("{}: no name in {text}", language.page));
            let mut all = String::new();
            for line in text.lines() {
                all += &line.replace("8000", &site.port.to_string());
                all.push('\n');
                if line.contains(last) && line.contains('<') {
                    site.template = site.folder.join(name);
                    for name in FURTHER {
                        all += &format!("<a href=\"{}\"></a>\n", (language.url)(name));
                    }
                }
            }
            site.append(name, &all);
        }
        assert!(site.template.exists(), "{}: no template names `{last}`", language.page);

        site.asset(0, "css/style.css", SHEET);
        site.asset(0, "css/theme.dark.min.css", "b{}".repeat(500));
        site.asset(0, "img/a b 漢字.v1.2.png", "a picture");
        site.asset(0, "img/logo.png", "a logo");
        site.asset(0, "js/app.js", "document.title += '!';".repeat(50));
        site.asset(0, "js/jquery-1.11.3.min.js", "var $;");
        site.asset(0, "LICENSE", "Do as you like.");
        site
    }

    fn append(&self, name: &str, text: &str) {
        let before = fs::read_to_string(self.folder.join(name)).unwrap_or_default();
        self.folder.write(name, before + text);
    }

    /// Writes an asset of this age.
    fn asset(&self, seconds: u64, name: &str, bytes: impl AsRef<[u8]>) {
        let path = self.folder.join(self.language.assets).join(name);
        write_at(TIME + seconds, path, bytes);
    }

    fn command(&self, line: &str) -> Command {
        let mut command = Command::new("sh");
        command
            .args(["-e", "-c", line])
            .current_dir(&self.folder)
            .env("PATH", &self.path)
            .env("XDG_CACHE_HOME", self.folder.join("cache"));
        // What Go has compiled is of use to the next run.
        command.env("GOCACHE", Path::new(env!("CARGO_TARGET_TMPDIR")).join("go"));
        command.env("GOTOOLCHAIN", "local").env("HOME", &self.folder);
        command.env_remove("SOURCE_DATE_EPOCH");
        command
    }

    #[track_caller]
    fn run(&self, line: &str) {
        let output = self.command(line).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{}: {line}\n{said}", self.language.page);
    }

    /// The first commands of the page, with so many versions to keep.
    fn build(&self, keep: usize) {
        let mount = "--mount /static";
        let build = &self.commands[0];
        assert!(build.contains(mount), "{build}");
        self.run(&build.replace(mount, &format!("{mount} --keep {keep} --keep-for 0s")));
    }

    /// nginx, with the rules of `docs/README.md`.
    fn nginx(&self) -> (PathBuf, Server) {
        let blocks = blocks("README.md");
        let (_, rules) = blocks.iter().find(|(kind, _)| kind == "nginx").expect("rules for nginx");
        let rules = rules
            .replace("/srv/shop", self.folder.to_str().unwrap())
            .replace("listen 80;", &format!("listen 127.0.0.1:{};", self.nginx_port))
            .replace("8000", &self.port.to_string());
        let configuration = nginx::configure(&self.folder, &rules);
        let mut command = nginx::command(&self.folder, &configuration);
        let log = self.folder.join("nginx.log");
        let server = Server::start(self.nginx_port, &mut command, &log);
        (configuration, server)
    }

    fn program(&self) -> Result<Server, String> {
        let line =
            format!("exec {}", self.language.program.replace("8000", &self.port.to_string()));
        Server::try_start(self.port, &mut self.command(&line), &self.folder.join("log"))
    }

    fn log(&self) -> String {
        fs::read_to_string(self.folder.join("log")).unwrap()
    }

    fn manifest(&self) -> Value {
        let path = self.folder.join(self.language.out).join("manifest.json");
        serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
    }

    /// Waits until the page names the assets that the manifest has now, and only these; then asks
    /// for each of them, and for what the style sheet names.
    fn check(&self, nginx: &Server) -> Seen {
        let manifest = self.manifest();
        let assets = manifest["assets"].as_object().unwrap();
        let names = DOCUMENTED.iter().chain(FURTHER);
        let mut wanted: Vec<&str> =
            names.map(|name| assets[*name]["url"].as_str().unwrap()).collect();
        wanted.sort_unstable();
        let page = eventually(|| {
            let answer = nginx.ask("GET", "/", "");
            let page = String::from_utf8(answer.body).unwrap();
            let mut named: Vec<&str> =
                page.split('"').filter(|part| part.starts_with("/static/")).collect();
            named.sort_unstable();
            let all = page.matches("static/").count() == named.len();
            named.dedup();
            match answer.status == 200 && all && named == wanted {
                true => Ok(page.clone()),
                false => Err(format!("{page}\n{wanted:?}\n{}", self.log())),
            }
        });

        let mut seen = Seen::new();
        for (name, asset) in assets {
            let url = asset["url"].as_str().unwrap();
            assert!(asset["stamp"].is_string() && url.is_ascii(), "{name}: {url}");
            let answer = answered(nginx, url, FOREVER);
            let digest = ring::digest::digest(&ring::digest::SHA384, &answer.body);
            let digest = base64::engine::general_purpose::STANDARD.encode(digest);
            assert_eq!(asset["integrity"], format!("sha384-{digest}"), "{name}");
            seen.insert(name.clone(), (url.to_owned(), answer.body));
        }
        let integrity = assets["css/style.css"]["integrity"].as_str().unwrap();
        assert!(page.replace("&#43;", "+").contains(integrity), "{integrity} in {page}");

        let source = self.folder.join(self.language.assets);
        for name in DOCUMENTED.iter().chain(FURTHER).filter(|name| **name != "css/style.css") {
            assert_eq!(seen[*name].1, fs::read(source.join(name)).unwrap(), "{name}");
        }
        let sheet = String::from_utf8_lossy(&seen["css/style.css"].1);
        let references = sheet.split("url(").skip(1).filter_map(|rest| rest.split(')').next());
        let references: Vec<String> = references
            .map(|reference| reference.trim_matches('"').replacen("..", "/static", 1))
            .collect();
        let pictures = ["img/logo.png", "img/a b 漢字.v1.2.png"];
        assert_eq!(references, pictures.map(|name| &*seen[name].0), "{sheet}");
        seen
    }
}

/// The fenced blocks of a page in `docs/`: kind and text.
fn blocks(page: &str) -> Vec<(String, String)> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(page);
    let text = fs::read_to_string(path).unwrap();
    let mut blocks: Vec<(String, String)> = Vec::new();
    let mut inside = false;
    for line in text.lines() {
        match (line.strip_prefix("```"), blocks.last_mut()) {
            (Some(kind), _) => {
                inside = !inside;
                if inside {
                    blocks.push((kind.to_owned(), String::new()));
                }
            }
            (None, Some((_, block))) if inside => *block += &format!("{line}\n"),
            _ => {}
        }
    }
    blocks
}

/// Tries until it works, for what happens some time after a signal.
#[track_caller]
fn eventually<T>(mut attempt: impl FnMut() -> Result<T, String>) -> T {
    let start = Instant::now();
    loop {
        match attempt() {
            Ok(value) => return value,
            Err(said) => assert!(start.elapsed() < Duration::from_secs(20), "{said}"),
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// The answer to a request, which begins so. Workers with the old rules may still answer for a moment after
/// nginx has reloaded.
#[track_caller]
fn answered(nginx: &Server, url: &str, wanted: &str) -> Answer {
    eventually(|| {
        let answer = nginx.ask("GET", url, "");
        let summary = answer.summary();
        if summary.starts_with(wanted) { Ok(answer) } else { Err(format!("{url}: {summary}")) }
    })
}

/// Deploys three versions, reloads nginx and the program after each, and checks the answers from outside.
fn names_what_nginx_serves(language: &Language) {
    let site = Site::new(language.page.trim_end_matches(".md"), language);
    site.build(1);
    let (configuration, nginx) = site.nginx();
    if matches!(language.renewal, Renewal::Commands) {
        site.run(&site.commands[1]);
    }
    let mut program = Some(site.program().unwrap_or_else(|said| panic!("{said}")));
    let mut versions = vec![site.check(&nginx)];
    for (age, keep) in [(10, 1), (20, 0)] {
        site.asset(age, "img/logo.png", format!("a logo, {age} s later"));
        site.build(keep);
        let mut reload = nginx::command(&site.folder, &configuration);
        assert!(reload.args(["-s", "reload"]).output().unwrap().status.success());
        match language.renewal {
            Renewal::Signal(signal) => program.as_ref().unwrap().signal(signal),
            Renewal::Restart => {
                drop(program.take());
                program = Some(site.program().unwrap_or_else(|said| panic!("{said}")));
            }
            Renewal::Commands => site.run(&site.commands[1]),
        }

        let now = site.check(&nginx);
        let before = versions.last().unwrap();
        for (name, (url, bytes)) in before {
            let changes = ["img/logo.png", "css/style.css"].contains(&name.as_str());
            assert_eq!(now[name].0 != *url, changes, "{name}: {url}");
            if changes && keep == 1 {
                assert_eq!(answered(&nginx, url, FOREVER).body, *bytes, "{url}");
            }
        }
        versions.push(now);
    }
    for old in &versions[..2] {
        for name in ["img/logo.png", "css/style.css"] {
            answered(&nginx, &old[name].0, GONE);
        }
    }

    drop(program);
    let last = DOCUMENTED[DOCUMENTED.len() - 1];
    let template = fs::read_to_string(&site.template).unwrap();
    fs::write(&site.template, template.replace(last, "img/lego.png")).unwrap();
    let said = match site.program() {
        Err(said) => said,
        Ok(_program) => {
            assert_eq!(nginx.ask("GET", "/", "").status, 500);
            site.log()
        }
    };
    assert!(said.contains("no asset is named") && said.contains("img/lego.png"), "{said}");
}

const FLASK: Language = Language {
    page: "flask.md",
    assets: "assets",
    out: "public",
    url: |name| format!("{{{{ url_for('static', filename='{name}') }}}}"),
    files: &[],
    program: "gunicorn --bind 127.0.0.1:8000 app:app",
    renewal: Renewal::Signal("HUP"),
};

#[test]
#[ignore = "needs nginx and Flask; tests/run installs them"]
fn flask_names_what_nginx_serves() {
    if is_installed("test -x \"$STAMPED_VENV/bin/gunicorn\"") {
        names_what_nginx_serves(&FLASK);
    }
}

#[test]
#[ignore = "needs Flask; tests/run installs it"]
fn flask_needs_no_build_in_development() {
    if !is_installed("test -x \"$STAMPED_VENV/bin/flask\"") {
        return;
    }
    let site = Site::new("flask-development", &FLASK);
    let line = format!("exec flask run --debug --no-reload --port {}", site.port);
    let log = site.folder.join("log");
    let server = Server::start(site.port, &mut site.command(&line), &log);
    let page = String::from_utf8(server.ask("GET", "/", "").body).unwrap();
    assert!(page.contains("\"/static/css/style.css\""), "{page}");
    for text in ["a{}", "b{}"] {
        site.asset(0, "css/style.css", text);
        assert_eq!(server.ask("GET", "/static/css/style.css", "").body, text.as_bytes());
    }
}

const DJANGO: Language = Language {
    page: "django.md",
    assets: "static",
    out: "public",
    url: |name| format!("{{% static '{name}' %}}"),
    files: &[
        (
            "manage.py",
            "import os, sys\n\
             from django.core.management import execute_from_command_line\n\
             os.environ['DJANGO_SETTINGS_MODULE'] = 'shop.settings'\n\
             execute_from_command_line(sys.argv)\n",
        ),
        ("shop/__init__.py", ""),
        ("shop/templatetags/__init__.py", ""),
        (
            "shop/settings.py",
            "from pathlib import Path\n\
             BASE_DIR = Path(__file__).parent.parent\n\
             SECRET_KEY = 'x'\n\
             ALLOWED_HOSTS = ['*']\n\
             ROOT_URLCONF = 'shop.wsgi'\n\
             INSTALLED_APPS = ['django.contrib.staticfiles', 'shop']\n\
             STATICFILES_DIRS = [BASE_DIR / 'static']\n\
             TEMPLATES = [{'BACKEND': 'django.template.backends.django.DjangoTemplates', \
             'DIRS': [BASE_DIR / 'templates'], 'APP_DIRS': True}]\n\
             LOGGING = {'version': 1, 'disable_existing_loggers': False, 'handlers': {'all': {'class': 'logging.StreamHandler'}}, \
             'root': {'handlers': ['all']}}\n",
        ),
        (
            "shop/wsgi.py",
            "import os\n\
             os.environ['DJANGO_SETTINGS_MODULE'] = 'shop.settings'\n\
             from django.core.wsgi import get_wsgi_application\n\
             application = get_wsgi_application()\n\
             from django.shortcuts import render\n\
             from django.urls import path\n\
             urlpatterns = [path('', lambda request: render(request, 'page.html'))]\n",
        ),
    ],
    program: "gunicorn --bind 127.0.0.1:8000 shop.wsgi",
    renewal: Renewal::Signal("HUP"),
};

#[test]
#[ignore = "needs nginx and Django; tests/run installs them"]
fn django_names_what_nginx_serves() {
    if is_installed("test -x \"$STAMPED_VENV/bin/django-admin\"") {
        names_what_nginx_serves(&DJANGO);
    }
}

const NODE: Language = Language {
    page: "node.md",
    assets: "assets",
    out: "public",
    url: |name| format!("${{url(\"{name}\")}}"),
    files: &[],
    program: "node server.mjs",
    renewal: Renewal::Restart,
};

#[test]
#[ignore = "needs nginx; tests/run installs it"]
fn node_names_what_nginx_serves() {
    if is_installed("node --version") {
        names_what_nginx_serves(&NODE);
    }
}

const GO: Language = Language {
    page: "go.md",
    assets: "assets",
    out: "public",
    url: |name| format!("{{{{(asset \"{name}\").URL}}}}"),
    files: &[
        ("go.mod", "module shop\n\ngo 1.19\n"),
        ("start.sh", "go build -o shop && exec ./shop"),
    ],
    program: "sh start.sh",
    renewal: Renewal::Restart,
};

#[test]
#[ignore = "needs nginx; tests/run installs it"]
fn go_names_what_nginx_serves() {
    if is_installed("go version") {
        names_what_nginx_serves(&GO);
    }
}

const PHP: Language = Language {
    page: "php.md",
    assets: "assets",
    out: "public",
    url: |name| format!("<?= stamped_url('{name}') ?>"),
    files: &[],
    program: "php -d display_errors=0 -d log_errors=1 -S 127.0.0.1:8000 index.php",
    renewal: Renewal::Commands,
};

#[test]
#[ignore = "needs nginx; tests/run installs it"]
fn php_names_what_nginx_serves() {
    if is_installed("php --version") {
        names_what_nginx_serves(&PHP);
    }
}

/// The views of Rails, with a server of a few lines around them.
const RAILS: Language = Language {
    page: "rails.md",
    assets: "assets",
    out: "stamped",
    url: |name| format!("<%= asset_path \"{name}\" %>"),
    files: &[(
        "server.rb",
        r#"require "action_view"
require "json"
require "pathname"
require "socket"

module Rails
  def self.root = Pathname.new(__dir__)
end
require_relative "config/initializers/stamped"

lookup = ActionView::LookupContext.new([File.join(__dir__, "app/views")])
view = ActionView::Base.with_empty_template_cache
server = TCPServer.new("127.0.0.1", ARGV.fetch(0).to_i)
loop do
  socket = server.accept
  until [nil, "\r\n"].include?(socket.gets); end
  begin
    status = "200 OK"
    page = view.new(lookup, {}, nil).render(template: "page")
  rescue ActionView::Template::Error => error
    status, page = "500 Internal Server Error", ""
    warn error.message
  end
  socket.write("HTTP/1.1 #{status}\r\nConnection: close\r\nContent-Length: #{page.bytesize}\r\n\r\n#{page}")
  socket.close
rescue Errno::EPIPE, Errno::ECONNRESET
  next
end
"#,
    )],
    program: "ruby server.rb 8000",
    renewal: Renewal::Restart,
};

#[test]
#[ignore = "needs nginx; tests/run installs it"]
fn rails_names_what_nginx_serves() {
    if is_installed("ruby -e 'require \"action_view\"'") {
        names_what_nginx_serves(&RAILS);
    }
}

//! Measures what a request costs a server over loopback, in microseconds of processor time, beside other
//! servers. This needs `wrk`, `taskset` and two cores; nginx is left out if it is not installed.
//!
//!     cargo run --release --manifest-path benches/Cargo.toml -p answers --bin loopback -- [SECONDS [ROUNDS]]
//!
//! The server has one core to itself, and the client has the other. The time is that of the server's process,
//! in user mode and in the kernel, so other work on the machine and a slow client do not matter. The servers
//! take turns, and the median counts.
//!
//! Before the measurement, each server has to answer 200 with all bytes, in the requested coding. A server
//! that does not is left out, with a message.

mod server;

use figures::Table;
use std::error::Error;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use std::{env, fs};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

const FILES: [(&str, &str); 3] = [("1k", "1k.css"), ("10k", "10k.css"), ("1m", "1m.css")];
const CODINGS: [&str; 3] = ["identity", "br", "gzip"];
const CONNECTIONS: &str = "64";
/// Makes this program one of the servers.
const SERVE: &str = "serve";
const SERVER_CORE: &str = "0";
const CLIENT_CORE: &str = "1";

/// A server, and whether its URLs are stamped.
const SERVERS: [(&str, &str, bool); 12] = [
    ("bare", "bare hyper handler, the same fields", true),
    ("stamped", "stamped over hyper", true),
    ("axum-layer", "stamped, layer of an axum router", true),
    ("axum-fallback", "stamped, fallback of an axum router", true),
    ("actix-stamped", "stamped, service of actix-web", true),
    ("rust-embed", "rust-embed, fallback of an axum router", false),
    ("memory-serve", "memory-serve, its axum router", false),
    ("serve-dir", "tower-http ServeDir, in an axum router", false),
    ("actix-files", "actix-files", false),
    ("nginx-sendfile", "nginx, sendfile", true),
    ("nginx-cached", "nginx, sendfile, open files kept", true),
    ("nginx-read", "nginx, no sendfile", true),
];

fn main() -> Result<()> {
    let mut arguments = env::args().skip(1).peekable();
    if arguments.next_if(|first| first == SERVE).is_some() {
        return server::run(arguments);
    }
    let seconds: u64 = arguments.next().map_or(Ok(3), |seconds| seconds.parse())?;
    let rounds: usize = arguments.next().map_or(Ok(3), |rounds| rounds.parse())?;
    let folder = Path::new(answers::FILES).with_file_name("served");
    answers::export(&folder)?;
    let servers: Vec<(Server, &str, bool)> = SERVERS
        .iter()
        .filter_map(|&(name, title, is_stamped)| match Server::start(name, &folder) {
            Ok(server) => Some((server, title, is_stamped)),
            Err(error) => {
                println!("{title}: left out, it does not start: {error}");
                None
            }
        })
        .collect();
    for (size, file) in FILES {
        for coding in CODINGS {
            measure(&servers, size, file, coding, seconds, rounds)?;
        }
    }
    Ok(())
}

/// One table: all servers that can, with one file in one coding.
fn measure(
    servers: &[(Server, &str, bool)],
    size: &str,
    file: &str,
    coding: &str,
    seconds: u64,
    rounds: usize,
) -> Result<()> {
    let asset = answers::assets::ASSETS.get(file).ok_or("a file is missing")?;
    let able: Vec<(&Server, &str, String)> = servers
        .iter()
        .filter_map(|(server, title, is_stamped)| {
            let path = if *is_stamped { asset.url().to_owned() } else { format!("/static/{file}") };
            match server.check(&path, coding, asset.bytes().len()) {
                Ok(()) => Some((server, *title, path)),
                Err(why) => {
                    println!("{title}: left out of {size} {coding}: {why}");
                    None
                }
            }
        })
        .collect();
    let mut samples = vec![[const { Vec::new() }; 4]; able.len()];
    for _ in 0..rounds {
        for ((server, _, path), samples) in able.iter().zip(&mut samples) {
            for (sample, list) in server.load(path, coding, seconds)?.into_iter().zip(samples) {
                list.push(sample);
            }
        }
    }
    let columns = ["total", "in user mode", "in the kernel", "requests per second"];
    let title = format!("A request over loopback, {size}, {coding}");
    let id = format!("answers/loopback-{size}-{coding}");
    let mut table = Table::new(&id, &title, "µs of the processor", &columns);
    for ((_, title, _), samples) in able.iter().zip(&mut samples) {
        table.row(title, samples.iter_mut().map(|list| Some(figures::median(list))));
    }
    table.print();
    Ok(())
}

/// A server that runs on a core of its own; it ends with this value.
struct Server {
    process: Child,
    port: u16,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Server {
    fn start(name: &str, folder: &Path) -> Result<Self> {
        match name.strip_prefix("nginx-") {
            Some(way) => Server::nginx(way, folder),
            None => Server::ours(name, folder),
        }
    }

    fn ours(name: &str, folder: &Path) -> Result<Self> {
        let program = env::current_exe()?;
        let mut process = on_core(SERVER_CORE, &program)
            .args([SERVE, name])
            .arg(folder)
            .stdout(Stdio::piped())
            .spawn()?;
        let mut port = String::new();
        let output = process.stdout.take().ok_or("no output")?;
        BufReader::new(output).read_line(&mut port)?;
        let mut server = Server { process, port: 0 };
        server.port = port.trim().parse()?;
        server.settled()
    }

    fn nginx(way: &str, folder: &Path) -> Result<Self> {
        let program = Path::new("/usr/sbin/nginx");
        if !program.exists() {
            return Err("there is no nginx".into());
        }
        let home = folder.with_file_name(format!("nginx-{way}"));
        fs::create_dir_all(home.join("logs"))?;
        let port = TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port();
        let ways = match way {
            "sendfile" => "sendfile on;",
            "cached" => "sendfile on; open_file_cache max=100;",
            _ => "sendfile off;",
        };
        fs::write(home.join("nginx.conf"), nginx_configuration(port, folder, ways))?;
        let process = on_core(SERVER_CORE, program)
            .args(["-e", "logs/error.log", "-c", "nginx.conf", "-p"])
            .arg(&home)
            .spawn()?;
        Server { process, port }.settled()
    }

    /// Once it takes connections.
    fn settled(mut self) -> Result<Self> {
        let deadline = Instant::now() + Duration::from_secs(10);
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            if let Some(status) = self.process.try_wait()? {
                return Err(format!("it ended: {status}").into());
            }
            if Instant::now() > deadline {
                return Err("it takes no connections".into());
            }
            std::thread::yield_now();
        }
        Ok(self)
    }

    /// Whether a request gets 200, the coding and all bytes. `length` is that of the identity.
    fn check(&self, path: &str, coding: &str, length: usize) -> Result<()> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port))?;
        write!(
            stream,
            "GET {path} HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: {coding}\r\n\
             Connection: close\r\n\r\n"
        )?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        let end = answer.windows(4).position(|four| four == b"\r\n\r\n").ok_or("no head")?;
        let (head, body) = answer.split_at(end + 4);
        let head = std::str::from_utf8(head)?.to_ascii_lowercase();
        let status = head.lines().next().unwrap_or_default();
        if status != "http/1.1 200 ok" {
            return Err(status.into());
        }
        let field = |name: &str| {
            head.lines().find_map(|line| Some(line.strip_prefix(name)?.strip_prefix(": ")?.trim()))
        };
        let coded = field("content-encoding").unwrap_or("identity");
        if coded != coding {
            return Err(format!("it sends {coded}").into());
        }
        let announced: usize = field("content-length").ok_or("no length")?.parse()?;
        if body.len() != announced || coding == "identity" && body.len() != length {
            return Err(format!("{} bytes, {announced} announced", body.len()).into());
        }
        Ok(())
    }

    /// Microseconds of the processor per request, those in user mode and those in the kernel; and
    /// requests per second.
    fn load(&self, path: &str, coding: &str, seconds: u64) -> Result<[f64; 4]> {
        let before = self.ticks()?;
        let output = on_core(CLIENT_CORE, Path::new("wrk"))
            .args(["-t1", "-c", CONNECTIONS, "-d", &format!("{seconds}s")])
            .args(["-H", &format!("Accept-Encoding: {coding}")])
            .arg(format!("http://127.0.0.1:{}{path}", self.port))
            .output()?;
        let after = self.ticks()?;
        let output = String::from_utf8(output.stdout)?;
        if output.contains("Non-2xx") {
            return Err(format!("not every answer is good:\n{output}").into());
        }
        let requests: f64 = output
            .lines()
            .find_map(|line| line.trim().split_once(" requests in ")?.0.parse().ok())
            .ok_or("wrk counts no requests")?;
        // A tick of `/proc` is a hundredth of a second, whatever the kernel's own is.
        let micros = |at: usize| (after[at] - before[at]) as f64 * 10_000.0 / requests;
        Ok([micros(0) + micros(1), micros(0), micros(1), requests / seconds as f64])
    }

    /// The time of the process so far, in user mode and in the kernel.
    fn ticks(&self) -> Result<[u64; 2]> {
        let line = fs::read_to_string(format!("/proc/{}/stat", self.process.id()))?;
        // Behind the name, which may hold anything, in its parentheses.
        let rest = line.rsplit_once(')').ok_or("an unknown format of /proc")?.1;
        let mut fields = rest.split_whitespace().skip(11);
        let mut next = || -> Result<u64> { Ok(fields.next().ok_or("no times in /proc")?.parse()?) };
        Ok([next()?, next()?])
    }
}

/// `taskset` becomes the program, so the process is the program's.
fn on_core(core: &str, program: &Path) -> Command {
    let mut command = Command::new("taskset");
    command.args(["-c", core]).arg(program);
    command
}

/// The rules that `stamped config nginx` is about, in short: the folder is what is measured.
fn nginx_configuration(port: u16, folder: &Path, ways: &str) -> String {
    format!(
        "daemon off; master_process off; worker_processes 1; pid logs/pid;
events {{ worker_connections 256; }}
http {{
    types {{ text/css css; }}
    access_log off; keepalive_requests 1000000000; tcp_nopush on; {ways}
    server {{
        listen 127.0.0.1:{port};
        root {};
        location /static/ {{
            gzip_static on; gzip_vary on;
            add_header Cache-Control \"max-age=31536000, immutable\";
            add_header X-Content-Type-Options nosniff;
        }}
    }}
}}
",
        folder.display()
    )
}

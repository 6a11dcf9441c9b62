//! Measures the lexer on the scripts that its arguments name, each a file or a folder:
//!
//!     cargo run --example speed -- node_modules/three/build
//!
//! Build scripts run unoptimised, so it is the figure without `--release` that matters. It
//! prints the median of several runs over all files together.

use std::path::Path;
use std::time::Instant;

use stamped_scan::Scanner;

const RUNS: usize = 7;

/// The number of references in a script.
fn scan(source: &[u8]) -> usize {
    Scanner::JavaScript.scan(source).references.len()
}

fn read(path: &Path, texts: &mut Vec<Vec<u8>>) {
    if let Ok(entries) = std::fs::read_dir(path) {
        for entry in entries.flatten() {
            read(&entry.path(), texts);
        }
    } else if matches!(path.extension().and_then(|it| it.to_str()), Some("js" | "mjs" | "cjs")) {
        texts.extend(std::fs::read(path));
    }
}

/// Megabytes a second, as the median of all runs.
fn speed(texts: &[Vec<u8>]) -> f64 {
    let bytes: usize = texts.iter().map(Vec::len).sum();
    let mut speeds = [0.0; RUNS];
    for speed in &mut speeds {
        let start = Instant::now();
        for text in texts {
            std::hint::black_box(scan(std::hint::black_box(text)));
        }
        *speed = bytes as f64 / 1e6 / start.elapsed().as_secs_f64();
    }
    speeds.sort_by(f64::total_cmp);
    speeds[RUNS / 2]
}

fn main() {
    let profile = if cfg!(debug_assertions) { "unoptimised" } else { "optimised" };
    for argument in std::env::args().skip(1) {
        let mut texts = Vec::new();
        read(Path::new(&argument), &mut texts);
        let references: usize = texts.iter().map(|text| scan(text)).sum();
        let passed = speed(&texts);
        // With a reference added, no text is passed over for the lack of one.
        for text in &mut texts {
            text.extend_from_slice(b"\n;import('speed')");
        }
        println!(
            "{profile}: {passed:6.0} MB/s as it is, {:6.0} MB/s lexed: {argument} ({} files, {} KB, {references} references)",
            speed(&texts),
            texts.len(),
            texts.iter().map(Vec::len).sum::<usize>() / 1000,
        );
    }
}

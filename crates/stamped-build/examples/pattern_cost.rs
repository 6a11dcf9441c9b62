//! What patterns cost a build script, which runs unoptimised, beside the crate `globset`: prints
//! milliseconds, of many rounds in turns the fastest.
//!
//! `cargo run -p stamped-build --example pattern_cost`
//!
//! With the name of one of the two it goes just one round, so that another program can count the
//! instructions; with `reading` behind it, it reads the patterns and matches nothing.

use globset::{GlobBuilder, GlobSet};
use stamped::glob::{Glob, Globs};
use std::error::Error;
use std::hint::black_box;
use std::time::{Duration, Instant};

const PATTERNS: [&str; 20] = [
    "**/robots.txt",
    "**/favicon.ico",
    "**/service-worker.js",
    "**/apple-touch-icon*.png",
    "**/sitemap*.xml",
    "**/*.webmanifest",
    "**/*.html",
    "**/.well-known/**",
    "**/*.map",
    "**/vendor/**",
    "img/{a,b}[0-9].png",
    "**/*-????????.js",
    "**/*.min.{js,css}",
    "fonts/*.woff2",
    "docs/**/*.md",
    "js/*/index.js",
    "**/LICENSE",
    "**/*.d.ts",
    "**/test/**",
    "css/[!a-m]*.css",
];

const ROUNDS: usize = 21;

fn main() -> Result<(), Box<dyn Error>> {
    let names: Vec<String> = (0..10_000).map(name).collect();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let names = if arguments.get(1).is_some_and(|what| what == "reading") { &[] } else { &*names };
    match arguments.first().map(String::as_str) {
        Some("stamped") => println!("{}", stamped(names)?),
        Some("globset") => println!("{}", globset(names)?),
        _ => {
            let fastest = |run: &dyn Fn() -> Result<usize, Box<dyn Error>>| {
                let start = Instant::now();
                black_box(run()?);
                Ok::<_, Box<dyn Error>>(start.elapsed())
            };
            let mut best = [Duration::MAX; 4];
            for _ in 0..ROUNDS {
                best[0] = best[0].min(fastest(&|| stamped(&[]))?);
                best[1] = best[1].min(fastest(&|| globset(&[]))?);
                best[2] = best[2].min(fastest(&|| stamped(names))?);
                best[3] = best[3].min(fastest(&|| globset(names))?);
            }
            let [reading, their_reading, all, their_all] =
                best.map(|best| best.as_secs_f64() * 1e3);
            println!("| ms | stamped | globset |\n|---|---:|---:|");
            println!("| 20 patterns are read | {reading:.2} | {their_reading:.2} |");
            println!("| and matched with 10,000 names | {all:.1} | {their_all:.1} |");
        }
    }
    Ok(())
}

/// How many of the names match.
fn stamped(names: &[String]) -> Result<usize, Box<dyn Error>> {
    let mut globs = Globs::default();
    for pattern in PATTERNS {
        globs.add(Glob::new(pattern).map_err(|why| why.to_string())?);
    }
    Ok(names.iter().filter(|name| globs.matches(name)).count())
}

fn globset(names: &[String]) -> Result<usize, Box<dyn Error>> {
    let mut globs = GlobSet::builder();
    for pattern in PATTERNS {
        globs.add(GlobBuilder::new(pattern).literal_separator(true).build()?);
    }
    let globs = globs.build()?;
    Ok(names.iter().filter(|name| globs.is_match(name)).count())
}

fn name(number: usize) -> String {
    const FOLDERS: [&str; 6] =
        ["css", "js/vendor", "img", "fonts", "docs/guide/start", "a/dist/esm"];
    const EXTENSIONS: [&str; 8] = ["css", "js", "png", "woff2", "md", "svg", "js.map", "min.js"];
    let (folder, extension) = (FOLDERS[number % 6], EXTENSIONS[number / 6 % 8]);
    format!("{folder}/name-{:05}.{extension}", number * 7919 % 100_000)
}

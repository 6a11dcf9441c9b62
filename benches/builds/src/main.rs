//! Measures whole `cargo build`s of programs with many assets, by `stamped` and by other crates, and of an
//! empty program.
//!
//!     cargo run --release --manifest-path benches/Cargo.toml -p builds -- debug|release|script|embed FILES:MEGABYTES … [NAME …]
//!
//! Dependencies are built before the measurement. A contestant that exceeds the time limit at one size is
//! left out at larger ones. Names choose among the contestants of `debug` and `release`. `script` measures our build script alone, without cargo, compiler and linker.
//! `embed` compares the ways to embed contents, in both profiles, by the time of processors too, which says
//! more on a machine that does other work; with `--once` it does so in one round instead of three.

mod contestant;
mod embed;
mod files;
mod measure;
mod project;
mod script;

use contestant::{CONTESTANTS, Contestant};
use figures::Table;
use files::Size;
use measure::Cost;
use project::{Profile, Project};
use std::collections::BTreeSet;
use std::time::Duration;

/// Who needs longer for a build takes no part in larger ones.
const LIMIT: Duration = Duration::from_secs(20);

const ROUNDS: usize = 3;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.first().is_some_and(|first| first == measure::COMMAND) {
        measure::run(&arguments[1..]);
        return;
    }
    let once = arguments.iter().any(|argument| argument == "--once");
    let rest = arguments.iter().skip(1).filter(|argument| *argument != "--once");
    let (sizes, names): (Vec<&String>, Vec<&String>) = rest.partition(|text| text.contains(':'));
    let sizes: Vec<Size> = sizes.into_iter().map(|text| Size::parse(text)).collect();
    match arguments.first().map(String::as_str) {
        Some("debug") => compare(Profile::Debug, &sizes, &names),
        Some("release") => compare(Profile::Release, &sizes, &names),
        Some("script") => script::compare(&sizes),
        Some("embed") => embed::compare(&sizes, if once { 1 } else { ROUNDS }),
        _ => {
            eprintln!("usage: builds debug|release|script|embed [--once] FILES:MEGABYTES … [NAME …]");
            std::process::exit(2);
        }
    }
}

/// The situations that are measured.
const SITUATIONS: [(&str, &str); 3] = [
    ("cold", "all of the package"),
    ("changed", "one style sheet changed"),
    ("same", "nothing changed"),
];

/// Measures all contestants, or those that are named.
fn compare(profile: Profile, sizes: &[Size], names: &[&String]) {
    let is_named = |one: &&Contestant| names.is_empty() || names.iter().any(|name| *name == one.name);
    let contestants: Vec<&Contestant> = CONTESTANTS.iter().filter(is_named).collect();
    let mut costs: Vec<[Vec<Option<Cost>>; 3]> =
        contestants.iter().map(|_| Default::default()).collect();
    let mut slow: BTreeSet<&str> = BTreeSet::new();
    for &size in sizes {
        for (number, contestant) in contestants.iter().enumerate() {
            let cost = match slow.contains(contestant.name) {
                true => [None, None, None],
                false => builds(contestant, profile, size),
            };
            if cost[0].is_some_and(|cost| cost.time > LIMIT.as_secs_f64()) {
                slow.insert(contestant.name);
            }
            for (situation, cost) in costs[number].iter_mut().zip(cost) {
                situation.push(cost);
            }
        }
    }
    for (at, (id, title)) in SITUATIONS.iter().enumerate() {
        let table = |kind: &str, unit: &str, of: fn(Cost) -> f64| {
            let id = format!("builds/{}-{id}-{kind}", profile.name());
            let title = format!("cargo build, {}: {title}, {kind}", profile.name());
            let mut table = Table::new(&id, &title, unit, sizes);
            for (contestant, costs) in contestants.iter().zip(&costs) {
                table.row(contestant.name, costs[at].iter().map(|cost| cost.map(of)));
            }
            table.print();
        };
        table("time", "s", |cost| cost.time);
        table("memory", "MB, the largest process", |cost| cost.memory);
    }
}

/// The cost of each situation, medians.
fn builds(contestant: &Contestant, profile: Profile, size: Size) -> [Option<Cost>; 3] {
    let project = Project::new(contestant, size);
    project.build_dependencies(profile);
    let mut costs: [Vec<Cost>; 3] = Default::default();
    for round in 0..ROUNDS {
        project.clean(profile);
        let Some(cold) = project.build(profile) else { return [None, None, None] };
        costs[0].push(cold);
        project.change(round);
        costs[1].extend(project.build(profile));
        costs[2].extend(project.build(profile));
        if cold.time > LIMIT.as_secs_f64() / 2.0 {
            break;
        }
    }
    costs.map(|costs| Cost::median(&costs))
}

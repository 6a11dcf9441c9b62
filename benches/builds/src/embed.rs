//! Compares the ways to embed contents: ours, and those of the two crates that most programs use.

use crate::contestant::{CONTESTANTS, Contestant};
use crate::files::Size;
use crate::measure::Cost;
use crate::project::{Profile, Project};
use figures::Table;

const OURS: &str = "stamped";
const PEER: &str = "include_dir";
const NAMES: [&str; 5] = [PEER, "rust-embed", OURS, "stamped, Include", "stamped, Linked"];

/// Who needs longer than this for a build, in seconds of processors, is measured once only.
const LIMIT: f64 = 5.0;

/// Less is noise.
const NOTICEABLE: f64 = 1.03;

const SITUATIONS: [&str; 2] = ["all of the package", "one style sheet changed"];

/// What is measured of a build, and its unit.
type Measure = (&'static str, &'static str, fn(&Cost) -> f64);

const MEASURES: [Measure; 2] =
    [("processor", "s of processors", |cost| cost.processor), ("time", "s", |cost| cost.time)];

/// Measures all ways at all sizes in both profiles, in turns, and says where ours is slower.
pub fn compare(sizes: &[Size], rounds: usize) {
    let mut slower = MEASURES.map(|_| Vec::new());
    for profile in [Profile::Debug, Profile::Release] {
        let costs: Vec<_> = sizes.iter().map(|&size| measured(profile, size, rounds)).collect();
        for (at, situation) in SITUATIONS.iter().enumerate() {
            for ((kind, unit, of), slower) in MEASURES.iter().zip(&mut slower) {
                let value = |size: usize, name: usize| costs[size][name][at].as_ref().map(of);
                let id = format!("embed/{}-{at}-{kind}", profile.name());
                let title = format!("cargo build, {}: {situation}", profile.name());
                let mut table = Table::new(&id, &title, unit, sizes);
                for (name, row) in NAMES.iter().enumerate() {
                    table.row(row, (0..sizes.len()).map(|size| value(size, name)));
                }
                table.print();
                for (number, size) in sizes.iter().enumerate() {
                    let of = |name| value(number, NAMES.iter().position(|it| *it == name)?);
                    if let (Some(ours), Some(peer)) = (of(OURS), of(PEER))
                        && ours > peer * NOTICEABLE
                    {
                        let profile = profile.name();
                        slower.push(format!(
                            "{profile}, {size}, {situation}: {ours:.2} against {peer:.2}"
                        ));
                    }
                }
            }
        }
    }
    println!();
    for ((_, unit, _), slower) in MEASURES.iter().zip(slower) {
        match &*slower {
            [] => println!("By {unit}, {OURS} is nowhere slower than {PEER}."),
            _ => println!("By {unit}, {OURS} is slower than {PEER}: {}.", slower.join("; ")),
        }
    }
}

/// The costs of each contestant in each situation, medians.
fn measured(profile: Profile, size: Size, rounds: usize) -> Vec<[Option<Cost>; 2]> {
    let contestant = |name| CONTESTANTS.iter().find(|one: &&Contestant| one.name == name);
    let projects: Vec<Project> =
        NAMES.iter().map(|name| Project::new(contestant(*name).unwrap(), size)).collect();
    projects.iter().for_each(|project| project.build_dependencies(profile));
    let mut costs: Vec<[Vec<Cost>; 2]> = NAMES.map(|_| Default::default()).into();
    for round in 0..rounds {
        for (project, [cold, changed]) in projects.iter().zip(&mut costs) {
            if cold.iter().any(|cost| cost.processor > LIMIT) {
                continue;
            }
            project.clean(profile);
            cold.extend(project.build(profile));
            project.change(round);
            changed.extend(project.build(profile));
        }
    }
    costs.into_iter().map(|costs| costs.map(|costs| Cost::median(&costs))).collect()
}

//! Measures the build script alone, without optimisation, as cargo runs it.

use crate::contestant::CONTESTANTS;
use crate::files::Size;
use crate::measure::{Cost, measure};
use crate::project::{Profile, Project};
use figures::{Table, median};
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

const ROUNDS: usize = 3;

/// From this age on, a file is known by its times.
const SETTLED: Duration = Duration::from_millis(4100);

/// Measures a run from nothing, one after an edit, by cargo and in live mode, and one without, for each
/// size.
pub fn compare(sizes: &[Size]) {
    let contestant = CONTESTANTS.iter().find(|one| one.name == "stamped, Linked").unwrap();
    let mut rows = [
        ("from nothing", Vec::new()),
        ("one style sheet changed", Vec::new()),
        ("the same in live mode", Vec::new()),
        ("nothing changed", Vec::new()),
    ];
    let mut each = rows.clone();
    for &size in sizes {
        let project = Project::new(contestant, size);
        project.build_dependencies(Profile::Debug);
        let script = project.build_script(Profile::Debug);
        let (out_dir, live) = (project.folder().join("out"), project.folder().join("live"));
        let _ = fs::remove_dir_all(&live);
        fs::create_dir(&live).unwrap();
        run(&script, &project, &live, true);
        let mut times: [Vec<f64>; 4] = Default::default();
        for round in 0..ROUNDS {
            let _ = fs::remove_dir_all(&out_dir);
            fs::create_dir(&out_dir).unwrap();
            times[0].push(run(&script, &project, &out_dir, false).time);
            // A file so new could be changed again without its time telling.
            std::thread::sleep(SETTLED);
            run(&script, &project, &out_dir, false);
            run(&script, &project, &live, true);
            project.change(round);
            times[1].push(run(&script, &project, &out_dir, false).time);
            times[2].push(run(&script, &project, &live, true).time);
            std::thread::sleep(SETTLED);
            run(&script, &project, &out_dir, false);
            times[3].push(run(&script, &project, &out_dir, false).time);
        }
        for (at, times) in times.iter_mut().enumerate() {
            let time = median(times);
            rows[at].1.push(Some(time * 1e3));
            each[at].1.push(Some(time * 1e6 / size.files as f64));
        }
    }
    let title = "The build script alone, not optimised, without encodings";
    let mut table = Table::new("script/time", title, "ms", sizes);
    rows.into_iter().for_each(|(name, values)| table.row(name, values));
    table.print();
    let mut table = Table::new("script/time-each", title, "µs per file", sizes);
    each.into_iter().for_each(|(name, values)| table.row(name, values));
    table.print();
}

fn run(script: &Path, project: &Project, out_dir: &Path, is_live: bool) -> Cost {
    let mut command = Command::new(script);
    command.envs(is_live.then_some(("STAMPED_LIVE", "1")));
    command.current_dir(project.folder());
    for (name, value) in [
        ("CARGO_MANIFEST_DIR", project.folder()),
        ("OUT_DIR", out_dir),
        ("PROFILE", Path::new("debug")),
        ("CARGO_CFG_TARGET_ARCH", Path::new(std::env::consts::ARCH)),
        ("CARGO_CFG_TARGET_OS", Path::new(std::env::consts::OS)),
        ("CARGO_CFG_TARGET_ENDIAN", Path::new("little")),
        ("CARGO_CFG_TARGET_POINTER_WIDTH", Path::new("64")),
    ] {
        command.env(name, value);
    }
    measure(&command).unwrap()
}

//! Measures the time and memory of a command and all processes that it starts.

use figures::median;
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeVal;
use std::process::{Command, Stdio};
use std::time::Instant;

/// The first argument with which this program is started to run another.
pub const COMMAND: &str = "--measure";

/// What a command cost.
#[derive(Clone, Copy, Debug)]
pub struct Cost {
    /// Seconds by the clock on the wall.
    pub time: f64,
    /// Seconds that processors worked, for it and for the kernel.
    pub processor: f64,
    /// The resident memory of its largest process, in megabytes.
    pub memory: f64,
}

impl Cost {
    /// The median of each part. `None` of no costs.
    pub fn median(costs: &[Cost]) -> Option<Cost> {
        let of = |part: fn(&Cost) -> f64| median(&mut costs.iter().map(part).collect::<Vec<_>>());
        (!costs.is_empty()).then(|| Cost {
            time: of(|cost| cost.time),
            processor: of(|cost| cost.processor),
            memory: of(|cost| cost.memory),
        })
    }
}

/// Runs a command and measures it; what it said if it failed.
///
/// The kernel reports the peak of all children that ever ran, so each command is run by a process of its own.
pub fn measure(command: &Command) -> Result<Cost, String> {
    let mut outer = Command::new(std::env::current_exe().unwrap());
    outer.arg(COMMAND).arg(command.get_program()).args(command.get_args());
    if let Some(folder) = command.get_current_dir() {
        outer.current_dir(folder);
    }
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => outer.env(name, value),
            None => outer.env_remove(name),
        };
    }
    let output = outer.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let mut numbers = said.lines().next_back().unwrap_or_default().split(' ');
    let mut number = || numbers.next()?.parse::<f64>().ok();
    match (output.status.success(), number(), number(), number()) {
        (true, Some(time), Some(processor), Some(memory)) => Ok(Cost { time, processor, memory }),
        _ => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
    }
}

/// The inner side: prints seconds, those of processors, and megabytes.
pub fn run(arguments: &[String]) {
    let start = Instant::now();
    let status = Command::new(&arguments[0])
        .args(&arguments[1..])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .status()
        .unwrap();
    let time = start.elapsed().as_secs_f64();
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).unwrap();
    let seconds = |time: TimeVal| time.tv_sec() as f64 + time.tv_usec() as f64 / 1e6;
    let processor = seconds(usage.user_time()) + seconds(usage.system_time());
    println!("{time} {processor} {}", usage.max_rss() as f64 / 1000.0);
    std::process::exit(i32::from(!status.success()));
}

//! The JavaScript scanner of `stamped-build`, whose modules are private there, by itself.

#[path = "../../../crates/stamped-build/src/scan/javascript.rs"]
mod scanner;
#[path = "../../../crates/stamped-build/src/scan/types.rs"]
#[allow(dead_code)]
mod types;

#[cfg(test)]
mod oracle;

use types::{Context, Found, Kind, Problem, Reference};

/// Scans a script and tells the number of its references.
pub fn scan(source: &[u8]) -> usize {
    scanner::scan(source).references.len()
}

//! Compares the JavaScript scanner of `stamped-scan` with a whole parser.

#[cfg(test)]
mod oracle;

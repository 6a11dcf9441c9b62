//! Reads files that another program may be writing.

use alloc::vec::Vec;
use std::fs::Metadata;
use std::io::{self, Read as _};
use std::path::Path;

/// How often a file is read that changes meanwhile.
const ATTEMPTS: usize = 5;

/// What was read of a file.
#[derive(Debug)]
pub struct Contents {
    /// All its bytes.
    pub bytes: Vec<u8>,
    /// As it was once they were read.
    pub metadata: Metadata,
    /// Whether the file stayed the same meanwhile, so that all of this belongs together.
    pub is_steady: bool,
}

/// Reads a file, and reads it again as long as it changes meanwhile, but not for ever.
///
/// # Errors
///
/// When the file cannot be read, when it is longer than `limit`, and when it is not a regular file:
/// a pipe is not waited for.
pub fn read(path: &Path, limit: u64) -> io::Result<Contents> {
    let mut contents = attempt(path, limit)?;
    for _ in 1..ATTEMPTS {
        if contents.is_steady {
            break;
        }
        contents = attempt(path, limit)?;
    }
    Ok(contents)
}

fn attempt(path: &Path, limit: u64) -> io::Result<Contents> {
    let not_regular = || io::Error::new(io::ErrorKind::InvalidInput, "it is not a regular file");
    let (mut file, before) = super::open(path)?.ok_or_else(not_regular)?;
    if before.len() > limit {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    let mut bytes = Vec::with_capacity(usize::try_from(before.len()).unwrap_or(0));
    (&mut file).take(limit).read_to_end(&mut bytes)?;
    let metadata = file.metadata()?;
    let is_steady = before.len() == metadata.len()
        && before.modified().ok() == metadata.modified().ok()
        && bytes.len() as u64 == metadata.len();
    Ok(Contents { bytes, metadata, is_steady })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_longer_than_the_limit_is_not_read() {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml");
        let length = std::fs::metadata(&file).unwrap().len();
        let contents = read(&file, length).unwrap();
        assert!(contents.is_steady && contents.bytes.len() as u64 == length);
        assert_eq!(read(&file, length - 1).unwrap_err().kind(), io::ErrorKind::FileTooLarge);
    }

    #[cfg(unix)]
    #[test]
    fn a_pipe_is_an_error_and_not_waited_for() {
        let dir = stamped_test_support::Dir::new();
        let pipe = dir.join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status().unwrap();
        assert!(made.success());
        let (send, receive) = std::sync::mpsc::channel();
        std::thread::spawn(move || send.send(read(&pipe, 9).unwrap_err().kind()));
        let error = receive.recv_timeout(std::time::Duration::from_secs(60));
        assert_eq!(error, Ok(io::ErrorKind::InvalidInput));
    }
}

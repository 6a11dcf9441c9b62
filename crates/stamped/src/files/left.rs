//! The files that a bundle leaves on the disk, for the process that answers with them.

use super::Version;
use alloc::vec::Vec;
use std::ffi::OsStr;
use std::io;
use std::path::PathBuf;

/// The file name extension of the list of [`Left`] files beside the other files of a bundle.
pub const OUTSIDE: &str = "outside";

/// A file that was left where it is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Left {
    /// Its path, from the root of the file system.
    pub path: PathBuf,
    /// The bytes of the [`Version`] that was stamped.
    pub version: [u8; Version::BYTES],
}

impl Left {
    /// Adds the file to a list.
    pub fn write(&self, list: &mut Vec<u8>) {
        let path = self.path.as_os_str().as_encoded_bytes();
        list.extend_from_slice(&self.version);
        list.extend_from_slice(&(path.len() as u64).to_le_bytes());
        list.extend_from_slice(path);
    }

    /// Reads a list.
    ///
    /// # Errors
    ///
    /// When it is something else, and on Windows when a path is not Unicode.
    pub fn list(mut bytes: &[u8]) -> io::Result<Vec<Self>> {
        let damaged = || io::Error::new(io::ErrorKind::InvalidData, "it is damaged");
        let mut list = Vec::new();
        while !bytes.is_empty() {
            let (version, rest) = bytes.split_first_chunk().ok_or_else(damaged)?;
            let (length, rest) = rest.split_first_chunk().ok_or_else(damaged)?;
            let length = usize::try_from(u64::from_le_bytes(*length)).map_err(|_| damaged())?;
            let (path, rest) = rest.split_at_checked(length).ok_or_else(damaged)?;
            let path = text(path).ok_or_else(damaged)?.into();
            list.push(Left { path, version: *version });
            bytes = rest;
        }
        Ok(list)
    }
}

#[cfg(unix)]
fn text(bytes: &[u8]) -> Option<&OsStr> {
    Some(std::os::unix::ffi::OsStrExt::from_bytes(bytes))
}

#[cfg(not(unix))]
fn text(bytes: &[u8]) -> Option<&OsStr> {
    core::str::from_utf8(bytes).ok().map(OsStr::new)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_read_as_it_was_written() {
        let folder = stamped_test_support::Dir::new();
        let mut bytes = Vec::new();
        let mut files = Vec::new();
        for name in ["a", "b c", "図"] {
            folder.write(name, name);
            let path = folder.join(name);
            let version = Version::of(&path.metadata().unwrap());
            Left { path: path.clone(), version: version.to_bytes() }.write(&mut bytes);
            files.push((path, version));
        }
        let list = Left::list(&bytes).unwrap();
        assert!(list.len() == 3 && Left::list(&[]).unwrap().is_empty());
        for (left, (path, version)) in list.iter().zip(&files) {
            assert!(left.path == *path && version.is(&left.version));
            assert!(files.iter().filter(|(_, other)| other.is(&left.version)).count() == 1);
        }
        for end in 1..Version::BYTES + 12 {
            assert!(Left::list(&bytes[..end]).is_err(), "{end}");
        }
    }
}

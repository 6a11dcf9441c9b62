//! Opens files that may be something else by now.

use std::fs::{File, Metadata, OpenOptions};
use std::io;
use std::path::Path;

/// Opens a regular file for reading, and looks at it. `None` for everything else.
///
/// To open a pipe waits until another program writes to it, and a look at the path beforehand may be
/// out of date. So this opens without waiting, and looks at what it has opened.
///
/// # Errors
///
/// When the path cannot be opened.
pub fn open(path: &Path) -> io::Result<Option<(File, Metadata)>> {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, O_NONBLOCK);
    let file = options.open(path)?;
    let metadata = file.metadata()?;
    Ok(metadata.is_file().then_some((file, metadata)))
}

/// A constant that the standard library takes and does not have. To compile `libc` for it takes a
/// second, so the systems that most programs are built on have it here; others have `libc`.
#[cfg(any(target_os = "linux", target_os = "android"))]
const O_NONBLOCK: i32 = if cfg!(any(target_arch = "mips", target_arch = "mips32r6"))
    || cfg!(any(target_arch = "mips64", target_arch = "mips64r6"))
{
    0x80
} else if cfg!(any(target_arch = "sparc", target_arch = "sparc64")) {
    0x4000
} else {
    0x800
};
#[cfg(target_vendor = "apple")]
const O_NONBLOCK: i32 = 4;
#[cfg(all(
    unix,
    not(any(target_os = "linux", target_os = "android", target_vendor = "apple"))
))]
use libc::O_NONBLOCK;

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn the_constant_is_that_of_the_system() {
        assert_eq!(O_NONBLOCK, libc::O_NONBLOCK);
    }

    #[test]
    fn a_pipe_without_a_writer_is_not_waited_for() {
        let folder = stamped_test_support::Dir::new();
        let pipe = folder.join("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        let (sender, answer) = std::sync::mpsc::channel();
        std::thread::spawn(move || sender.send(open(&pipe).unwrap().is_none()));
        assert_eq!(answer.recv_timeout(std::time::Duration::from_secs(20)), Ok(true));
        folder.write("file", "1");
        assert!(open(&folder.join("file")).unwrap().is_some());
        assert!(open(&folder).unwrap().is_none());
    }
}

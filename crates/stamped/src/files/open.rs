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
    std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, libc::O_NONBLOCK);
    let file = options.open(path)?;
    let metadata = file.metadata()?;
    Ok(metadata.is_file().then_some((file, metadata)))
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

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

//! A file that is read while it is sent.

use crate::files::Version;
use alloc::sync::Arc;
use alloc::vec;
use bytes::Bytes;
use core::ops::Range;
use std::fs::File;
use std::io;

/// How much is read at once, and so what a client that stalls holds in memory.
const CHUNK: usize = 64 << 10;

/// An open file, as it was when it was opened.
#[derive(Debug)]
pub(super) struct OpenFile {
    file: File,
    version: Version,
}

impl OpenFile {
    /// `version` is the one that the file had when it was opened.
    pub(super) const fn new(file: File, version: Version) -> Self {
        OpenFile { file, version }
    }

    #[cfg(feature = "live")]
    pub(super) fn version(&self) -> Version {
        self.version
    }

    /// The next bytes from this offset on, at most so many. None at the end, and none where the file is
    /// another one by now.
    fn read(&self, offset: u64, most: usize) -> io::Result<Bytes> {
        let mut chunk = vec![0; most.min(CHUNK)];
        let length = read_at(&self.file, &mut chunk, offset)?;
        chunk.truncate(length);
        if Version::of(&self.file.metadata()?) != self.version {
            return Err(io::Error::other("the file was changed meanwhile"));
        }
        Ok(chunk.into())
    }
}

/// Reads without the file's own position: several answers may share it.
fn read_at(file: &File, chunk: &mut [u8], offset: u64) -> io::Result<usize> {
    loop {
        #[cfg(unix)]
        let result = std::os::unix::fs::FileExt::read_at(file, chunk, offset);
        #[cfg(windows)]
        let result = std::os::windows::fs::FileExt::seek_read(file, chunk, offset);
        #[cfg(not(any(unix, windows)))]
        let result = {
            use io::{Read as _, Seek as _};
            let mut file = file;
            file.seek(io::SeekFrom::Start(offset)).and_then(|_| file.read(chunk))
        };
        match result {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            result => return result,
        }
    }
}

/// A part of an open file, which is read chunk by chunk as it is sent.
///
/// Where the file changes meanwhile, or cannot be read, it ends early: what was sent and what would
/// follow belong to different files, and servers break off an answer that is shorter than it said.
#[derive(Clone, Debug)]
pub(super) struct FilePart {
    file: Arc<OpenFile>,
    rest: Range<u64>,
}

impl FilePart {
    pub(super) fn new(file: &Arc<OpenFile>, rest: Range<u64>) -> Self {
        FilePart { file: Arc::clone(file), rest }
    }

    /// The number of bytes that are left.
    pub(super) fn len(&self) -> u64 {
        self.rest.end.saturating_sub(self.rest.start)
    }

    /// The next bytes, or why there are none.
    pub(super) fn try_next(&mut self) -> io::Result<Option<Bytes>> {
        if self.rest.is_empty() {
            return Ok(None);
        }
        let most = usize::try_from(self.len()).unwrap_or(CHUNK);
        match self.file.read(self.rest.start, most) {
            Ok(bytes) if !bytes.is_empty() => {
                self.rest.start += bytes.len() as u64;
                Ok(Some(bytes))
            }
            result => {
                self.rest = 0..0;
                result.and(Err(io::ErrorKind::UnexpectedEof.into()))
            }
        }
    }

    pub(super) fn next_chunk(&mut self) -> Option<Bytes> {
        self.try_next().unwrap_or(None)
    }
}

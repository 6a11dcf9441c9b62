//! Reads what a run of the script has made of a bundle.

use super::outside::LeftFiles;
use crate::assets::Assets;
use crate::data::{Data, Part};
use crate::files::{AREA, Left, OUTSIDE};
use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use std::fs::{self, File};
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

/// The tables of one bundle, as they were read last.
///
/// Handles to assets live as long as the program, so nothing that was read is ever freed. It is little:
/// contents are read once, and tables only where they changed.
#[derive(Debug)]
pub(super) struct Tables {
    /// The path of the bundle's files, without extension.
    stem: PathBuf,
    parts: Vec<Part>,
    length: usize,
    current: Option<Current>,
}

/// What was read last.
#[derive(Debug)]
struct Current {
    index: &'static [u8],
    strings: &'static str,
    /// The list of files that were left on the disk.
    outside: Vec<u8>,
    files: &'static LeftFiles,
    assets: Assets,
}

impl Tables {
    pub(super) fn new(folder: &Path, bundle: &str) -> Self {
        Tables { stem: folder.join(bundle), parts: Vec::new(), length: 0, current: None }
    }

    /// Whether a file that was left on the disk was found to be another since this was asked last.
    pub(super) fn take_outdated(&self) -> bool {
        self.current.as_ref().is_some_and(|current| current.files.take_outdated())
    }

    /// Reads the tables, once a run has ended.
    pub(super) fn read(&mut self) -> Result<Assets, String> {
        let index = self.file("index")?;
        let strings = String::from_utf8(self.file("strings")?)
            .map_err(|_| format!("`{}.strings` is not UTF-8", self.stem.display()))?;
        // Only programs that answer from the disk leave files there.
        let outside = match fs::read(self.stem.with_extension(OUTSIDE)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            read => read.map_err(|error| self.unreadable(OUTSIDE, &error))?,
        };
        let current = self.current.as_ref();
        if let Some(current) = current.filter(|now| now.index == index && now.strings == strings)
            && current.outside == outside
        {
            return Ok(current.assets);
        }
        self.read_on().map_err(|error| self.unreadable(AREA, &error))?;
        let files = Left::list(&outside).map_err(|error| self.unreadable(OUTSIDE, &error))?;
        let files: &'static LeftFiles = Box::leak(Box::new(LeftFiles::new(files)));
        let (index, strings) = (index.leak(), strings.leak());
        let parts = self.parts.clone().leak();
        let data = Data::grown(index, strings, parts)?.with_outside(files);
        let assets = Assets::new(Box::leak(Box::new(data)));
        self.current = Some(Current { index, strings, outside, files, assets });
        Ok(assets)
    }

    fn file(&self, extension: &str) -> Result<Vec<u8>, String> {
        // A dot in the name of a bundle would be taken for one before an extension; it has none.
        fs::read(self.stem.with_extension(extension))
            .map_err(|error| self.unreadable(extension, &error))
    }

    fn unreadable(&self, extension: &str, error: &io::Error) -> String {
        format!("`{}` cannot be read: {error}", self.stem.with_extension(extension).display())
    }

    /// Reads what was added to the contents.
    fn read_on(&mut self) -> io::Result<()> {
        let mut file = File::open(self.stem.with_extension(AREA))?;
        file.seek(SeekFrom::Start(self.length as u64))?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        if !bytes.is_empty() {
            let bytes: &'static [u8] = bytes.leak();
            self.parts.push(Part { start: self.length, bytes });
            self.length += bytes.len();
        }
        Ok(())
    }
}

//! Reads what a run of the script has made of a bundle.

use crate::assets::Assets;
use crate::data::{Data, Part};
use crate::files::AREA;
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
    current: Option<(&'static [u8], &'static str, Assets)>,
}

impl Tables {
    pub(super) fn new(folder: &Path, bundle: &str) -> Self {
        Tables { stem: folder.join(bundle), parts: Vec::new(), length: 0, current: None }
    }

    /// Reads the tables, once a run has ended.
    pub(super) fn read(&mut self) -> Result<Assets, String> {
        let index = self.file("index")?;
        let strings = String::from_utf8(self.file("strings")?)
            .map_err(|_| format!("`{}.strings` is not UTF-8", self.stem.display()))?;
        if let Some((old_index, old_strings, assets)) = self.current
            && old_index == index
            && old_strings == strings
        {
            return Ok(assets);
        }
        self.read_on()
            .map_err(|error| format!("`{}.{AREA}` cannot be read: {error}", self.stem.display()))?;
        let (index, strings) = (index.leak(), strings.leak());
        let parts = self.parts.clone().leak();
        let data = Data::grown(index, strings, parts)?;
        let assets = Assets::new(Box::leak(Box::new(data)));
        self.current = Some((index, strings, assets));
        Ok(assets)
    }

    fn file(&self, extension: &str) -> Result<Vec<u8>, String> {
        // A dot in the name of a bundle would be taken for one before an extension; it has none.
        let path = self.stem.with_extension(extension);
        fs::read(&path).map_err(|error| format!("`{}` cannot be read: {error}", path.display()))
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

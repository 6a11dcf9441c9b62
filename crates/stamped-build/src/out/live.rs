//! Puts a bundle where a running program in live mode finds it, instead of where the compiler does.
//!
//! The contents lie in one file that only grows: a program that has read it up to some place reads on
//! from there, and so needs memory for what is new only. A journal beside it says what is in it, for the
//! next run of the build script. The list of files that are left on the disk only grows, too. The tables
//! are in segments, of which the program keeps those that are new.

use super::pack::{self, segments};
use super::place::Place;
use crate::bundle::Bundle;
use crate::by_hash::ByHash;
use crate::contents::{Contents, OnDisk};
use crate::digest::Hash;
use crate::error::{Error, Problem};
use crate::write;
use stamped::files::{self, AREA, LIVE, Left, OUTSIDE, RUN, Run, TABLES};
use stamped::index::Area;
use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// Whether a program in live mode has started this build script.
pub(crate) fn is_on() -> bool {
    std::env::var_os(LIVE).is_some()
}

/// Writes the bundle for the program, and returns the names of its files.
pub(crate) fn write(bundle: &Bundle, place: &Place) -> Result<Vec<String>, Error> {
    written(bundle, place, None)?;
    Ok([TABLES, AREA].map(|extension| place.file_name(extension)).into())
}

/// Writes the bundle for a program that reads large files from the disk, unless they are rewritten.
pub(crate) fn write_beside_files(bundle: &Bundle, place: &Place) -> Result<(), Error> {
    let path = place.file(OUTSIDE);
    let outside = Outside::open(&path);
    written(bundle, place, Some(outside.map_err(|source| Problem::Unreadable { path, source })?))
}

/// Writes contents and then tables, so that all is there that these name.
fn written(bundle: &Bundle, place: &Place, outside: Option<Outside>) -> Result<(), Error> {
    let path = place.file(AREA);
    let unwritable = |source| Problem::Unwritable { path: path.clone(), source };
    let area = Growing::open(path.clone(), place.file("journal"), outside);
    let mut area = area.map_err(unwritable)?;
    let tables = segments(bundle, &mut area)?;
    if let Some(outside) = area.save().map_err(unwritable)? {
        write::if_changed(&place.file(OUTSIDE), &outside.list)?;
    }
    write::if_changed(&place.file(TABLES), &tables)
}

/// Records how cargo ran this build script, beside the other files of a bundle. The record has paths of
/// this machine, so there is one in debug builds only. Returns whether there is.
pub(crate) fn record(place: &Place) -> Result<bool, Error> {
    let path = place.file(RUN);
    let is_debug = std::env::var_os("PROFILE").is_some_and(|profile| profile == "debug");
    match Run::of_this_process().filter(|_| is_debug && place.is_of_cargo()) {
        Some(run) => {
            write::if_changed(&path, &run.to_bytes())?;
            Ok(true)
        }
        None => match fs::remove_file(&path) {
            Err(source) if source.kind() != io::ErrorKind::NotFound => {
                Err(Problem::Unwritable { path, source }.into())
            }
            _ => Ok(false),
        },
    }
}

/// The file of contents, and where each lies in it.
struct Growing {
    file: File,
    length: u64,
    journal: PathBuf,
    known: ByHash<u64>,
    added: Vec<u8>,
    /// The files that are left where they are. None if no file is.
    outside: Option<Outside>,
}

/// The list of files that are left where they are. Each version of a file keeps its position.
struct Outside {
    list: Vec<u8>,
    positions: HashMap<Left, u64>,
}

impl Outside {
    /// The list that earlier runs have left.
    fn open(path: &Path) -> io::Result<Self> {
        let list = match files::read(path, u64::MAX) {
            Ok(contents) => contents.bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(error),
        };
        let positions = Left::list(&list)?.into_iter().zip(0..).collect();
        Ok(Outside { list, positions })
    }

    /// The position of a file.
    fn position(&mut self, file: &OnDisk) -> Result<u64, Error> {
        let left = file.left()?;
        let next = self.positions.len() as u64;
        Ok(*self.positions.entry(left).or_insert_with_key(|left| {
            left.write(&mut self.list);
            next
        }))
    }
}

impl Growing {
    /// Opens the file and its journal. What a run that did not end has added is not in the journal, and
    /// stays unused.
    fn open(path: PathBuf, journal: PathBuf, outside: Option<Outside>) -> io::Result<Self> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let file = File::options().create(true).append(true).open(&path)?;
        let length = file.metadata()?.len();
        let known = match files::read(&journal, u64::MAX) {
            Ok(contents) => entries(&contents.bytes)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => ByHash::default(),
            Err(error) => return Err(error),
        };
        Ok(Growing { file, length, journal, known, added: Vec::new(), outside })
    }

    /// Adds what was new, and notes it in the journal. Returns the files that were left where they are.
    fn save(mut self) -> io::Result<Option<Outside>> {
        let outside = self.outside.take();
        if self.added.is_empty() {
            return Ok(outside);
        }
        self.file.write_all(&self.added)?;
        let mut journal = Vec::with_capacity(self.known.len() * ENTRY);
        for (hash, offset) in &self.known {
            journal.extend_from_slice(hash.as_bytes());
            journal.extend_from_slice(&offset.to_le_bytes());
        }
        write::whole(&self.journal, |file| file.write_all(&journal))?;
        Ok(outside)
    }
}

impl Growing {
    fn add(&mut self, hash: Hash, bytes: &[u8]) -> u64 {
        let end = self.length + self.added.len() as u64;
        *self.known.entry(hash).or_insert_with(|| {
            self.added.extend_from_slice(bytes);
            end
        })
    }
}

/// The largest file that is taken over though it could be left where it is: the last good version of it
/// is there as long as a next one cannot be made.
const SMALL: u64 = 64 << 10;

/// How long the area may be for that.
const ALL_SMALL: u64 = 32 << 20;

/// What is text is known by its area, though both are one.
impl pack::Place for Growing {
    fn needs(&self, hash: &Hash, contents: &Contents) -> bool {
        let may_be_left = matches!(contents, Contents::OnDisk(_)) && self.outside.is_some();
        // Where all small files end, only `store` knows.
        !may_be_left && !self.known.contains_key(hash)
    }

    fn store(&mut self, hash: &Hash, contents: &Contents) -> Result<(Area, u64), Error> {
        let is_new = || !self.known.contains_key(hash);
        let has_room =
            contents.len() <= SMALL && self.length + (self.added.len() as u64) < ALL_SMALL;
        if let (Contents::OnDisk(file), Some(outside)) = (contents, &mut self.outside)
            && is_new()
            && !has_room
        {
            return Ok((Area::Outside, outside.position(file)?));
        }
        let area = if contents.is_utf8() { Area::Text } else { Area::Binary };
        let offset = match self.known.get(hash) {
            Some(&offset) => offset,
            None => self.add(*hash, &contents.load()?),
        };
        Ok((area, offset))
    }

    fn store_encoding(&mut self, bytes: &[u8]) -> u64 {
        self.add(Hash::of(bytes), bytes)
    }
}

/// The length of an entry in the journal.
const ENTRY: usize = Hash::LENGTH + 8;

fn entries(journal: &[u8]) -> io::Result<ByHash<u64>> {
    let (entries, []) = journal.as_chunks::<ENTRY>() else {
        let why = "its journal is damaged; start the program again";
        return Err(io::Error::new(io::ErrorKind::InvalidData, why));
    };
    let entry = |entry: &[u8; ENTRY]| {
        let (hash, offset) = entry.split_at(Hash::LENGTH);
        let (Some(hash), Some(offset)) = (hash.first_chunk(), offset.first_chunk()) else {
            unreachable!("an entry is a hash and an offset")
        };
        (Hash::from_bytes(*hash), u64::from_le_bytes(*offset))
    };
    Ok(entries.iter().map(entry).collect())
}

//! Writes contents as objects in a static library, which the linker places in the program.
//!
//! The compiler never sees the bytes, so its time and memory do not depend on them.

mod archive;
mod coff;
mod elf;
mod macho;
mod target;

use crate::digest::Hash;
use crate::error::{Error, Problem};
use crate::out::pack::Packed;
use crate::write;
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;
pub(crate) use target::Target;

/// A library in `OUT_DIR`, as the generated code names it.
#[derive(Debug)]
pub(crate) struct Library {
    pub(crate) name: String,
    pub(crate) file_name: String,
    pub(crate) text: Symbol,
    pub(crate) binary: Symbol,
}

/// A symbol for one area of contents.
#[derive(Debug)]
pub(crate) struct Symbol {
    pub(crate) name: String,
    pub(crate) length: usize,
}

/// The beginning of the names of a bundle's libraries.
fn stem(bundle: &str) -> String {
    format!("stamped-{bundle}-")
}

/// Where the contents of an area begin: at a cache line, so that they share none with what is before.
const ALIGNMENT: u64 = 64;

/// Writes the library for this target into `folder`.
///
/// The library and its symbols are named by their contents. New contents therefore change the
/// generated code, which the compiler notices, and two crates of one program may bake the same
/// contents.
pub(crate) fn write(
    target: &Target,
    folder: &Path,
    bundle: &str,
    packed: &Packed,
) -> Result<Library, Error> {
    let (text, binary) = (packed.text.as_bytes(), packed.binary.as_slice());
    let symbol = |area: &str, hash: Hash, bytes: &[u8]| Symbol {
        name: format!("stamped_{area}_{}", hash.to_short_hex()),
        length: bytes.len(),
    };
    let text_symbol = symbol("text", packed.text_hash, text);
    let binary_symbol = symbol("binary", packed.binary_hash, binary);
    let all = format!("{}{}{target:?}", text_symbol.name, binary_symbol.name);
    let name = format!("{}{}", stem(bundle), Hash::of(all.as_bytes()).to_short_hex());
    let file_name = target.file_name(&name);
    let path = folder.join(&file_name);
    // An existing library has the contents of its name, because it was moved into place as a whole.
    if !path.is_file() {
        let problem = |source| Problem::Unwritable { path: path.clone(), source };
        let areas = [(text_symbol.name.as_str(), text), (binary_symbol.name.as_str(), binary)];
        let library = |file: &mut File| {
            // Headers come in small pieces. Contents are larger than the buffer and go past it.
            let mut output = BufWriter::new(file);
            target.library(&areas, &mut output)?;
            output.flush()
        };
        write::whole(&path, library).map_err(problem)?;
    }
    remove_all(folder, bundle, Some(&path));
    Ok(Library { name, file_name, text: text_symbol, binary: binary_symbol })
}

/// Removes the libraries of the bundle, which may be large, except for the one to keep. One that
/// cannot be removed does no harm.
pub(crate) fn remove_all(folder: &Path, bundle: &str, keep: Option<&Path>) {
    let is_library = |name: &str| {
        let name = name.strip_prefix("lib").unwrap_or(name);
        let hash = name.strip_prefix(&stem(bundle)).and_then(|rest| rest.split('.').next());
        hash.is_some_and(|hash| hash.len() == 32 && hash.bytes().all(|b| b.is_ascii_hexdigit()))
    };
    for entry in folder.read_dir().into_iter().flatten().flatten() {
        let path = entry.path();
        if entry.file_name().to_str().is_some_and(is_library) && keep != Some(&path) {
            let _ = std::fs::remove_file(path);
        }
    }
}

//! Writes static libraries: archives with a table of the symbols in their members.
//!
//! There are three dialects. All of them have the same headers and the same kind of first member, but
//! disagree about what is in it.

use std::io::{self, Write};

/// A dialect of the format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    /// System V, as the linkers of Linux, the BSDs, illumos and MinGW read it.
    Gnu,
    /// That of Apple.
    Darwin,
    /// That of Microsoft: System V's, with a second, sorted table.
    Coff,
}

/// An object with one symbol, around contents that are not copied.
#[derive(Debug)]
pub(super) struct Object<'a> {
    /// As the linker knows it, so with the underscore that some formats put before names of C.
    pub(super) symbol: String,
    pub(super) before: Vec<u8>,
    pub(super) contents: &'a [u8],
    pub(super) after: Vec<u8>,
}

impl Object<'_> {
    fn len(&self) -> usize {
        self.before.len() + self.contents.len() + self.after.len()
    }

    pub(super) fn write(&self, output: &mut impl Write) -> io::Result<()> {
        [&self.before, self.contents, &self.after]
            .into_iter()
            .try_for_each(|it| output.write_all(it))
    }
}

const MAGIC: &[u8] = b"!<arch>\n";

const HEADER: usize = 60;

/// Apple's linker wants each object to begin at a multiple of this.
const DARWIN_ALIGNMENT: usize = 8;

/// Writes a library of objects that all have different symbols, in this order. Equal objects give equal
/// libraries: no member has a time or an owner.
///
/// # Errors
///
/// When a member begins beyond 4 GiB, where the tables do not reach, and those of the output.
pub(super) fn write(
    dialect: Dialect,
    objects: &[Object],
    output: &mut impl Write,
) -> io::Result<()> {
    let members: Vec<Member> = objects.iter().map(|it| Member::new(dialect, it)).collect();
    // The tables have the places of members behind them, but their lengths do not depend on these.
    let nowhere = vec![0; members.len()];
    let mut at = MAGIC.len() + tables(dialect, objects, &nowhere).len();
    let mut places = Vec::with_capacity(members.len());
    for member in &members {
        let too_far = || io::Error::new(io::ErrorKind::FileTooLarge, "the library exceeds 4 GiB");
        places.push(u32::try_from(at).map_err(|_| too_far())?);
        at += member.head.len() + member.object.len() + member.padding;
    }
    output.write_all(MAGIC)?;
    output.write_all(&tables(dialect, objects, &places))?;
    for member in members {
        output.write_all(&member.head)?;
        member.object.write(output)?;
        output.write_all(&b"\n\n\n\n\n\n\n\n"[..member.padding])?;
    }
    Ok(())
}

/// A member before it has a place.
struct Member<'a> {
    /// Its header, and its name where that follows the header.
    head: Vec<u8>,
    object: &'a Object<'a>,
    padding: usize,
}

impl<'a> Member<'a> {
    fn new(dialect: Dialect, object: &'a Object<'a>) -> Self {
        // Short, so that no dialect needs a table of long names, and mostly unique, for whoever lists the
        // members of a library into which many were copied.
        let hash = object.symbol.get(object.symbol.len().saturating_sub(12)..).unwrap_or_default();
        let name = format!("{hash}.o");
        if dialect == Dialect::Darwin {
            let padding = object.len().next_multiple_of(DARWIN_ALIGNMENT) - object.len();
            let head = darwin_head(&name, object.len() + padding);
            return Member { head, object, padding };
        }
        let head = header(&format!("{name}/"), object.len());
        Member { head, object, padding: object.len() % 2 }
    }
}

/// The members that lead from symbols to objects.
fn tables(dialect: Dialect, objects: &[Object], places: &[u32]) -> Vec<u8> {
    match dialect {
        Dialect::Gnu => system_v(objects, places),
        Dialect::Coff => [system_v(objects, places), sorted(objects, places)].concat(),
        Dialect::Darwin => darwin(objects, places),
    }
}

/// Big-endian, whatever the target.
fn system_v(objects: &[Object], places: &[u32]) -> Vec<u8> {
    let mut table = count(objects).to_be_bytes().to_vec();
    places.iter().for_each(|place| table.extend(place.to_be_bytes()));
    objects.iter().for_each(|object| table.extend(terminated(&object.symbol)));
    member("/", table)
}

/// Microsoft's own, little-endian: the places of members, and symbols in alphabetical order with the
/// number of their member.
fn sorted(objects: &[Object], places: &[u32]) -> Vec<u8> {
    let mut table = count(objects).to_le_bytes().to_vec();
    places.iter().for_each(|place| table.extend(place.to_le_bytes()));
    let mut symbols: Vec<(&str, u16)> =
        objects.iter().map(|object| object.symbol.as_str()).zip(1..).collect();
    symbols.sort_unstable();
    table.extend(count(objects).to_le_bytes());
    symbols.iter().for_each(|(_, number)| table.extend(number.to_le_bytes()));
    symbols.iter().for_each(|(symbol, _)| table.extend(terminated(symbol)));
    member("/", table)
}

/// Pairs of a symbol's place among the names that follow, and its object's.
fn darwin(objects: &[Object], places: &[u32]) -> Vec<u8> {
    let mut pairs = Vec::new();
    let mut names = Vec::new();
    for (object, place) in objects.iter().zip(places) {
        pairs.extend(length(&names).to_le_bytes());
        pairs.extend(place.to_le_bytes());
        names.extend(terminated(&object.symbol));
    }
    names.resize(names.len().next_multiple_of(DARWIN_ALIGNMENT), 0);
    let mut table = length(&pairs).to_le_bytes().to_vec();
    table.extend(pairs);
    table.extend(length(&names).to_le_bytes());
    table.extend(names);
    let mut member = darwin_head("__.SYMDEF", table.len());
    member.extend(table);
    member
}

fn terminated(name: &str) -> impl Iterator<Item = u8> {
    name.bytes().chain([0])
}

fn count(objects: &[Object]) -> u32 {
    let Ok(count) = u32::try_from(objects.len()) else {
        unreachable!("a library has an object for each area")
    };
    count
}

fn length(bytes: &[u8]) -> u32 {
    let Ok(length) = u32::try_from(bytes.len()) else { unreachable!("a table has a few names") };
    length
}

fn member(name: &str, mut bytes: Vec<u8>) -> Vec<u8> {
    let mut member = header(name, bytes.len());
    if bytes.len() % 2 == 1 {
        bytes.push(b'\n');
    }
    member.extend(bytes);
    member
}

/// A header that is followed by the name, which is filled up so that what follows is aligned, if the
/// header is.
fn darwin_head(name: &str, length: usize) -> Vec<u8> {
    let filled = (HEADER + name.len()).next_multiple_of(DARWIN_ALIGNMENT) - HEADER;
    let mut head = header(&format!("#1/{filled}"), filled + length);
    head.extend(name.bytes());
    head.resize(HEADER + filled, 0);
    head
}

/// Name, time, owner, group, mode and length, in decimal digits (the mode in octal ones).
fn header(name: &str, length: usize) -> Vec<u8> {
    let header = format!("{name:<16}{:<12}{:<6}{:<6}{:<8}{length:<10}`\n", 0, 0, 0, 644);
    assert!(header.len() == HEADER, "a field of a member of a library is too long: {header}");
    header.into_bytes()
}

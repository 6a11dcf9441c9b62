//! Writes object files of Linux, Android, the BSDs and illumos.

use super::ALIGNMENT;
use super::archive::Object;

/// What the headers of objects say of a target. A linker refuses objects that differ in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Elf {
    pub(super) is_64: bool,
    pub(super) is_big_endian: bool,
    pub(super) machine: u16,
    /// The conventions for calls, which linkers compare, though nothing is called here.
    pub(super) flags: u32,
}

/// The places of sections among their headers, of which the first is empty.
const RODATA: u16 = 1;
const STRTAB: u16 = 4;
const SECTIONS: u16 = 5;

/// The names of sections, and where they begin.
const NAMES: &[u8] = b"\0.rodata\0.note.GNU-stack\0.symtab\0.strtab\0";
const RODATA_NAME: u32 = 1;
const NOTE_NAME: u32 = 9;
const SYMTAB_NAME: u32 = 25;
const STRTAB_NAME: u32 = 33;

const RELOCATABLE: u16 = 1;
const PROGBITS: u32 = 1;
const SYMBOLS: u32 = 2;
const STRINGS: u32 = 3;
const ALLOCATED: u64 = 2;
/// A global symbol (1) for data (1).
const GLOBAL_OBJECT: u8 = 1 << 4 | 1;
/// Visible to other objects of the program, but not to other programs.
const HIDDEN: u8 = 2;

/// An object that holds the bytes, of which there is one at least, under this name.
pub(super) fn object<'a>(elf: &Elf, symbol: &str, contents: &'a [u8]) -> Object<'a> {
    let (file_header, symbol_size, section_header) =
        if elf.is_64 { (64, 24, 64) } else { (52, 16, 40) };
    let word = elf.word();
    let rodata = u64::next_multiple_of(file_header, ALIGNMENT);
    let symtab = (rodata + contents.len() as u64).next_multiple_of(word);
    let strtab = symtab + 2 * symbol_size;
    let strings = [NAMES, symbol.as_bytes(), b"\0"].concat();
    let headers = (strtab + strings.len() as u64).next_multiple_of(word);

    let mut before = Out { elf, bytes: b"\x7fELF".to_vec() };
    // The class, the order of bytes, the version, and no particular system.
    before.bytes.extend([1 + u8::from(elf.is_64), 1 + u8::from(elf.is_big_endian), 1]);
    before.bytes.resize(16, 0);
    before.half(RELOCATABLE);
    before.half(elf.machine);
    before.number(1);
    // No entry, no segments, and the headers of sections.
    [0, 0, headers].into_iter().for_each(|place| before.word(place));
    before.number(elf.flags);
    [file_header as u16, 0, 0].into_iter().for_each(|size| before.half(size));
    [section_header as u16, SECTIONS, STRTAB].into_iter().for_each(|it| before.half(it));
    before.fill(rodata);

    let start = rodata + contents.len() as u64;
    let mut after = Out { elf, bytes: Vec::new() };
    after.fill(symtab - start);
    after.symbol(0, 0, 0, 0, 0);
    after.symbol(NAMES.len() as u32, GLOBAL_OBJECT, HIDDEN, RODATA, contents.len() as u64);
    after.bytes.extend(&strings);
    after.fill(headers - start);
    after.section(Section::default());
    after.section(Section {
        name: RODATA_NAME,
        kind: PROGBITS,
        flags: ALLOCATED,
        offset: rodata,
        size: contents.len() as u64,
        alignment: ALIGNMENT,
        ..Section::default()
    });
    // Without this section the linker believes that the program wants an executable stack.
    after.section(Section {
        name: NOTE_NAME,
        kind: PROGBITS,
        offset: symtab,
        alignment: 1,
        ..Section::default()
    });
    after.section(Section {
        name: SYMTAB_NAME,
        kind: SYMBOLS,
        offset: symtab,
        size: 2 * symbol_size,
        link: STRTAB.into(),
        // The first symbol that other objects see.
        info: 1,
        alignment: word,
        entry: symbol_size,
        ..Section::default()
    });
    after.section(Section {
        name: STRTAB_NAME,
        kind: STRINGS,
        offset: strtab,
        size: strings.len() as u64,
        alignment: 1,
        ..Section::default()
    });
    Object { symbol: symbol.to_owned(), before: before.bytes, contents, after: after.bytes }
}

impl Elf {
    fn word(&self) -> u64 {
        if self.is_64 { 8 } else { 4 }
    }
}

#[derive(Default)]
struct Section {
    name: u32,
    kind: u32,
    flags: u64,
    offset: u64,
    size: u64,
    link: u32,
    info: u32,
    alignment: u64,
    entry: u64,
}

/// Numbers in the order and width of the target.
struct Out<'a> {
    elf: &'a Elf,
    bytes: Vec<u8>,
}

impl Out<'_> {
    fn half(&mut self, number: u16) {
        let big = self.elf.is_big_endian;
        self.bytes.extend(if big { number.to_be_bytes() } else { number.to_le_bytes() });
    }

    fn number(&mut self, number: u32) {
        let big = self.elf.is_big_endian;
        self.bytes.extend(if big { number.to_be_bytes() } else { number.to_le_bytes() });
    }

    fn word(&mut self, number: u64) {
        if !self.elf.is_64 {
            let Ok(number) = u32::try_from(number) else {
                unreachable!("what exceeds a program of 32 bits is refused before")
            };
            return self.number(number);
        }
        let big = self.elf.is_big_endian;
        self.bytes.extend(if big { number.to_be_bytes() } else { number.to_le_bytes() });
    }

    /// Zeros up to this length.
    fn fill(&mut self, length: u64) {
        while (self.bytes.len() as u64) < length {
            self.bytes.push(0);
        }
    }

    /// The fields have another order in each class.
    fn symbol(&mut self, name: u32, info: u8, visibility: u8, section: u16, size: u64) {
        self.number(name);
        if self.elf.is_64 {
            self.bytes.extend([info, visibility]);
            self.half(section);
            self.word(0);
            self.word(size);
        } else {
            self.word(0);
            self.word(size);
            self.bytes.extend([info, visibility]);
            self.half(section);
        }
    }

    fn section(&mut self, section: Section) {
        let Section { name, kind, flags, offset, size, link, info, alignment, entry } = section;
        self.number(name);
        self.number(kind);
        [flags, 0, offset, size].into_iter().for_each(|it| self.word(it));
        self.number(link);
        self.number(info);
        self.word(alignment);
        self.word(entry);
    }
}

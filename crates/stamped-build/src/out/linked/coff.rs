//! Writes object files of Windows.

use super::archive::Object;

/// What the headers of objects say of a target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Coff {
    pub(super) machine: u16,
}

pub(super) const X86: u16 = 0x14c;
pub(super) const X86_64: u16 = 0x8664;
pub(super) const ARM64: u16 = 0xaa64;

const HEADERS: u32 = 20 + 40;

/// Initialised data that can be read, at multiples of 64.
const CHARACTERISTICS: u32 = 0x40 | 0x4000_0000 | 0x0070_0000;

const ABSOLUTE: i16 = -1;
const EXTERNAL: u8 = 2;
const STATIC: u8 = 3;

/// An object that holds the bytes, of which there is one at least, under this name.
pub(super) fn object<'a>(coff: &Coff, symbol: &str, contents: &'a [u8]) -> Object<'a> {
    let is_x86 = coff.machine == X86;
    let symbol = if is_x86 { format!("_{symbol}") } else { symbol.to_owned() };
    let size = place(contents.len());
    let symbols = place(HEADERS as usize + contents.len()).next_multiple_of(4);

    let mut before = Vec::new();
    before.extend(coff.machine.to_le_bytes());
    before.extend(1_u16.to_le_bytes());
    let count = 1 + u32::from(is_x86);
    [0, symbols, count].iter().for_each(|it: &u32| before.extend(it.to_le_bytes()));
    before.extend([0; 4]);
    before.extend(b".rdata\0\0");
    [0, 0, size, HEADERS, 0, 0, 0].iter().for_each(|it: &u32| before.extend(it.to_le_bytes()));
    before.extend(CHARACTERISTICS.to_le_bytes());

    let mut after = vec![0; (symbols - HEADERS - size) as usize];
    if is_x86 {
        // This object has no exception handlers, so it is safe with those of others. Without this, the
        // linker refuses it, because the compiler asks for a program that is (`/SAFESEH`).
        self::symbol(&mut after, *b"@feat.00", 1, ABSOLUTE, STATIC);
    }
    // The name is the first string behind the length of all strings.
    let [a, b, c, d] = 4_u32.to_le_bytes();
    self::symbol(&mut after, [0, 0, 0, 0, a, b, c, d], 0, 1, EXTERNAL);
    after.extend((4 + place(symbol.len()) + 1).to_le_bytes());
    after.extend(symbol.bytes());
    after.push(0);
    Object { symbol, before, contents, after }
}

fn symbol(bytes: &mut Vec<u8>, name: [u8; 8], value: u32, section: i16, class: u8) {
    bytes.extend(name);
    bytes.extend(value.to_le_bytes());
    bytes.extend(section.to_le_bytes());
    // Of no type, and nothing follows.
    bytes.extend([0, 0, class, 0]);
}

fn place(place: usize) -> u32 {
    let Ok(place) = u32::try_from(place) else {
        unreachable!("contents of this size are refused before")
    };
    place
}

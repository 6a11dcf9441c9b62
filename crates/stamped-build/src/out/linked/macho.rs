//! Writes object files of Apple's systems.

use super::ALIGNMENT;
use super::archive::Object;

/// What the headers of objects say of a target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct MachO {
    /// The type of the processor, and the oldest of them.
    pub(super) processor: (u32, u32),
    /// The number of the system. A linker takes objects of one system only.
    pub(super) platform: u32,
    /// The oldest version of the system that the program runs on, as `0xMMMMmmpp`.
    pub(super) oldest: u32,
}

const MAGIC: u32 = 0xfeed_facf;
const OBJECT: u32 = 1;
/// The linker may leave out each symbol with its bytes by itself.
const SUBSECTIONS_VIA_SYMBOLS: u32 = 0x2000;

const SEGMENT: u32 = 0x19;
const BUILD_VERSION: u32 = 0x32;
const SYMBOLS: u32 = 2;

const HEADER_SIZE: u32 = 32;
const SEGMENT_SIZE: u32 = 72 + 80;
const VERSION_SIZE: u32 = 24;
const SYMBOLS_SIZE: u32 = 24;
const SYMBOL_SIZE: u64 = 16;

/// A symbol of a section (0xe) that other objects (1) of the same program (0x10) see.
const PRIVATE_EXTERNAL: u8 = 0x10 | 0xe | 1;

/// An object that holds the bytes, of which there is one at least, under this name.
pub(super) fn object<'a>(macho: &MachO, symbol: &str, contents: &'a [u8]) -> Object<'a> {
    let symbol = format!("_{symbol}");
    let size = contents.len() as u64;
    let commands = SEGMENT_SIZE + VERSION_SIZE + SYMBOLS_SIZE;
    let data = u64::from(HEADER_SIZE + commands).next_multiple_of(ALIGNMENT);
    let symbols = (data + size).next_multiple_of(8);
    let strings = symbols + SYMBOL_SIZE;
    // The first string is empty, for symbols without a name.
    let mut names = [b"\0", symbol.as_bytes(), b"\0"].concat();
    names.resize(names.len().next_multiple_of(8), 0);

    let mut before = Vec::new();
    let (kind, oldest) = macho.processor;
    numbers(&mut before, &[MAGIC, kind, oldest, OBJECT, 3, commands, SUBSECTIONS_VIA_SYMBOLS, 0]);

    numbers(&mut before, &[SEGMENT, SEGMENT_SIZE]);
    before.extend([0; 16]);
    [0, size, data, size].iter().for_each(|it: &u64| before.extend(it.to_le_bytes()));
    // Protection: reading, writing and running, as every object has it; one section.
    numbers(&mut before, &[7, 7, 1, 0]);
    before.extend(name("__const"));
    before.extend(name("__TEXT"));
    [0, size].iter().for_each(|it: &u64| before.extend(it.to_le_bytes()));
    numbers(&mut before, &[place(data), ALIGNMENT.trailing_zeros(), 0, 0, 0, 0, 0, 0]);

    let MachO { platform, oldest, .. } = *macho;
    numbers(&mut before, &[BUILD_VERSION, VERSION_SIZE, platform, oldest, oldest, 0]);
    let (symbols_at, strings_at) = (place(symbols), place(strings));
    numbers(&mut before, &[SYMBOLS, SYMBOLS_SIZE, symbols_at, 1, strings_at, names.len() as u32]);
    before.resize(data as usize, 0);

    let mut after = vec![0; (symbols - data - size) as usize];
    numbers(&mut after, &[1]);
    // Of the first section, without a description, at its beginning.
    after.extend([PRIVATE_EXTERNAL, 1, 0, 0]);
    after.extend([0; 8]);
    after.extend(names);
    Object { symbol, before, contents, after }
}

fn numbers(bytes: &mut Vec<u8>, numbers: &[u32]) {
    numbers.iter().for_each(|number| bytes.extend(number.to_le_bytes()));
}

fn name(name: &str) -> [u8; 16] {
    let mut field = [0; 16];
    field[..name.len()].copy_from_slice(name.as_bytes());
    field
}

fn place(place: u64) -> u32 {
    let Ok(place) = u32::try_from(place) else {
        unreachable!("contents of this size are refused before")
    };
    place
}

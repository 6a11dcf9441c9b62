//! Makes folders of assets with made-up contents.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

/// How many files, and how many megabytes in all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    pub files: usize,
    pub megabytes: usize,
}

impl Size {
    pub fn parse(text: &str) -> Size {
        let (files, megabytes) = text.split_once(':').expect("a size is FILES:MEGABYTES");
        Size { files: files.parse().unwrap(), megabytes: megabytes.parse().unwrap() }
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} files, {} MB", self.files, self.megabytes)
    }
}

/// Everything that is made here lies below this folder.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/builds")
}

/// The folder with files of this size, made once.
pub fn folder(size: Size) -> PathBuf {
    let folder = root().join(format!("assets-{}-{}", size.files, size.megabytes));
    let done = folder.with_extension("done");
    if !done.exists() {
        let _ = fs::remove_dir_all(&folder);
        make(&folder, size);
        fs::write(done, "").unwrap();
    }
    folder
}

/// Half text, half not; 20 files to a folder; a style sheet that names two pictures among each
/// twenty; sizes from a quarter to almost twice the mean.
fn make(folder: &Path, size: Size) {
    let mean = size.megabytes * 1_000_000 / size.files;
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    for number in 0..size.files {
        let group = folder.join(format!("group-{}", number / 20));
        if number % 20 == 0 {
            fs::create_dir_all(&group).unwrap();
        }
        let length = mean / 4 + random.next() as usize % (mean * 3 / 2);
        let (name, bytes) = match number % 20 {
            0 => (format!("style-{number}.css"), style(length, number, &mut random)),
            1..=9 => (format!("module-{number}.min.js"), text(length, &mut random)),
            _ => (format!("picture-{number}.png"), binary(length, &mut random)),
        };
        fs::write(group.join(name), bytes).unwrap();
    }
}

fn style(length: usize, number: usize, random: &mut Random) -> Vec<u8> {
    let mut sheet = String::new();
    for picture in [number + 10, number + 11] {
        sheet.push_str(&format!(".p{picture} {{ background: url(picture-{picture}.png) }}\n"));
    }
    let mut sheet = sheet.into_bytes();
    sheet.extend(b"/* ");
    sheet.extend(text(length.saturating_sub(sheet.len()), random));
    sheet.extend(b" */\n");
    sheet
}

/// Words, which compress about as well as minified scripts do.
fn text(length: usize, random: &mut Random) -> Vec<u8> {
    let mut text = Vec::with_capacity(length + 16);
    while text.len() < length {
        let word = random.next() % 3000;
        text.extend(format!("w{} ", word * word % 7919).bytes());
    }
    text.truncate(length);
    text
}

fn binary(length: usize, random: &mut Random) -> Vec<u8> {
    let mut bytes = vec![0x89, b'P', b'N', b'G'];
    while bytes.len() < length {
        bytes.extend(random.next().to_le_bytes());
    }
    bytes.truncate(length.max(4));
    bytes
}

/// Xorshift: the same files on every machine.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }
}

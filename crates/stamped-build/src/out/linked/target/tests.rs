use super::*;
use object::read::archive::ArchiveFile;
use object::{Architecture, BinaryFormat, FileFlags, SectionKind, SymbolScope};
use object::{Object as _, ObjectSection as _, ObjectSymbol as _};
use proptest::prelude::*;
use stamped_test_support::{Dir, skip};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const TEXT: &[u8] = "a { content: \"\u{56fe}\" }".as_bytes();
const AREAS: [(&str, &[u8]); 3] = [("in_text", TEXT), ("in_binary", b"\0\xff"), ("in_none", b"")];

/// A target as the compiler describes it, what its objects are, and how LLVM's linker is told.
#[derive(Clone, Copy, Debug)]
struct Known {
    triple: &'static str,
    /// Architecture, width and order of bytes; system, environment and ABI.
    cfg: [&'static str; 6],
    architecture: Architecture,
    /// The flags of an ELF file.
    flags: u32,
    /// An emulation, an architecture or a machine.
    linker: &'static str,
}

#[rustfmt::skip]
const KNOWN: &[Known] = &[
    known("x86_64-unknown-linux-gnu", ["x86_64", "64", "little", "linux", "gnu", ""], Architecture::X86_64, 0, "elf_x86_64"),
    known("x86_64-unknown-linux-gnux32", ["x86_64", "32", "little", "linux", "gnu", "x32"], Architecture::X86_64_X32, 0, "elf32_x86_64"),
    known("i686-unknown-linux-musl", ["x86", "32", "little", "linux", "musl", ""], Architecture::I386, 0, "elf_i386"),
    known("x86_64-unknown-freebsd", ["x86_64", "64", "little", "freebsd", "", ""], Architecture::X86_64, 0, "elf_x86_64"),
    known("aarch64-linux-android", ["aarch64", "64", "little", "android", "", ""], Architecture::Aarch64, 0, "aarch64linux"),
    known("aarch64-unknown-linux-gnu_ilp32", ["aarch64", "32", "little", "linux", "gnu", "ilp32"], Architecture::Aarch64_Ilp32, 0, ""),
    known("aarch64_be-unknown-linux-gnu", ["aarch64", "64", "big", "linux", "gnu", ""], Architecture::Aarch64, 0, "aarch64linuxb"),
    known("armv7-unknown-linux-gnueabihf", ["arm", "32", "little", "linux", "gnu", "eabihf"], Architecture::Arm, 0x0500_0000, "armelf_linux_eabi"),
    known("riscv64gc-unknown-linux-gnu", ["riscv64", "64", "little", "linux", "gnu", ""], Architecture::Riscv64, 4, "elf64lriscv"),
    known("riscv32gc-unknown-linux-gnu", ["riscv32", "32", "little", "linux", "gnu", ""], Architecture::Riscv32, 4, "elf32lriscv"),
    known("loongarch64-unknown-linux-gnu", ["loongarch64", "64", "little", "linux", "gnu", ""], Architecture::LoongArch64, 0x43, "elf64loongarch"),
    known("mips-unknown-linux-gnu", ["mips", "32", "big", "linux", "gnu", ""], Architecture::Mips, 0x5000_1007, "elf32btsmip"),
    known("mipsel-unknown-linux-musl", ["mips", "32", "little", "linux", "musl", ""], Architecture::Mips, 0x5000_1007, "elf32ltsmip"),
    known("mips64el-unknown-linux-gnuabi64", ["mips64", "64", "little", "linux", "gnu", "abi64"], Architecture::Mips64, 0x6000_0007, "elf64ltsmip"),
    known("mipsisa32r6-unknown-linux-gnu", ["mips32r6", "32", "big", "linux", "gnu", ""], Architecture::Mips, 0x9000_1407, "elf32btsmip"),
    known("mipsisa64r6el-unknown-linux-gnuabi64", ["mips64r6", "64", "little", "linux", "gnu", "abi64"], Architecture::Mips64, 0xa000_0407, "elf64ltsmip"),
    known("powerpc-unknown-linux-gnu", ["powerpc", "32", "big", "linux", "gnu", ""], Architecture::PowerPc, 0, "elf32ppc"),
    known("powerpc64-unknown-linux-musl", ["powerpc64", "64", "big", "linux", "musl", "elfv2"], Architecture::PowerPc64, 0, "elf64ppc"),
    known("powerpc64le-unknown-linux-gnu", ["powerpc64", "64", "little", "linux", "gnu", "elfv2"], Architecture::PowerPc64, 2, "elf64lppc"),
    known("s390x-unknown-linux-gnu", ["s390x", "64", "big", "linux", "gnu", ""], Architecture::S390x, 0, "elf64_s390"),
    known("sparc64-unknown-netbsd", ["sparc64", "64", "big", "netbsd", "", ""], Architecture::Sparc64, 0, ""),
    known("m68k-unknown-linux-gnu", ["m68k", "32", "big", "linux", "gnu", ""], Architecture::M68k, 0, ""),
    known("x86_64-apple-darwin", ["x86_64", "64", "little", "macos", "", ""], Architecture::X86_64, 0, "x86_64 macos"),
    known("aarch64-apple-darwin", ["aarch64", "64", "little", "macos", "", ""], Architecture::Aarch64, 0, "arm64 macos"),
    known("aarch64-apple-ios", ["aarch64", "64", "little", "ios", "", ""], Architecture::Aarch64, 0, "arm64 ios"),
    known("x86_64-apple-ios", ["x86_64", "64", "little", "ios", "sim", "sim"], Architecture::X86_64, 0, "x86_64 ios-simulator"),
    known("aarch64-apple-ios-macabi", ["aarch64", "64", "little", "ios", "macabi", "macabi"], Architecture::Aarch64, 0, "arm64 mac-catalyst"),
    known("aarch64-apple-tvos-sim", ["aarch64", "64", "little", "tvos", "sim", "sim"], Architecture::Aarch64, 0, "arm64 tvos-simulator"),
    known("aarch64-apple-watchos", ["aarch64", "64", "little", "watchos", "", ""], Architecture::Aarch64, 0, "arm64 watchos"),
    known("aarch64-apple-visionos", ["aarch64", "64", "little", "visionos", "", ""], Architecture::Aarch64, 0, "arm64 xros"),
    known("x86_64-pc-windows-msvc", ["x86_64", "64", "little", "windows", "msvc", ""], Architecture::X86_64, 0, "x64"),
    known("aarch64-pc-windows-msvc", ["aarch64", "64", "little", "windows", "msvc", ""], Architecture::Aarch64, 0, "arm64"),
    known("i686-pc-windows-msvc", ["x86", "32", "little", "windows", "msvc", ""], Architecture::I386, 0, "x86"),
    known("x86_64-pc-windows-gnu", ["x86_64", "64", "little", "windows", "gnu", ""], Architecture::X86_64, 0, "x64"),
    known("i686-pc-windows-gnu", ["x86", "32", "little", "windows", "gnu", ""], Architecture::I386, 0, "x86"),
];

const fn known(
    triple: &'static str,
    cfg: [&'static str; 6],
    architecture: Architecture,
    flags: u32,
    linker: &'static str,
) -> Known {
    Known { triple, cfg, architecture, flags, linker }
}

fn of(triple: &str, cfg: [&str; 6]) -> Option<Target> {
    let names = ["ARCH", "POINTER_WIDTH", "ENDIAN", "OS", "ENV", "ABI"];
    Target::from(|variable| match variable.strip_prefix("CARGO_CFG_TARGET_") {
        Some(name) => Some(cfg[names.iter().position(|it| *it == name)?].to_owned()),
        None => (variable == "TARGET").then(|| triple.to_owned()),
    })
}

impl Known {
    fn target(&self) -> Target {
        of(self.triple, self.cfg).unwrap_or_else(|| panic!("{} is not known", self.triple))
    }

    fn is_32(&self) -> bool {
        self.cfg[1] == "32"
    }

    /// The name of a symbol in objects.
    fn in_objects(&self, symbol: &str) -> String {
        let is_x86_windows = self.cfg[0] == "x86" && self.cfg[3] == "windows";
        let has_underscore = self.format() == BinaryFormat::MachO || is_x86_windows;
        format!("{}{symbol}", if has_underscore { "_" } else { "" })
    }

    fn format(&self) -> BinaryFormat {
        match self.cfg[3] {
            "windows" => BinaryFormat::Coff,
            "macos" | "ios" | "tvos" | "watchos" | "visionos" => BinaryFormat::MachO,
            _ => BinaryFormat::Elf,
        }
    }

    fn library(&self, areas: &[(&str, &[u8])]) -> Vec<u8> {
        let mut library = Vec::new();
        self.target().library(areas, &mut library).unwrap();
        library
    }
}

/// Checks everything about an object that a linker looks at.
#[track_caller]
fn holds(known: &Known, object: &[u8], symbol: &str, bytes: &[u8]) {
    let file = object::File::parse(object).unwrap();
    assert_eq!((file.format(), file.architecture()), (known.format(), known.architecture));
    assert_eq!(file.kind(), object::ObjectKind::Relocatable);
    assert_eq!(file.is_little_endian(), known.cfg[2] == "little");
    // COFF has one form for all processors.
    assert!(known.format() == BinaryFormat::Coff || file.is_64() != known.is_32());
    if let FileFlags::Elf { os_abi, e_flags, .. } = file.flags() {
        assert_eq!((os_abi, e_flags), (0, known.flags), "{}", known.triple);
        let note = file.section_by_name(".note.GNU-stack").unwrap();
        assert_eq!((note.size(), note.kind()), (0, SectionKind::Other));
    }
    let symbols: Vec<_> = file.symbols().filter(|symbol| symbol.is_global()).collect();
    let [found] = &*symbols else { panic!("{} has {symbols:?}", known.triple) };
    assert_eq!(found.name(), Ok(&*known.in_objects(symbol)));
    assert!(found.is_definition() && !found.is_weak());
    // COFF knows neither the size of a symbol nor which of the global ones are for this program only.
    if known.format() != BinaryFormat::Coff {
        assert_eq!(found.scope(), SymbolScope::Linkage, "{}", known.triple);
    }
    if known.format() == BinaryFormat::Elf {
        assert_eq!(found.size(), bytes.len().max(1) as u64);
    }
    let section = file.section_by_index(found.section_index().unwrap()).unwrap();
    assert_eq!((found.address(), section.address()), (0, 0));
    assert_eq!((section.kind(), section.align()), (SectionKind::ReadOnlyData, 64));
    assert_eq!(section.relocations().count(), 0);
    assert_eq!(section.data().unwrap(), if bytes.is_empty() { b"\0" } else { bytes });
}

#[test]
fn an_object_holds_the_bytes_under_a_symbol_that_no_other_program_sees() {
    for known in KNOWN {
        for (symbol, bytes) in AREAS {
            let mut object = Vec::new();
            known.target().object(symbol, bytes).write(&mut object).unwrap();
            holds(known, &object, symbol, bytes);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever the lengths, which decide about padding.
    #[test]
    fn a_library_leads_from_each_symbol_to_its_object(
        target in 0..KNOWN.len(),
        text in proptest::collection::vec(any::<u8>(), 0..200),
        binary in proptest::collection::vec(any::<u8>(), 0..200),
        names in ("[a-z_]{1,40}_t", "[a-z_]{1,40}_b"),
    ) {
        let known = &KNOWN[target];
        let areas = [(&*names.0, &*text), (&*names.1, &*binary)];
        let library = known.library(&areas);
        prop_assert_eq!(&library, &known.library(&areas));
        let archive = ArchiveFile::parse(&*library).unwrap();
        let table: Vec<_> = archive.symbols().unwrap().unwrap().map(Result::unwrap).collect();
        prop_assert_eq!(table.len(), 2);
        for (symbol, bytes) in areas {
            let name = known.in_objects(symbol);
            let entry = table.iter().find(|entry| entry.name() == name.as_bytes()).unwrap();
            let member = archive.member(entry.offset()).unwrap();
            prop_assert!(member.name().len() <= 15 && member.name().ends_with(b".o"));
            prop_assert_eq!(member.date(), Some(0));
            // Apple's linker wants objects at multiples of eight, and others at even places.
            let unit = if known.format() == BinaryFormat::MachO { 8 } else { 2 };
            prop_assert_eq!(member.file_range().0 % unit, 0);
            holds(known, member.data(&*library).unwrap(), symbol, bytes);
        }
        prop_assert_eq!(archive.members().count(), 2);
    }
}

#[test]
fn what_is_not_known_is_no_target() {
    for (triple, cfg) in [
        ("wasm32-unknown-unknown", ["wasm32", "32", "little", "unknown", "", ""]),
        ("wasm32-wali-linux-musl", ["wasm32", "32", "little", "linux", "musl", ""]),
        ("x86_64-unknown-none", ["x86_64", "64", "little", "none", "", ""]),
        ("avr-none", ["avr", "16", "little", "none", "", ""]),
        ("csky-unknown-linux-gnuabiv2", ["csky", "32", "little", "linux", "gnu", "abiv2"]),
        ("arm64_32-apple-watchos", ["aarch64", "32", "little", "watchos", "", ""]),
        ("arm64e-apple-darwin", ["aarch64", "64", "little", "macos", "", ""]),
        ("x86_64h-apple-darwin", ["x86_64", "64", "little", "macos", "", ""]),
        ("arm64ec-pc-windows-msvc", ["arm64ec", "64", "little", "windows", "msvc", ""]),
        ("powerpc64-ibm-aix", ["powerpc64", "64", "big", "aix", "", ""]),
    ] {
        assert_eq!(of(triple, cfg), None, "{triple}");
    }
    assert_eq!(Target::from(|_| None), None);
}

/// LLVM's linker for all formats, which comes with the toolchain on most hosts.
fn linker() -> Option<PathBuf> {
    let said = |arguments: &[&str]| {
        let output = Command::new("rustc").args(arguments).output().unwrap();
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    };
    let libraries = said(&["--print", "target-libdir"]);
    let linker = Path::new(&libraries).with_file_name("bin").join("rust-lld");
    let linker = linker.with_extension(std::env::consts::EXE_EXTENSION);
    linker.is_file().then_some(linker)
}

#[test]
fn a_linker_of_each_platform_takes_the_library() {
    let Some(linker) = linker() else {
        skip("there is no rust-lld in this toolchain");
        return;
    };
    let folder = Dir::new();
    // LLVM's linker does not know all processors.
    for known in KNOWN.iter().filter(|known| !known.linker.is_empty()) {
        let library = folder.join(known.target().file_name("contents"));
        fs::write(&library, known.library(&AREAS)).unwrap();
        let linked = folder.join("linked");
        let mut command = Command::new(&linker);
        let symbols = AREAS.iter().map(|(symbol, _)| known.in_objects(symbol));
        match known.format() {
            BinaryFormat::Elf => {
                command.args(["-flavor", "gnu", "-m", known.linker, "--fatal-warnings"]);
                command.args(["-e", "0", "-z", "noexecstack", "--gc-sections"]);
                command.args(symbols.map(|symbol| format!("--undefined={symbol}")));
                command.arg("-o").arg(&linked);
            }
            BinaryFormat::MachO => {
                let (arch, platform) = known.linker.split_once(' ').unwrap();
                command.args(["-flavor", "darwin", "-arch", arch, "-dylib", "-fatal_warnings"]);
                command.args(["-platform_version", platform, "14.0", "14.0"]);
                command.args(["-undefined", "dynamic_lookup", "-dead_strip"]);
                command.args(symbols.flat_map(|symbol| ["-u".to_owned(), symbol]));
                command.arg("-o").arg(&linked);
            }
            _ => {
                command.args(["-flavor", "link", "/dll", "/noentry", "/WX"]);
                command.arg(format!("/machine:{}", known.linker));
                if known.linker == "x86" {
                    command.arg("/safeseh");
                }
                command.args(symbols.map(|symbol| format!("/include:{symbol}")));
                command.arg(format!("/out:{}", linked.display()));
            }
        }
        let output = command.arg(&library).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{}: {said}", known.triple);
        let program = fs::read(&linked).unwrap();
        for (_, bytes) in AREAS {
            let is_there = bytes.is_empty() || program.windows(bytes.len()).any(|at| at == bytes);
            assert!(is_there, "{}", known.triple);
        }
    }
}

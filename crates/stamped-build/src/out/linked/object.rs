//! Writes object files of one symbol each, and the library that holds them.

use super::target::Target;
use ar_archive_writer::{DEFAULT_OBJECT_READER, NewArchiveMember, write_archive_to_stream};
use object::write::{MachOBuildVersion, Object, StandardSection, Symbol, SymbolSection};
use object::{BinaryFormat, Endianness, SectionFlags, SectionKind, macho};
use object::{SymbolFlags, SymbolKind, SymbolScope};
use std::io::{self, Seek, Write};

/// A cache line, so that no content shares its first with another's last.
const ALIGNMENT: u64 = 64;

/// Writes a static library with a symbol for each area.
///
/// Each symbol has its own object. If two libraries share a symbol, the linker takes the first
/// object with it. If that also held another symbol, the linker could find the other one twice.
pub(super) fn library(
    target: &Target,
    areas: &[(&str, &[u8])],
    output: &mut (impl Write + Seek),
) -> io::Result<()> {
    let mut members = Vec::new();
    for &(symbol, bytes) in areas {
        let object = object(target, symbol, bytes).write().map_err(io::Error::other)?;
        members.push(NewArchiveMember::new(object, &DEFAULT_OBJECT_READER, format!("{symbol}.o")));
    }
    write_archive_to_stream(output, &members, target.archive, false, None)
}

/// An object that holds `bytes` under the name `symbol`.
fn object<'a>(target: &Target, symbol: &str, bytes: &'a [u8]) -> Object<'a> {
    let mut object = Object::new(target.format, target.architecture, Endianness::Little);
    if let Some(minos) = target.macos {
        let mut version = MachOBuildVersion::default();
        version.platform = macho::PLATFORM_MACOS;
        version.minos = minos;
        version.sdk = minos;
        object.set_macho_build_version(version);
        object.set_subsections_via_symbols();
    }
    if target.format == BinaryFormat::Elf {
        // Without this section the linker believes that the program wants an executable stack.
        let note = b".note.GNU-stack".to_vec();
        let note = object.add_section(Vec::new(), note, SectionKind::Other);
        object.section_mut(note).flags = SectionFlags::Elf { sh_flags: 0 };
    }
    let section = object.section_id(StandardSection::ReadOnlyData);
    // A symbol without bytes could get the address of another.
    let data = if bytes.is_empty() { b"\0" } else { bytes };
    let size = data.len() as u64;
    object.set_section_data(section, data, ALIGNMENT);
    object.add_symbol(Symbol {
        name: symbol.as_bytes().to_vec(),
        value: 0,
        size,
        kind: SymbolKind::Data,
        // Visible to other objects of the program, but not to other programs.
        scope: SymbolScope::Linkage,
        weak: false,
        section: SymbolSection::Section(section),
        flags: SymbolFlags::None,
    });
    object
}

#[cfg(test)]
mod tests {
    use super::*;
    use object::{Object as _, ObjectSection as _, ObjectSymbol as _};
    use stamped_test_support::{Dir, skip};
    use std::fs;
    use std::path::{Path, PathBuf};
    use std::process::Command;

    const TEXT: &[u8] = "a { content: \"\u{56fe}\" }".as_bytes();
    const AREAS: [(&str, &[u8]); 3] =
        [("in_text", TEXT), ("in_binary", b"\0\xff"), ("in_none", b"")];

    fn target(arch: &str, os: &str, env: &str) -> Target {
        let width = if arch == "x86" { "32" } else { "64" };
        known(&[
            ("TARGET_ARCH", arch),
            ("TARGET_OS", os),
            ("TARGET_ENV", env),
            ("TARGET_ENDIAN", "little"),
            ("TARGET_POINTER_WIDTH", width),
        ])
        .unwrap()
    }

    fn known(settings: &[(&str, &str)]) -> Option<Target> {
        Target::from(|variable| {
            let setting =
                |&&(name, _): &&(&str, &str)| variable.strip_prefix("CARGO_CFG_") == Some(name);
            settings.iter().find(setting).map(|&(_, value)| value.to_owned())
        })
    }

    fn all_targets() -> Vec<Target> {
        vec![
            target("x86_64", "linux", "gnu"),
            target("aarch64", "linux", "musl"),
            target("x86", "linux", "gnu"),
            target("x86_64", "freebsd", ""),
            target("x86_64", "macos", ""),
            target("aarch64", "macos", ""),
            target("x86_64", "windows", "msvc"),
            target("aarch64", "windows", "msvc"),
            target("x86_64", "windows", "gnu"),
        ]
    }

    #[test]
    fn an_object_holds_the_bytes_under_a_symbol_that_no_other_program_sees() {
        for target in all_targets() {
            for (symbol, bytes) in AREAS {
                let file = object(&target, symbol, bytes).write().unwrap();
                let file = object::File::parse(&*file).unwrap();
                assert_eq!(file.architecture(), target.architecture);
                let prefix = if target.format == BinaryFormat::MachO { "_" } else { "" };
                let found = file
                    .symbols()
                    .find(|found| found.name() == Ok(&format!("{prefix}{symbol}")))
                    .unwrap();
                assert!(found.is_definition() && found.is_global(), "{target:?}");
                let section = file.section_by_index(found.section_index().unwrap()).unwrap();
                assert_eq!(section.kind(), SectionKind::ReadOnlyData, "{target:?}");
                assert!(section.align() >= 64, "{target:?}");
                assert!(section.data().unwrap().starts_with(bytes));
                assert!(section.size() > 0);
            }
        }
    }

    #[test]
    fn what_is_not_known_is_no_target() {
        let settings = |arch, os, endian, width| {
            known(&[
                ("TARGET_ARCH", arch),
                ("TARGET_OS", os),
                ("TARGET_ENDIAN", endian),
                ("TARGET_POINTER_WIDTH", width),
            ])
        };
        assert!(settings("x86_64", "linux", "little", "64").is_some());
        for (arch, os, endian, width) in [
            ("x86_64", "linux", "little", "32"),
            ("aarch64", "linux", "big", "64"),
            ("wasm32", "unknown", "little", "32"),
            ("x86", "windows", "little", "32"),
            ("x86_64", "none", "little", "64"),
        ] {
            assert_eq!(settings(arch, os, endian, width), None, "{arch} {os} {endian} {width}");
        }
        let miri = [
            ("MIRI", ""),
            ("TARGET_ARCH", "x86_64"),
            ("TARGET_OS", "linux"),
            ("TARGET_ENDIAN", "little"),
            ("TARGET_POINTER_WIDTH", "64"),
        ];
        assert_eq!(known(&miri), None);
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
        for target in all_targets() {
            let library = folder.join(target.file_name("contents"));
            super::library(&target, &AREAS, &mut fs::File::create(&library).unwrap()).unwrap();
            let linked = folder.join("linked");
            let mut command = Command::new(&linker);
            let is_64 = target.architecture != object::Architecture::I386;
            let arm = target.architecture == object::Architecture::Aarch64;
            match target.format {
                BinaryFormat::Elf => {
                    let emulation = match (is_64, arm) {
                        (_, true) => "aarch64linux",
                        (true, _) => "elf_x86_64",
                        _ => "elf_i386",
                    };
                    command.args(["-flavor", "gnu", "-m", emulation, "--fatal-warnings"]);
                    command.args(["-e", "0", "-z", "noexecstack"]);
                    command.args(AREAS.iter().map(|(symbol, _)| format!("--undefined={symbol}")));
                    command.arg("-o").arg(&linked);
                }
                BinaryFormat::MachO => {
                    let arch = if arm { "arm64" } else { "x86_64" };
                    command.args(["-flavor", "darwin", "-arch", arch, "-dylib", "-fatal_warnings"]);
                    command.args(["-platform_version", "macos", "11.0", "11.0"]);
                    command.args(["-undefined", "dynamic_lookup", "-dead_strip"]);
                    command.args(
                        AREAS.iter().flat_map(|(symbol, _)| ["-u".into(), format!("_{symbol}")]),
                    );
                    command.arg("-o").arg(&linked);
                }
                _ => {
                    let machine = if arm { "arm64" } else { "x64" };
                    command.args(["-flavor", "link", "/dll", "/noentry", "/WX"]);
                    command.arg(format!("/machine:{machine}"));
                    command.args(AREAS.iter().map(|(symbol, _)| format!("/include:{symbol}")));
                    command.arg(format!("/out:{}", linked.display()));
                }
            }
            let output = command.arg(&library).output().unwrap();
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{target:?}: {said}");
            let program = fs::read(&linked).unwrap();
            for (_, bytes) in AREAS {
                let is_there =
                    bytes.is_empty() || program.windows(bytes.len()).any(|at| at == bytes);
                assert!(is_there, "{target:?}");
            }
        }
    }
}

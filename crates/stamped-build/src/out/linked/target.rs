//! The target of a build, as far as libraries depend on it.

use super::archive::{self, Dialect, Object};
use super::coff::{self, Coff};
use super::elf::{self, Elf};
use super::macho::{self, MachO};
use std::io::{self, Write};

/// A platform whose format of objects is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    format: Format,
    dialect: Dialect,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Elf(Elf),
    MachO(MachO),
    Coff(Coff),
}

/// What cargo says of the target of a build.
struct Said {
    arch: String,
    os: String,
    abi: String,
    env: String,
    is_64: bool,
    is_big_endian: bool,
    triple: String,
}

impl Target {
    /// The target that cargo names for this build, if its format is known.
    pub(crate) fn of_this_build() -> Option<Self> {
        Target::from(|variable| std::env::var(variable).ok())
    }

    fn from(variable: impl Fn(&str) -> Option<String>) -> Option<Self> {
        let setting = |name: &str| variable(&format!("CARGO_CFG_TARGET_{name}"));
        let text = |name: &str| setting(name).unwrap_or_default();
        let said = Said {
            arch: setting("ARCH")?,
            os: setting("OS")?,
            abi: text("ABI"),
            env: text("ENV"),
            is_64: match &*setting("POINTER_WIDTH")? {
                "64" => true,
                "32" => false,
                _ => return None,
            },
            is_big_endian: setting("ENDIAN")? == "big",
            triple: variable("TARGET").unwrap_or_default(),
        };
        let (format, dialect) = match &*said.os {
            "linux" | "android" | "freebsd" | "netbsd" | "openbsd" | "dragonfly" | "illumos" => {
                (Format::Elf(said.elf()?), Dialect::Gnu)
            }
            "macos" | "ios" | "tvos" | "watchos" | "visionos" => {
                (Format::MachO(said.macho()?), Dialect::Darwin)
            }
            "windows" => {
                let dialect = if said.env == "msvc" { Dialect::Coff } else { Dialect::Gnu };
                (Format::Coff(said.coff()?), dialect)
            }
            _ => return None,
        };
        Some(Target { format, dialect })
    }

    /// The file name under which the compiler finds a static library.
    pub(super) fn file_name(&self, library: &str) -> String {
        match self.dialect {
            Dialect::Coff => format!("{library}.lib"),
            Dialect::Gnu | Dialect::Darwin => format!("lib{library}.a"),
        }
    }

    /// Writes a static library with a symbol for each area.
    ///
    /// Each symbol has its own object. If two libraries share a symbol, the linker takes the first
    /// object with it. If that also held another symbol, the linker could find the other one twice.
    pub(super) fn library(
        &self,
        areas: &[(&str, &[u8])],
        output: &mut impl Write,
    ) -> io::Result<()> {
        let objects: Vec<Object> =
            areas.iter().map(|(symbol, bytes)| self.object(symbol, bytes)).collect();
        archive::write(self.dialect, &objects, output)
    }

    fn object<'a>(&self, symbol: &str, bytes: &'a [u8]) -> Object<'a> {
        // A symbol without bytes could get the address of another.
        let bytes = if bytes.is_empty() { b"\0" } else { bytes };
        match &self.format {
            Format::Elf(elf) => elf::object(elf, symbol, bytes),
            Format::MachO(macho) => macho::object(macho, symbol, bytes),
            Format::Coff(coff) => coff::object(coff, symbol, bytes),
        }
    }
}

impl Said {
    /// Machines and flags are those of objects that the compiler makes for all targets of these systems.
    /// Of the flags for what linkers only add up, such as instructions that are used, data has none.
    fn elf(&self) -> Option<Elf> {
        let (machine, flags) = match (&*self.arch, self.is_64) {
            ("x86", false) => (3, 0),
            // With 32 bits, that is x32.
            ("x86_64", _) => (62, 0),
            // Version 5 of the conventions.
            ("arm", false) => (40, 0x0500_0000),
            ("aarch64", _) => (183, 0),
            // Floating-point numbers are passed in registers that hold doubles.
            ("riscv32", false) | ("riscv64", true) => (243, 4),
            ("loongarch64", true) => (258, 0x43),
            // Position-independent, with the calls that goes with; the oldest instructions of their family.
            ("mips", false) => (8, 0x5000_1007),
            ("mips64", true) => (8, 0x6000_0007),
            ("mips32r6", false) => (8, 0x9000_1407),
            ("mips64r6", true) => (8, 0xa000_0407),
            ("powerpc", false) => (20, 0),
            // Little-endian programs have version 2 of the conventions, and others either.
            ("powerpc64", true) => (21, if self.is_big_endian { 0 } else { 2 }),
            ("s390x", true) => (22, 0),
            ("sparc64", true) => (43, 0),
            ("m68k", false) => (4, 0),
            _ => return None,
        };
        Some(Elf { is_64: self.is_64, is_big_endian: self.is_big_endian, machine, flags })
    }

    fn macho(&self) -> Option<MachO> {
        // There are variants of both with other objects.
        let is_arm = match (&*self.arch, self.triple.split('-').next().unwrap_or_default()) {
            ("aarch64", "aarch64") => true,
            ("x86_64", "x86_64") => false,
            _ => return None,
        };
        if !self.is_64 {
            return None;
        }
        let is_simulator = self.abi == "sim" || self.env == "sim";
        let (platform, (major, minor)) = match &*self.os {
            "macos" => (1, if is_arm { (11, 0) } else { (10, 12) }),
            "ios" if self.abi == "macabi" || self.env == "macabi" => {
                (6, if is_arm { (14, 0) } else { (13, 1) })
            }
            "ios" if is_simulator => (7, if is_arm { (14, 0) } else { (10, 0) }),
            "ios" => (2, (10, 0)),
            "tvos" => (if is_simulator { 8 } else { 3 }, (10, 0)),
            "watchos" => (if is_simulator { 9 } else { 4 }, (5, 0)),
            "visionos" => (if is_simulator { 12 } else { 11 }, (1, 0)),
            _ => return None,
        };
        // Data runs on every version of a system, so these are the oldest that the compiler knows. A
        // linker warns of an object that asks for a newer one than the program.
        let oldest = major << 16 | minor << 8;
        let processor = if is_arm { (0x0100_000c, 0) } else { (0x0100_0007, 3) };
        Some(MachO { processor, platform, oldest })
    }

    fn coff(&self) -> Option<Coff> {
        let machine = match (&*self.arch, self.is_64) {
            ("x86", false) => coff::X86,
            ("x86_64", true) => coff::X86_64,
            ("aarch64", true) => coff::ARM64,
            _ => return None,
        };
        Some(Coff { machine })
    }
}

#[cfg(test)]
mod tests;

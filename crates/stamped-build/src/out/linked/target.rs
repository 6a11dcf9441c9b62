//! The target of a build, as far as libraries depend on it.

use ar_archive_writer::ArchiveKind;
use object::{Architecture, BinaryFormat};

/// A platform whose library format is supported.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Target {
    pub(super) format: BinaryFormat,
    pub(super) architecture: Architecture,
    pub(super) archive: ArchiveKind,
    /// The oldest macOS that the program runs on, as `0xMMMMmmpp`.
    pub(super) macos: Option<u32>,
}

impl Target {
    /// The target that cargo names for this build. Miri has none, because it runs no linker.
    pub(super) fn of_this_build() -> Option<Self> {
        Target::from(|variable| std::env::var(variable).ok())
    }

    pub(super) fn from(variable: impl Fn(&str) -> Option<String>) -> Option<Self> {
        let setting = |name: &str| variable(&format!("CARGO_CFG_{name}")).unwrap_or_default();
        let is_miri = variable("CARGO_CFG_MIRI").is_some();
        if is_miri || setting("TARGET_ENDIAN") != "little" {
            return None;
        }
        let (arch, width) = (setting("TARGET_ARCH"), setting("TARGET_POINTER_WIDTH"));
        let architecture = match (arch.as_str(), width.as_str()) {
            ("x86_64", "64") => Architecture::X86_64,
            ("aarch64", "64") => Architecture::Aarch64,
            ("x86", "32") => Architecture::I386,
            _ => return None,
        };
        let (format, archive, macos) = match setting("TARGET_OS").as_str() {
            "linux" | "android" | "freebsd" | "netbsd" | "openbsd" | "dragonfly" | "illumos" => {
                (BinaryFormat::Elf, ArchiveKind::Gnu, None)
            }
            "macos" if architecture != Architecture::I386 => {
                let asked = variable("MACOSX_DEPLOYMENT_TARGET");
                // The oldest that each architecture allows.
                let oldest =
                    if architecture == Architecture::Aarch64 { 11 << 16 } else { 0x000a_0c00 };
                let version = asked.and_then(|text| version(&text)).unwrap_or(oldest);
                (BinaryFormat::MachO, ArchiveKind::Darwin, Some(version))
            }
            // On 32 bits, objects must declare their exception handlers.
            "windows" if architecture != Architecture::I386 => {
                let archive = match setting("TARGET_ENV").as_str() {
                    "msvc" => ArchiveKind::Coff,
                    _ => ArchiveKind::Gnu,
                };
                (BinaryFormat::Coff, archive, None)
            }
            _ => return None,
        };
        Some(Target { format, architecture, archive, macos })
    }

    /// The file name under which the compiler finds a static library.
    pub(super) fn file_name(&self, library: &str) -> String {
        match self.archive {
            ArchiveKind::Coff => format!("{library}.lib"),
            _ => format!("lib{library}.a"),
        }
    }
}

/// `10.12.3` as `0x000a0c03`.
fn version(text: &str) -> Option<u32> {
    let mut parts = text.trim().splitn(3, '.').map(|part| part.parse::<u16>());
    let major = u32::from(parts.next()?.ok()?);
    let mut minor = || parts.next().map_or(Some(0), |part| u8::try_from(part.ok()?).ok());
    let (minor, patch) = (minor()?, minor()?);
    Some(major << 16 | u32::from(minor) << 8 | u32::from(patch))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_packed_as_the_linker_reads_it() {
        assert_eq!(version("11.0"), Some(0x000b_0000));
        assert_eq!(version("10.12.3"), Some(0x000a_0c03));
        assert_eq!(version("14"), Some(0x000e_0000));
        for bad in ["", "x", "11.300", "11.0.0.0"] {
            assert_eq!(version(bad), None, "{bad}");
        }
    }
}

//! Bakes a bundle into a program, and reports to cargo.

use super::code::{Contents, code};
use super::constants::constants;
use super::limit;
use super::linked;
use super::live;
use super::pack::{Packed, pack};
use super::place::{Place, folder};
use super::placement::{Placer, placer};
use crate::bundle::Bundle;
use crate::config::Embed;
use crate::error::Error;
use crate::kept::cache;
use crate::kept::memo::{Memo, READ_ALL};
use crate::kept::versions;
use crate::{cargo, write};
use stamped::Addressing;
use stamped::files::RUN;
use std::fmt::Display;
use std::path::{Path, PathBuf};

impl Bundle {
    /// Writes the bundle where `include_assets!` finds it, and tells cargo when to run the build
    /// script again. Files whose bytes are the same as before are not touched.
    ///
    /// # Errors
    ///
    /// When this is not a build script, when the bundle's name cannot be part of a file name or was
    /// baked before, and when a file cannot be written.
    pub fn bake(&self) -> Result<(), Error> {
        let place = Place::of_this_build(self.name())?;
        place.claim()?;
        tell_cargo(&place, self.watched(), self.warnings(), self.embed());
        self.bake_into(&place, &Memo::default())?;
        Ok(())
    }

    /// Writes the same files as [`bake`](Self::bake), but below `folder` and without instructions
    /// to cargo, for build systems other than cargo.
    ///
    /// Compile the program with the environment variable `OUT_DIR` set to `folder`, and
    /// `STAMPED_BUNDLE_assets` to `folder/stamped/assets.rs`, where `assets` is the name of the
    /// bundle. With `Embed::Linked`, the linker needs `folder/stamped` in its search path;
    /// with `Embed::Auto` too, if cargo's variables for build scripts name a target.
    ///
    /// ```no_run
    /// # fn main() -> Result<(), stamped_build::Error> {
    /// let bundle = stamped_build::Pipeline::new("assets").process()?;
    /// bundle.write_to("build/generated")?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// When the bundle's name cannot be part of a file name, when this process has written it there
    /// before, and when a file cannot be written.
    pub fn write_to(&self, folder: impl AsRef<Path>) -> Result<(), Error> {
        let place = Place::below(folder.as_ref(), self.name())?;
        place.claim()?;
        self.bake_into(&place, &Memo::default())?;
        Ok(())
    }

    /// Writes the bundle, and returns the names of its files.
    pub(crate) fn bake_into(&self, place: &Place, memo: &Memo) -> Result<Vec<String>, Error> {
        if live::is_on() && place.is_of_cargo() {
            return live::write(self, place);
        }
        let sizes = self.assets().iter().map(|asset| (asset.name(), asset.size()));
        let versions = ("earlier versions", self.versions_size());
        limit::check(self.embed(), sizes.chain([versions]))?;
        let packed = pack(self)?;
        write::if_changed(&place.file("index"), &packed.index)?;
        write::if_changed(&place.file("strings"), packed.strings.as_bytes())?;
        let (contents, mut files) = self.write_contents(place, &packed)?;
        let run = live::record(place)?.then(|| place.file_name(RUN));
        let mut code = code(self, &packed, &contents, memo, run.as_deref());
        if self.has_constants() {
            code += &constants(self)?;
        }
        write::if_changed(&place.file("rs"), code.as_bytes())?;
        let published =
            self.assets().iter().filter(|asset| asset.addressing() != Addressing::Plain);
        versions::save(
            &place.file("versions"),
            published.map(|asset| (asset.path(), asset.hash())),
        )?;
        let others = ["index", "strings", "rs", "versions"];
        files.extend(others.map(|extension| place.file_name(extension)));
        Ok(files)
    }

    /// Writes the contents where the compiler or the linker finds them, and returns the names of
    /// their files.
    fn write_contents(
        &self,
        place: &Place,
        packed: &Packed,
    ) -> Result<(Contents, Vec<String>), Error> {
        let bytes = packed.text.len() as u64 + packed.binary.len() as u64;
        limit::check_all(bytes)?;
        if let Placer::Linker(target) = placer(self.embed(), bytes)? {
            let library = linked::write(&target, &place.folder, self.name(), packed)?;
            // There may be no such file.
            let _ = std::fs::remove_file(place.file("text"));
            let _ = std::fs::remove_file(place.file("binary"));
            return Ok((Contents::linked(&library), vec![library.file_name]));
        }
        linked::remove_all(&place.folder, self.name(), None);
        write::if_changed(&place.file("text"), packed.text.as_bytes())?;
        write::if_changed(&place.file("binary"), &packed.binary)?;
        let (text, binary) = (place.file_name("text"), place.file_name("binary"));
        Ok((Contents::included(&text, &binary), vec![text, binary]))
    }
}

/// Tells cargo when to run the build script again and where libraries are, and shows the warnings.
///
/// Sets variables for the compiler too, without which `include_assets!` includes nothing: the files may
/// be left over from an earlier run that baked a bundle of this name.
pub(crate) fn tell_cargo(
    place: &Place,
    watched: &[PathBuf],
    warnings: &[impl Display],
    embed: Embed,
) {
    cargo::rustc_env(
        &format!("STAMPED_BUNDLE_{}", place.name),
        &place.file("rs").display().to_string(),
    );
    cargo::rustc_env("STAMPED_BUNDLES", &place.claimed());
    for path in watched {
        cargo::rerun_if_changed(path);
    }
    cargo::rerun_if_env_changed("SOURCE_DATE_EPOCH");
    cargo::rerun_if_env_changed(cache::VARIABLE);
    cargo::rerun_if_env_changed(READ_ALL);
    if embed.may_be_linked()
        && let Ok(folder) = folder()
    {
        cargo::link_search(&folder);
    }
    for warning in warnings {
        cargo::warning(&warning.to_string());
    }
}

//! What generated code is written against. Nothing here is for use by hand.

use crate::assets::Assets;
use crate::data::LONGEST_PATH;

/// Stands for one bundle of one crate target; the number tells them apart.
#[derive(Debug)]
pub struct BundleId<const NUMBER: u64>;

/// Leads from a [`BundleId`] to the bundle.
///
/// `asset!` is used by path from anywhere in a crate, and a macro by example cannot know in which
/// module it was defined. It does know the number; and since there is just one `Bundle<Here>` per
/// number, the compiler infers `Here` and with it the bundle.
pub trait Bundle<Here> {
    /// The bundle.
    const ASSETS: Assets;
}

/// The number of a bundle, from what tells it apart (FNV-1a).
#[must_use]
pub const fn bundle_number(parts: &str) -> u64 {
    let bytes = parts.as_bytes();
    let mut hash = 0xcbf2_9ce4_8422_2325;
    let mut i = 0;
    while i < bytes.len() {
        hash = (hash ^ bytes[i] as u64).wrapping_mul(0x0000_0100_0000_01b3);
        i += 1;
    }
    hash
}

/// Stops the compiler with the name that was most likely meant, if there is one.
///
/// This comes with the error that no asset has the name. Only a constant can search, and only
/// `compile_error!` is seen by editors and in `concat!`.
///
/// # Panics
///
/// When an asset has a similar name.
#[expect(clippy::panic, reason = "the compiler evaluates this: it is how to say something")]
#[track_caller]
pub const fn suggest(assets: Assets, wanted: &str) {
    const BEFORE: &[u8] = b"did you mean `";
    const AFTER: &[u8] = b"`?";
    let Some(near) = assets.nearest(wanted) else { return };
    // A constant can panic with a text, but not put one together by `format_args!`.
    let mut buffer = [0; LONGEST_PATH];
    let (mut length, mut part) = (0, 0);
    while part < 3 {
        let text = [BEFORE, near.as_bytes(), AFTER][part];
        let (_, room) = buffer.split_at_mut(length);
        let Some((room, _)) = room.split_at_mut_checked(text.len()) else { return };
        room.copy_from_slice(text);
        length += text.len();
        part += 1;
    }
    let (text, _) = buffer.split_at(length);
    if let Ok(text) = core::str::from_utf8(text) {
        panic!("{}", text)
    }
}

/// Includes the bundle that `build.rs` has baked: the static `ASSETS` and the macros `url!`, `asset!`
/// and `entry!`.
///
/// Without an argument it is the bundle named `assets`. Another one is named by a string, the same
/// as in `Pipeline::bundle_name`.
///
/// ```ignore
/// mod assets {
///     stamped::include_assets!();
/// }
/// mod admin {
///     stamped::include_assets!("admin");
/// }
/// ```
///
/// The module then has
///
/// - `ASSETS`, an [`Assets`](crate::Assets);
/// - `url!("css/style.css")`: the asset's URL as a string literal, which works in `concat!` too;
/// - `asset!("css/style.css")`: the [`Asset`](crate::Asset), a constant;
/// - `entry!("src/main.tsx")`: the [`Entry`](crate::Entry), a constant, of a bundler's entry point, if the
///   pipeline has `bundled_by`.
///
/// The macros take the name as a plain string literal, spelt as the file is. A name that no asset
/// has is a compile error, and a second error says which name is most like it (in `concat!` the
/// compiler says instead that it expects a literal). One place is closed to `url!`: a `concat!` that
/// is itself the format string of `format!` or `println!`, which the compiler expands before it knows
/// the macro. Put the `concat!` into a constant, or the URL among the arguments.
///
/// # Other crates
///
/// The macros are visible in the whole crate, and outside of it with `pub`: in the integration tests
/// of the package, its other programs, and packages that depend on it.
///
/// ```ignore
/// // src/lib.rs of the package `shop`
/// pub mod assets {
///     stamped::include_assets!(pub);
/// }
/// pub mod admin {
///     stamped::include_assets!(pub "admin");
/// }
/// ```
///
/// ```ignore
/// // tests/pages.rs, or another package
/// assert!(page.contains(shop::assets::url!("css/style.css")));
/// ```
///
/// A package can include each bundle with `pub` once, and its library is the place for it. The other
/// package needs neither a build script nor a dependency on `stamped`.
///
/// # Errors
///
/// The program does not compile
///
/// - if its package has no build script, or one that bakes no bundle of this name. The message lists
///   those that it bakes;
/// - if `stamped-build` and `stamped` are of versions that do not fit together. The message names
///   both.
#[macro_export]
macro_rules! include_assets {
    () => {
        $crate::include_assets!("assets");
    };
    (pub) => {
        $crate::include_assets!(pub "assets");
    };
    ($name:literal) => {
        use $crate::__stamped;
        #[doc = $crate::__baked!($name)]
        const _: () = ();
        include!(concat!(env!("OUT_DIR"), "/stamped/", $name, ".rs"));
    };
    (pub $name:literal) => {
        // There, `__bundle!` is another macro.
        use $crate::generated::public as __stamped;
        #[doc = $crate::__baked!($name)]
        const _: () = ();
        include!(concat!(env!("OUT_DIR"), "/stamped/", $name, ".rs"));
    };
    ($($other:tt)*) => {
        compile_error!(
            "`include_assets!` takes the name of a bundle as a string literal, or nothing, and `pub` \
             before it"
        );
    };
}

/// Fails where the build script bakes no bundle of this name. The build script sets the variables, so
/// that what is left over from an earlier run is not included. It stands in an attribute, because rust-analyzer knows no `env!` with a message.
#[doc(hidden)]
#[macro_export]
macro_rules! __baked {
    ($name:literal) => {
        env!(
            concat!("STAMPED_BUNDLE_", $name),
            concat!(
                "build.rs bakes no bundle `",
                $name,
                "`, only ",
                env!(
                    "STAMPED_BUNDLES",
                    "build.rs bakes no assets: `cargo add --build stamped-build`, and let it end with \
                     `stamped_build::Pipeline::new(\"assets\").bake()`"
                ),
                ": include one of these, or bake it with `.bundle_name(…)`"
            )
        )
    };
}

/// All of the crate, but with the `__bundle!` of `include_assets!(pub)`.
pub mod public {
    pub use crate::__public_bundle as __bundle;
    pub use crate::*;
}

/// The version of this crate as a literal, which `env!` in a macro would not be: it gives the
/// version of the crate that uses the macro.
#[doc(hidden)]
#[macro_export]
macro_rules! __version {
    () => {
        "0.1.0"
    };
}

/// The generated file is one call of this macro, which checks that it knows the number of the layout.
///
/// The number is `index::LAYOUT`.
#[doc(hidden)]
#[macro_export]
macro_rules! __bundle {
    (layout 4 of $version:literal, bundle $bundle:tt of $folder:tt in $package:tt, $($rest:tt)*) => {
        $crate::__define! {
            macros (pub(crate)) () url asset entry,
            bundle $bundle of $folder,
            $($rest)*
        }
    };
    // So that the program has this error and no others, it gets what it could use.
    (layout $layout:tt of $version:literal, $($rest:tt)*) => {
        compile_error!(concat!(
            "the assets were baked by stamped-build ",
            $version,
            ", which does not fit stamped ",
            $crate::__version!(),
            ": update `stamped` or `stamped-build` in Cargo.toml, so that both have the same version"
        ));

        pub static ASSETS: $crate::Assets = $crate::Assets::new(&$crate::Data::EMPTY);

        macro_rules! url {
            ($name:tt) => {
                ""
            };
        }

        macro_rules! asset {
            ($name:tt) => {
                $crate::Assets::new(&$crate::Data::EMPTY).asset(0)
            };
        }

        macro_rules! entry {
            ($name:tt) => {
                $crate::Assets::new(&$crate::Data::EMPTY).entry_at(0)
            };
        }

        pub(crate) use {asset, entry, url};
    };
}

/// The same with macros for other crates too. Those are in the root of the crate, so they have names
/// of their own there.
#[doc(hidden)]
#[macro_export]
macro_rules! __public_bundle {
    (
        layout 4 of $version:literal,
        bundle $bundle:tt of $folder:tt in $package:tt,
        public $url:ident $asset:ident $entry:ident,
        $($rest:tt)*
    ) => {
        $crate::__define! {
            macros (pub) (#[doc(hidden)] #[macro_export]) $url $asset $entry,
            bundle ($package $bundle) of $folder,
            public $url $asset $entry,
            $($rest)*
        }
    };
    ($($other:tt)*) => {
        $crate::__bundle!($($other)*);
    };
}

/// Defines all that a bundle has in a program.
///
/// No lint is allowed here, because none of the compiler's is applied to what a macro of another crate
/// makes, and a crate may forbid to allow them.
///
/// `url!` and `asset!` have an arm per name, because a macro that is used by path from another
/// module cannot call a second one that is defined beside it. `$d` is a dollar sign, which a macro
/// cannot write.
#[doc(hidden)]
#[macro_export]
macro_rules! __define {
    (
        macros ($($visibility:tt)*) ($($attributes:tt)*)
            $url_macro:ident $asset_macro:ident $entry_macro:ident,
        bundle $bundle:tt of $folder:tt,
        public $public_url:ident $public_asset:ident $public_entry:ident,
        index $index:expr,
        strings $strings:expr,
        contents $contents:expr,
        map $map:expr,
        $(run $run:expr,)?
        names ($d:tt) { $($id:tt $name:tt => $url:tt,)* }
        $(entries { $($entry_id:tt $entry_name:tt,)* })?
    ) => {
        /// The assets of this bundle.
        pub static ASSETS: $crate::Assets = {
            static DATA: $crate::Data =
                $crate::Data::new($index, $strings, $contents, $map)$(.run($run))?;
            $crate::Assets::new(&DATA)
        };

        /// The URL of an asset, as a string literal.
        $($attributes)*
        macro_rules! $url_macro {
            $(($name) => { $url };)*
            (@) => {};
            ($d name:literal) => { $crate::__no_asset!($bundle, $folder, $d name) };
            ($d($d other:tt)*) => {
                compile_error!("`url!` takes the name of an asset as a string literal")
            };
        }

        /// An asset, as a constant.
        $($attributes)*
        macro_rules! $asset_macro {
            $(($name) => { $crate::__asset!($bundle, $id) };)*
            (@) => {};
            ($d name:literal) => { $crate::__no_asset!($bundle, $folder, $d name) };
            ($d($d other:tt)*) => {
                compile_error!("`asset!` takes the name of an asset as a string literal")
            };
        }

        /// An entry point of a bundler, as a constant.
        $($attributes)*
        macro_rules! $entry_macro {
            $($(($entry_name) => { $crate::__entry!($bundle, $entry_id) };)*)?
            (@) => {};
            ($d name:literal) => { $crate::__no_entry!($folder, $d name) };
            ($d($d other:tt)*) => {
                compile_error!("`entry!` takes the name of an entry point as a string literal")
            };
        }

        // A program may use only one of them, or none. Older compilers warn of a macro without a use.
        $url_macro!(@);
        $asset_macro!(@);
        $entry_macro!(@);
        $($visibility)* use {$asset_macro as asset, $entry_macro as entry, $url_macro as url};

        #[doc(hidden)]
        pub struct Here;

        impl $crate::generated::Bundle<Here> for $crate::__bundle_id!($bundle) {
            const ASSETS: $crate::Assets = ASSETS;
        }
    };
}

/// The errors for a name that no asset has.
#[doc(hidden)]
#[macro_export]
macro_rules! __no_asset {
    ($bundle:tt, $folder:tt, $name:literal) => {{
        const _: () = $crate::generated::suggest(
            <$crate::__bundle_id!($bundle) as $crate::generated::Bundle<_>>::ASSETS,
            $name,
        );
        compile_error!(concat!("no asset is named `", $name, "` in `", $folder, "`"))
    }};
}

/// The error for a name that no entry point has.
#[doc(hidden)]
#[macro_export]
macro_rules! __no_entry {
    ($folder:tt, $name:literal) => {
        compile_error!(concat!(
            "no bundler has made an entry point `",
            $name,
            "` in `",
            $folder,
            "`: build.rs says with `.bundled_by(…)` who made the files, and the bundler's configuration \
             names its entry points"
        ))
    };
}

/// The type that stands for a bundle. A library and a program of one package may share a crate
/// name, so the program's own name counts too.
#[doc(hidden)]
#[macro_export]
macro_rules! __bundle_id {
    // Included with `pub`: the macros are expanded in other crates, which have other variables.
    (($package:tt $bundle:tt)) => {
        $crate::generated::BundleId<
            { $crate::generated::bundle_number(concat!($package, "\n", $bundle)) },
        >
    };
    ($bundle:tt) => {
        $crate::generated::BundleId<
            {
                $crate::generated::bundle_number(concat!(
                    env!("CARGO_PKG_NAME"),
                    "\n",
                    env!("CARGO_PKG_VERSION"),
                    "\n",
                    env!("CARGO_CRATE_NAME"),
                    "\n",
                    $bundle
                )) ^ $crate::generated::bundle_number(match option_env!("CARGO_BIN_NAME") {
                    Some(name) => name,
                    None => "",
                })
            },
        >
    };
}

/// The asset at a position of a bundle.
#[doc(hidden)]
#[macro_export]
macro_rules! __asset {
    ($bundle:tt, $id:tt) => {
        <$crate::__bundle_id!($bundle) as $crate::generated::Bundle<_>>::ASSETS.asset($id)
    };
}

/// The entry point at a position of a bundle.
#[doc(hidden)]
#[macro_export]
macro_rules! __entry {
    ($bundle:tt, $id:tt) => {
        <$crate::__bundle_id!($bundle) as $crate::generated::Bundle<_>>::ASSETS.entry_at($id)
    };
}

/// The two areas of contents, which the linker takes from a static library.
///
/// Whoever writes `unsafe` promises that the library has these symbols with these lengths, and that
/// the first is UTF-8. `stamped-build` does: it wrote the library, named the symbols by the hash of
/// what they hold, and made the text from a `String`.
///
/// ```no_run
/// static CONTENTS: (stamped::Text, &[u8]) =
///     stamped::__linked! { unsafe library "x", text "x_text" 1, binary "x_binary" 1 };
/// ```
///
/// ```compile_fail
/// static CONTENTS: (stamped::Text, &[u8]) =
///     stamped::__linked! { library "x", text "x_text" 1, binary "x_binary" 1 };
/// ```
#[doc(hidden)]
#[macro_export]
macro_rules! __linked {
    (unsafe library $library:literal,
     text $text:literal $text_length:literal,
     binary $binary:literal $binary_length:literal) => {{
        #[link(name = $library, kind = "static")]
        unsafe extern "C" {
            #[link_name = $text]
            safe static TEXT: $crate::LinkedText<$text_length>;
            #[link_name = $binary]
            safe static BINARY: [u8; $binary_length];
        }
        ($crate::Text::linked(&TEXT), &BINARY)
    }};
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_literal_version_is_that_of_the_package() {
        assert_eq!(crate::__version!(), env!("CARGO_PKG_VERSION"));
    }
}

//! What generated code is written against. Nothing here is for use by hand.

use crate::assets::Assets;

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

/// Includes the bundle that `build.rs` has baked: the static `ASSETS` and the macros `url!` and
/// `asset!`.
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
/// - `asset!("css/style.css")`: the [`Asset`](crate::Asset), a constant.
///
/// Both macros take the name as a plain string literal, spelt as the file is. A name that no asset
/// has is a compile error. Both are visible in the whole crate. One place is closed to `url!`: a
/// `concat!` that is itself the format string of `format!` or `println!`, which the compiler expands
/// before it knows the macro. Put the `concat!` into a constant, or the URL among the arguments.
///
/// # Errors
///
/// The program does not compile
///
/// - if its package has no build script, or one that bakes no bundle of this name;
/// - if `stamped-build` and `stamped` are of versions that do not fit together. The message names
///   both.
#[macro_export]
macro_rules! include_assets {
    () => {
        $crate::include_assets!("assets");
    };
    ($name:literal) => {
        use $crate::__stamped;
        const _: () = assert!(
            option_env!("OUT_DIR").is_some(),
            "the assets are baked by a build script, and this package has none"
        );
        include!(concat!(env!("OUT_DIR"), "/stamped/", $name, ".rs"));
    };
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

/// Defines all that a bundle has in a program. The generated file is one call of it.
///
/// The first number is `index::LAYOUT`. No lint is allowed here, because none of the compiler's is
/// applied to what a macro of another crate makes, and a crate may forbid to allow them.
///
/// `url!` and `asset!` have an arm per name, because a macro that is used by path from another
/// module cannot call a second one that is defined beside it. `$d` is a dollar sign, which a macro
/// cannot write.
#[doc(hidden)]
#[macro_export]
macro_rules! __bundle {
    (
        layout 2 of $version:literal,
        bundle $bundle:tt of $folder:tt,
        index $index:expr,
        strings $strings:expr,
        contents $contents:expr,
        map $map:expr,
        names ($d:tt) { $($id:tt $name:tt => $url:tt,)* }
    ) => {
        /// The assets of this bundle.
        pub static ASSETS: $crate::Assets = {
            static DATA: $crate::Data = $crate::Data::new($index, $strings, $contents, $map);
            $crate::Assets::new(&DATA)
        };

        /// The URL of an asset, as a string literal.
        macro_rules! url {
            $(($name) => { $url };)*
            (@) => {};
            ($d name:literal) => {
                compile_error!(concat!("no asset is named `", $d name, "` in `", $folder, "`"))
            };
            ($d($d other:tt)*) => {
                compile_error!("`url!` takes the name of an asset as a string literal")
            };
        }

        /// An asset, as a constant.
        macro_rules! asset {
            $(($name) => { $crate::__asset!($bundle, $id) };)*
            (@) => {};
            ($d name:literal) => {
                compile_error!(concat!("no asset is named `", $d name, "` in `", $folder, "`"))
            };
            ($d($d other:tt)*) => {
                compile_error!("`asset!` takes the name of an asset as a string literal")
            };
        }

        // A program may use only one of them, or none. Older compilers warn of a macro without a use.
        url!(@);
        asset!(@);
        pub(crate) use {asset, url};

        #[doc(hidden)]
        pub struct Here;

        impl $crate::generated::Bundle<Here> for $crate::__bundle_id!($bundle) {
            const ASSETS: $crate::Assets = ASSETS;
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

        pub(crate) use {asset, url};
    };
}

/// The type that stands for a bundle. A library and a program of one package may share a crate
/// name, so the program's own name counts too.
#[doc(hidden)]
#[macro_export]
macro_rules! __bundle_id {
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

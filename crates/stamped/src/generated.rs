//! What generated code is written against. Nothing here is for use by hand.

use crate::assets::Assets;

/// Stands for one bundle of one crate target; the number tells them apart.
#[derive(Debug)]
pub struct Key<const NUMBER: u64>;

/// Leads from a [`Key`] to the bundle.
///
/// `asset!` is used by path from anywhere in a crate, and a macro by example cannot know in which
/// module it was defined. It does know the key; and since there is just one `Bundle<Here>` per key,
/// the compiler infers `Here` and with it the bundle.
pub trait Bundle<Here> {
    /// The bundle.
    const ASSETS: Assets;
}

/// The number of a bundle, from what tells it apart (FNV-1a).
#[must_use]
pub const fn key(parts: &str) -> u64 {
    let bytes = parts.as_bytes();
    let mut hash = 0xcbf2_9ce4_8422_2325;
    let mut i = 0;
    while i < bytes.len() {
        hash = (hash ^ bytes[i] as u64).wrapping_mul(0x0000_0100_0000_01b3);
        i += 1;
    }
    hash
}

/// Brings the bundle that `build.rs` has baked into the module where it stands: the static
/// `ASSETS` and the macros `url!` and `asset!`.
///
/// Without an argument it is the bundle named `assets`; the name of another is given as a string,
/// the same as in `Pipeline::bundle_name`.
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
/// In the module there are then
///
/// - `ASSETS`, an [`Assets`](crate::Assets);
/// - `url!("css/style.css")`: the asset's URL as a string literal, also within `concat!`;
/// - `asset!("css/style.css")`: the [`Asset`](crate::Asset), a constant.
///
/// Both macros take the name as a plain string literal, spelt as the file is; a name that no asset
/// has is a compile error. They are visible in the whole crate.
#[macro_export]
macro_rules! include_assets {
    () => {
        $crate::include_assets!("assets");
    };
    ($name:literal) => {
        #[allow(unused_imports)]
        use $crate::__stamped;
        include!(concat!(
            env!("OUT_DIR", "the assets are baked by a build script, and this package has none"),
            "/stamped/",
            $name,
            ".rs"
        ));
    };
}

/// Defines `url!` and `asset!` from the list of names.
///
/// Each macro has an arm per name, because a macro that is used by path from another module cannot
/// call a second one that is defined beside it. `$d` is a dollar sign, which a macro cannot write.
#[doc(hidden)]
#[macro_export]
macro_rules! __define_macros {
    (($d:tt) bundle $bundle:tt of $folder:tt { $($id:tt $name:tt => $url:tt,)* }) => {
        /// The URL of an asset, as a string literal.
        #[allow(unused_macros)]
        macro_rules! url {
            $(($name) => { $url };)*
            ($d name:literal) => {
                compile_error!(concat!("no asset is named `", $d name, "` in `", $folder, "`"))
            };
            ($d($d other:tt)*) => {
                compile_error!("`url!` takes the name of an asset as a string literal")
            };
        }

        /// An asset, as a constant.
        #[allow(unused_macros)]
        macro_rules! asset {
            $(($name) => { $crate::__asset!($bundle, $id) };)*
            ($d name:literal) => {
                compile_error!(concat!("no asset is named `", $d name, "` in `", $folder, "`"))
            };
            ($d($d other:tt)*) => {
                compile_error!("`asset!` takes the name of an asset as a string literal")
            };
        }

        #[allow(unused_imports)]
        pub(crate) use {asset, url};

        #[doc(hidden)]
        #[allow(unreachable_pub)]
        pub struct Here;

        impl $crate::generated::Bundle<Here> for $crate::__key!($bundle) {
            const ASSETS: $crate::Assets = ASSETS;
        }
    };
}

/// The key type of a bundle. A library and a program of one package may share a crate name, so the
/// program's own name counts too.
#[doc(hidden)]
#[macro_export]
macro_rules! __key {
    ($bundle:tt) => {
        $crate::generated::Key<
            {
                $crate::generated::key(concat!(
                    env!("CARGO_PKG_NAME"),
                    "\n",
                    env!("CARGO_PKG_VERSION"),
                    "\n",
                    env!("CARGO_CRATE_NAME"),
                    "\n",
                    $bundle
                )) ^ $crate::generated::key(match option_env!("CARGO_BIN_NAME") {
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
        <$crate::__key!($bundle) as $crate::generated::Bundle<_>>::ASSETS.asset($id)
    };
}

// Made by stamped-build: 3 assets, mounted at "/static". Changes are lost with the next build.

/// The assets of this bundle.
#[allow(dead_code, unreachable_pub)]
pub static ASSETS: __stamped::Assets = __stamped::Assets::new(&DATA);

// Placed by the linker, from a static library in `OUT_DIR`.
__stamped::__link_contents! {
    library "stamped-assets-76d7dc81fdd16967cebe44c20b88f1ab"
    TEXT "stamped_text_47ca751a03dfe13c58625f2d8f1b8a3e" 17
    BINARY "stamped_binary_99d44d377bc5936d8cb7f5df90713d84" 1
}

static DATA: __stamped::Data = __stamped::Data {
    // Records, little-endian.
    index: include_bytes!(concat!(env!("OUT_DIR"), "/stamped/assets.index")),
    // Names, URLs, types, tags.
    strings: include_str!(concat!(env!("OUT_DIR"), "/stamped/assets.strings")),
    // Contents, equal ones once.
    text: __stamped::Text::linked(&TEXT),
    binary: &BINARY,
    map: __stamped::Map::Perfect(MAP),
};

// From the hash of a name to its position below.
#[allow(clippy::unreadable_literal)]
const MAP: __stamped::phf::Map<u64, u32> = __stamped::phf::Map {
    key: 16287231350648472473,
    disps: &[
        (0, 0),
    ],
    entries: &[
        (10893339124634263470, 2),
        (18163406065748534605, 1),
        (4407511063368922106, 0),
    ],
};

__stamped::__define_macros! {
    ($) bundle "assets" of "no such folder" {
        0 "css/style.css" => "/static/css/style.1452929749.css",
        1 "img/图 \"1\".png" => "/static/img/%E5%9B%BE%20%221%22.1452929749.png",
        2 "robots.txt" => "/static/robots.txt",
    }
}

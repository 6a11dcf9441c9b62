// Made by stamped-build: 3 assets, mounted at "/static". Changes are lost with the next build.

__stamped::__bundle! {
    layout 4 of "0.1.0",
    bundle "assets" of "no such folder" in "stamped-build 0.1.0",
    // The names of `url!`, `asset!` and `entry!` in the root of a crate that includes this for others.
    public __stamped_url_assets __stamped_asset_assets __stamped_entry_assets,
    // Records, little-endian.
    index include_bytes!(concat!(env!("OUT_DIR"), "/stamped/assets.index")),
    // Names, URLs, types, tags.
    strings include_str!(concat!(env!("OUT_DIR"), "/stamped/assets.strings")),
    // Text and everything else, equal contents once.
    contents __stamped::__linked! {
        unsafe library "stamped-assets-2ece6f61e665f57c886e3bb3f9e5c836",
        text "stamped_text_d166e643824b9e34230e939e7dd8072f" 17,
        binary "stamped_binary_8e03227ea4fecae9e9ee5fb38da67ca8" 1
    },
    // From the hash of a name to its position below.
    map __stamped::Map::Perfect(__stamped::phf::Map {
        key: 16_287_231_350_648_472_473,
        disps: &[
            (0, 0),
        ],
        entries: &[
            (10_893_339_124_634_263_470, 2),
            (18_163_406_065_748_534_605, 1),
            (4_407_511_063_368_922_106, 0),
        ],
    }),
    names ($) {
        0 "css/style.css" => "/static/css/style.1452929749.css",
        1 "img/图 \"1\".png" => "/static/img/%E5%9B%BE%20%221%22.1452929749.png",
        2 "robots.txt" => "/static/robots.txt",
    }
}

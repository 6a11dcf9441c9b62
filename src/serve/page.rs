//! The page that `stamped serve` shows.

use assets::ASSETS;
use std::fmt::Write as _;

pub(crate) mod assets {
    stamped::include_assets!();
}

const HEAD: &str = concat!(
    "<!doctype html>\n<html lang=en>\n<meta charset=utf-8>\n",
    "<meta name=viewport content='width=device-width'>\n<title>stamped</title>\n",
    "<link rel=icon href='",
    assets::url!("img/stamp.svg"),
    "'>\n<link rel=stylesheet href='",
    assets::url!("css/page.css"),
    "'>\n<script src='",
    assets::url!("js/page.js"),
    "' defer></script>\n<header><img src='",
    assets::url!("img/stamp.svg"),
    "' alt=''><div><h1>stamped</h1>\n<p>Assets decided at build time.</p></div></header>\n",
    "<p>Look at the source of this page: every asset has a stamp in its name, and the browser may keep ",
    "it for a year. A new version has a new name.</p>\n<p id=requests></p>\n<div class=scroll><table>\n",
    "<thead><tr><th>Name<th>URL<th>Type<th>Bytes</thead>\n<tbody>\n",
);

/// The page: it lists the assets in this program.
pub(crate) fn html() -> String {
    let mut html = HEAD.to_owned();
    for asset in ASSETS {
        // Names and types are those of the folder `assets`, which need no escaping. Writing to a
        // string does not fail.
        let _ = writeln!(
            html,
            "<tr><td>{}<td><a href='{asset}'>{asset}</a><td>{}<td>{}",
            asset.name(),
            asset.content_type(),
            asset.bytes().len(),
        );
    }
    html.push_str("</tbody>\n</table></div>\n");
    html
}

//! Assets of this program as `data:` URLs, for a page that asks a server for nothing.
//!
//! The bytes of a module are those that `stamped serve` sends, except that each reference to another
//! asset is replaced. A relative URL means nothing in a `data:` URL, so modules name each other by
//! asset names, and an import map leads from these to the URLs. Style sheets have no such map, and
//! hold the URLs of what they use.

use serde_json::{Map, Value, json};
use stamped::Asset;
use std::fmt::Write as _;

/// An import map with the module and all that it imports, each under the name of its asset.
pub(crate) fn import_map(entry: Asset) -> Value {
    fn add(module: Asset, imports: &mut Map<String, Value>) {
        if imports.contains_key(module.name()) {
            return;
        }
        let url = url(module.content_type(), &linked(module, |import| import.name().to_owned()));
        imports.insert(module.name().to_owned(), url.into());
        module.references().for_each(|import| add(import, imports));
    }
    let mut imports = Map::new();
    add(entry, &mut imports);
    json!({ "imports": imports })
}

/// An asset as a URL that may stand in quotes of either kind. What it refers to is part of it.
pub(crate) fn data_url(asset: Asset) -> String {
    url(asset.content_type(), &linked(asset, data_url))
}

/// The text of an asset in which `link` takes the place of each reference.
#[expect(clippy::expect_used, reason = "the pages of this program use no other assets")]
fn linked(asset: Asset, link: impl Fn(Asset) -> String) -> String {
    let mut text = asset.text().expect("an asset of the page is text").to_owned();
    for target in asset.references() {
        text = replace_reference(&text, target, &link(target));
    }
    text
}

/// Replaces each string in double quotes that names the stamped path of `target`. A stamp makes that
/// unlike all other text.
fn replace_reference(text: &str, target: Asset, link: &str) -> String {
    let file = target.path().rsplit('/').next().unwrap_or_default();
    let is_reference = |quoted: &str| quoted.rsplit('/').next() == Some(file);
    let parts = text.split('"').map(|part| if is_reference(part) { link } else { part });
    parts.collect::<Vec<_>>().join("\"")
}

fn url(content_type: &str, text: &str) -> String {
    let mut url = format!("data:{},", content_type.replace(' ', ""));
    for &byte in text.as_bytes() {
        match byte {
            b'%' | b'#' | b'"' | b'\'' | b'<' | b'>' | b'&' | b'\\' | b'`' | ..b' ' | 0x7f.. => {
                // Writing to a string does not fail.
                let _ = write!(url, "%{byte:02X}");
            }
            _ => url.push(char::from(byte)),
        }
    }
    url
}

#[cfg(test)]
mod tests {
    use super::super::page::assets;
    use super::*;

    fn decoded(url: &str) -> String {
        let (_, text) = url.split_once(',').unwrap();
        let mut parts = text.split('%');
        let mut bytes = parts.next().unwrap().as_bytes().to_vec();
        for part in parts {
            bytes.push(u8::from_str_radix(&part[..2], 16).unwrap());
            bytes.extend(&part.as_bytes()[2..]);
        }
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn every_import_of_an_inlined_module_is_in_the_map() {
        let map = import_map(assets::asset!("js/report.js"));
        let imports = map["imports"].as_object().unwrap();
        assert!(imports.len() > 8 && imports.contains_key("js/squarify.js"));
        for (name, url) in imports {
            let text = decoded(url.as_str().unwrap());
            let from = text.lines().filter_map(|line| line.strip_prefix("import "));
            let from: Vec<&str> = from.map(|line| line.split('"').nth(1).unwrap()).collect();
            let asset = assets::ASSETS.get(name).unwrap();
            assert_eq!(from.len(), asset.references().count(), "{name}");
            for import in from {
                assert!(imports.contains_key(import), "{name} imports {import}");
            }
        }
    }

    #[test]
    fn an_inlined_style_sheet_asks_for_nothing() {
        let mut waiting = vec![data_url(assets::asset!("css/report.css"))];
        let (mut sheets, mut pictures) = (0, 0);
        while let Some(url) = waiting.pop() {
            assert!(!url.contains(['"', '\'', '<', '&', '\n']), "{url}");
            let text = decoded(&url);
            if url.starts_with("data:image/svg+xml") {
                pictures += 1;
                continue;
            }
            sheets += 1;
            for quoted in text.split("url(\"").skip(1).chain(text.split("@import \"").skip(1)) {
                let url = quoted.split('"').next().unwrap();
                assert!(url.starts_with("data:"), "{url}");
                waiting.push(url.to_owned());
            }
        }
        assert!(sheets == 5 && pictures >= 4, "{sheets} sheets and {pictures} pictures");
    }
}

//! Makes names like those in real asset folders, the same ones each time.

use std::collections::HashSet;

const FOLDERS: [&str; 12] = [
    "css",
    "img",
    "js",
    "fonts",
    "vendor",
    "node_modules/bootstrap/dist/css",
    "node_modules/@fortawesome/fontawesome-free/svgs/solid",
    "node_modules/@mui/icons-material/esm",
    "node_modules/mathjax/es5/output/chtml/fonts",
    "node_modules/monaco-editor/esm/vs/editor/contrib",
    "node_modules/three/examples/jsm/loaders",
    "locales",
];

const WORDS: [&str; 40] = [
    "accordion",
    "alert",
    "app",
    "arrow",
    "avatar",
    "badge",
    "bookmark",
    "button",
    "calendar",
    "card",
    "carousel",
    "chart",
    "chevron",
    "cloud",
    "color",
    "dialog",
    "download",
    "editor",
    "filter",
    "folder",
    "form",
    "gallery",
    "grid",
    "header",
    "icon",
    "layout",
    "list",
    "loader",
    "menu",
    "modal",
    "navigation",
    "palette",
    "picker",
    "search",
    "sidebar",
    "style",
    "table",
    "theme",
    "tooltip",
    "upload",
];

const EXTENSIONS: [&str; 14] = [
    ".css",
    ".min.css",
    ".css.map",
    ".js",
    ".min.js",
    ".js.map",
    ".min.js.map",
    ".svg",
    ".png",
    ".webp",
    ".woff2",
    ".json",
    ".d.ts",
    "-LICENSE",
];

/// A generator of numbers that only have to be the same each time (SplitMix64).
pub struct Random(pub u64);

impl Random {
    /// A number below `limit`.
    pub fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % limit as u64) as usize
    }

    fn of<'a>(&mut self, list: &[&'a str]) -> &'a str {
        list[self.below(list.len())]
    }
}

/// `count` different names, in no order.
///
/// Of some names others are what is left without a stamp (`menu-3.7.1.min.js`), as in any folder that
/// has a `jquery-3.7.1.min.js`.
pub fn names(count: usize) -> Vec<String> {
    let mut random = Random(count as u64);
    let mut names = Vec::with_capacity(count);
    let mut seen = HashSet::with_capacity(count);
    while names.len() < count {
        let name = name(&mut random);
        if seen.insert(name.clone()) {
            names.push(name);
        }
    }
    names
}

fn name(random: &mut Random) -> String {
    let mut name = random.of(&FOLDERS).to_owned();
    for _ in 0..random.below(3) {
        name = format!("{name}/{}", random.of(&WORDS));
    }
    name = format!("{name}/{}", random.of(&WORDS));
    match random.below(8) {
        0 => {}
        1 => name = format!("{name}-{}.{}.{}", random.below(9), random.below(20), random.below(9)),
        2 => name = format!("{name}.{:08x}", random.below(1 << 32)),
        3 if random.below(20) == 0 => name = format!("{name}/図-{}", random.below(1000)),
        3..5 => name = format!("{name}_{}", random.below(1000)),
        _ => name = format!("{name}-{}-{}", random.of(&WORDS), random.below(500)),
    }
    name + random.of(&EXTENSIONS)
}

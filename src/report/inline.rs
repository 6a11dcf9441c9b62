//! Assets of this program as text inside of a page, which then asks for none of them.
//!
//! The modules of the page follow a few rules, so that one script can be made of them without a
//! bundler: each `import` and `export` stands at the beginning of a line of its own, imports name
//! modules only, and no two modules declare the same name. In a page that is served they are modules
//! as they stand, which a browser keeps one by one.

use stamped::Asset;
use std::fmt::Write as _;

/// A module and all that it imports, in the order in which they run.
pub(crate) fn script(entry: Asset) -> String {
    let mut text = String::new();
    for module in depth_first(entry, "js") {
        let lines = module.text().unwrap_or_default().lines();
        for line in lines.filter(|line| !line.starts_with("import ")) {
            text.push_str(line.strip_prefix("export ").unwrap_or(line));
            text.push('\n');
        }
    }
    contained(&text)
}

/// A style sheet with all that it imports, and the pictures that they use.
pub(crate) fn style(entry: Asset) -> String {
    let mut text = String::new();
    for sheet in depth_first(entry, "css") {
        let mut rules = sheet.text().unwrap_or_default().to_owned();
        for picture in sheet.references().filter(|asset| !asset.name().ends_with(".css")) {
            let url = format!("../{}", picture.path());
            rules = rules.replace(&url, &data_url(picture));
        }
        for line in rules.lines().filter(|line| !line.starts_with("@import ")) {
            text.push_str(line);
            text.push('\n');
        }
    }
    contained(&text)
}

/// The bytes of an asset as a URL, which may stand in quotes of either kind.
pub(crate) fn data_url(asset: Asset) -> String {
    let mut url = format!("data:{},", asset.content_type().replace(' ', ""));
    for &byte in asset.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b' ' | b'.' | b'-' | b'/' | b':' | b'=' => {
                url.push(char::from(byte));
            }
            // Writing to a string does not fail.
            _ => drop(write!(url, "%{byte:02X}")),
        }
    }
    url
}

/// The assets of a type that `entry` leads to, itself last: each once, after those that it refers to.
fn depth_first(entry: Asset, extension: &str) -> Vec<Asset> {
    fn visit(asset: Asset, extension: &str, seen: &mut Vec<Asset>, done: &mut Vec<Asset>) {
        seen.push(asset);
        for next in asset.references() {
            let is_of_type = next.name().rsplit('.').next() == Some(extension);
            if is_of_type && !seen.contains(&next) {
                visit(next, extension, seen, done);
            }
        }
        done.push(asset);
    }
    let mut done = Vec::new();
    visit(entry, extension, &mut Vec::new(), &mut done);
    done
}

/// Text that cannot end the element around it. In strings of CSS and JavaScript, which is where such
/// text can stand, the backslash changes nothing.
fn contained(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('<') {
        let (before, after) = rest.split_at(at);
        let tail = after.get(1..).unwrap_or_default();
        safe.push_str(before);
        safe.push('<');
        if ["/script", "/style", "!--"].iter().any(|end| {
            tail.as_bytes()
                .get(..end.len())
                .is_some_and(|start| start.eq_ignore_ascii_case(end.as_bytes()))
        }) {
            safe.push('\\');
        }
        rest = tail;
    }
    safe.push_str(rest);
    safe
}

#[cfg(test)]
mod tests {
    use super::super::page::assets;
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn nothing_inlined_ends_its_element() {
        let text = "a < b; '</script>'; \"</STYLE\"; `<!-- <script`; '</p>'";
        let safe = r#"a < b; '<\/script>'; "<\/STYLE"; `<\!-- <script`; '</p>'"#;
        assert_eq!(contained(text), safe);
        let script = script(assets::asset!("js/report.js")).to_lowercase();
        let style = style(assets::asset!("css/report.css")).to_lowercase();
        for (text, end) in [(script, "</script"), (style, "</style")] {
            assert!(text.len() > 1000 && !text.contains(end) && !text.contains("<!--"));
        }
    }

    #[test]
    fn modules_become_one_script_in_which_each_comes_after_what_it_imports() {
        let script = script(assets::asset!("js/report.js"));
        assert!(!script.lines().any(|l| l.starts_with("import") || l.starts_with("export")));
        let at = |text: &str| script.find(text).unwrap_or_else(|| panic!("no `{text}`"));
        assert!(at("function squarify(") < at("function treemap("));
        assert!(at("function treemap(") < at("const model = read("));
        assert_eq!(script.matches("function squarify(").count(), 1);
        let declared = script.lines().filter_map(|line| {
            let rest = ["const ", "let ", "function "].iter().find_map(|k| line.strip_prefix(k))?;
            rest.split(|c: char| !c.is_alphanumeric() && c != '_').next()
        });
        let mut seen = HashSet::new();
        for name in declared {
            assert!(seen.insert(name), "two modules declare `{name}`");
        }
    }

    #[test]
    fn an_inlined_style_sheet_asks_for_nothing() {
        let style = style(assets::asset!("css/report.css"));
        assert!(!style.contains("@import") && style.contains(".boxes {"));
        let urls: Vec<&str> = style.split("url(").skip(1).collect();
        assert!(urls.len() >= 4);
        for url in urls {
            assert!(url.starts_with("\"data:image/svg+xml"), "{}", &url[..40]);
        }
    }
}

//! The report as a page: one file that needs no other, or a page with stamped assets.

use super::inline;
use super::json;
use super::model::Report;
use super::table::{grouped, percent};
use serde_json::Value;
use stamped::Asset;
use stamped::files::{is_invisible, visible};
use std::fmt::Write as _;
use std::path::Path;

pub(crate) mod assets {
    //! The pages in this program.
    stamped::include_assets!();
}

const STYLES: [Asset; 2] = [assets::asset!("css/page.css"), assets::asset!("css/report.css")];
const ICON: Asset = assets::asset!("img/stamp.svg");

/// A page in one file, about the assets in `folder`.
pub(crate) fn whole(report: &Report<'_>, folder: &str) -> String {
    let mut head = format!("<link rel=icon href='{}'>\n", inline::data_url(ICON));
    for style in STYLES {
        // Writing to a string does not fail, here and below.
        let _ = writeln!(head, "<link rel=stylesheet href='{}'>", inline::data_url(style));
    }
    let script = assets::asset!("js/report.js");
    let _ = writeln!(
        head,
        "<script type=importmap>{}</script>\n<script type=module>import \"{}\";</script>",
        contained(&inline::import_map(script)),
        script.name()
    );
    let path = Path::new(folder);
    let name = path
        .canonicalize()
        .ok()
        .and_then(|path| Some(path.file_name()?.to_string_lossy().into_owned()));
    let name = name.unwrap_or_else(|| folder.to_owned());
    let name = visible(&name);
    let opening = Opening {
        head: &head,
        icon: &inline::data_url(ICON),
        title: &format!("{name}: stamped assets"),
        heading: &name,
        line: "Stamps, sizes and references of these assets.",
        intro: "",
    };
    html(&opening, report)
}

/// The page about the assets in this program, which refers to them by their stamped URLs.
pub(crate) fn served() -> String {
    let mut head = format!("<link rel=icon href='{ICON}'>\n");
    for style in STYLES {
        let _ = writeln!(head, "<link rel=stylesheet href='{style}'>");
        for import in style.preloads() {
            let _ = writeln!(head, "<link rel=preload as=style href='{import}'>");
        }
    }
    let script = assets::asset!("js/page.js");
    let _ = writeln!(head, "<script type=module src='{script}'></script>");
    for import in script.preloads() {
        let _ = writeln!(head, "<link rel=modulepreload href='{import}'>");
    }
    let opening = Opening {
        head: &head,
        icon: ICON.url(),
        title: "stamped",
        heading: "stamped",
        line: "URLs of assets, decided at build time.",
        intro: "<p class=intro>Look at the source of this page: every asset has a stamp in its name, \
                and the browser may keep it for a year. A new version gets a new name. Below is the \
                report that <code>stamped report DIR --html FILE</code> writes about any folder; this \
                one is about the assets of this page.</p>\n<p id=requests></p>\n",
    };
    html(&opening, &Report::of_assets(assets::ASSETS))
}

/// The parts in which the two pages differ. `title` and `heading` are text, the others HTML.
struct Opening<'a> {
    head: &'a str,
    icon: &'a str,
    title: &'a str,
    heading: &'a str,
    line: &'a str,
    intro: &'a str,
}

fn html(opening: &Opening<'_>, report: &Report<'_>) -> String {
    let Opening { head, icon, title, heading, line, intro } = opening;
    let mut html = format!(
        "<!doctype html>\n<html lang=en>\n<head>\n<meta charset=utf-8>\n\
         <meta name=viewport content='width=device-width, initial-scale=1'>\n\
         <meta name=color-scheme content='light dark'>\n<title>{}</title>\n{head}</head>\n<body>\n\
         <header><img src='{icon}' alt=''><div><h1>{}</h1>\n<p>{line}</p></div></header>\n{intro}",
        escaped(title),
        escaped(heading),
    );
    html.push_str(&totals(report));
    let _ = writeln!(
        html,
        "<main id=report><noscript><p>A script draws the rest of this page.</p></noscript></main>\n\
         <footer>Sizes count the stored bytes. 1 kB is 1000 bytes.</footer>\n\
         <script type='application/json' id=data>{}</script>\n</body>\n</html>",
        contained(&json::of(report)),
    );
    html
}

/// The totals, which need no script.
fn totals(report: &Report<'_>) -> String {
    let total = report.total();
    let mut facts = vec![
        ("assets", grouped(total.assets)),
        ("stamped", grouped(total.stamped)),
        ("bytes", grouped(total.size)),
    ];
    if total.smallest < total.size {
        facts.push(("compressed", grouped(total.smallest)));
        facts.push(("saved", format!("{} %", percent(total.smallest, total.size))));
    }
    if let (1.., size) = report.versions {
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        facts.push(("bytes of earlier versions", grouped(size)));
    }
    facts.push(("begins each URL", visible(report.mount).into_owned()));
    facts.extend(report.mode.as_deref().map(|mode| ("kind of stamp", visible(mode).into_owned())));
    let mut html = "<dl class=totals>\n".to_owned();
    for (term, value) in facts {
        let _ = writeln!(html, "<div><dt>{term}</dt><dd>{}</dd></div>", escaped(&value));
    }
    html.push_str("</dl>\n");
    html
}

/// JSON for a `script` element. Characters that could end the element, or that readers of the source
/// cannot see, are written as `\uXXXX`; in JSON they occur in strings only.
fn contained(json: &Value) -> String {
    let text = json.to_string();
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '<' | '>' | '&') || is_invisible(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                let _ = write!(safe, "\\u{unit:04x}");
            }
        } else {
            safe.push(c);
        }
    }
    safe
}

/// Escapes text for elements and quoted attributes.
fn escaped(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            c => html.push(c),
        }
    }
    html
}

#[cfg(test)]
mod tests {
    use super::super::model::Row;
    use super::*;

    /// Names that would become markup or script, or confuse readers, without escaping.
    const HOSTILE: [&str; 7] = [
        "</script><img src=x onerror=alert(1)>.css",
        "<!--<script>.js",
        "line\u{2028}separator\u{2029}.js",
        "\"quoted' & &lt;.svg",
        "bidi\u{202e}gpj.exe",
        "null\u{0}escape\u{1b}[2J",
        "]]>.txt",
    ];

    fn hostile() -> Report<'static> {
        let row = |name| Row {
            name,
            url: "/static/x",
            stamp: None,
            unstamped: None,
            content_type: "text/plain",
            size: 1,
            encodings: Vec::new(),
            references: vec![name],
        };
        let rows = HOSTILE.into_iter().map(row).collect();
        Report { mount: "/<b>", mode: None, rows, versions: (0, 0), deltas: (0, 0), warnings: &[] }
    }

    #[test]
    fn no_name_becomes_markup_and_each_is_read_back_as_it_is() {
        let html = whole(&hostile(), "</title><script>alert(1)</script>\u{202e}");
        for text in ["<img src=x", "alert(1)<", "<!--", "<b>", "\u{2028}", "\u{202e}", "\0", "]]>"]
        {
            assert!(!html.contains(text), "{text}");
        }
        let script = "<script type='application/json' id=data>";
        let (_, data) = html.split_once(script).unwrap();
        let (data, after) = data.split_once("</script>").unwrap();
        assert_eq!(after, "\n</body>\n</html>\n");
        let data: serde_json::Value = serde_json::from_str(data).unwrap();
        let names: Vec<&str> = data["assets"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| row["name"].as_str().unwrap())
            .collect();
        assert_eq!(names, HOSTILE);
    }

    #[test]
    fn a_whole_page_names_nothing_outside_of_it() {
        let html = whole(&hostile(), "assets");
        let (head, _) = html.split_once("<header>").unwrap();
        assert!(!head.contains("src=") && !head.contains("/static/"));
        assert_eq!(head.matches("href='").count(), 3);
        assert_eq!(head.matches("href='data:image/svg+xml;").count(), 1);
        assert_eq!(head.matches("href='data:text/css;").count(), 2);
        let addresses = html.matches("http:").count() + html.matches("https:").count();
        // The XML namespace that each picture names.
        assert_eq!(addresses, html.matches("http://www.w3.org/2000/svg").count());
    }

    #[test]
    fn the_served_page_names_all_that_it_needs_by_stamped_urls() {
        let html = served();
        for asset in assets::ASSETS.iter().filter(|asset| asset.name().ends_with(".js")) {
            assert!(html.contains(&format!("'{asset}'")), "{}", asset.name());
        }
        assert!(!html.contains("href='data:") && !html.contains("<style"));
    }
}

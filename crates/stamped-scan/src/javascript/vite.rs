//! The list of files that Vite's lazy imports preload.
//!
//! Vite writes one list into a chunk with lazy imports, and its helper asks for the files of it by `<link
//! rel=modulepreload>` and `<link rel=stylesheet>`:
//!
//! ```text
//! const __vite__mapDeps=(i,m=__vite__mapDeps,d=(m.f||(m.f=["assets/a.js","assets/a.css"])))=>i.map(i=>d[i]);
//! ```

use super::literals::decode;
use super::skip::{exact_byte, find, string_end, trivia_end};
use crate::{Context, Found, Reference, ReferenceKind};

/// Adds the entries of the list.
pub(super) fn preloads(source: &[u8], found: &mut Found) {
    const NAME: &[u8] = b"__vite__mapDeps";
    // Chunks with it begin with it, behind comments and static imports at most.
    let head = &source[..source.len().min(1 << 16)];
    let Some(name) = position(head, 0, NAME) else { return };
    let lists = [&b"m.f=["[..], b"m.f = [", b"viteFileDeps=[", b"viteFileDeps = ["];
    let Some(mut at) = lists.iter().find_map(|list| Some(position(head, name, list)? + list.len()))
    else {
        return;
    };
    let mut entries = Vec::new();
    loop {
        let Some(quote) = trivia_end(source, at) else { return };
        if source.get(quote) == Some(&b']') {
            break;
        }
        let Some(b'"' | b'\'') = source.get(quote) else { return };
        let Some(close) = string_end(source, quote) else { return };
        // What cannot be decoded names no file.
        if let Ok((url, segment)) = decode(source, quote + 1..close, false)
            && !url.is_empty()
        {
            entries.push(Reference {
                url,
                span: quote + 1..close,
                segment,
                kind: ReferenceKind::VitePreload,
                context: Context::JsString(source[quote]),
            });
        }
        at = match exact_byte(source, close + 1, b',') {
            Some(next) => next,
            None if exact_byte(source, close + 1, b']').is_some() => break,
            None => return,
        };
    }
    found.references.append(&mut entries);
    found.references.sort_by_key(|reference| reference.span.start);
}

/// Where `text` stands first at or behind `from`. Goes from one occurrence of its first byte to the next,
/// which takes a fraction of the time of a loop over all bytes while nothing is optimised.
fn position(source: &[u8], mut from: usize, text: &[u8]) -> Option<usize> {
    loop {
        let at = find(source, from, text[0])?;
        if source[at..].starts_with(text) {
            return Some(at);
        }
        from = at + 1;
    }
}

#[cfg(test)]
mod tests {
    use crate::ReferenceKind;
    use crate::javascript::scan;

    #[test]
    fn the_files_that_vite_preloads_are_found_among_the_imports() {
        let chunk = r#"const __vite__mapDeps=(i,m=__vite__mapDeps,d=(m.f||(m.f=["assets/a.js","./b.css"])))=>i.map(i=>d[i]);
import{p}from"./p.js";p(()=>import("./a.js"),__vite__mapDeps([0,1]));"#;
        let found = scan(chunk.as_bytes());
        let shown: Vec<_> = found.references.iter().map(|one| (one.kind, &*one.url)).collect();
        assert_eq!(
            shown,
            [
                (ReferenceKind::VitePreload, "assets/a.js"),
                (ReferenceKind::VitePreload, "./b.css"),
                (ReferenceKind::StaticImport, "./p.js"),
                (ReferenceKind::DynamicImport, "./a.js"),
            ]
        );
    }

    #[test]
    fn a_list_that_is_none_is_left_alone() {
        for chunk in [
            "import './a.js'; const __vite__mapDeps=(m.f=[b,\"c.js\"])",
            "import './a.js'; const __vite__mapDeps=(m.f=[\"c.js\" + 1])",
            "import './a.js'; const __vite__mapDeps=1, m={f:[]}",
        ] {
            assert_eq!(scan(chunk.as_bytes()).references.len(), 1, "{chunk}");
        }
    }
}

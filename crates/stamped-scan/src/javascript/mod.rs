//! Finds the files that JavaScript names: in `import` and `export … from` declarations, in `import("…")`,
//! `import.meta.resolve("…")` and `new URL("…", import.meta.url)`.
//!
//! This is a lexer without a parser. A lexer can put off every question of JavaScript's grammar but one: whether a `/`
//! divides or begins a regular expression. A wrong guess turns text into code and code into text from there on. The
//! answer depends on what stands before the slash, and where that is a bracket, on what the bracket closes. So the lexer
//! keeps two things: `Before`, the class of the token before, and a stack of the open brackets, each with its `Role`.
//! The same two tell the keyword `import` from a member of that name.
//!
//! The lexer reads every valid program correctly, within the limits listed at [`scan`], and accepts many invalid ones.
//! But when it meets something impossible, such as a bracket closed by another kind or a `:` out of place, it takes
//! this as a sign that it has lost its way, and gives up the whole file. A reference left alone is a nuisance; text
//! rewritten by mistake is damage.
//!
//! Cargo compiles build scripts without optimisation: no call is inlined, and an iterator costs several calls per byte.
//! Hence the tables, the loops over an index, the few functions of the standard library chosen because they come
//! compiled, and `Lexer::give_up`, which ends the main loop without a `Result` for every token.

mod brackets;
mod by_name;
mod keywords;
mod lexer;
mod literals;
mod modules;
mod operators;
mod precache;
mod skip;
mod tables;
#[cfg(test)]
mod testing;
mod vite;

use crate::{Found, Skipped};
use lexer::{Goal, Lexer};
pub(crate) use precache::lists;
pub(crate) use skip::find;
use skip::has_newline;
use tables::CONTINUES_WORD;

/// Finds the references in JavaScript that are literals.
///
/// Reports every literal, also bare specifiers and absolute URLs, but nothing that is computed. Where the lexer is not
/// sure of the whole text, it reports no references and gives the reason in a single [`Skipped`]. It also skips single
/// references that it cannot decode, such as one that is not UTF-8.
///
/// Text without the words `import` and `export` is passed over without a closer look.
///
/// # Limits
///
/// The lexer misreads three rare things, which take a parser to recognise:
///
/// * `yield` and `await` as names of variables, which only sloppy scripts allow. The lexer takes a slash behind them for
///   the beginning of a regular expression.
/// * A statement that begins with a regular expression, when the line before is a declaration, `break` or `continue`
///   that ends in a name without a semicolon, as in `var name`. The lexer takes the slash for a division.
/// * A member of a class that is called `in` or `instanceof`, right behind a decorator or a field without a semicolon.
pub(crate) fn scan(source: &[u8]) -> Found {
    let mut found = references(source);
    by_name::names(source, &mut found);
    found
}

/// The same without the files that the script knows by their plain names.
fn references(source: &[u8]) -> Found {
    if !mentions_modules(source) {
        return Found::default();
    }
    let script = Lexer::new(source, Goal::Script).run();
    if !script.met_html_comment {
        let mut found = script.finish();
        if found.skipped.is_empty() {
            vite::preloads(source, &mut found);
        }
        return found;
    }
    // Only scripts have these comments. In a module the same bytes are operators, and whether the
    // text is a module may show only later.
    let module = Lexer::new(source, Goal::Module).run();
    let reads_as_module =
        module.given_up.is_none() && (module.found.module || script.given_up.is_some());
    let read = if script.found.module || reads_as_module { module } else { script };
    keep_lines(source, read.finish())
}

/// Skips the references whose file name is written across the end of a line.
///
/// Where an HTML comment ends with its line, other lines would change what the text means.
fn keep_lines(source: &[u8], mut found: Found) -> Found {
    let skipped = &mut found.skipped;
    found.references.retain(|it| {
        let whole = !has_newline(source, it.segment.start, it.segment.end);
        if !whole {
            skipped.push(Skipped { at: it.span.start, message: BROKEN.into() });
        }
        whole
    });
    found.skipped.sort_by_key(|skipped| skipped.at);
    found
}

const BROKEN: &str =
    "a reference goes on behind the end of its line, in a script with HTML comments";

/// Whether `import` or `export` stands anywhere as a whole word.
fn mentions_modules(source: &[u8]) -> bool {
    let mut from = 0;
    // The letters that both words share, by the rarest of them.
    while let Some(at) = find(source, from, b'p') {
        from = at + 1;
        if at < 2 || !source[at..].starts_with(b"port") {
            continue;
        }
        let behind = at + 4;
        let starts = at == 2 || !CONTINUES_WORD[source[at - 3] as usize];
        let ends = behind == source.len() || !CONTINUES_WORD[source[behind] as usize];
        if starts && ends && matches!(&source[at - 2..at], b"im" | b"ex") {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::javascript::testing::{assert_given_up, assert_only_yes, assert_urls};

    #[test]
    fn comments_as_in_html_are_comments_of_scripts() {
        assert_only_yes(&[
            "<!-- import('no')\nimport('yes')",
            "a <!-- import('no')\nimport('yes')",
            "--> import('no')\nimport('yes')",
            "a\n/* b */ --> import('no')\nimport('yes')",
            "/* a\n */ --> import('no')\nimport('yes')",
            "while (a --> 0) import('yes')",
            "a --> import('yes')",
        ]);
    }

    #[test]
    fn comments_as_in_html_are_operators_of_modules() {
        assert_urls(&[
            ("a <!--import('yes'); export {}", &["yes"]),
            ("export {}; a <!--import('yes')", &["yes"]),
            ("export {}; while (a --> 0) import('yes')", &["yes"]),
        ]);
        assert_given_up(&[("export {}\n--> import('a')", 10)]);
    }

    /// With the name in one piece, the line of the comment would go on to the end of the import.
    #[test]
    fn no_line_end_is_replaced_where_lines_matter() {
        for (source, urls) in [
            ("a <!--import('b\\\nc')", &[][..]),
            ("export {}; a <!--import('b\\\nc'); import(`d\ne`)", &[]),
            ("<!-- a\nimport('b\\\nc')", &[]),
            ("a <!--import('b\\\n/c'); import('d?e\\\n'); import('')", &["b/c", "d?e"]),
        ] {
            let found = scan(source.as_bytes());
            let found_urls: Vec<_> = found.references.iter().map(|it| &it.url[..]).collect();
            assert_eq!(found_urls, urls, "in {source}");
            assert_eq!(found.skipped.is_empty(), !urls.is_empty(), "in {source}");
        }
        assert_urls(&[("import('b\\\nc'); import(`d\ne`)", &["bc", "d\ne"])]);
    }

    #[test]
    fn a_text_without_the_words_is_passed_over() {
        for source in ["", "(", "exports.important = reexport(import_, $export, '", "port im ex"] {
            assert_eq!(scan(source.as_bytes()), Found::default(), "in {source}");
        }
        for source in ["import", "export", "(import)", "\nexport*", "\u{e9}import\u{e9}"] {
            assert!(mentions_modules(source.as_bytes()), "in {source}");
        }
    }

    #[test]
    fn modules_are_told_from_scripts() {
        for source in
            ["import 'a'", "export {}", "export default 1", "a(import.meta)", "import . meta"]
        {
            assert!(scan(source.as_bytes()).module, "in {source}");
        }
        for source in
            ["import('a')", "a.import.meta", "'import.meta'", "({ export: 1 })", "import('a'"]
        {
            assert!(!scan(source.as_bytes()).module, "in {source}");
        }
    }
}

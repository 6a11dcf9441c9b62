//! Finds the files that a JavaScript source names: in `import` and `export … from`
//! declarations, in `import("…")`, and in `new URL("…", import.meta.url)`.
//!
//! It is a lexer and not a parser. The one question of JavaScript's grammar that a lexer cannot
//! put off is whether a `/` divides or begins a regular expression, since a wrong guess turns
//! text into code and code into text from there on. What answers it is what stands before the
//! slash; where that is a bracket, also what the bracket closes. So the lexer keeps two things:
//! `Before`, the class of the token before, and a stack of the brackets that are open, each
//! with its `Role`. Both are also what tells the keyword `import` from a member of that name.
//!
//! The lexer takes every valid program for what it is (the limits are told at [`scan`]), and
//! does not try to notice every invalid one. Yet whatever it meets that cannot be, such as a
//! bracket closed by another kind or a `:` where none can stand, it takes as the sign that it
//! has lost its way, and gives up the whole file: to leave a reference alone is a nuisance,
//! to rewrite what is none is damage.
//!
//! This runs in build scripts, which cargo does not optimise: no call is inlined, and an iterator
//! is several calls per byte. Hence the tables, the loops over an index, the few functions of the
//! standard library chosen since they come compiled, and `Lexer::give_up`, which ends the main
//! loop without a `Result` for every token.

mod brackets;
mod keywords;
mod lexer;
mod literals;
mod modules;
mod operators;
mod skip;
mod tables;
#[cfg(test)]
mod testing;

use crate::{Found, Skipped};
use lexer::{Goal, Lexer};
use skip::{find, has_newline};
use tables::CONTINUES_WORD;

/// Finds all references in a JavaScript source whose specifier is a literal.
///
/// Every literal is reported, also bare specifiers and those with a host; what is computed is
/// not. Where the lexer cannot be sure of the whole text, it finds nothing at all and says why
/// in a single [`Skipped`]. Another kind of problem is a single reference that has no decoded
/// form, such as one that is not UTF-8: only that one is missing then.
///
/// A text without the words `import` and `export` is passed over without a closer look.
///
/// # Limits
///
/// Three things that hardly anyone writes would take a parser to be told, and are misread:
///
/// * `yield` and `await` as names of variables, which only sloppy scripts can have. A slash
///   behind them begins a regular expression.
/// * A statement that begins with a regular expression, behind the line of a declaration, `break`
///   or `continue` that ends in a name without a semicolon: `var name`. There the slash divides.
/// * A member of a class that is called `in` or `instanceof`, right behind a decorator or a
///   field without a semicolon.
pub(crate) fn scan(source: &[u8]) -> Found {
    if !mentions_modules(source) {
        return Found::default();
    }
    let script = Lexer::new(source, Goal::Script).run();
    if !script.met_html_comment {
        return script.finish();
    }
    // Only scripts have these comments. In a module the same bytes are operators, and whether
    // it is one shows only later in the text.
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

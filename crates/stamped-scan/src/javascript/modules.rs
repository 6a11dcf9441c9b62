//! `import` and `export` in all their forms, and the URLs that are relative to a module.

use super::lexer::{Before, Lexer, Role, UNCLEAR_CLAUSE, UNENDED_COMMENT};
use super::literals::decode;
use super::skip::{
    exact_byte, exact_word, literal, names_end, string_end, template_end, trivia_end, word_end,
};
use super::tables::{CLASS, Class};
use crate::{Context, Reference, ReferenceKind};

impl Lexer<'_> {
    /// Goes past the keyword `import` and, where it begins a declaration, past that.
    pub(super) fn import(&mut self, start: usize, end: usize) -> usize {
        let source = self.source;
        if matches!(self.before, Before::Operand) && !self.on_new_line(start) {
            return self.give_up(start, "an import stands where an operator has to");
        }
        let Some(next) = trivia_end(source, end) else {
            return self.give_up(end, UNENDED_COMMENT);
        };
        match source.get(next) {
            Some(b'(') => {
                self.dynamic_import(next);
                self.before = Before::Operand;
                end
            }
            Some(b'.') => self.import_dot(next),
            _ => {
                if !self.may_declare() {
                    return self.give_up(start, "an import stands where no declaration can");
                }
                self.found.module = true;
                self.clause(start, next, true)
            }
        }
    }

    /// Whether a statement may begin here that only may stand outside of all brackets.
    fn may_declare(&self) -> bool {
        matches!(self.before, Before::Statement | Before::Operand)
            && matches!(self.frame.role, Role::Top)
    }

    /// Goes past `import.meta`, or the name of a phase as in `import.defer(…)`.
    fn import_dot(&mut self, dot: usize) -> usize {
        let source = self.source;
        if let Some(end) = exact_word(source, dot + 1, b"meta") {
            self.found.module = true;
            self.before = Before::Operand;
            self.resolve(end);
            return end;
        }
        let mut phase = exact_word(source, dot + 1, b"defer");
        if phase.is_none() {
            phase = exact_word(source, dot + 1, b"source");
        }
        let Some(end) = phase else {
            return self.give_up(dot, "`import.` has no known name behind it");
        };
        if let Some(open) = exact_byte(source, end, b'(') {
            self.dynamic_import(open - 1);
        }
        self.before = Before::Operand;
        end
    }

    /// Adds the reference of a dynamic import whose parenthesis is at `open`.
    fn dynamic_import(&mut self, open: usize) {
        let Some((quote, close)) = literal(self.source, open + 1) else {
            return self.partial(open + 1);
        };
        // Behind a comma come the import's options.
        if exact_byte(self.source, close + 1, b')').is_some()
            || exact_byte(self.source, close + 1, b',').is_some()
        {
            self.reference(quote, close, ReferenceKind::DynamicImport);
        } else {
            self.partial(open + 1);
        }
    }

    /// Notes what the URL begins with that is computed at `at`: by a sum or a template that begins with text.
    fn partial(&mut self, at: usize) {
        let source = self.source;
        let Some(quote) = trivia_end(source, at) else { return };
        let template = source.get(quote) == Some(&b'`');
        let end = match source.get(quote) {
            Some(b'"' | b'\'') => string_end(source, quote),
            Some(b'`') => template_end(source, quote),
            _ => None,
        };
        let Some(end) = end else { return };
        let goes_on = || {
            let concat = exact_byte(source, end + 1, b'.');
            exact_byte(source, end + 1, b'+').is_some()
                || concat.is_some_and(|at| exact_word(source, at, b"concat").is_some())
        };
        if source[end] != source[quote] || goes_on() {
            match decode(source, quote + 1..end, template) {
                Ok((url, _)) => self.found.begins(quote + 1, url),
                Err(message) => self.found.skip(quote + 1, message),
            }
        }
    }

    /// Adds the reference of `import.meta.resolve("…")` whose `.resolve` may stand at `at`.
    fn resolve(&mut self, at: usize) {
        let source = self.source;
        let Some(at) = exact_byte(source, at, b'.') else { return };
        let Some(at) = exact_word(source, at, b"resolve") else { return };
        let Some(at) = exact_byte(source, at, b'(') else { return };
        let Some((quote, close)) = literal(source, at) else { return self.partial(at) };
        // With a second argument, Node.js resolves the specifier against that.
        let at = exact_byte(source, close + 1, b',').unwrap_or(close + 1);
        if exact_byte(source, at, b')').is_some() {
            self.reference(quote, close, ReferenceKind::ImportMetaResolve);
        }
    }

    /// Adds the reference of `URL("…", import.meta.url)` where that stands at `at`.
    pub(super) fn new_url(&mut self, at: usize) {
        let source = self.source;
        let Some(at) = exact_word(source, at, b"URL") else { return };
        let Some(at) = exact_byte(source, at, b'(') else { return };
        let Some((quote, close)) = literal(source, at) else { return self.partial(at) };
        let Some(at) = exact_byte(source, close + 1, b',') else { return self.partial(quote) };
        let Some(at) = exact_word(source, at, b"import") else { return };
        let Some(at) = exact_byte(source, at, b'.') else { return };
        let Some(at) = exact_word(source, at, b"meta") else { return };
        let Some(at) = exact_byte(source, at, b'.') else { return };
        let Some(at) = exact_word(source, at, b"url") else { return };
        let at = exact_byte(source, at, b',').unwrap_or(at);
        if exact_byte(source, at, b')').is_some() {
            self.reference(quote, close, ReferenceKind::ImportMetaUrl);
            self.folder(quote, close);
        }
    }

    /// Notes the folder that the literal between two quotes names, if it names one: scripts append file names to it.
    fn folder(&mut self, quote: usize, close: usize) {
        let raw = &self.source[quote + 1..close];
        let name = raw.rsplit(|&byte| byte == b'/').next().unwrap_or(raw);
        if matches!(name, b"" | b"." | b"..")
            && !raw.is_empty()
            && let Ok((mut url, _)) = decode(self.source, quote + 1..close, false)
        {
            if !url.ends_with('/') {
                url.push('/');
            }
            self.found.begins(quote + 1, url);
        }
    }

    /// Goes past the keyword `export`, with its clause where it has one.
    pub(super) fn export(&mut self, start: usize, end: usize) -> usize {
        let source = self.source;
        // Behind an operand on the same line too: that may be the end of a decorator.
        if !self.may_declare() {
            return self.give_up(start, "an export stands where no declaration can");
        }
        let Some(next) = trivia_end(source, end) else {
            return self.give_up(end, UNENDED_COMMENT);
        };
        self.found.module = true;
        self.before = Before::Statement;
        match source.get(next) {
            Some(b'*') => self.clause(start, next, false),
            Some(b'{') => {
                let Some(names) = names_end(source, next) else {
                    return self.give_up(next, UNCLEAR_CLAUSE);
                };
                match exact_word(source, names, b"from") {
                    Some(from) if literal(source, from).is_some() => self.clause(start, from, true),
                    _ => names,
                }
            }
            Some(&byte) if matches!(CLASS[byte as usize], Class::Word | Class::Decorator) => {
                match exact_word(source, next, b"default") {
                    Some(behind) => {
                        self.before = Before::Default;
                        behind
                    }
                    None => next,
                }
            }
            _ => self.give_up(start, UNCLEAR_CLAUSE),
        }
    }

    /// Goes past what a declaration names up to the specifier, and adds that. It may stand
    /// first if `specifier`, and otherwise behind `from`.
    fn clause(&mut self, start: usize, mut at: usize, specifier: bool) -> usize {
        let source = self.source;
        // The word before, where it matters.
        let mut word: &[u8] = if specifier { b"from" } else { b"" };
        loop {
            let Some(next) = trivia_end(source, at) else {
                return self.give_up(at, UNENDED_COMMENT);
            };
            at = next;
            match source.get(at) {
                Some(b'"' | b'\'') => {
                    let Some(close) = string_end(source, at) else { break };
                    match word {
                        b"from" => {
                            self.reference(at, close, ReferenceKind::StaticImport);
                            // Import attributes may follow. They pass as a statement.
                            self.before = Before::Statement;
                            return close + 1;
                        }
                        b"as" => word = b"",
                        _ => break,
                    }
                    at = close + 1;
                }
                Some(b'*' | b',') => {
                    word = b"";
                    at += 1;
                }
                Some(b'{') => {
                    let Some(end) = names_end(source, at) else { break };
                    word = b"";
                    at = end;
                }
                _ => {
                    let end = word_end(source, at);
                    if end == at {
                        break;
                    }
                    word = &source[at..end];
                    at = end;
                }
            }
        }
        self.give_up(start, UNCLEAR_CLAUSE)
    }

    /// Adds the literal between two quotes, unless it is empty.
    #[cold]
    fn reference(&mut self, quote: usize, close: usize, kind: ReferenceKind) {
        let span = quote + 1..close;
        let context = Context::JsString(self.source[quote]);
        match decode(self.source, span.clone(), self.source[quote] == b'`') {
            Ok((url, _)) if url.is_empty() => {}
            Ok((url, segment)) => {
                self.found.references.push(Reference { url, span, segment, kind, context });
            }
            Err(message) => self.found.skip(span.start, message),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::javascript::scan;
    use crate::javascript::testing::{assert_only_yes, assert_urls, references};

    #[test]
    fn every_form_of_static_import_is_found() {
        assert_urls(&[
            ("import './a.js'", &["./a.js"]),
            ("import'./a.js';import\"./b.js\"", &["./a.js", "./b.js"]),
            ("import a from './a.js'", &["./a.js"]),
            ("import * as a from './a.js'", &["./a.js"]),
            ("import*as a from'./a.js'", &["./a.js"]),
            ("import a, * as b from './a.js'", &["./a.js"]),
            ("import a, { b } from './a.js'", &["./a.js"]),
            ("import {} from './a.js'", &["./a.js"]),
            ("import { a as b, 'c d' as e, default as f, } from './a.js'", &["./a.js"]),
            ("import{a as from}from'./a.js'", &["./a.js"]),
            ("import from from './a.js'", &["./a.js"]),
            ("import as, { as as as } from './a.js'", &["./a.js"]),
            ("import defer * as a from './a.js'", &["./a.js"]),
            ("import defer from './a.js'", &["./a.js"]),
            ("import source a from './a.js'", &["./a.js"]),
            ("import a from './a.json' with { type: 'json' }", &["./a.json"]),
            (
                "import './a.json' with { 'type': 'json', }; import './b.js'",
                &["./a.json", "./b.js"],
            ),
            ("import a from './a.json' assert { type: 'json' }\n/'/", &["./a.json"]),
            ("import/**/ a /*'*/ from // '\n './a.js'", &["./a.js"]),
            ("import\u{2028}a\u{a0}from\u{feff}'./a.js'", &["./a.js"]),
            ("'use strict'\nimport './a.js'", &["./a.js"]),
            ("import h\u{e9}, { \\u0061 } from './a.js'", &["./a.js"]),
        ]);
    }

    #[test]
    fn every_form_of_export_from_is_found() {
        assert_urls(&[
            ("export * from './a.js'", &["./a.js"]),
            ("export*from'./a.js'", &["./a.js"]),
            ("export * as a from './a.js'", &["./a.js"]),
            ("export * as 'a b' from './a.js'", &["./a.js"]),
            ("export * as from from './a.js'", &["./a.js"]),
            ("export { a, b as default, 'c' as 'd' } from './a.js'", &["./a.js"]),
            ("export{}from'./a.json'with{type:'json'}", &["./a.json"]),
            ("export { a }\nfrom\n'./a.js'", &["./a.js"]),
        ]);
    }

    #[test]
    fn exports_of_what_the_module_has_itself_are_none() {
        assert_urls(&[
            ("export { a }", &[]),
            ("export { from }\nfrom\nimport './a.js'", &["./a.js"]),
            ("export default './a.js'", &[]),
            ("export default { a: /'/ } / 2", &[]),
            ("export default function () {} /'/g", &[]),
            ("export default async function () {} /'/g", &[]),
            ("export default class {} /'/g", &[]),
            ("export const from = 1, a = './a.js'", &[]),
            ("export function a() {} /'/g", &[]),
            ("@a() export class b {} /'/g", &[]),
        ]);
    }

    #[test]
    fn dynamic_imports_of_literals_are_found() {
        assert_urls(&[
            ("import('./a.js')", &["./a.js"]),
            ("import ( \"./a.js\" , )", &["./a.js"]),
            ("import(/* webpackChunkName: 'a' */ './a.js')", &["./a.js"]),
            ("import('./a.js', { with: { type: 'json' } })", &["./a.js"]),
            ("import(`./a.js`)", &["./a.js"]),
            ("import.defer('./a.js'), import . source('./b.js')", &["./a.js", "./b.js"]),
            ("(() => import('./a.js').then(a => import('./b.js')))()", &["./a.js", "./b.js"]),
            ("if (a) import('./a.js'); else import('./b.js')", &["./a.js", "./b.js"]),
            ("[...import('./a.js')]", &["./a.js"]),
            ("x = a ? import('./a.js') : import('./b.js')", &["./a.js", "./b.js"]),
            ("import('a', import('b', import('c')))", &["a", "b", "c"]),
        ]);
    }

    #[test]
    fn computed_dynamic_imports_are_none() {
        assert_urls(&[
            ("import(a)", &[]),
            ("import('./a' + b)", &[]),
            ("import('./a'.b)", &[]),
            ("import(`./a${b}.js`)", &[]),
            ("import(('./a.js'))", &[]),
            ("import(a ? './a.js' : './b.js')", &[]),
        ]);
    }

    #[test]
    fn what_computed_names_begin_with_is_found() {
        for (source, expected) in [
            ("import('./a/' + b)", &["./a/"][..]),
            ("import(`./a/${b}.js`)", &["./a/"]),
            ("import(\"./a/\".concat(b, '.js'))", &["./a/"]),
            ("import(/* here */ '../a' + b + '.js', {})", &["../a"]),
            ("new URL('./a/' + b, import.meta.url)", &["./a/"]),
            ("new URL(`./a/${b}`, import.meta.url)", &["./a/"]),
            ("new URL('.', import.meta.url)", &["./"]),
            ("new URL('./a/', import.meta.url)", &["./a/"]),
            ("import.meta.resolve(`./a/${b}`)", &["./a/"]),
            ("import(a); import(`${a}`); import('' + a); import('./a.js'); import('./a'.b)", &[]),
        ] {
            let found = scan(source.as_bytes());
            let urls: Vec<_> = found.partial.iter().map(|one| &*one.url).collect();
            assert_eq!(urls, expected, "{source}");
        }
    }

    #[test]
    fn urls_against_the_module_are_found() {
        assert_urls(&[
            ("new URL('./a.png', import.meta.url)", &["./a.png"]),
            ("new URL(`./a.png`, import.meta.url,)", &["./a.png"]),
            ("new/**/URL\n( // '\n'./a.png'\n,\nimport\n.meta. url )", &["./a.png"]),
            ("new Worker(new URL('./w.js', import.meta.url), { type: 'module' })", &["./w.js"]),
            ("new URL('./a.png', import.meta.url).href", &["./a.png"]),
        ]);
    }

    #[test]
    fn what_the_module_resolves_is_found() {
        assert_urls(&[
            ("import.meta.resolve('./a.js')", &["./a.js"]),
            ("new Worker(import.meta.resolve(`./a.js`, ))", &["./a.js"]),
            ("import . meta /**/ . resolve\n( // '\n'lodash' )", &["lodash"]),
            ("import.meta.resolve('./' + a)", &[]),
            ("import.meta.resolve('./a.js', 'file:///b.js')", &[]),
            ("import.meta.resolve(`./${a}`)", &[]),
            ("import.meta.resolver('./a.js')", &[]),
            ("import.meta.resolve", &[]),
            ("import.meta.a.resolve('./a.js')", &[]),
            ("a.import.meta.resolve('./a.js')", &[]),
        ]);
        let found = scan(b"import.meta.resolve('./a.js')");
        let kinds: Vec<_> = found.references.iter().map(|it| it.kind).collect();
        assert_eq!((kinds, found.module), (vec![ReferenceKind::ImportMetaResolve], true));
    }

    #[test]
    fn empty_specifiers_are_none() {
        assert_urls(&[
            ("import ( \"\" , )", &[]),
            ("import ''; export * from \"\"", &[]),
            ("import(``); new URL('', import.meta.url); import.meta.resolve('')", &[]),
            ("import('\\\n')", &[]),
        ]);
    }

    #[test]
    fn other_urls_are_none() {
        assert_urls(&[
            ("new URL('./a.png')", &[]),
            ("new URL('./a.png', location)", &[]),
            ("new URL('./a.png', import.meta.url + '')", &[]),
            ("new URL('./a.png', import.meta.urls)", &[]),
            ("new URL('./a.png', import.meta.url, a)", &[]),
            ("new URL('./' + a, import.meta.url)", &[]),
            ("new URL(`./${a}`, import.meta.url)", &[]),
            ("new URLs('./a.png', import.meta.url)", &[]),
            ("new a.URL('./a.png', import.meta.url)", &[]),
            ("URL('./a.png', import.meta.url)", &[]),
        ]);
    }

    #[test]
    fn kind_context_and_places_are_told() {
        let source = "import '../a/b.js?c#d'; import(`e`); new URL(\"f/\", import.meta.url)";
        let places: Vec<_> = references(source)
            .into_iter()
            .map(|it| (it.kind, it.context, &source[it.span], &source[it.segment]))
            .collect();
        let expected = [
            (ReferenceKind::StaticImport, Context::JsString(b'\''), "../a/b.js?c#d", "b.js"),
            (ReferenceKind::DynamicImport, Context::JsString(b'`'), "e", "e"),
            (ReferenceKind::ImportMetaUrl, Context::JsString(b'"'), "f/", ""),
        ];
        assert_eq!(places, expected);
    }

    #[test]
    fn names_that_read_as_keywords_are_none() {
        assert_only_yes(&[
            "a.import('no'); a?.import('no'); a. /**/ import('no'); import('yes')",
            "a.export, a\n.export\n* 2; import('yes')",
            "({ import: 'no', export: 'no', b: import('yes') })",
            "({ import('no') {}, get import() {}, async *export() {}, a: import('yes') })",
            "({ 'a': 1, import, export } = a); import('yes')",
            "class A { import(no) { import('yes') } }",
            "class A { static import = import('yes'); export; import }",
            "class A { a = 1\n import(no) {} static { import('yes') } }",
            "class A { a\n import\n static async *export() {} ; get\n export() {} } import('yes')",
            "class A { #import = 'no'; b() { this.#import('no'); #import in b } } import('yes')",
            "class A { 'a' = 1; 2() {} [b]\n import() {} } import('yes')",
            "class A { @a import() {} @a.b('no') static export = 1 } import('yes')",
            "class A { b() {} import = 'no'; static {} export() {} } import('yes')",
            "class A { a = 1\n b\n *export() {} static [c]\n *export() {} } import('yes')",
            "class await {} import('yes')",
            "class import_ { $import() {} import$() {} } import('yes')",
            "\\u0069mport\n('no'); import\\u0061('no'); \u{e9}import('no'); import('yes')",
            "function* a() { new.target; new a.import('no'); yield import('yes') }",
        ]);
    }
}

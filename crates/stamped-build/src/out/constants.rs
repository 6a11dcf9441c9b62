//! Generates a constant for each asset, in a tree of modules like that of the folders.
//!
//! An editor completes the path of a constant, and cannot complete what a macro takes.

use super::code::literal;
use crate::bundle::Bundle;
use crate::error::{Error, Problem};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// What generated code itself defines beside the tree.
const TAKEN_MODULES: &[&str] = &["asset", "url"];
const TAKEN_CONSTANTS: &[&str] = &["ASSETS"];

/// All keywords in lower case: the strict ones, and those that are reserved.
const KEYWORDS: &[&str] = &[
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate",
    "do", "dyn", "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl",
    "in", "let", "loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref",
    "return", "self", "static", "struct", "super", "trait", "true", "try", "type", "typeof",
    "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

/// The constants and modules in a module.
#[derive(Default)]
struct Module<'a> {
    /// Positions and names of assets.
    constants: BTreeMap<String, (usize, &'a str)>,
    modules: BTreeMap<String, Module<'a>>,
}

/// The constants of all assets, as source text.
pub(super) fn constants(bundle: &Bundle) -> Result<String, Error> {
    let names = bundle.assets().iter().map(|asset| asset.name());
    let mut code = "\n// A constant for each asset, for editors to complete.\n".to_owned();
    tree(names)?.write(0, &mut code);
    Ok(code)
}

fn tree<'a>(names: impl Iterator<Item = &'a str>) -> Result<Module<'a>, Error> {
    let mut root = Module::default();
    for (position, name) in names.enumerate() {
        let mut parts = name.split('/');
        let file = parts.next_back().unwrap_or_default();
        let mut module = &mut root;
        let mut path = String::new();
        for folder in parts {
            let identifier = of_folder(folder, path.is_empty());
            path.push_str(&identifier);
            path.push_str("::");
            module = module.modules.entry(identifier).or_default();
        }
        let identifier = of_file(file, path.is_empty());
        let constant = format!("{path}{identifier}");
        if let Some((_, first)) = module.constants.insert(identifier, (position, name)) {
            let (first, second) = (first.to_owned(), name.to_owned());
            return Err(Problem::SameConstant { constant, first, second }.into());
        }
    }
    Ok(root)
}

impl Module<'_> {
    /// Writes what is in the module, which lies so deep below the generated one.
    fn write(&self, depth: usize, code: &mut String) {
        let indent = "    ".repeat(depth);
        let root = match depth {
            0 => "self::".to_owned(),
            depth => "super::".repeat(depth),
        };
        for (identifier, (position, name)) in &self.constants {
            // Writing to a string does not fail.
            let _ = writeln!(
                code,
                "{indent}#[doc = {}]\n{indent}pub(crate) const {identifier}: {root}__stamped::Asset = \
                 {root}ASSETS.asset({position});",
                literal(&format!("`{name}`")),
            );
        }
        if !self.constants.is_empty() {
            // Hardly a program uses all of them, and a program may forbid attributes that silence the
            // compiler about it.
            let all = self.constants.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
            let _ = writeln!(code, "{indent}const _: &[{root}__stamped::Asset] = &[{all}];");
        }
        for (identifier, module) in &self.modules {
            let _ = writeln!(code, "{indent}pub(crate) mod {identifier} {{");
            module.write(depth + 1, code);
            let _ = writeln!(code, "{indent}}}");
        }
    }
}

/// `STYLE_MIN_CSS` for `style.min.css`.
fn of_file(name: &str, is_root: bool) -> String {
    let identifier = identifier(name, |c| c.to_uppercase().collect(), char::is_lowercase);
    let is_taken = is_root && TAKEN_CONSTANTS.contains(&identifier.as_str());
    if is_taken { identifier + "_" } else { identifier }
}

/// `my_icons` for `My-Icons`.
fn of_folder(name: &str, is_root: bool) -> String {
    let identifier = identifier(name, |c| c.to_lowercase().collect(), char::is_uppercase);
    let is_taken = is_root && TAKEN_MODULES.contains(&identifier.as_str())
        || KEYWORDS.contains(&identifier.as_str());
    if is_taken { identifier + "_" } else { identifier }
}

/// An identifier that reads like `name`, with its letters in one case: other characters become
/// underscores, never two in a row, or their numbers, where they are not of ASCII.
fn identifier(name: &str, case: impl Fn(char) -> String, is_other: fn(char) -> bool) -> String {
    let mut identifier = String::with_capacity(name.len());
    for c in name.chars() {
        let cased = case(c);
        if c.is_ascii_alphanumeric() || is_letter(c) && !cased.contains(is_other) {
            identifier.push_str(&cased);
        } else if !c.is_ascii() {
            // Between underscores, or two such characters could read like one.
            underscore(&mut identifier);
            identifier.push_str(&case('u'));
            let number = format!("{:x}", u32::from(c));
            identifier.extend(number.chars().map(&case));
            underscore(&mut identifier);
        } else {
            underscore(&mut identifier);
        }
    }
    let identifier = identifier.trim_matches('_');
    match identifier.chars().next() {
        Some(first) if first.is_ascii_alphabetic() || begins_identifier(first) => {
            identifier.to_owned()
        }
        // Nothing but punctuation.
        None => format!("_{}", name.bytes().map(|byte| byte.to_string()).collect::<String>()),
        Some(_) => format!("_{identifier}"),
    }
}

fn underscore(identifier: &mut String) {
    if !identifier.ends_with('_') {
        identifier.push('_');
    }
}

/// Whether identifiers can have this letter or digit beyond ASCII, in either case. The compiler
/// knows more, but it also takes some that look alike for the same, and warns of others.
fn is_letter(c: char) -> bool {
    !c.is_ascii()
        && c.is_alphabetic()
        && !matches!(c,
            // In circles and squares.
            '\u{24b6}'..='\u{24e9}' | '\u{1f130}'..='\u{1f189}'
            // Equal to another letter.
            | '\u{340}'..='\u{374}' | '\u{37a}' | '\u{387}' | '\u{1f71}'..='\u{1ffe}'
            | '\u{2126}'..='\u{212b}' | '\u{f900}'..='\u{faff}' | '\u{2f800}'..='\u{2fa1f}'
            // In other forms than the usual ones.
            | '\u{e33}' | '\u{eb3}' | '\u{2e2f}' | '\u{fb00}'..='\u{ffff}')
}

/// Whether an identifier can begin with this letter. Others may be marks that belong to the one
/// before.
fn begins_identifier(c: char) -> bool {
    is_letter(c)
        && (c.is_uppercase()
            || c.is_lowercase()
            || matches!(c, '\u{3041}'..='\u{3096}' | '\u{30a1}'..='\u{30fa}' | '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_read_like_names() {
        for (name, expected) in [
            ("style.css", "STYLE_CSS"),
            ("jquery-1.11.3.min.js", "JQUERY_1_11_3_MIN_JS"),
            ("404.html", "_404_HTML"),
            ("\u{56fe} (1).png", "\u{56fe}_1_PNG"),
            ("caf\u{e9}.svg", "CAF\u{c9}_SVG"),
            ("stra\u{df}e.css", "STRASSE_CSS"),
            ("\u{1f600}.png", "U1F600_PNG"),
            ("a\u{1f600}\u{1f601}", "A_U1F600_U1F601"),
            (".well-known", "WELL_KNOWN"),
            ("__a--b__", "A_B"),
            ("---", "_454545"),
            ("assets", "ASSETS_"),
            ("self", "SELF"),
        ] {
            assert_eq!(of_file(name, true), expected, "{name}");
        }
        for (name, expected) in [
            ("My Icons", "my_icons"),
            ("type", "type_"),
            ("self", "self_"),
            ("url", "url_"),
            ("2x", "_2x"),
            ("\u{c9}t\u{e9}", "\u{e9}t\u{e9}"),
        ] {
            assert_eq!(of_folder(name, true), expected, "{name}");
        }
        assert_eq!(
            (of_file("assets", false), of_folder("url", false)),
            ("ASSETS".into(), "url".into())
        );
    }

    #[test]
    fn every_character_makes_an_identifier_that_the_compiler_takes() {
        // What is not a letter becomes its number.
        for c in ('\0'..=char::MAX).filter(|c| c.is_ascii() || c.is_alphanumeric()) {
            for name in [format!("{c}"), format!("a{c}b")] {
                for identifier in [of_file(&name, true), of_folder(&name, true)] {
                    let mut chars = identifier.chars();
                    let first = chars.next().unwrap();
                    let begins = first == '_' || unicode_ident::is_xid_start(first);
                    assert!(begins && identifier != "_", "{identifier:?} of {name:?}");
                    assert!(
                        chars.all(unicode_ident::is_xid_continue),
                        "{identifier:?} of {name:?}"
                    );
                    assert!(!identifier.contains("__"), "{identifier:?} of {name:?}");
                }
            }
        }
    }

    #[test]
    fn two_files_of_one_constant_are_an_error_that_names_both() {
        let names = ["a-b/x.css", "a_b/X.css"];
        let error = tree(names.into_iter()).map(drop).unwrap_err().to_string();
        assert!(
            error.contains("a_b::X_CSS") && names.iter().all(|name| error.contains(name)),
            "{error}"
        );
        // A file and a folder are different things, and folders of one module share it.
        assert!(tree(["css", "css/a", "a-b/x", "a_b/y", "CSS/b"].into_iter()).is_ok());
    }
}

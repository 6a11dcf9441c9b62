//! Compares the scanner with a parser, oxc, over all scripts below the folder that the environment
//! variable `STAMPED_SCRIPTS` names.

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use oxc_allocator::Allocator;
use oxc_ast::ast::{
    Argument, CallExpression, Expression, ImportExpression, ImportMeta, ModuleDeclaration, NewExpression,
    StaticMemberExpression,
};
use oxc_ast_visit::{Visit, walk};
use oxc_parser::Parser;
use oxc_semantic::SemanticBuilder;
use oxc_span::{SourceType, Span};
use stamped_scan::{Found, ReferenceKind, Scanner, Skipped};

/// What the scanner finds in the code; source maps are named in comments, which oxc passes over.
fn scan(source: &[u8]) -> Found {
    let mut found = Scanner::JavaScript.scan(source);
    found.references.retain(|reference| reference.kind != ReferenceKind::SourceMap);
    found
}

/// What oxc finds, in the terms of [`Found`].
#[derive(Default)]
struct Expected {
    references: Vec<(ReferenceKind, usize, usize, Option<String>)>,
    module: bool,
    script: bool,
}

impl Expected {
    fn literal(&mut self, kind: ReferenceKind, literal: Span, text: Option<&str>) {
        let (start, end) = (literal.start as usize + 1, literal.end as usize - 1);
        self.references.push((kind, start, end, text.map(str::to_owned)));
    }

    fn expression(&mut self, kind: ReferenceKind, expression: &Expression) {
        match expression {
            Expression::StringLiteral(string) => {
                // A lone surrogate has no UTF-8, and oxc a notation of its own.
                let text = (!string.lone_surrogates).then_some(string.value.as_str());
                self.literal(kind, string.span, text);
            }
            Expression::TemplateLiteral(template) if template.expressions.is_empty() => {
                let text = template.quasis[0].value.cooked.map(|text| text.to_string());
                self.literal(kind, template.span, text.as_deref());
            }
            _ => {}
        }
    }
}

impl Expected {
    fn call(&mut self, callee: &Expression, arguments: &[Argument]) {
        if let (Expression::StaticMemberExpression(member), [argument]) = (callee, arguments)
            && is_import_meta(member, "resolve")
            && let Some(argument) = argument.as_expression()
        {
            self.expression(ReferenceKind::ImportMetaResolve, argument);
        }
    }
}

impl<'a> Visit<'a> for Expected {
    fn visit_module_declaration(&mut self, it: &ModuleDeclaration<'a>) {
        self.module = true;
        let source = match it {
            ModuleDeclaration::ImportDeclaration(it) => Some(&it.source),
            ModuleDeclaration::ExportAllDeclaration(it) => Some(&it.source),
            ModuleDeclaration::ExportFromDeclaration(it) => Some(&it.source),
            _ => None,
        };
        if let Some(source) = source {
            let text = (!source.lone_surrogates).then_some(source.value.as_str());
            self.literal(ReferenceKind::StaticImport, source.span, text);
        }
        walk::walk_module_declaration(self, it);
    }

    fn visit_import_meta(&mut self, it: &ImportMeta) {
        self.module = true;
        walk::walk_import_meta(self, it);
    }

    fn visit_import_expression(&mut self, it: &ImportExpression<'a>) {
        self.expression(ReferenceKind::DynamicImport, &it.source);
        walk::walk_import_expression(self, it);
    }

    fn visit_new_expression(&mut self, it: &NewExpression<'a>) {
        let is_url = matches!(&it.callee, Expression::Identifier(name) if name.name == "URL");
        if let (true, [first, second]) = (is_url, it.arguments.as_slice())
            && is_import_meta_url(second)
            && let Some(first) = first.as_expression()
        {
            self.expression(ReferenceKind::ImportMetaUrl, first);
        }
        // A call too, though one that throws.
        self.call(&it.callee, &it.arguments);
        walk::walk_new_expression(self, it);
    }

    fn visit_call_expression(&mut self, it: &CallExpression<'a>) {
        if !it.optional {
            self.call(&it.callee, &it.arguments);
        }
        walk::walk_call_expression(self, it);
    }
}

fn is_import_meta_url(argument: &Argument) -> bool {
    let Argument::StaticMemberExpression(member) = argument else { return false };
    is_import_meta(member, "url")
}

/// Whether this is `import.meta.name`.
fn is_import_meta(member: &StaticMemberExpression, name: &str) -> bool {
    let is_meta = matches!(member.object, Expression::ImportMeta(_));
    is_meta && !member.optional && member.property.name == name
}

/// `None` if oxc takes the text neither for a module nor for a script.
fn expected(source: &str) -> Option<Expected> {
    let mut either = None;
    for kind in [SourceType::mjs(), SourceType::cjs(), SourceType::script()] {
        let allocator = Allocator::default();
        let parsed = Parser::new(&allocator, source, kind).parse();
        if parsed.panicked || !parsed.diagnostics.is_empty() {
            continue;
        }
        // The parser leaves some errors to this, such as declarations of a module elsewhere.
        let checked = SemanticBuilder::new().with_check_syntax_error(true).build(&parsed.program);
        if !checked.diagnostics.is_empty() {
            continue;
        }
        let mut expected = Expected { script: !kind.is_module(), ..Expected::default() };
        expected.visit_program(&parsed.program);
        expected.references.sort();
        // Comments as in HTML are what tells scripts from modules without declarations.
        let may_be_script = source.contains("<!--") || source.contains("-->");
        if kind.is_module() && !expected.module && may_be_script {
            either = Some(expected);
            continue;
        }
        return Some(expected);
    }
    either
}

#[derive(Default)]
struct Tally {
    files: AtomicUsize,
    bytes: AtomicUsize,
    unparsed: AtomicUsize,
    references: AtomicUsize,
    by_kind: [AtomicUsize; 4],
    unsure: Mutex<Vec<String>>,
    disagree: Mutex<Vec<String>>,
}

impl Tally {
    fn compare(&self, path: &Path) {
        let Ok(mut bytes) = std::fs::read(path) else { return };
        self.files.fetch_add(1, Ordering::Relaxed);
        self.bytes.fetch_add(bytes.len(), Ordering::Relaxed);
        // A reference at the very end, so that no file is passed over, and that each shows
        // whether the lexer knew its way all through.
        bytes.extend_from_slice(b"\n;import('oracle')");
        let found = scan(&bytes);
        let Ok(source) = std::str::from_utf8(&bytes) else { return };
        let Some(expected) = expected(source) else {
            self.unparsed.fetch_add(1, Ordering::Relaxed);
            return;
        };
        if let Some(skipped) = given_up(&found) {
            let line = format!("{}:{}: {}", path.display(), skipped.at, skipped.message);
            self.unsure.lock().unwrap().push(line);
            return;
        }
        self.references.fetch_add(expected.references.len(), Ordering::Relaxed);
        for (kind, ..) in &expected.references {
            let kind = match kind {
                ReferenceKind::StaticImport => 0,
                ReferenceKind::DynamicImport => 1,
                ReferenceKind::ImportMetaUrl => 2,
                _ => 3,
            };
            self.by_kind[kind].fetch_add(1, Ordering::Relaxed);
        }
        if let Some(difference) = difference(&found, &expected) {
            let line = format!("{}: {difference}", path.display());
            self.disagree.lock().unwrap().push(line);
        }
    }
}

fn given_up(found: &Found) -> Option<&Skipped> {
    found.skipped.iter().find(|skipped| !skipped.message.starts_with("a reference "))
}

fn difference(found: &Found, expected: &Expected) -> Option<String> {
    if found.module != expected.module {
        return Some(format!("module: {}, not {}", expected.module, found.module));
    }
    let mut ours: Vec<_> = found
        .references
        .iter()
        .map(|it| (it.kind, it.span.start, it.span.end, Some(it.url.clone())))
        .collect();
    // The scanner skips literals with lone surrogates, and empty ones.
    let mut theirs = expected.references.clone();
    theirs.retain(|it| it.3.as_ref().is_some_and(|url| !url.is_empty()));
    ours.sort();
    if ours == theirs {
        return None;
    }
    let missing = theirs.iter().find(|it| !ours.contains(it));
    let wrong = ours.iter().find(|it| !theirs.contains(it));
    Some(format!("missing {missing:?}, wrong {wrong:?}"))
}

fn scripts(folder: &Path, files: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        let Ok(kind) = entry.file_type() else { continue };
        if kind.is_dir() {
            scripts(&path, files);
        } else if kind.is_file()
            && matches!(path.extension().and_then(|it| it.to_str()), Some("js" | "mjs" | "cjs"))
        {
            files.push(path);
        }
    }
}

fn scripts_to_compare() -> Vec<PathBuf> {
    let folder = std::env::var_os("STAMPED_SCRIPTS").expect("STAMPED_SCRIPTS names a folder of scripts");
    let mut files = Vec::new();
    scripts(Path::new(&folder), &mut files);
    assert!(!files.is_empty(), "no script below {folder:?}");
    files.sort();
    files
}

#[test]
#[ignore = "needs the folder of scripts that STAMPED_SCRIPTS names"]
fn agrees_with_oxc() {
    let files = scripts_to_compare();
    let tally = Tally::default();
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            // oxc recurses, and some scripts nest deep.
            let worker = std::thread::Builder::new().stack_size(256 << 20);
            let work = || {
                while let Some(path) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
                    tally.compare(path);
                }
            };
            worker.spawn_scoped(scope, work).expect("a thread starts");
        }
    });

    let mut unsure = tally.unsure.into_inner().unwrap();
    let mut disagree = tally.disagree.into_inner().unwrap();
    unsure.sort();
    disagree.sort();
    println!(
        "{} files, {} MB, {} of them unparsed by oxc; {} references {:?} compared; {} disagree; unsure {}",
        tally.files.into_inner(),
        tally.bytes.into_inner() / 1_000_000,
        tally.unparsed.into_inner(),
        tally.references.into_inner(),
        tally.by_kind,
        disagree.len(),
        unsure.len(),
    );
    for line in unsure.iter().take(200) {
        println!("unsure: {line}");
    }
    for line in disagree.iter().take(200) {
        println!("disagrees: {line}");
    }
    assert!(disagree.is_empty() && unsure.is_empty());
}

/// Whether a text may hold one of the limits that `scan` tells of.
fn beyond_limits(text: &str, expected: &Expected) -> bool {
    let holds = |words: &[&str]| words.iter().any(|word| text.contains(word));
    let is_comment = |line: &str| line.starts_with("//") || line.starts_with("/*");
    // Without the comments of `SPACES`, which may stand before a slash.
    let bare = text.replace("/*'*/", "").replace("/*\n`*/", "\n").replace("//\"\n", "\n");
    let mut lines = bare.split(['\n', '\r', '\u{2028}', '\u{2029}']).map(str::trim_start);
    let slashes = lines.any(|it| it.starts_with('/') && (!is_comment(it) || it.contains("*/")));
    expected.script && holds(&["yield", "await"]) || slashes && holds(&["var", "let", "const", "break", "continue"])
}

/// Writes programs at random: not all valid, but many, and full of what is hard to tell apart.
struct Generator {
    state: u64,
    text: String,
}

impl Generator {
    fn new() -> Self {
        let state = number("STAMPED_SEED").unwrap_or(0x9e37_79b9_7f4a_7c15).max(1);
        Self { state, text: String::new() }
    }

    /// A number below `bound`, by the xorshift method.
    fn below(&mut self, bound: usize) -> usize {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        (self.state >> 33) as usize % bound
    }

    /// Writes one of `choices`. In them `E` is an expression, `S` are statements, `M` are
    /// members of a class, `K` is a name of a member, `P` is a pattern, and `_` a space of some
    /// kind or none.
    fn one_of(&mut self, choices: &[&str], depth: usize) {
        let choice = choices[self.below(choices.len())];
        for part in choice.chars() {
            match part {
                'E' => self.expression(depth),
                'S' => self.statements(depth),
                'M' => self.members(depth),
                'K' => self.one_of(KEYS, depth),
                'P' => self.one_of(PATTERNS, depth),
                '_' => {
                    let space = SPACES[self.below(SPACES.len())];
                    self.text.push_str(space);
                }
                part => self.text.push(part),
            }
        }
    }

    fn expression(&mut self, depth: usize) {
        match depth {
            0 => self.one_of(LEAVES, 0),
            _ => self.one_of(EXPRESSIONS, depth - 1),
        }
    }

    fn statements(&mut self, depth: usize) {
        for _ in 0..self.below(3) {
            match depth {
                0 => self.one_of(&["E;", "E\n", "/import('r')/g\n", "a\n"], 0),
                _ => self.one_of(STATEMENTS, depth - 1),
            }
        }
    }

    fn members(&mut self, depth: usize) {
        for _ in 0..self.below(3) {
            self.one_of(MEMBERS, depth.saturating_sub(1));
        }
    }
}

const SPACES: &[&str] =
    &["", "", " ", " ", "\n", "/*'*/", "/*\n`*/", "//\"\n", "\r\n", "\u{2028}", "\u{a0}"];

const LEAVES: &[&str] = &[
    "a",
    "1",
    "1.",
    ".5",
    "'s'",
    "`t`",
    "this",
    "/import('r')/g",
    "/[/'\"`]\\//",
    "of",
    "async",
    "get",
    "let",
    "import.meta",
    "import('d')",
    "static",
    "a",
    "b",
    "{}",
    "[]",
    "()=>{}",
    "function(){}",
    "class{}",
    "yield",
    "await",
    "\\u0061",
];

const EXPRESSIONS: &[&str] = &[
    "E_/import('r')/g",
    "E_/_E",
    "E_/import('r')/_E",
    "(_E_)",
    "[_E_]",
    "{K:_E}",
    "{K:E,K:E}",
    "({K:E})",
    "({P}=E)",
    "({M,K(){S},get K(){S},async*K(){S}})",
    "function_(P)_{_S_}_",
    "function*a(){S}",
    "async function_(){S}_",
    "async_function(){S}",
    "(P)=>_{S}_",
    "(P)=>E",
    "async (P)_=>{S}",
    "async a=>_E",
    "class_{M}_",
    "class a{M}",
    "class a extends E{M}",
    "class extends E_{M}",
    "E_?_E_:_E",
    "E?.5:E",
    "E_._K",
    "E_?._K",
    "E.K_(E)",
    "E.K{E}",
    "E[_E_]",
    "E(_E_)",
    "typeof E",
    "await_ E",
    "yield_ E",
    "yield*E",
    "yield_",
    "_++_a",
    "a++_",
    "a_--",
    "a_++",
    "E in_ E",
    "E of E",
    "E instanceof_ E",
    "new E(_E_)",
    "new_ URL_(_'u'_,_import_._meta_._url_)",
    "new URL(`u`,import.meta.url,)",
    "new URL('u',E)",
    "new.target",
    "import_(_'d'_)",
    "import(E)",
    "import('d',E)",
    "import.meta.K",
    "import_._meta_._resolve_(_'s'_)",
    "import.meta.resolve(`s`,)",
    "import.meta.resolve('s',E)",
    "import.meta.resolve(E)",
    "import.meta?.resolve('s')",
    "import_(`d${E}`)",
    "import(`d`)",
    "import.source('d')",
    "E+_E",
    "E<_E",
    "E<<E",
    "E>E",
    "E>>>E",
    "E-_E",
    "E*E",
    "-E",
    "!E",
    "a=_E",
    "E??_E",
    "E||E",
    "E&&E",
    "E,E",
    "`t${E}'\"${_E_}`",
    "E`t${E}`",
    "{...E}",
    "[...E,]",
    "void E",
    "delete E",
    "(E)_",
    "{}",
    "#p in E",
    "E.#p",
    "a=>_{S}_",
    "E",
    "E",
    "E\n",
];

const STATEMENTS: &[&str] = &[
    "E;",
    "E\n",
    "E_",
    ";",
    "{_S_}_",
    "_if_(E)_S",
    "if(E)_{S}_else_ {S}_",
    "if(E)E;else_ E;",
    "while_(E)_S_",
    "for(;E;E)_S",
    "for_(;;)_{S}_",
    "for(var P of_ E)_S",
    "for(let P_of E){S}",
    "for(const P in E)S",
    "for_ await_(a of E)_S",
    "for(E of E)S",
    "for(a of_/import('r')/)S",
    "do_ S_while(E)_S",
    "do{S}while(E)_/import('r')/g\n",
    "a:_S",
    "K:_{S}",
    "switch_(E)_{case_ E:_S_default_:_S}_",
    "switch(E){case E:{S}}_",
    "function a(P)_{_S_}_",
    "async function a(P){S}_",
    "function*a(){S}_",
    "function K(){S}",
    "class a_{_M_}_",
    "class a extends E_{M}_",
    "class K{M}",
    "try_{S}_catch_{S}_finally_{S}_",
    "try{S}catch_(P)_{S}_",
    "throw_ E;",
    "let P=E;",
    "let_ P=E_",
    "let\n a=E\n",
    "var P=E,P=E;",
    "const_ P=E\n",
    "with_(E)_S",
    "/import('r')/g;",
    "/import('r')/.K(E)\n",
    "_++a_",
    "debugger_",
    "break_",
    "continue_;",
    "return_ E;",
    "return_",
    "return\n{S}_",
    "export_ default_ E",
    "export default@a class_{M}_",
    "a=@a @b.c(E)_ class_{M}_",
    "export default E\n",
    "export default function(){S}_",
    "export default class_{M}_",
    "export default async function(){S}_",
    "export_ {a}_",
    "export{a}_from_'m'_",
    "export_*_from_'m'\n",
    "export_*_as K from'm';",
    "export_*as'k'from'm'\n",
    "export const P=E\n",
    "export function a(){S}_",
    "export class a{M}_",
    "export async function b(){}_",
    "import_'m'_",
    "import'm'\n",
    "import a from'm'\n",
    "import_{K as a,'k'as b}_from_'m'_with_{type:'json'}_",
    "import*as a from'm'with{'type':'json'}\n",
    "import a,{K as from}from'm';",
    "import from from'm'\n",
    "import defer*as a from'm'\n",
    "import source a from'm'\n",
    "import_('d')_",
    "import.meta_",
    "@a class b{M}_",
    "@a()export class c{M}_",
    "async_ function b(){S}_",
    "async\nfunction b(){S}_",
    "<!--'\n",
    "-->'\n",
    "/*\n*/-->`\n",
    "E",
];

const MEMBERS: &[&str] = &[
    "K(P)_{_S_}_",
    "get_ K(){S}_",
    "set_ K(a){S}_",
    "async_ K(){S}_",
    "*_K(){S}_",
    "async*K(){S}_",
    "[E](){S}_",
    "[_E_]=E;",
    "K=E;",
    "K=E\n",
    "K_=_E\n",
    "K;",
    "K\n",
    "static_{S}_",
    "static_ K(){S}_",
    "static K=E\n",
    "static async*K(){S}_",
    "#p=E;",
    "#p\n",
    "#import(){S}_",
    "'s'(){S}_",
    "'s'=E\n",
    "1(){}",
    "1=E;",
    "get\n",
    "static\n",
    "async\n",
    "set=E\n",
    "@a import(){}_",
    "@a.b(E)_ get\n",
    "@(E)_ get K(){}",
    "accessor K=E\n",
    ";",
];

const PATTERNS: &[&str] = &[
    "a",
    "b",
    "{a}",
    "{K:a}",
    "{K:{K:b}}",
    "{a=E}",
    "[a=E]",
    "[a,{K:b}]",
    "{...a}",
    "{[E]:a}",
    "{a=/import('r')/,b}",
];

const KEYS: &[&str] = &[
    "import",
    "export",
    "return",
    "if",
    "get",
    "set",
    "static",
    "async",
    "of",
    "let",
    "class",
    "function",
    "yield",
    "await",
    "in",
    "instanceof",
    "typeof",
    "new",
    "default",
    "case",
    "while",
    "for",
    "else",
    "a",
    "b",
    "from",
    "extends",
    "k\\u0061",
    "\u{e9}",
    "constructor",
];

/// How a comparison of many made-up texts went.
#[derive(Default)]
struct Score {
    valid: usize,
    wrong: usize,
}

impl Score {
    fn compare(&mut self, text: &str) {
        let Some(expected) = expected(text) else { return };
        if beyond_limits(text, &expected) {
            return;
        }
        self.valid += 1;
        let found = scan(text.as_bytes());
        let difference = match given_up(&found) {
            Some(skipped) => Some(format!("unsure at {}: {}", skipped.at, skipped.message)),
            None => difference(&found, &expected),
        };
        if let Some(difference) = difference {
            self.wrong += 1;
            println!("{difference} in {text:?}");
        }
    }
}

/// A number from the environment.
fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// `STAMPED_PROGRAMS` and `STAMPED_SEED` make it more programs, and others.
#[test]
fn agrees_with_oxc_on_random_programs() {
    let count = number("STAMPED_PROGRAMS").unwrap_or(5_000);
    let mut generator = Generator::new();
    let mut score = Score::default();
    for _ in 0..count {
        generator.text.clear();
        for _ in 0..3 {
            generator.one_of(STATEMENTS, 2);
        }
        generator.text.push_str("\n;import('oracle')");
        score.compare(&generator.text);
    }
    println!("{} of {count} random programs are valid", score.valid);
    assert!(score.valid > 0);
    assert_eq!(score.wrong, 0);
}

/// What is put into scripts to see whether both still read them alike.
const PATCHES: &[&str] = &[
    "",
    "",
    "/",
    " / ",
    "{",
    "}",
    "(",
    ")",
    "[",
    "]",
    "/import('r')/g",
    "\n",
    ";",
    ",",
    ":",
    "=>",
    "`",
    "'",
    "return ",
    "class ",
    "function ",
    "import('d')",
    "export ",
    "{}",
    "()",
    "a",
    " in ",
    "++",
    "/*",
    "//",
];

#[test]
#[ignore = "needs the folder of scripts that STAMPED_SCRIPTS names"]
fn agrees_with_oxc_on_patched_scripts() {
    let mut generator = Generator::new();
    let mut score = Score::default();
    for path in scripts_to_compare() {
        let Ok(text) = std::fs::read_to_string(path) else { continue };
        if text.is_empty() || text.len() > 10_000 {
            continue;
        }
        for _ in 0..20 {
            let start = text.floor_char_boundary(generator.below(text.len()));
            let end = text.ceil_char_boundary(start + generator.below(3));
            let patch = PATCHES[generator.below(PATCHES.len())];
            let (before, behind) = (&text[..start], &text[end..]);
            score.compare(&format!("{before}{patch}{behind}\n;import('oracle')"));
        }
    }
    println!("{} patched scripts are valid", score.valid);
    assert_eq!(score.wrong, 0);
}

#[test]
#[ignore = "needs the folder of scripts that STAMPED_SCRIPTS names"]
fn truncated_scripts_do_no_harm() {
    let mut generator = Generator::new();
    for path in scripts_to_compare() {
        let Ok(mut bytes) = std::fs::read(path) else { continue };
        for _ in 0..4 {
            bytes.truncate(generator.below(bytes.len() + 1));
            for reference in scan(&bytes).references {
                assert!(bytes.get(reference.span).is_some());
                assert!(bytes.get(reference.segment).is_some());
            }
        }
    }
}

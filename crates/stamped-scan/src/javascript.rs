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

use core::ops::Range;
use std::io::BufRead;

use crate::{Context, Found, Reference, ReferenceKind, Skipped};

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
    if script.found.module || reads_as_module { module.finish() } else { script.finish() }
}

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

/// Where `byte` stands first at or behind `from`.
///
/// Of the ways to ask this, `skip_until` is the one that comes compiled with the standard
/// library. While nothing is optimised it is at least twice as fast as a plain loop, as
/// `str::find` and as the memchr crate.
fn find(source: &[u8], from: usize, byte: u8) -> Option<usize> {
    let mut rest = source.get(from..)?;
    match rest.skip_until(byte) {
        Ok(read) if read > 0 && source[from + read - 1] == byte => Some(from + read - 1),
        _ => None,
    }
}

/// What a byte can begin.
#[derive(Clone, Copy)]
enum Class {
    Space,
    Word,
    Digit,
    Quote,
    Backtick,
    Slash,
    Dot,
    OpenParenthesis,
    CloseParenthesis,
    OpenBracket,
    CloseBracket,
    OpenBrace,
    CloseBrace,
    /// Operators that need no closer look. The longer ones are taken byte by byte.
    Operator,
    Decorator,
    Plus,
    Minus,
    Star,
    Less,
    Equals,
    Question,
    Colon,
    Comma,
    Semicolon,
    Hash,
    Backslash,
    /// The first byte of a character beyond ASCII.
    Wide,
    /// Nothing that JavaScript knows.
    Stray,
}

static CLASS: [Class; 256] = {
    let mut table = [Class::Stray; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = match byte as u8 {
            b'\t' | b'\n' | 0x0b | 0x0c | b'\r' | b' ' => Class::Space,
            b'a'..=b'z' | b'A'..=b'Z' | b'$' | b'_' => Class::Word,
            b'0'..=b'9' => Class::Digit,
            b'"' | b'\'' => Class::Quote,
            b'`' => Class::Backtick,
            b'/' => Class::Slash,
            b'.' => Class::Dot,
            b'(' => Class::OpenParenthesis,
            b')' => Class::CloseParenthesis,
            b'[' => Class::OpenBracket,
            b']' => Class::CloseBracket,
            b'{' => Class::OpenBrace,
            b'}' => Class::CloseBrace,
            b'!' | b'%' | b'&' | b'>' | b'^' | b'|' | b'~' => Class::Operator,
            b'@' => Class::Decorator,
            b'+' => Class::Plus,
            b'-' => Class::Minus,
            b'*' => Class::Star,
            b'<' => Class::Less,
            b'=' => Class::Equals,
            b'?' => Class::Question,
            b':' => Class::Colon,
            b',' => Class::Comma,
            b';' => Class::Semicolon,
            b'#' => Class::Hash,
            b'\\' => Class::Backslash,
            0x80.. => Class::Wide,
            _ => Class::Stray,
        };
        byte += 1;
    }
    table
};

/// A table of the bytes in `set`.
const fn table(set: &[u8]) -> [bool; 256] {
    let mut table = [false; 256];
    let mut next = 0;
    while next < set.len() {
        table[set[next] as usize] = true;
        next += 1;
    }
    table
}

const WORD_BYTES: &[u8] = b"0123456789$_ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
static CONTINUES_WORD: [bool; 256] = table(WORD_BYTES);
static ENDS_WORD: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    // What is beyond ASCII may go on with the word, and so may an escape sequence.
    while byte < 0x80 {
        table[byte] = !CONTINUES_WORD[byte] && byte != b'\\' as usize;
        byte += 1;
    }
    table
};
static STOPS_STRING: [bool; 256] = table(b"\"'\\\n\r");
static STOPS_TEMPLATE: [bool; 256] = table(b"`\\$");
static STOPS_REGEXP: [bool; 256] = table(b"/[]\\\n\r\xe2");
static REGEXP_FLAGS: [bool; 256] = table(b"dgimsuvy");
/// With the first byte of U+2028 and U+2029.
static STOPS_LINE: [bool; 256] = table(b"\n\r\xe2");

/// What a word does to what stands behind it.
#[derive(Clone, Copy)]
enum Keyword {
    /// Nothing: a name, or a keyword that ends an expression as a name does.
    None,
    /// An expression or a binding pattern follows.
    Operator,
    /// `in` and `instanceof`: an expression follows, and one has to stand before.
    Infix,
    /// A statement or block follows.
    Statement,
    /// An expression follows, or a line break and a new statement.
    Restricted,
    /// A head in parentheses follows, and then a statement.
    Head,
    For,
    Function,
    Class,
    Extends,
    Let,
    Of,
    Async,
    Await,
    New,
    Import,
    Export,
}

/// All words that `keyword` knows, for `KEYWORD_LENGTHS`.
const KEYWORDS: &[u8] = b"async await break case catch class const continue debugger delete do \
    else export extends finally for function if import in instanceof let new of return throw try \
    typeof var void while with yield ";

fn keyword(word: &[u8]) -> Keyword {
    match word {
        b"case" | b"const" | b"delete" | b"throw" | b"typeof" | b"var" | b"void" => {
            Keyword::Operator
        }
        b"in" | b"instanceof" => Keyword::Infix,
        b"break" | b"catch" | b"continue" | b"debugger" | b"do" | b"else" | b"finally" | b"try" => {
            Keyword::Statement
        }
        b"return" | b"yield" => Keyword::Restricted,
        b"if" | b"while" | b"with" => Keyword::Head,
        b"for" => Keyword::For,
        b"function" => Keyword::Function,
        b"class" => Keyword::Class,
        b"extends" => Keyword::Extends,
        b"let" => Keyword::Let,
        b"of" => Keyword::Of,
        b"async" => Keyword::Async,
        b"await" => Keyword::Await,
        b"new" => Keyword::New,
        b"import" => Keyword::Import,
        b"export" => Keyword::Export,
        _ => Keyword::None,
    }
}

/// For each first byte, the lengths of the keywords that begin with it, as a set of bits: it
/// spares nearly all names the comparison.
static KEYWORD_LENGTHS: [u16; 256] = {
    let mut table = [0; 256];
    let (mut start, mut at) = (0, 0);
    while at < KEYWORDS.len() {
        if KEYWORDS[at] == b' ' {
            table[KEYWORDS[start] as usize] |= 1 << (at - start);
            start = at + 1;
        }
        at += 1;
    }
    table
};
const LONGEST_KEYWORD: usize = b"instanceof".len();

/// What stands before, as far as it matters to what comes.
#[derive(Clone, Copy)]
enum Before {
    /// Something behind which a statement begins.
    Statement,
    /// Something behind which an operand has to follow.
    Operator,
    /// The end of an operand, so perhaps of an expression or a statement.
    Operand,
    /// Where a member of a class or an object is named, or within its name.
    Key,
    /// `.` or `?.`, behind which every word is a name.
    Dot,
    /// `return` or `yield`.
    Restricted,
    /// `if`, `while` or `with`.
    Head,
    /// `for`, `for await`.
    For,
    /// `function` or its name, in a declaration.
    FunctionDeclaration,
    /// The same in an expression.
    FunctionExpression,
    /// The parameters of a function declaration.
    BodyOfDeclaration,
    /// The parameters of a function expression.
    BodyOfExpression,
    /// `class`.
    Class,
    /// `=>`.
    Arrow,
    /// `let`, which may be a variable.
    Let,
    /// `export default`: what follows is a declaration or an expression.
    Default,
}

/// What an open bracket is for.
#[derive(Clone, Copy)]
enum Role {
    /// No bracket: the whole text.
    Top,
    /// The braces of statements, and of the bodies of whatever ends as a statement does.
    Block,
    /// The body of a function expression.
    FunctionExpression,
    Object,
    /// No bracket: from `class` to the brace, for a declaration.
    ClassHeadOfDeclaration,
    /// The same for an expression.
    ClassHeadOfExpression,
    ClassDeclaration,
    ClassExpression,
    /// Parentheses of an expression, of arguments, or of the parameters of a method or arrow
    /// function: an operand for all that follows.
    Group,
    /// The head of `if`, `while` or `with`.
    Head,
    ForHead,
    ParametersOfDeclaration,
    ParametersOfExpression,
    /// Brackets of an array, a pattern or a member's access.
    Bracket,
    /// Brackets of a computed name of a member.
    KeyBracket,
    /// `${` in a template literal.
    Template,
}

/// A bracket that is open.
#[derive(Clone, Copy)]
struct Frame {
    role: Role,
    /// How many `?` still want their `:`. All others are labels, cases and members.
    conditionals: u32,
    at: usize,
}

/// Which of the two languages the text is read as.
#[derive(Clone, Copy)]
enum Goal {
    Script,
    Module,
}

struct Lexer<'a> {
    source: &'a [u8],
    goal: Goal,
    before: Before,
    /// The innermost open bracket.
    frame: Frame,
    /// The brackets around it.
    frames: Vec<Frame>,
    /// Where the token before ended.
    behind: usize,
    met_html_comment: bool,
    found: Found,
    /// Why the file was given up.
    given_up: Option<Skipped>,
}

impl<'a> Lexer<'a> {
    fn new(source: &'a [u8], goal: Goal) -> Self {
        let frame = Frame { role: Role::Top, conditionals: 0, at: 0 };
        Self {
            source,
            goal,
            before: Before::Statement,
            frame,
            frames: Vec::new(),
            behind: 0,
            met_html_comment: false,
            found: Found::default(),
            given_up: None,
        }
    }

    /// Reads the whole text, or up to where it is given up.
    ///
    /// Only the most frequent tokens are dealt with here. Each method goes past the token at the
    /// place it is given, and returns where to go on.
    fn run(mut self) -> Self {
        let source = self.source;
        let end = source.len();
        let mut at = first_token(source);
        while at < end {
            let byte = source[at];
            match CLASS[byte as usize] {
                Class::Space => {
                    at += 1;
                    while at < end && source[at] == b' ' {
                        at += 1;
                    }
                    continue;
                }
                Class::Word => {
                    let start = at;
                    at += 1;
                    while at < end && CONTINUES_WORD[source[at] as usize] {
                        at += 1;
                    }
                    let length = at - start;
                    if at < end && !ENDS_WORD[source[at] as usize] {
                        at = word_end(source, at);
                    }
                    match self.before {
                        Before::Dot => self.before = Before::Operand,
                        Before::Key => {}
                        _ if length == at - start
                            && length <= LONGEST_KEYWORD
                            && KEYWORD_LENGTHS[byte as usize] >> length & 1 != 0 =>
                        {
                            at = self.word(start, at);
                        }
                        _ => self.operand(),
                    }
                }
                Class::Operator => {
                    self.before = Before::Operator;
                    at += 1;
                }
                Class::Slash => match source.get(at + 1) {
                    Some(b'/') => {
                        at = line_end(source, at + 2);
                        continue;
                    }
                    Some(b'*') => match comment_end(source, at) {
                        Some(behind) => {
                            at = behind;
                            continue;
                        }
                        None => at = self.give_up(at, UNENDED_COMMENT),
                    },
                    _ => at = self.slash(at),
                },
                Class::Wide => match wide_space(source, at) {
                    0 => at = self.odd_word(at, at),
                    space => {
                        at += space;
                        continue;
                    }
                },
                Class::Backslash => at = self.odd_word(at, at),
                Class::Hash => at = self.odd_word(at, at + 1),
                Class::Digit => {
                    at = number_end(source, at);
                    self.operand();
                }
                Class::Quote => at = self.string(at),
                Class::Backtick => at = self.template(at),
                Class::Dot => at = self.dot(at),
                Class::OpenParenthesis => at = self.open_parenthesis(at),
                Class::CloseParenthesis => at = self.close_parenthesis(at),
                Class::OpenBracket => at = self.open_bracket(at),
                Class::CloseBracket => at = self.close_bracket(at),
                Class::OpenBrace => at = self.open_brace(at),
                Class::CloseBrace => at = self.close_brace(at),
                Class::Plus => at = self.plus(at),
                Class::Minus => at = self.minus(at),
                Class::Star => at = self.star(at),
                Class::Less => at = self.less(at),
                Class::Equals => at = self.equals(at),
                Class::Question => at = self.question(at),
                Class::Colon => at = self.colon(at),
                Class::Comma => at = self.comma(at),
                Class::Semicolon => at = self.semicolon(at),
                Class::Decorator => at = self.decorator(at),
                Class::Stray => at = self.give_up(at, "a control character stands in the code"),
            }
            self.behind = at;
        }
        self.end();
        self
    }

    /// Checks that nothing is left open.
    fn end(&mut self) {
        match self.frame.role {
            Role::Top if self.frame.conditionals == 0 => {}
            Role::Top => {
                self.give_up(self.source.len(), UNPAIRED_QUESTION);
            }
            _ => {
                self.give_up(self.frame.at, "a bracket is never closed");
            }
        }
    }

    fn finish(self) -> Found {
        match self.given_up {
            None => self.found,
            Some(skipped) => {
                Found { references: Vec::new(), skipped: vec![skipped], module: false }
            }
        }
    }

    /// Gives up the file, and returns where its text ends, so that the main loop does.
    #[cold]
    fn give_up(&mut self, at: usize, message: &'static str) -> usize {
        if self.given_up.is_none() {
            self.given_up = Some(Skipped { at, message: message.into() });
        }
        self.source.len()
    }

    /// Notes an operand, or a name wherever names stand.
    fn operand(&mut self) {
        match self.before {
            Before::Key | Before::FunctionDeclaration | Before::FunctionExpression => {}
            // No operator in between: a field ended without semicolon, and this is the next
            // member.
            Before::Operand if self.in_class() => self.before = Before::Key,
            _ => self.before = Before::Operand,
        }
    }

    fn in_class(&self) -> bool {
        matches!(self.frame.role, Role::ClassDeclaration | Role::ClassExpression)
    }

    fn in_class_head(&self) -> bool {
        matches!(self.frame.role, Role::ClassHeadOfDeclaration | Role::ClassHeadOfExpression)
    }

    /// Whether a line ended between the token before and the one that begins at `at`.
    fn on_new_line(&self, at: usize) -> bool {
        has_newline(self.source, self.behind, at)
    }

    /// Whether a `function` or `class` that begins at `at` begins a declaration.
    fn declares(&self, at: usize) -> bool {
        match self.before {
            Before::Operator | Before::Arrow => false,
            Before::Restricted => self.on_new_line(at),
            // Behind an operand a line must have ended, and with it the statement.
            _ => true,
        }
    }

    /// The head of a class whose keyword is at `start`.
    fn class_head(&self, start: usize) -> Role {
        match self.declares(start) {
            true => Role::ClassHeadOfDeclaration,
            false => Role::ClassHeadOfExpression,
        }
    }

    /// Goes past a word that looks like a keyword, and returns where to go on.
    fn word(&mut self, start: usize, end: usize) -> usize {
        let keyword = keyword(&self.source[start..end]);
        match self.before {
            Before::FunctionDeclaration | Before::FunctionExpression => return end,
            Before::Class if !matches!(keyword, Keyword::Extends) => {
                self.before = Before::Operand;
                return end;
            }
            Before::Operand if self.in_class() && !matches!(keyword, Keyword::Infix) => {
                self.before = Before::Key;
                return end;
            }
            _ => {}
        }
        match keyword {
            Keyword::None => self.operand(),
            Keyword::Operator | Keyword::Infix | Keyword::Extends => {
                self.before = Before::Operator;
            }
            Keyword::Statement => self.before = Before::Statement,
            Keyword::Restricted => self.before = Before::Restricted,
            Keyword::Head => self.before = Before::Head,
            Keyword::For => self.before = Before::For,
            Keyword::Await => {
                if !matches!(self.before, Before::For) {
                    self.before = Before::Operator;
                }
            }
            Keyword::Let => self.before = Before::Let,
            Keyword::Of => match (self.before, self.frame.role) {
                (Before::Operand, Role::ForHead) => self.before = Before::Operator,
                _ => self.operand(),
            },
            Keyword::Async => {
                // Whether the function is declared is told by what stands before `async`.
                if !self.function_follows(end) {
                    self.operand();
                } else if matches!(self.before, Before::Restricted) && self.on_new_line(start) {
                    self.before = Before::Statement;
                }
            }
            Keyword::Function => {
                self.before = match self.declares(start) {
                    true => Before::FunctionDeclaration,
                    false => Before::FunctionExpression,
                };
            }
            Keyword::Class => {
                let decorated = matches!(self.before, Before::Operand)
                    && matches!(self.frame.role, Role::ClassHeadOfExpression);
                if !decorated {
                    self.open(self.class_head(start), start);
                }
                self.before = Before::Class;
            }
            Keyword::New => {
                self.before = Before::Operator;
                self.new_url(end);
            }
            Keyword::Import => return self.import(start, end),
            Keyword::Export => return self.export(start, end),
        }
        end
    }

    /// A word from `start` on that is no keyword however it reads: it is private, or has
    /// characters beyond ASCII or escape sequences.
    fn odd_word(&mut self, at: usize, start: usize) -> usize {
        let end = word_end(self.source, start);
        if end == start {
            return self.give_up(at, "a `#` or a backslash begins nothing");
        }
        self.operand();
        end
    }

    /// Whether `function` follows on the same line.
    fn function_follows(&self, at: usize) -> bool {
        match exact_word(self.source, at, b"function") {
            Some(end) => !has_newline(self.source, at, end),
            None => false,
        }
    }

    fn string(&mut self, at: usize) -> usize {
        if matches!(self.before, Before::Operand) && !self.on_new_line(at) {
            return self.give_up(at, "a string stands where an operator has to");
        }
        match string_end(self.source, at) {
            Some(close) => {
                self.operand();
                close + 1
            }
            None => self.give_up(at, "a string is not ended on its line"),
        }
    }

    /// Goes past the part of a template literal that the byte at `at` begins, be it the quote
    /// or the brace of a substitution.
    fn template(&mut self, at: usize) -> usize {
        match template_end(self.source, at) {
            Some(stop) if self.source[stop] == b'`' => {
                self.before = Before::Operand;
                stop + 1
            }
            Some(stop) => {
                self.open(Role::Template, stop);
                self.before = Before::Operator;
                stop + 2
            }
            None => self.give_up(at, "a template literal is never ended"),
        }
    }

    /// Goes past a slash that begins no comment.
    fn slash(&mut self, at: usize) -> usize {
        match self.before {
            Before::Operand | Before::Let => {
                self.before = Before::Operator;
                at + 1
            }
            Before::Statement
            | Before::Operator
            | Before::Restricted
            | Before::Arrow
            | Before::Default => match regexp_end(self.source, at) {
                Some(end) => self.flags(end),
                None => self.give_up(at, "a regular expression is not ended on its line"),
            },
            _ => self.give_up(at, "a slash stands where neither division nor expression can"),
        }
    }

    /// Goes past the flags of a regular expression. Where a division was taken for one, a name
    /// is likely to stand there.
    fn flags(&mut self, at: usize) -> usize {
        self.before = Before::Operand;
        let end = word_end(self.source, at);
        for &flag in &self.source[at..end] {
            if !REGEXP_FLAGS[flag as usize] {
                return self.give_up(at, "a regular expression has flags that do not exist");
            }
        }
        end
    }

    fn dot(&mut self, at: usize) -> usize {
        match self.source.get(at + 1) {
            Some(b'0'..=b'9') => {
                self.operand();
                number_end(self.source, at)
            }
            Some(b'.') if self.source.get(at + 2) == Some(&b'.') => {
                self.before = Before::Operator;
                at + 3
            }
            _ => {
                self.before = Before::Dot;
                at + 1
            }
        }
    }

    fn plus(&mut self, at: usize) -> usize {
        if self.source.get(at + 1) == Some(&b'+') {
            return self.step(at);
        }
        self.before = Before::Operator;
        at + 1
    }

    fn minus(&mut self, at: usize) -> usize {
        if self.source.get(at + 1) != Some(&b'-') {
            self.before = Before::Operator;
            return at + 1;
        }
        if self.source.get(at + 2) == Some(&b'>') && (self.behind == 0 || self.on_new_line(at)) {
            if matches!(self.goal, Goal::Module) {
                return self.give_up(at, "a comment as in HTML stands in a module");
            }
            self.met_html_comment = true;
            return line_end(self.source, at + 3);
        }
        self.step(at)
    }

    /// Goes past `++` or `--`, which leave things as they are: behind an operand they belong to
    /// that, and elsewhere an operand still has to follow.
    fn step(&mut self, at: usize) -> usize {
        // They do not belong to what stands on the line before.
        if matches!(self.before, Before::Operand) && self.on_new_line(at) {
            self.before = Before::Operator;
        }
        at + 2
    }

    fn star(&mut self, at: usize) -> usize {
        match self.before {
            // It marks a generator, whose name is still to come.
            Before::Key | Before::FunctionDeclaration | Before::FunctionExpression => {}
            _ => self.before = Before::Operator,
        }
        at + 1
    }

    fn less(&mut self, at: usize) -> usize {
        if matches!(self.goal, Goal::Script) && self.source[at..].starts_with(b"<!--") {
            self.met_html_comment = true;
            return line_end(self.source, at + 4);
        }
        match self.before {
            Before::Operand | Before::Let => {
                self.before = Before::Operator;
                // `<<` would otherwise be a `<` behind an operator.
                if self.source.get(at + 1) == Some(&b'<') { at + 2 } else { at + 1 }
            }
            _ => {
                self.give_up(at, "a `<` has nothing to compare: not plain JavaScript, perhaps JSX")
            }
        }
    }

    fn equals(&mut self, at: usize) -> usize {
        if self.source.get(at + 1) == Some(&b'>') {
            self.before = Before::Arrow;
            return at + 2;
        }
        self.before = Before::Operator;
        at + 1
    }

    fn question(&mut self, at: usize) -> usize {
        let next = self.source.get(at + 1);
        if next == Some(&b'.') && !matches!(self.source.get(at + 2), Some(b'0'..=b'9')) {
            self.before = Before::Dot;
            return at + 2;
        }
        self.before = Before::Operator;
        if next == Some(&b'?') {
            return at + 2;
        }
        self.frame.conditionals += 1;
        at + 1
    }

    fn colon(&mut self, at: usize) -> usize {
        if self.frame.conditionals > 0 {
            self.frame.conditionals -= 1;
            self.before = Before::Operator;
            return at + 1;
        }
        self.before = match self.frame.role {
            Role::Object => Before::Operator,
            // A label or a case.
            Role::Top | Role::Block | Role::FunctionExpression => Before::Statement,
            _ => {
                return self
                    .give_up(at, "a `:` has no `?`: not plain JavaScript, perhaps TypeScript");
            }
        };
        at + 1
    }

    fn comma(&mut self, at: usize) -> usize {
        self.before = match self.frame.role {
            Role::Object => Before::Key,
            _ => Before::Operator,
        };
        at + 1
    }

    fn semicolon(&mut self, at: usize) -> usize {
        if self.frame.conditionals > 0 {
            return self.give_up(at, UNPAIRED_QUESTION);
        }
        self.before = match self.frame.role {
            Role::Top | Role::Block | Role::FunctionExpression => Before::Statement,
            Role::ClassDeclaration | Role::ClassExpression => Before::Key,
            Role::ForHead => Before::Operator,
            _ => return self.give_up(at, "a `;` stands within brackets of an expression"),
        };
        at + 1
    }

    fn decorator(&mut self, at: usize) -> usize {
        // In an expression, this is where the head of the class begins.
        if !self.declares(at) {
            self.open(Role::ClassHeadOfExpression, at);
        }
        self.before = Before::Operator;
        at + 1
    }

    fn open(&mut self, role: Role, at: usize) {
        self.frames.push(self.frame);
        self.frame = Frame { role, conditionals: 0, at };
    }

    /// Goes back to the bracket around, and returns where to go on.
    fn close(&mut self, at: usize, before: Before) -> usize {
        if self.frame.conditionals > 0 {
            return self.give_up(at, UNPAIRED_QUESTION);
        }
        match self.frames.pop() {
            Some(frame) => {
                self.frame = frame;
                self.before = before;
                at + 1
            }
            None => self.give_up(at, MISMATCH),
        }
    }

    fn open_parenthesis(&mut self, at: usize) -> usize {
        let role = match self.before {
            Before::Head => Role::Head,
            Before::For => Role::ForHead,
            Before::FunctionDeclaration => Role::ParametersOfDeclaration,
            Before::FunctionExpression => Role::ParametersOfExpression,
            _ => Role::Group,
        };
        self.open(role, at);
        self.before = Before::Operator;
        at + 1
    }

    fn close_parenthesis(&mut self, at: usize) -> usize {
        let before = match self.frame.role {
            Role::Group => Before::Operand,
            Role::Head | Role::ForHead => Before::Statement,
            Role::ParametersOfDeclaration => Before::BodyOfDeclaration,
            Role::ParametersOfExpression => Before::BodyOfExpression,
            _ => return self.give_up(at, MISMATCH),
        };
        self.close(at, before)
    }

    fn open_bracket(&mut self, at: usize) -> usize {
        let role = match self.before {
            Before::Key => Role::KeyBracket,
            _ => Role::Bracket,
        };
        self.open(role, at);
        self.before = Before::Operator;
        at + 1
    }

    fn close_bracket(&mut self, at: usize) -> usize {
        let before = match self.frame.role {
            Role::Bracket => Before::Operand,
            Role::KeyBracket => Before::Key,
            _ => return self.give_up(at, MISMATCH),
        };
        self.close(at, before)
    }

    fn open_brace(&mut self, at: usize) -> usize {
        let role = match self.before {
            Before::Class | Before::Operand if self.in_class_head() => {
                self.frame.role = match self.frame.role {
                    Role::ClassHeadOfDeclaration => Role::ClassDeclaration,
                    _ => Role::ClassExpression,
                };
                self.before = Before::Key;
                return at + 1;
            }
            Before::Operator | Before::Default | Before::Let => Role::Object,
            Before::Restricted if !self.on_new_line(at) => Role::Object,
            // `Head`: the braces of import attributes, behind `with`.
            Before::Statement | Before::Restricted | Before::Head => Role::Block,
            Before::Arrow | Before::BodyOfDeclaration => Role::Block,
            Before::BodyOfExpression => Role::FunctionExpression,
            // The body of a method; of `switch` or `catch`; or behind the end of a line.
            Before::Operand if self.holds_blocks() => Role::Block,
            // A static block.
            Before::Key if self.in_class() => Role::Block,
            _ => return self.give_up(at, "a `{` stands where neither block nor object can"),
        };
        self.open(role, at);
        self.before = match role {
            Role::Object => Before::Key,
            _ => Before::Statement,
        };
        at + 1
    }

    /// Whether a block or a method's body may stand directly in the innermost bracket.
    fn holds_blocks(&self) -> bool {
        matches!(
            self.frame.role,
            Role::Top
                | Role::Block
                | Role::FunctionExpression
                | Role::Object
                | Role::ClassDeclaration
                | Role::ClassExpression
        )
    }

    fn close_brace(&mut self, at: usize) -> usize {
        match self.frame.role {
            Role::Block | Role::ClassDeclaration => {
                let at = self.close(at, Before::Statement);
                if self.in_class() {
                    self.before = Before::Key;
                }
                at
            }
            Role::FunctionExpression | Role::Object | Role::ClassExpression => {
                self.close(at, Before::Operand)
            }
            Role::Template => {
                self.close(at, Before::Operand);
                match self.given_up {
                    None => self.template(at),
                    Some(_) => self.source.len(),
                }
            }
            _ => self.give_up(at, MISMATCH),
        }
    }

    /// Goes past the keyword `import` and, where it begins a declaration, past that.
    fn import(&mut self, start: usize, end: usize) -> usize {
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
        let Some((quote, close)) = literal(self.source, open + 1) else { return };
        // Behind a comma come the import's options.
        if exact_byte(self.source, close + 1, b')').is_some()
            || exact_byte(self.source, close + 1, b',').is_some()
        {
            self.reference(quote, close, ReferenceKind::DynamicImport);
        }
    }

    /// Adds the reference of `URL("…", import.meta.url)` where that stands at `at`.
    fn new_url(&mut self, at: usize) {
        let source = self.source;
        let Some(at) = exact_word(source, at, b"URL") else { return };
        let Some(at) = exact_byte(source, at, b'(') else { return };
        let Some((quote, close)) = literal(source, at) else { return };
        let Some(at) = exact_byte(source, close + 1, b',') else { return };
        let Some(at) = exact_word(source, at, b"import") else { return };
        let Some(at) = exact_byte(source, at, b'.') else { return };
        let Some(at) = exact_word(source, at, b"meta") else { return };
        let Some(at) = exact_byte(source, at, b'.') else { return };
        let Some(at) = exact_word(source, at, b"url") else { return };
        let at = exact_byte(source, at, b',').unwrap_or(at);
        if exact_byte(source, at, b')').is_some() {
            self.reference(quote, close, ReferenceKind::ImportMetaUrl);
        }
    }

    /// Goes past the keyword `export`, with its clause where it has one.
    fn export(&mut self, start: usize, end: usize) -> usize {
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
        // The word before, as far as it matters.
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

    /// Adds the literal between two quotes.
    #[cold]
    fn reference(&mut self, quote: usize, close: usize, kind: ReferenceKind) {
        let span = quote + 1..close;
        let context = Context::JsString(self.source[quote]);
        match decode(self.source, span.clone(), self.source[quote] == b'`') {
            Ok((url, segment)) => {
                self.found.references.push(Reference { url, span, segment, kind, context });
            }
            Err(message) => {
                self.found.skipped.push(Skipped { at: span.start, message: message.into() })
            }
        }
    }
}

const UNENDED_COMMENT: &str = "a comment is never ended";
const UNPAIRED_QUESTION: &str = "a `?` has no `:`";
const MISMATCH: &str = "a bracket closes what was not opened by its like";
const UNCLEAR_CLAUSE: &str = "an import or export declaration is not understood";

/// Where the first token may begin: behind a byte order mark and a hashbang.
fn first_token(source: &[u8]) -> usize {
    let at = match source.starts_with(b"\xef\xbb\xbf") {
        true => 3,
        false => 0,
    };
    match source[at..].starts_with(b"#!") {
        true => line_end(source, at),
        false => at,
    }
}

/// How many bytes the character at `at` has if it is white space or ends a line, and is not
/// ASCII; else 0.
fn wide_space(source: &[u8], at: usize) -> usize {
    match source[at..] {
        [0xc2, 0xa0, ..] => 2,
        [0xe1, 0x9a, 0x80, ..]
        | [0xe2, 0x80, 0x80..=0x8a | 0xa8 | 0xa9 | 0xaf, ..]
        | [0xe2, 0x81, 0x9f, ..]
        | [0xe3, 0x80, 0x80, ..]
        | [0xef, 0xbb, 0xbf, ..] => 3,
        _ => 0,
    }
}

/// Whether U+2028 or U+2029 stands at `at`.
fn wide_newline(source: &[u8], at: usize) -> bool {
    matches!(source[at..], [0xe2, 0x80, 0xa8 | 0xa9, ..])
}

fn has_newline(source: &[u8], mut at: usize, end: usize) -> bool {
    while at < end {
        let byte = source[at];
        if STOPS_LINE[byte as usize] && (byte != 0xe2 || wide_newline(source, at)) {
            return true;
        }
        at += 1;
    }
    false
}

/// Where the line that `at` is in ends.
fn line_end(source: &[u8], mut at: usize) -> usize {
    let end = source.len();
    while at < end {
        let byte = source[at];
        if STOPS_LINE[byte as usize] && (byte != 0xe2 || wide_newline(source, at)) {
            return at;
        }
        at += 1;
    }
    end
}

/// Behind the comment that `/*` begins at `at`, if it ends.
fn comment_end(source: &[u8], at: usize) -> Option<usize> {
    let mut slash = find(source, at + 3, b'/')?;
    while source[slash - 1] != b'*' {
        slash = find(source, slash + 1, b'/')?;
    }
    Some(slash + 1)
}

/// The first token at or behind `at`, unless a comment before it does not end.
fn trivia_end(source: &[u8], mut at: usize) -> Option<usize> {
    while at < source.len() {
        match CLASS[source[at] as usize] {
            Class::Space => at += 1,
            Class::Slash => match source.get(at + 1) {
                Some(b'/') => at = line_end(source, at + 2),
                Some(b'*') => at = comment_end(source, at)?,
                _ => break,
            },
            Class::Wide => match wide_space(source, at) {
                0 => break,
                space => at += space,
            },
            _ => break,
        }
    }
    Some(at)
}

/// Behind the next token, if it is `byte`.
fn exact_byte(source: &[u8], at: usize, byte: u8) -> Option<usize> {
    let at = trivia_end(source, at)?;
    match source.get(at) == Some(&byte) {
        true => Some(at + 1),
        false => None,
    }
}

/// Behind the next token, if it is `word`.
fn exact_word(source: &[u8], at: usize, word: &[u8]) -> Option<usize> {
    let at = trivia_end(source, at)?;
    let end = at + word.len();
    match source[at..].starts_with(word) && word_end(source, end) == end {
        true => Some(end),
        false => None,
    }
}

/// The quotes around the next token, if it is a string, or a template literal without
/// substitutions.
fn literal(source: &[u8], at: usize) -> Option<(usize, usize)> {
    let at = trivia_end(source, at)?;
    let close = match source.get(at)? {
        b'"' | b'\'' => string_end(source, at)?,
        b'`' => template_end(source, at)?,
        _ => return None,
    };
    match source[close] == source[at] {
        true => Some((at, close)),
        false => None,
    }
}

/// The quote that ends the string whose first quote is at `at`, if one does on its line.
fn string_end(source: &[u8], mut at: usize) -> Option<usize> {
    let end = source.len();
    let quote = source[at];
    at += 1;
    while at < end {
        let byte = source[at];
        if STOPS_STRING[byte as usize] {
            if byte == quote {
                return Some(at);
            }
            match byte {
                b'\\' if source[at..].starts_with(b"\\\r\n") => at += 2,
                b'\\' => at += 1,
                b'\n' | b'\r' => return None,
                _ => {}
            }
        }
        at += 1;
    }
    None
}

/// The quote or `${` that ends the part of a template literal behind `at`.
fn template_end(source: &[u8], mut at: usize) -> Option<usize> {
    let end = source.len();
    at += 1;
    while at < end {
        let byte = source[at];
        if STOPS_TEMPLATE[byte as usize] {
            match byte {
                b'`' => return Some(at),
                b'\\' => at += 1,
                _ if source.get(at + 1) == Some(&b'{') => return Some(at),
                _ => {}
            }
        }
        at += 1;
    }
    None
}

/// Behind the slash that ends the regular expression that begins at `at`.
fn regexp_end(source: &[u8], mut at: usize) -> Option<usize> {
    let end = source.len();
    let mut in_set = false;
    at += 1;
    while at < end {
        let byte = source[at];
        if STOPS_REGEXP[byte as usize] {
            match byte {
                b'/' if !in_set => return Some(at + 1),
                b'[' => in_set = true,
                b']' => in_set = false,
                // What is escaped may not end the line either.
                b'\\' if at + 1 < end && !STOPS_LINE[source[at + 1] as usize] => at += 1,
                b'\n' | b'\r' => return None,
                0xe2 if wide_newline(source, at) => return None,
                _ => {}
            }
        }
        at += 1;
    }
    None
}

/// Behind the number at `at`, or the sign of its exponent: what is behind that passes as an
/// operand of its own.
fn number_end(source: &[u8], mut at: usize) -> usize {
    let end = source.len();
    while at < end && source[at].is_ascii_digit() {
        at += 1;
    }
    // Not the dot of `0x1.name`, `1n.name` or `1..name`.
    if at < end && source[at] == b'.' {
        at += 1;
    }
    while at < end && CONTINUES_WORD[source[at] as usize] {
        at += 1;
    }
    at
}

/// Behind the word that `at` is at or in; `at` itself if there is none.
fn word_end(source: &[u8], mut at: usize) -> usize {
    while at < source.len() {
        match CLASS[source[at] as usize] {
            Class::Word | Class::Digit => at += 1,
            Class::Wide if wide_space(source, at) == 0 => at += 1,
            Class::Backslash if source[at..].starts_with(b"\\u{") => match find(source, at, b'}') {
                Some(brace) => at = brace + 1,
                None => break,
            },
            Class::Backslash if source[at..].starts_with(b"\\u") => at += 2,
            _ => break,
        }
    }
    at
}

/// Behind the braces that open at `at` and hold the names of an import or export clause.
fn names_end(source: &[u8], mut at: usize) -> Option<usize> {
    at += 1;
    loop {
        at = trivia_end(source, at)?;
        match source.get(at)? {
            b'}' => return Some(at + 1),
            b',' => at += 1,
            b'"' | b'\'' => at = string_end(source, at)? + 1,
            _ => {
                let end = word_end(source, at);
                if end == at {
                    return None;
                }
                at = end;
            }
        }
    }
}

const NOT_TEXT: &str = "a reference is not UTF-8 text";
const BAD_ESCAPE: &str = "a reference has an escape sequence that JavaScript does not know";
const LONE_SURROGATE: &str = "a reference has half of a surrogate pair";

/// Decodes the literal at `span`, and finds its last path segment as written.
fn decode(
    source: &[u8],
    span: Range<usize>,
    template: bool,
) -> Result<(String, Range<usize>), &'static str> {
    let raw = &source[..span.end];
    let mut text = Vec::with_capacity(span.len());
    let mut segment = span.clone();
    let mut path_ended = false;
    // The first half of a surrogate pair, until the second comes.
    let mut high: Option<u32> = None;
    let mut at = span.start;
    while at < raw.len() {
        let start = at;
        let unit = match raw[at] {
            b'\\' => {
                let (unit, end) = escape(raw, at + 1, template).ok_or(BAD_ESCAPE)?;
                at = end;
                match unit {
                    Some(unit) => unit,
                    None => continue,
                }
            }
            b'\r' if template => {
                at += if raw.get(at + 1) == Some(&b'\n') { 2 } else { 1 };
                u32::from(b'\n')
            }
            byte if byte < 0x80 => {
                at += 1;
                u32::from(byte)
            }
            byte => {
                if high.is_some() {
                    return Err(LONE_SURROGATE);
                }
                text.push(byte);
                at += 1;
                continue;
            }
        };
        let unit = match (high.take(), unit) {
            (Some(high), 0xdc00..=0xdfff) => 0x10000 + ((high - 0xd800) << 10) + (unit - 0xdc00),
            (Some(_), _) => return Err(LONE_SURROGATE),
            (None, 0xd800..=0xdbff) => {
                high = Some(unit);
                continue;
            }
            (None, _) => unit,
        };
        let character = char::from_u32(unit).ok_or(LONE_SURROGATE)?;
        text.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
        match character {
            '/' if !path_ended => segment.start = at,
            '?' | '#' if !path_ended => {
                segment.end = start;
                path_ended = true;
            }
            _ => {}
        }
    }
    if high.is_some() {
        return Err(LONE_SURROGATE);
    }
    let url = String::from_utf8(text).map_err(|_| NOT_TEXT)?;
    Ok((url, segment))
}

/// The code point or surrogate that the escape sequence stands for whose backslash is before
/// `at`, and where it ends. It may stand for nothing.
fn escape(raw: &[u8], at: usize, template: bool) -> Option<(Option<u32>, usize)> {
    let byte = *raw.get(at)?;
    let end = at + 1;
    let unit = match byte {
        b'b' => 0x08,
        b't' => 0x09,
        b'n' => 0x0a,
        b'v' => 0x0b,
        b'f' => 0x0c,
        b'r' => 0x0d,
        b'x' => return hexadecimal(raw, end, end + 2),
        b'u' if raw.get(end) == Some(&b'{') => {
            let brace = find(raw, end, b'}')?;
            let (unit, _) = hexadecimal(raw, end + 1, brace)?;
            return Some((unit, brace + 1));
        }
        b'u' => return hexadecimal(raw, end, end + 4),
        b'0' if !matches!(raw.get(end), Some(b'0'..=b'9')) => 0,
        b'0'..=b'9' if template => return None,
        b'0'..=b'7' => return Some(octal(raw, at)),
        b'\r' if raw.get(end) == Some(&b'\n') => return Some((None, end + 1)),
        b'\r' | b'\n' => return Some((None, end)),
        0xe2 if wide_newline(raw, at) => return Some((None, at + 3)),
        // The character itself, of which this is only the first byte.
        0x80.. => return Some((None, at)),
        _ => u32::from(byte),
    };
    Some((Some(unit), end))
}

fn hexadecimal(raw: &[u8], start: usize, end: usize) -> Option<(Option<u32>, usize)> {
    let digits = raw.get(start..end)?;
    if digits.is_empty() {
        return None;
    }
    let mut unit = 0;
    for &digit in digits {
        unit = unit * 16 + char::from(digit).to_digit(16)?;
        if unit > 0x10ffff {
            return None;
        }
    }
    Some((Some(unit), end))
}

/// An escape of up to three octal digits and at most `\377`.
fn octal(raw: &[u8], mut at: usize) -> (Option<u32>, usize) {
    let mut unit = 0;
    while let Some(&digit @ b'0'..=b'7') = raw.get(at) {
        let longer = unit * 8 + u32::from(digit - b'0');
        if longer > 0o377 {
            break;
        }
        unit = longer;
        at += 1;
    }
    (Some(unit), at)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The references of a source about which there is nothing to complain.
    fn references(source: &str) -> Vec<Reference> {
        let found = scan(source.as_bytes());
        assert_eq!(found.skipped, [], "in {source}");
        found.references
    }

    fn urls(source: &str) -> Vec<String> {
        references(source).into_iter().map(|reference| reference.url).collect()
    }

    /// That each source has these references, and that the lexer still knows its way behind.
    fn assert_urls(cases: &[(&str, &[&str])]) {
        for (source, expected) in cases {
            let mut expected = expected.to_vec();
            expected.push("end");
            assert_eq!(urls(&format!("{source}\n;import('end')")), expected, "in {source}");
        }
    }

    /// That each source has exactly the one reference `yes`. The others, called `no`, are text.
    fn assert_only_yes(sources: &[&str]) {
        for source in sources {
            assert_eq!(urls(source), ["yes"], "in {source}");
        }
    }

    fn assert_given_up(cases: &[(&str, usize)]) {
        for &(source, at) in cases {
            let found = scan(source.as_bytes());
            assert_eq!(found.references, [], "in {source}");
            let places: Vec<_> = found.skipped.iter().map(|skipped| skipped.at).collect();
            assert_eq!(places, [at], "in {source}: {:?}", found.skipped);
        }
    }

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
    fn the_segment_is_what_stands_behind_the_last_slash_of_the_path() {
        for (written, url, segment) in [
            ("./a.js", "./a.js", "a.js"),
            ("./", "./", ""),
            ("", "", ""),
            ("?a/b", "?a/b", ""),
            ("a.js?b/c#d/e", "a.js?b/c#d/e", "a.js"),
            ("a/b#c?d/e", "a/b#c?d/e", "b"),
            (r"a\x2fb\x3fc", "a/b?c", "b"),
            (r"a\u002fb\u{23}c", "a/b#c", "b"),
            (r"a\u{0002f}b", "a/b", "b"),
            (r"a\/b\?c", "a/b?c", "b"),
            (r"a\57b", "a/b", "b"),
            ("a/\\\nb\\\r\nc", "a/bc", "\\\nb\\\r\nc"),
            ("a\\\u{2028}/b", "a/b", "b"),
            (r"\u0061\x62\u{63}\t\0\8\101", "abc\t\u{0}8A", r"\u0061\x62\u{63}\t\0\8\101"),
            (r"\3777\4007\58", "\u{ff}7 07\u{5}8", r"\3777\4007\58"),
            (r"\uD83D\uDE00", "\u{1f600}", r"\uD83D\uDE00"),
            ("\\h\u{e9}\\\u{e9}", "h\u{e9}\u{e9}", "\\h\u{e9}\\\u{e9}"),
            ("a%2Fb", "a%2Fb", "a%2Fb"),
            ("https://example.org/a", "https://example.org/a", "a"),
        ] {
            let source = format!("import('{written}')");
            let [reference] = &references(&source)[..] else { panic!("in {source}") };
            assert_eq!(reference.url, url, "in {source}");
            assert_eq!(&source[reference.span.clone()], written, "in {source}");
            assert_eq!(&source[reference.segment.clone()], segment, "in {source}");
        }
    }

    #[test]
    fn a_line_end_in_a_template_is_a_line_feed() {
        assert_eq!(urls("import(`a\r\nb\rc`)"), ["a\nb\nc"]);
    }

    #[test]
    fn a_reference_without_decoded_form_is_left_alone() {
        for written in [
            &b"'\xff'"[..],
            br"'\xd'",
            br"'\u12'",
            br"'\u{}'",
            br"'\u{110000}'",
            br"'\u{1'",
            br"'\ud800'",
            br"'\ud800a'",
            b"'\\ud800\xc3\xa9'",
            br"'\udc00'",
            br"`\1`",
        ] {
            let source = [b"import('a');import(", written, b");import('b')"].concat();
            let found = scan(&source);
            let urls: Vec<_> = found.references.iter().map(|it| &it.url[..]).collect();
            assert_eq!(urls, ["a", "b"], "in {}", source.escape_ascii());
            assert_eq!(found.skipped.len(), 1, "in {}", source.escape_ascii());
            assert_eq!(found.skipped[0].at, 20, "in {}", source.escape_ascii());
        }
    }

    #[test]
    fn text_and_comments_hold_none() {
        assert_only_yes(&[
            r#"'import("no")'; "import('no')"; 'it\'s import("no")'; import('yes')"#,
            "'\\\r\nimport(\"no\")'; import('yes')",
            "`import('no')`; `\\`import('no')`; `$import('no')\\${import('no')`; import('yes')",
            "/* import('no') */ import('yes') // import('no')",
            "/* / * import('no') **/ import('yes') /**/ /* import('no') */",
            "// import('no')\rimport('yes')",
            "// import('no')\u{2028}import('yes')",
            "// \u{2027} import('no')\u{2029}import('yes')",
            "#!/usr/bin/env node import('no') '\nimport('yes')",
            "\u{feff}#! import('no')\nimport('yes')",
            "\u{feff}import('yes')",
        ]);
    }

    #[test]
    fn code_in_templates_is_code() {
        assert_only_yes(&[
            "`${import('yes')}`",
            "`a${`b${`c${import('yes')}import('no')`}import('no')`}import('no')`",
            "`${{ a: { b: `}` } }}import('no')${a}import('no')`; import('yes')",
            "`${function () { return `}` }}import('no')`; import('yes')",
            "a`${b}``${c}import('no')`; import('yes')",
            "`${a}` / import('yes') / 2",
        ]);
    }

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

    #[test]
    fn a_slash_behind_an_operand_divides() {
        assert_only_yes(&[
            "a / import('yes') / 2",
            "a /import('yes')/ 2",
            "a++ / import('yes') / 2",
            "a\n/import('yes')/g",
            "1 / import('yes') / 2",
            "1. / import('yes') / 2",
            ".5 / import('yes') / 2",
            "0x1n / import('yes') / 2",
            "1..a / import('yes') / 2",
            "1.5e+3 / import('yes') / 2",
            "'a' / import('yes') / 2",
            "`a` / import('yes') / 2",
            "/a/ / import('yes') / 2",
            "/a/g / import('yes') / 2",
            "(a) / import('yes') / 2",
            "[a] / import('yes') / 2",
            "a[0] / import('yes') / 2",
            "if_(a) / import('yes') / 2",
            "a.if(b) / import('yes') / 2",
            "a.return / import('yes') / 2",
            "a?.typeof / import('yes') / 2",
            "this / import('yes') / 2",
            "({}) / import('yes') / 2",
            "x = {} / import('yes') / 2",
            "x = { a: {} / import('yes') / 2 }",
            "x = function () {} / import('yes') / 2",
            "x = async function* a() {} / import('yes') / 2",
            "x = class {} / import('yes') / 2",
            "x = class A extends (b, {}) {} / import('yes') / 2",
            "x = @a @b.c({}) class {} / import('yes') / 2",
            "a\n{} [0] / import('yes') / 2",
            "(() => { return {} / import('yes') / 2 })",
            "(() => { return function () {} / import('yes') / 2 })",
            "x = a ? {} : {} / import('yes') / 2",
            "switch (a) { case {} / import('yes') / 2: }",
            "let / import('yes') / 2",
            "of / import('yes') / 2",
            "async / import('yes') / 2",
            "get / import('yes') / 2",
            "h\u{e9} / import('yes') / 2",
            "a /= import('yes') / 2",
            "(a ?.5 : import('yes') / 2)",
            "a << import('yes') / 2",
            "x = a => ({}) / import('yes') / 2",
        ]);
    }

    #[test]
    fn a_slash_behind_anything_else_begins_a_regular_expression() {
        assert_only_yes(&[
            "/import('no')/; import('yes')",
            "x = /import('no')/g; import('yes')",
            "x = [/import('no')/, /[/]import('no')\\/['\"`]/]; import('yes')",
            "(/import('no')/); a(/import('no')/); import('yes')",
            "x = a ? /import('no')/ : /import('no')/; import('yes')",
            "x = !/import('no')/ + /import('no')/ || /import('no')/; import('yes')",
            "x = typeof /import('no')/ in /import('no')/; import('yes')",
            "(() => { return /import('no')/ }); import('yes')",
            "(() => { return\n/import('no')/ }); import('yes')",
            "(() => { throw /import('no')/ }); import('yes')",
            "function* a() { yield /import('no')/ } import('yes')",
            "async () => await /import('no')/; import('yes')",
            "a => /import('no')/; import('yes')",
            "if (a) /import('no')/; else /import('no')/; import('yes')",
            "while (a) /import('no')/; do /import('no')/; while (a) /import('no')/; import('yes')",
            "for (;/import('no')/;) /import('no')/; import('yes')",
            "for (const [a] of /import('no')/) /import('no')/; import('yes')",
            "async () => { for await (a of /import('no')/) /import('no')/ }; import('yes')",
            "with (a) /import('no')/; import('yes')",
            "{} /import('no')/; import('yes')",
            "{ a } /import('no')/; import('yes')",
            "a: {} /import('no')/; import('yes')",
            "a()\n{} /import('no')/; import('yes')",
            "function a() {} /import('no')/; import('yes')",
            "a = 1\nfunction b() {} /import('no')/; import('yes')",
            "async function a() {} /import('no')/; import('yes')",
            "(() => { return\nfunction a() {} /import('no')/ }); import('yes')",
            "class A { a = b\n in /import('no')/; c = d instanceof /import('no')/ } import('yes')",
            "class A {} /import('no')/; import('yes')",
            "class A extends B {} /import('no')/; import('yes')",
            "class A extends class {} {} /import('no')/; import('yes')",
            "x = () => {}\n/import('no')/; import('yes')",
            "if (a) {} else {} /import('no')/; import('yes')",
            "try {} catch {} finally {} /import('no')/; import('yes')",
            "try {} catch (a) {} /import('no')/; import('yes')",
            "switch (a) { case /import('no')/: {} /import('no')/; default: /import('no')/ } import('yes')",
            "switch (a) {} /import('no')/; import('yes')",
            "(function () { return\n{} /import('no')/ }); import('yes')",
            "class A { a = /import('no')/; static { /import('no')/ } b() {} c = { d() {} } } import('yes')",
            "`${/import('no')/}`; import('yes')",
            "let { a = /import('no')/, return: b } = {}, c; import('yes')",
            "++/import('no')/.a; import('yes')",
            "a\n++/import('no')/.a; import('yes')",
            "a\n--'import(no)'.a; import('yes')",
        ]);
    }

    #[test]
    fn text_that_is_not_utf_8_passes() {
        let source = b"// \xff\n/* \xe2 */ '\xc3' + `\xf0` + /\xe2/; \xe9 = import('a')";
        let found = scan(source);
        assert_eq!(found.skipped, []);
        assert_eq!(found.references.len(), 1);
    }

    #[test]
    fn all_ends_of_lines_count() {
        assert_eq!(urls("import 'a'\r\nimport 'b'\rimport 'c'\u{2028}import 'd'").len(), 4);
    }

    #[test]
    fn what_cannot_be_is_given_up_whole() {
        assert_given_up(&[
            ("import('a'); (", 13),
            ("import('a'); )", 13),
            ("import('a'); ([)]", 15),
            ("import('a'); {", 13),
            ("import('a'); `${", 14),
            ("import('a'); `", 13),
            ("import('a'); `${b", 14),
            ("import('a'); 'b", 13),
            ("import('a'); 'b\n'", 13),
            ("import('a'); '\\", 13),
            ("import('a'); /b", 13),
            ("import('a'); /[/]\n/", 13),
            ("import('a'); /b/flags", 16),
            ("import('a'); /*", 13),
            ("import('a'); /*/", 13),
            ("import('a'); b ? c", 18),
            ("import('a'); b ? c; d", 18),
            ("import('a'); (b ? c)", 19),
            ("import('a'); (b: c) => d", 15),
            ("import('a'); [b; c]", 15),
            ("import('a'); (b {})", 16),
            ("import('a'); x = { {} }", 19),
            ("import('a'); a 'b'", 15),
            ("import('a'); class B", 13),
            ("import('a'); class B; c", 20),
            ("import('a'); x = <b>'</b>", 17),
            ("import('a'); a. / b", 16),
            ("import('a'); # b", 13),
            ("import('a'); \\ b", 13),
            ("import('a'); \\u{61", 13),
            ("import('a'); \0", 13),
            ("import 'a'; import b = require('b')", 12),
            ("import 'a'; import", 12),
            ("import 'a'; import b from", 12),
            ("import 'a'; import b from 'c", 12),
            ("import 'a'; import { b: c } from 'c'", 12),
            ("import 'a'; import b 'c'", 12),
            ("import 'a'; import /*", 18),
            ("import 'a'; export { b", 19),
            ("import 'a'; export = b", 12),
            ("import 'a'; export", 12),
            ("import 'a'; { import 'b' }", 14),
            ("import 'a'; { export {} }", 14),
            ("import 'a'; x = import 'b'", 16),
            ("import 'a'; x = export 'b'", 16),
            ("import 'a'; a import 'b'", 14),
            ("import 'a'; see import('b')", 16),
            ("import 'a'; import.b", 18),
            ("import 'a'; import.metas", 18),
        ]);
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

    #[test]
    fn depth_costs_no_stack_and_length_only_its_own_time() {
        for (open, close) in [("(", ")"), ("[", "]"), ("`${", "}`"), ("x={a:", "}"), ("()=>{", "}")]
        {
            let source = format!("{}import('a'){}", open.repeat(100_000), close.repeat(100_000));
            assert_eq!(urls(&source), ["a"], "in {open}");
            let unclosed = scan(&source.as_bytes()[..source.len() - 1]);
            assert_eq!(unclosed.skipped.len(), 1, "in {open}");
        }
        for part in
            ["import(/*", "new URL(", "async /**/", "import(`${", "a\n-->", "/", "import 'a'\n"]
        {
            scan(part.repeat(100_000).as_bytes());
        }
    }

    #[test]
    fn the_words_of_the_table_are_keywords_and_no_other_is() {
        for word in KEYWORDS.split(|&byte| byte == b' ').filter(|word| !word.is_empty()) {
            assert!(!matches!(keyword(word), Keyword::None), "{}", word.escape_ascii());
            assert!(word.len() <= LONGEST_KEYWORD);
        }
        assert!(matches!(keyword(b"default"), Keyword::None));
    }
}

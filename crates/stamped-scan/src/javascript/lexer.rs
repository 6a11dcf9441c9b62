//! The lexer: its state, its main loop, and words.

use super::keywords::{KEYWORD_LENGTHS, Keyword, LONGEST_KEYWORD, keyword};
use super::skip::{
    comment_end, exact_word, first_token, has_newline, line_end, number_end, string_end,
    template_end, wide_space, word_end,
};
use super::tables::{CLASS, CONTINUES_WORD, Class, ENDS_WORD};
use crate::{Found, Skipped};

/// The class of the token before, as far as it matters to what follows.
#[derive(Clone, Copy)]
pub(super) enum Before {
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
pub(super) enum Role {
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
pub(super) struct Frame {
    pub(super) role: Role,
    /// How many `?` still want their `:`. All others are labels, cases and members.
    pub(super) conditionals: u32,
    pub(super) at: usize,
}

/// The language that the text is read as.
#[derive(Clone, Copy)]
pub(super) enum Goal {
    Script,
    Module,
}

pub(super) struct Lexer<'a> {
    pub(super) source: &'a [u8],
    pub(super) goal: Goal,
    pub(super) before: Before,
    /// The innermost open bracket.
    pub(super) frame: Frame,
    /// The brackets around it.
    pub(super) frames: Vec<Frame>,
    /// Where the token before ended.
    pub(super) behind: usize,
    pub(super) met_html_comment: bool,
    pub(super) found: Found,
    /// Why the lexer gave up the file.
    pub(super) given_up: Option<Skipped>,
}

impl<'a> Lexer<'a> {
    pub(super) fn new(source: &'a [u8], goal: Goal) -> Self {
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
    /// This deals with the most frequent tokens only. Each method goes past the token at the place
    /// it is given, and returns where to go on.
    pub(super) fn run(mut self) -> Self {
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
    pub(super) fn end(&mut self) {
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

    pub(super) fn finish(self) -> Found {
        match self.given_up {
            None => self.found,
            Some(skipped) => Found { skipped: vec![skipped], ..Found::default() },
        }
    }

    /// Gives up the file, and returns the end of the text, which ends the main loop.
    #[cold]
    pub(super) fn give_up(&mut self, at: usize, message: &'static str) -> usize {
        if self.given_up.is_none() {
            self.given_up = Some(Skipped { at, message: message.into() });
        }
        self.source.len()
    }

    /// Notes an operand, or a name wherever names stand.
    pub(super) fn operand(&mut self) {
        match self.before {
            Before::Key | Before::FunctionDeclaration | Before::FunctionExpression => {}
            // No operator in between: a field ended without semicolon, and this is the next
            // member.
            Before::Operand if self.in_class() => self.before = Before::Key,
            _ => self.before = Before::Operand,
        }
    }

    pub(super) fn in_class(&self) -> bool {
        matches!(self.frame.role, Role::ClassDeclaration | Role::ClassExpression)
    }

    pub(super) fn in_class_head(&self) -> bool {
        matches!(self.frame.role, Role::ClassHeadOfDeclaration | Role::ClassHeadOfExpression)
    }

    /// Whether a line ended between the token before and the one that begins at `at`.
    pub(super) fn on_new_line(&self, at: usize) -> bool {
        has_newline(self.source, self.behind, at)
    }

    /// Whether a `function` or `class` that begins at `at` begins a declaration.
    pub(super) fn declares(&self, at: usize) -> bool {
        match self.before {
            Before::Operator | Before::Arrow => false,
            Before::Restricted => self.on_new_line(at),
            // Behind an operand a line must have ended, and with it the statement.
            _ => true,
        }
    }

    /// The head of a class whose keyword is at `start`.
    pub(super) fn class_head(&self, start: usize) -> Role {
        match self.declares(start) {
            true => Role::ClassHeadOfDeclaration,
            false => Role::ClassHeadOfExpression,
        }
    }

    /// Goes past a word that looks like a keyword, and returns where to go on.
    pub(super) fn word(&mut self, start: usize, end: usize) -> usize {
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
                // What stands before `async` decides whether the function is declared.
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

    /// Goes past a word that is never a keyword: it is private, or has
    /// characters beyond ASCII or escape sequences.
    pub(super) fn odd_word(&mut self, at: usize, start: usize) -> usize {
        let end = word_end(self.source, start);
        if end == start {
            return self.give_up(at, "a `#` or a backslash begins nothing");
        }
        self.operand();
        end
    }

    /// Whether `function` follows on the same line.
    pub(super) fn function_follows(&self, at: usize) -> bool {
        match exact_word(self.source, at, b"function") {
            Some(end) => !has_newline(self.source, at, end),
            None => false,
        }
    }

    pub(super) fn string(&mut self, at: usize) -> usize {
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
    pub(super) fn template(&mut self, at: usize) -> usize {
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
}

pub(super) const UNENDED_COMMENT: &str = "a comment is never ended";
pub(super) const UNPAIRED_QUESTION: &str = "a `?` has no `:`";
pub(super) const MISMATCH: &str = "a bracket closes what was not opened by its like";
pub(super) const UNCLEAR_CLAUSE: &str = "an import or export declaration is not understood";

#[cfg(test)]
mod tests {
    use crate::javascript::testing::assert_given_up;

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
}

//! Slashes, operators and punctuation.

use super::lexer::{Before, Goal, Lexer, Role, UNPAIRED_QUESTION};
use super::skip::{line_end, number_end, regexp_end, word_end};
use super::tables::REGEXP_FLAGS;

impl Lexer<'_> {
    /// Goes past a slash that does not begin a comment.
    pub(super) fn slash(&mut self, at: usize) -> usize {
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

    /// Goes past the flags of a regular expression. Where the lexer mistakes a
    /// division for one, a name is likely to stand there.
    pub(super) fn flags(&mut self, at: usize) -> usize {
        self.before = Before::Operand;
        let end = word_end(self.source, at);
        for &flag in &self.source[at..end] {
            if !REGEXP_FLAGS[flag as usize] {
                return self.give_up(at, "a regular expression has flags that do not exist");
            }
        }
        end
    }

    pub(super) fn dot(&mut self, at: usize) -> usize {
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

    pub(super) fn plus(&mut self, at: usize) -> usize {
        if self.source.get(at + 1) == Some(&b'+') {
            return self.step(at);
        }
        self.before = Before::Operator;
        at + 1
    }

    pub(super) fn minus(&mut self, at: usize) -> usize {
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
    pub(super) fn step(&mut self, at: usize) -> usize {
        // They do not belong to what stands on the line before.
        if matches!(self.before, Before::Operand) && self.on_new_line(at) {
            self.before = Before::Operator;
        }
        at + 2
    }

    pub(super) fn star(&mut self, at: usize) -> usize {
        match self.before {
            // It marks a generator, whose name is still to come.
            Before::Key | Before::FunctionDeclaration | Before::FunctionExpression => {}
            _ => self.before = Before::Operator,
        }
        at + 1
    }

    pub(super) fn less(&mut self, at: usize) -> usize {
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

    pub(super) fn equals(&mut self, at: usize) -> usize {
        if self.source.get(at + 1) == Some(&b'>') {
            self.before = Before::Arrow;
            return at + 2;
        }
        self.before = Before::Operator;
        at + 1
    }

    pub(super) fn question(&mut self, at: usize) -> usize {
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

    pub(super) fn colon(&mut self, at: usize) -> usize {
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

    pub(super) fn comma(&mut self, at: usize) -> usize {
        self.before = match self.frame.role {
            Role::Object => Before::Key,
            _ => Before::Operator,
        };
        at + 1
    }

    pub(super) fn semicolon(&mut self, at: usize) -> usize {
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

    pub(super) fn decorator(&mut self, at: usize) -> usize {
        // In an expression, this is where the head of the class begins.
        if !self.declares(at) {
            self.open(Role::ClassHeadOfExpression, at);
        }
        self.before = Before::Operator;
        at + 1
    }
}

#[cfg(test)]
mod tests {
    use crate::javascript::testing::assert_only_yes;

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
}

//! Brackets of all kinds: what each is for, and what its end means.

use super::lexer::{Before, Frame, Lexer, MISMATCH, Role, UNPAIRED_QUESTION};

impl Lexer<'_> {
    pub(super) fn open(&mut self, role: Role, at: usize) {
        self.frames.push(self.frame);
        self.frame = Frame { role, conditionals: 0, at };
    }

    /// Goes back to the bracket around, and returns where to go on.
    pub(super) fn close(&mut self, at: usize, before: Before) -> usize {
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

    pub(super) fn open_parenthesis(&mut self, at: usize) -> usize {
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

    pub(super) fn close_parenthesis(&mut self, at: usize) -> usize {
        let before = match self.frame.role {
            Role::Group => Before::Operand,
            Role::Head | Role::ForHead => Before::Statement,
            Role::ParametersOfDeclaration => Before::BodyOfDeclaration,
            Role::ParametersOfExpression => Before::BodyOfExpression,
            _ => return self.give_up(at, MISMATCH),
        };
        self.close(at, before)
    }

    pub(super) fn open_bracket(&mut self, at: usize) -> usize {
        let role = match self.before {
            Before::Key => Role::KeyBracket,
            _ => Role::Bracket,
        };
        self.open(role, at);
        self.before = Before::Operator;
        at + 1
    }

    pub(super) fn close_bracket(&mut self, at: usize) -> usize {
        let before = match self.frame.role {
            Role::Bracket => Before::Operand,
            Role::KeyBracket => Before::Key,
            _ => return self.give_up(at, MISMATCH),
        };
        self.close(at, before)
    }

    pub(super) fn open_brace(&mut self, at: usize) -> usize {
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
    pub(super) fn holds_blocks(&self) -> bool {
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

    pub(super) fn close_brace(&mut self, at: usize) -> usize {
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
}

#[cfg(test)]
mod tests {
    use crate::javascript::scan;
    use crate::javascript::testing::{assert_only_yes, urls};

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
}

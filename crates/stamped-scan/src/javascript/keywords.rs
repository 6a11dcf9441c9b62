//! The keywords that change how the text behind them reads.

/// What a word does to what stands behind it.
#[derive(Clone, Copy)]
pub(super) enum Keyword {
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
pub(super) const KEYWORDS: &[u8] =
    b"async await break case catch class const continue debugger delete do \
    else export extends finally for function if import in instanceof let new of return throw try \
    typeof var void while with yield ";

pub(super) fn keyword(word: &[u8]) -> Keyword {
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

/// The lengths of the keywords that begin with each byte, as a set of bits. They spare nearly all names the comparison.
pub(super) static KEYWORD_LENGTHS: [u16; 256] = {
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
pub(super) const LONGEST_KEYWORD: usize = b"instanceof".len();

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_the_table_are_keywords_and_no_other_is() {
        for word in KEYWORDS.split(|&byte| byte == b' ').filter(|word| !word.is_empty()) {
            assert!(!matches!(keyword(word), Keyword::None), "{}", word.escape_ascii());
            assert!(word.len() <= LONGEST_KEYWORD);
        }
        assert!(matches!(keyword(b"default"), Keyword::None));
    }
}

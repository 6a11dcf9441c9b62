//! What HTML and SVG have in common: tags, character references, and attributes that hold URLs or CSS.

mod characters;
mod page;
mod tokenizer;

pub(crate) use page::Page;
pub(crate) use tokenizer::{Attribute, Language, Token, Tokenizer, is_presentation};

/// ASCII white space of the [Infra standard](https://infra.spec.whatwg.org/#ascii-whitespace).
pub(crate) fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | b'\x0C')
}

//! Looks at text that comes in pieces.

/// Looks whether bytes that come in pieces are UTF-8. A character may lie across two of them.
#[derive(Debug, Default)]
pub struct Utf8 {
    /// The bytes of a character whose other bytes have not come yet.
    begun: [u8; 4],
    length: usize,
    is_broken: bool,
}

impl Utf8 {
    /// Takes the next piece. Returns whether all so far can be the beginning of text.
    pub fn push(&mut self, mut piece: &[u8]) -> bool {
        while self.length > 0 && !self.is_broken {
            let Some((&byte, rest)) = piece.split_first() else { return true };
            let Some(place) = self.begun.get_mut(self.length) else {
                self.is_broken = true;
                break;
            };
            *place = byte;
            self.length += 1;
            piece = rest;
            let begun = self.begun;
            self.check(begun.get(..self.length).unwrap_or_default());
        }
        if !self.is_broken {
            self.check(piece);
        }
        !self.is_broken
    }

    /// Whether all that came is text.
    #[must_use]
    pub fn is_text(&self) -> bool {
        !self.is_broken && self.length == 0
    }

    /// Keeps what may be the beginning of a character at the end of `bytes`.
    fn check(&mut self, bytes: &[u8]) {
        self.length = 0;
        let Err(error) = core::str::from_utf8(bytes) else { return };
        self.is_broken = error.error_len().is_some();
        let begun = bytes.get(error.valid_up_to()..).unwrap_or_default();
        match self.begun.get_mut(..begun.len()) {
            Some(place) => {
                place.copy_from_slice(begun);
                self.length = begun.len();
            }
            // No character has more than four bytes.
            None => self.is_broken = true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn pieces_of_any_length_are_text_where_the_whole_is(
            bytes in prop_oneof![
                "[a-b\u{e9}\u{56fe}\u{1f600}]{0,12}".prop_map(|text: std::string::String| text.into_bytes()),
                proptest::collection::vec(
                    prop_oneof![Just(b'a'), Just(0xc3), Just(0xa9), Just(0xe5), Just(0x9b), Just(0xf0), any::<u8>()],
                    0..12,
                ),
            ],
            length in 1_usize..6,
        ) {
            let mut utf8 = Utf8::default();
            for piece in bytes.chunks(length) {
                utf8.push(piece);
            }
            prop_assert_eq!(utf8.is_text(), core::str::from_utf8(&bytes).is_ok());
        }
    }
}

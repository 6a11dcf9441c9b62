//! The stamps that bundlers write into file names.

/// The lengths of hashes in hexadecimal digits: those that bundlers cut, and whole MD5, SHA-1 and
/// SHA-256.
const HEX_LENGTHS: &[usize] = &[8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 32, 40, 64];

/// The length of the stamps of Vite, Rollup and esbuild.
const SHORT: usize = 8;

/// From this length on, digits and letters that alternate are neither a word nor a version.
const LONG_HEX: usize = 16;

/// Names that are nothing but such a stamp need so many like them.
const FEWEST_WHOLE: usize = 3;

/// How a bundler writes a stamp into a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Style {
    pub(super) place: Place,
    pub(super) alphabet: Alphabet,
    pub(super) length: usize,
}

/// Where in a file name a stamp stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Place {
    /// `8f3c2a1b0d9e4f57a6c1.css`
    Whole,
    /// `index-BxK3a9Qz.js`
    Hyphen,
    /// `main.8f3c2a1b.js`
    Dot,
}

/// The characters of a stamp.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Alphabet {
    /// Lower case: webpack, Parcel, Next.js, Vite up to its version 4.
    Hex,
    /// Upper case: esbuild.
    Base32,
    /// That of URLs: Vite and Rollup.
    Base64,
}

/// A part of a file name that may be the stamp of a bundler.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stamp<'a> {
    pub(super) style: Style,
    text: &'a str,
}

/// What a file name may have as a stamp, in every style that fits.
pub(super) fn stamps<'a>(file: &'a str) -> Vec<Stamp<'a>> {
    let Some((stem, _)) = file.rsplit_once('.') else { return Vec::new() };
    let mut found = Vec::new();
    let mut rest = Some(stem);
    while let Some(text) = rest {
        let (before, part) = match text.rsplit_once('.') {
            Some((before, part)) => (Some(before), part),
            None => (None, text),
        };
        rest = before;
        // Most names have no part that is as long as the shortest stamp.
        if part.len() < SHORT {
            continue;
        }
        let place = if before.is_none() { Place::Whole } else { Place::Dot };
        let mut add = |place, text: &'a str| {
            let length = text.len();
            let alphabets = [Alphabet::Hex, Alphabet::Base32, Alphabet::Base64].into_iter();
            let fitting = alphabets.filter(|alphabet| alphabet.fits(text));
            found.extend(
                fitting.map(|alphabet| Stamp { style: Style { place, alphabet, length }, text }),
            );
        };
        add(place, part);
        // A stamp in the alphabet of URLs may contain a hyphen itself.
        let short = part.len().checked_sub(SHORT).filter(|&at| part.is_char_boundary(at));
        let short = short.and_then(|at| Some((part[..at].strip_suffix('-')?, &part[at..])));
        let last = part.rsplit_once('-').filter(|(_, text)| text.len() != SHORT);
        for (before, text) in short.into_iter().chain(last) {
            if !before.is_empty() && !ends_as_uuid(before) {
                add(Place::Hyphen, text);
            }
        }
    }
    found
}

/// Whether what stands before the last hyphen is the beginning of a UUID.
fn ends_as_uuid(before: &str) -> bool {
    let mut groups = before.rsplit('-');
    let is_group = |group: Option<&str>| {
        group.is_some_and(|group| group.len() == 4 && group.bytes().all(is_hex))
    };
    is_group(groups.next()) && is_group(groups.next()) && is_group(groups.next())
}

fn is_hex(byte: u8) -> bool {
    byte.is_ascii_digit() || matches!(byte, b'a'..=b'f')
}

impl Alphabet {
    fn fits(self, text: &str) -> bool {
        match self {
            Self::Hex => HEX_LENGTHS.contains(&text.len()) && text.bytes().all(is_hex),
            Self::Base32 => {
                text.len() == SHORT && text.bytes().all(|b| matches!(b, b'A'..=b'Z' | b'2'..=b'7'))
            }
            Self::Base64 => {
                text.len() == SHORT
                    && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
            }
        }
    }
}

impl Stamp<'_> {
    fn has(&self, is_wanted: impl Fn(u8) -> bool) -> bool {
        self.text.bytes().any(is_wanted)
    }

    /// Whether there is something that words do not have.
    fn has_no_letter(&self) -> bool {
        self.has(|byte| !byte.is_ascii_alphabetic())
    }

    fn has_upper(&self) -> bool {
        self.has(|byte| byte.is_ascii_uppercase())
    }

    fn has_lower(&self) -> bool {
        self.has(|byte| byte.is_ascii_lowercase())
    }

    /// How often two neighbours are of different kinds: capitals, small letters, digits, others. Of 7
    /// places in a random stamp of Vite it is 4.4 on average, in `SemiBold` 3.
    fn changes(&self) -> usize {
        let kind = |byte: u8| match byte {
            b'A'..=b'Z' => 0,
            b'a'..=b'z' => 1,
            b'0'..=b'9' => 2,
            _ => 3,
        };
        self.text.as_bytes().windows(2).filter(|pair| kind(pair[0]) != kind(pair[1])).count()
    }

    /// Whether the letters are not those of words: a capital stands alone at the end, or small letters
    /// have no vowel among or before them.
    fn is_unpronounceable(&self) -> bool {
        let bytes = self.text.as_bytes();
        let ends_alone = matches!(bytes, [.., b'a'..=b'z', b'A'..=b'Z']);
        let is_vowel = |byte: &u8| b"aeiouyAEIOUY".contains(byte);
        let has_odd_word = bytes.chunk_by(|_, next| next.is_ascii_lowercase()).any(|word| {
            word.len() >= 3
                && word.iter().all(u8::is_ascii_alphabetic)
                && !word.iter().any(is_vowel)
        });
        ends_alone || has_odd_word
    }

    /// Whether this may be a stamp where other names show that there are stamps: no word, date or size.
    pub(super) fn is_plausible(&self) -> bool {
        match self.style.alphabet {
            Alphabet::Hex => self.has_no_letter() && self.has_lower(),
            Alphabet::Base32 => true,
            Alphabet::Base64 => self.has_upper() && self.changes() >= 2,
        }
    }

    /// Whether this is a stamp, if some of this style stand beside it.
    pub(super) fn is_likely(&self) -> bool {
        match self.style.alphabet {
            Alphabet::Hex => self.is_plausible() && self.changes() >= 2,
            Alphabet::Base32 => self.has_no_letter() && self.changes() >= 2,
            Alphabet::Base64 => {
                let is_mixed = self.has_upper() && self.has_lower();
                let is_random = match self.has_no_letter() {
                    true => self.changes() >= 3,
                    false => self.changes() >= 5 || self.is_unpronounceable(),
                };
                is_mixed && is_random
            }
        }
    }

    /// Whether this alone is hardly anything but a stamp.
    pub(super) fn is_certain(&self) -> bool {
        match self.style.alphabet {
            Alphabet::Hex => self.is_plausible() && self.changes() >= 3,
            Alphabet::Base32 => self.has_no_letter() && self.changes() >= 3,
            Alphabet::Base64 => {
                // A whole name of this length has too little around it.
                let is_part = self.style.place != Place::Whole;
                is_part && self.has_no_letter() && self.is_likely() && self.changes() >= 5
            }
        }
    }

    /// Whether the hash is so long that nobody writes such a name.
    pub(super) fn is_long(&self) -> bool {
        self.style.alphabet == Alphabet::Hex
            && self.style.length >= LONG_HEX
            && self.changes() >= LONG_HEX / 4
    }
}

/// Whether these stamps of one style are random on average.
pub(super) fn are_random(stamps: &[Stamp<'_>]) -> bool {
    let [first, others @ ..] = stamps else { return false };
    if others.is_empty() {
        return first.is_certain();
    }
    let changes: usize = stamps.iter().map(Stamp::changes).sum();
    let enough = match first.style.alphabet {
        Alphabet::Hex => 2,
        Alphabet::Base32 => 1,
        Alphabet::Base64 => 3,
    };
    let with_others = stamps.iter().filter(|stamp| stamp.has_no_letter()).count();
    let is_short_whole = first.style.place == Place::Whole && first.style.length == SHORT;
    changes >= enough * stamps.len()
        && 3 * with_others >= stamps.len()
        && (!is_short_whole || stamps.len() >= FEWEST_WHOLE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn stamps_of_bundlers_are_found_in_their_places() {
        for (file, place, alphabet, text) in [
            ("index-BxK3a9Qz.js", Place::Hyphen, Alphabet::Base64, "BxK3a9Qz"),
            ("high-contrast-Be2-TlMn.js", Place::Hyphen, Alphabet::Base64, "Be2-TlMn"),
            ("index--xK3a9Q_.css", Place::Hyphen, Alphabet::Base64, "-xK3a9Q_"),
            ("jquery.min-BxK3a9Qz.js", Place::Hyphen, Alphabet::Base64, "BxK3a9Qz"),
            ("start.BxK3a9Qz.js", Place::Dot, Alphabet::Base64, "BxK3a9Qz"),
            ("BxK3a9Qz.js", Place::Whole, Alphabet::Base64, "BxK3a9Qz"),
            ("chunk-ABC2EFGH.js", Place::Hyphen, Alphabet::Base32, "ABC2EFGH"),
            ("main.8f3c2a1b.js", Place::Dot, Alphabet::Hex, "8f3c2a1b"),
            ("453.8f3c2a1b.chunk.css", Place::Dot, Alphabet::Hex, "8f3c2a1b"),
            ("main-8f3c2a1b0d9e4f57.js", Place::Hyphen, Alphabet::Hex, "8f3c2a1b0d9e4f57"),
            ("8f3c2a1b0d9e4f57a6c1.png", Place::Whole, Alphabet::Hex, "8f3c2a1b0d9e4f57a6c1"),
            ("main.8f3c2a1b.js.LICENSE.txt", Place::Dot, Alphabet::Hex, "8f3c2a1b"),
        ] {
            let style = Style { place, alphabet, length: text.len() };
            assert!(stamps(file).contains(&Stamp { style, text }), "{file}: {:?}", stamps(file));
        }
    }

    #[test]
    fn words_versions_dates_and_sizes_are_no_stamps() {
        for file in [
            "Inter-SemiBold.woff2",
            "app-settings.js",
            "app-Settings.js",
            "photo-1024x768.jpg",
            "report-20240131.js",
            "codec-Win32API.js",
            "jquery-1.11.3.min.js",
            "a-0b5c1f2e-1a2b-4c3d-8e9f-0123456789ab.js",
            "README",
            "\u{e9}-\u{e9}\u{e9}\u{e9}\u{e9}.js",
        ] {
            let certain: Vec<_> = stamps(file).into_iter().filter(Stamp::is_certain).collect();
            assert_eq!(certain, [], "{file}");
        }
        for file in ["Inter-SemiBold.woff2", "photo-1024x768.jpg", "report-20240131.js"] {
            assert!(!stamps(file).iter().any(Stamp::is_likely), "{file}");
        }
    }

    #[test]
    fn letters_that_are_no_words_are_a_stamp_beside_others() {
        let is_likely = |file| stamps(file).iter().any(Stamp::is_likely);
        for file in ["logo-DYQPfnqB.svg", "logo-aBcDefGh.svg", "logo-JanNsTwe.svg"] {
            assert!(is_likely(file), "{file}");
        }
        for file in ["a-SemiBold.svg", "a-MainMenu.svg", "a-HTMLView.svg", "a-MyStyles.svg"] {
            assert!(!is_likely(file), "{file}");
        }
    }

    proptest! {
        #[test]
        fn any_name_can_be_looked_at(file in ".{0,40}") {
            stamps(&file);
        }

        #[test]
        fn random_stamps_of_vite_are_random_in_a_folder(
            texts in proptest::collection::vec("[A-Za-z0-9_-]{8}", 30)
        ) {
            let names: Vec<String> = texts.iter().map(|text| format!("a-{text}.js")).collect();
            let style = Style { place: Place::Hyphen, alphabet: Alphabet::Base64, length: 8 };
            let all: Vec<Stamp<'_>> = names
                .iter()
                .flat_map(|name| stamps(name).into_iter().filter(|one| one.style == style))
                .collect();
            prop_assert_eq!(all.len(), 30);
            prop_assert!(are_random(&all));
        }
    }
}

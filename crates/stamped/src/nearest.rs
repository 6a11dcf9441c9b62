//! Finds the name that was most likely meant by one that no asset has.
//!
//! The compiler evaluates this too, for `url!` and `asset!`. It takes some 200 ns for a step of a loop
//! and a microsecond for a call, and refuses a constant after two million of both. So names are
//! compared in place, most of them by a few bytes, and the steps are counted.

/// After this many steps, which take the compiler a second, the best name so far has to do.
const MOST_STEPS: u32 = 1_000_000;

/// With more names than this, a name is only looked at closely if half of it is the same.
const FEW_NAMES: usize = 200;

/// Looks for the name that is most like another.
///
/// From the best to the worst likeness: the same but for ASCII case; the same below another folder (so
/// with the mount or a folder in front that does not belong there, or without one that does); a slip
/// of the pen; the same file name elsewhere; more slips. Of equally good names, the first counts.
#[derive(Clone, Copy, Debug)]
pub struct Nearest<'a> {
    wanted: &'a [u8],
    /// How many bytes its file name has.
    file: usize,
    most_slips: u32,
    has_few_names: bool,
    rank: u32,
    steps: u32,
}

const SAME_BUT_FOR_CASE: u32 = 0;
const OTHER_FOLDER_IN_FRONT: u32 = 1;
/// Twice the number of slips.
const ONE_SLIP: u32 = 2;
const SAME_FILE: u32 = 3;
const UNLIKE: u32 = u32::MAX;

impl<'a> Nearest<'a> {
    /// Begins a search among this many names.
    #[must_use]
    pub const fn to(wanted: &'a str, names: usize) -> Self {
        let wanted = wanted.as_bytes();
        let mut file = 0;
        while file < wanted.len() && wanted[wanted.len() - 1 - file] != b'/' {
            file += 1;
        }
        let most_slips = match wanted.len() {
            0..=7 => 1,
            8..=15 => 2,
            _ => 3,
        };
        let has_few_names = names <= FEW_NAMES;
        Nearest { wanted, file, most_slips, has_few_names, rank: UNLIKE, steps: 0 }
    }

    /// Whether there is no sense in trying further names.
    #[must_use]
    pub const fn is_done(&self) -> bool {
        self.rank == SAME_BUT_FOR_CASE || self.steps > MOST_STEPS
    }

    /// Whether this name is more like the wanted one than all before.
    #[must_use]
    pub const fn is_nearer(&mut self, name: &str) -> bool {
        self.is_nearer_at(name.as_bytes(), 0, name.len())
    }

    /// The same for a name that lies in `area`, from a place on.
    pub(crate) const fn is_nearer_at(&mut self, area: &[u8], from: usize, length: usize) -> bool {
        let rank = self.rank_of(area, from, length);
        let is_nearer = rank < self.rank;
        if is_nearer {
            self.rank = rank;
        }
        is_nearer
    }

    const fn rank_of(&mut self, area: &[u8], from: usize, length: usize) -> u32 {
        let wanted = self.wanted;
        let shorter = if length < wanted.len() { length } else { wanted.len() };
        let mut tail = 0;
        while tail < shorter {
            let (a, b) = (wanted[wanted.len() - 1 - tail], area[from + length - 1 - tail]);
            if a != b && !is_same_letter(a, b) {
                break;
            }
            tail += 1;
        }
        self.steps += tail as u32 + 4;
        if shorter == 0 {
            return UNLIKE;
        }
        if tail == shorter {
            if length == wanted.len() {
                return SAME_BUT_FOR_CASE;
            }
            let before = match length > shorter {
                true => area[from + length - 1 - shorter],
                false => wanted[wanted.len() - 1 - shorter],
            };
            if before == b'/' {
                return OTHER_FOLDER_IN_FRONT;
            }
        }
        let is_same_file = tail > self.file;
        // Fewer than in the best name so far.
        let most = match self.rank {
            UNLIKE => self.most_slips,
            rank if rank <= ONE_SLIP => 0,
            rank if (rank - 1) / 2 < self.most_slips => (rank - 1) / 2,
            _ => self.most_slips,
        };
        if most > 0 && length.abs_diff(wanted.len()) <= most as usize {
            let mut head = 0;
            while head < shorter - tail {
                let (a, b) = (wanted[head], area[from + head]);
                if a != b && !is_same_letter(a, b) {
                    break;
                }
                head += 1;
            }
            self.steps += head as u32;
            if self.has_few_names || head + tail >= wanted.len() / 2 {
                let wanted = part(wanted, head, wanted.len() - tail);
                let name = part(area, from + head, from + length - tail);
                if let Some(slips) = slips(wanted, name, most, &mut self.steps)
                    && !(is_same_file && slips * ONE_SLIP > SAME_FILE)
                {
                    return slips * ONE_SLIP;
                }
            }
        }
        if is_same_file { SAME_FILE } else { UNLIKE }
    }
}

const fn part(text: &[u8], from: usize, to: usize) -> &[u8] {
    let (text, _) = text.split_at(to);
    let (_, text) = text.split_at(from);
    text
}

/// The number of bytes that are missing, superfluous, wrong, or in the wrong order of two, if that is
/// no more than `most`.
const fn slips(mut a: &[u8], mut b: &[u8], most: u32, steps: &mut u32) -> Option<u32> {
    *steps += 6;
    while let ([first, rest @ ..], [other, others @ ..]) = (a, b)
        && (*first == *other || is_same_letter(*first, *other))
    {
        (a, b) = (rest, others);
        *steps += 1;
    }
    if a.len().abs_diff(b.len()) > most as usize {
        return None;
    }
    let ([first, a_rest @ ..], [other, b_rest @ ..]) = (a, b) else {
        return Some(a.len().abs_diff(b.len()) as u32);
    };
    if most == 0 {
        return None;
    }
    let mut least = slips(a_rest, b_rest, most - 1, steps);
    least = fewer(least, slips(a_rest, b, most - 1, steps));
    least = fewer(least, slips(a, b_rest, most - 1, steps));
    if let ([second, a_rest @ ..], [another, b_rest @ ..]) = (a_rest, b_rest)
        && *first == *another
        && *second == *other
    {
        least = fewer(least, slips(a_rest, b_rest, most - 1, steps));
    }
    match least {
        Some(slips) => Some(slips + 1),
        None => None,
    }
}

/// Whether two bytes that differ are the same letter.
const fn is_same_letter(one: u8, other: u8) -> bool {
    one ^ other == 0x20 && one.is_ascii_alphabetic()
}

const fn fewer(one: Option<u32>, other: Option<u32>) -> Option<u32> {
    match (one, other) {
        (Some(one), Some(other)) if one < other => Some(one),
        (one, None) => one,
        (_, other) => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::vec::Vec;

    fn nearest<'a>(wanted: &str, names: &[&'a str]) -> Option<&'a str> {
        let mut search = Nearest::to(wanted, names.len());
        names.iter().copied().filter(|name| search.is_nearer(name)).last()
    }

    #[test]
    fn the_most_likely_name_wins() {
        let names = ["a/index.js", "css/style.css", "css/styles.css", "img/Logo.svg", "js/app.js"];
        for (wanted, near) in [
            ("css/stile.css", Some("css/style.css")),
            ("css/stylse.css", Some("css/style.css")),
            ("css/stlye.css", Some("css/style.css")),
            ("cs/stile.css", Some("css/style.css")),
            ("CSS/STYLES.CSS", Some("css/styles.css")),
            ("img/logo.svg", Some("img/Logo.svg")),
            ("styles.css", Some("css/styles.css")),
            ("/static/css/style.css", Some("css/style.css")),
            ("assets/js/app.js", Some("js/app.js")),
            ("./js/app.js", Some("js/app.js")),
            ("scripts/app.js", Some("js/app.js")),
            ("index.js", Some("a/index.js")),
            ("js/application.js", None),
            ("xapp.js", None),
            ("a", None),
            ("", None),
        ] {
            assert_eq!(nearest(wanted, &names), near, "{wanted}");
        }
        assert_eq!(nearest("a", &["", "ab"]), Some("ab"));
        assert_eq!(nearest("a.css", &[]), None);
    }

    /// The usual table, of which `slips` computes only what is near the diagonal.
    fn table(a: &[u8], b: &[u8]) -> u32 {
        let mut rows: Vec<Vec<u32>> =
            (0..=a.len()).map(|i| std::vec![i as u32; b.len() + 1]).collect();
        rows[0] = (0..=b.len() as u32).collect();
        for (i, j) in (1..=a.len()).flat_map(|i| (1..=b.len()).map(move |j| (i, j))) {
            let wrong = rows[i - 1][j - 1] + u32::from(a[i - 1] != b[j - 1]);
            rows[i][j] = wrong.min(rows[i - 1][j] + 1).min(rows[i][j - 1] + 1);
            if i > 1 && j > 1 && (a[i - 1], a[i - 2]) == (b[j - 2], b[j - 1]) {
                rows[i][j] = rows[i][j].min(rows[i - 2][j - 2] + 1);
            }
        }
        rows[a.len()][b.len()]
    }

    proptest! {
        #[test]
        fn slips_are_counted_up_to_a_limit(a in "[abc]{0,7}", b in "[abc]{0,7}", most in 0_u32..4) {
            let all = table(a.as_bytes(), b.as_bytes());
            let counted = slips(a.as_bytes(), b.as_bytes(), most, &mut 0);
            prop_assert_eq!(counted, (all <= most).then_some(all));
        }
    }
}

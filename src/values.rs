//! The values that options of several commands have.

use std::time::Duration;

/// A number of versions.
pub(crate) fn count(text: &str) -> Result<usize, String> {
    text.parse().map_err(|_| "expected a number of versions, such as 3, or 0 for none".to_owned())
}

/// A time such as `7d`.
pub(crate) fn time(text: &str) -> Result<Duration, String> {
    let split = text.len().saturating_sub(1);
    let seconds = match text.get(split..) {
        Some("s") => 1,
        Some("m") => 60,
        Some("h") => 60 * 60,
        Some("d") => 24 * 60 * 60,
        Some("w") => 7 * 24 * 60 * 60,
        _ => 0,
    };
    let number: Option<u64> = text.get(..split).and_then(|number| number.parse().ok());
    match number.and_then(|number| number.checked_mul(seconds)) {
        Some(all) if seconds > 0 => Ok(Duration::from_secs(all)),
        _ => Err("expected a number and one of s, m, h, d and w, such as 12h or 7d".to_owned()),
    }
}

/// A number of bytes such as `20m`.
pub(crate) fn bytes(text: &str) -> Result<u64, String> {
    let (number, unit) = match text.to_ascii_lowercase().strip_suffix(['k', 'm', 'g']) {
        Some(number) => (number.to_owned(), text.chars().last()),
        None => (text.to_owned(), None),
    };
    let factor = match unit.map(|unit| unit.to_ascii_lowercase()) {
        Some('k') => 1_000,
        Some('m') => 1_000_000,
        Some('g') => 1_000_000_000,
        _ => 1,
    };
    let bytes = number.parse().ok().and_then(|number: u64| number.checked_mul(factor));
    bytes.ok_or_else(|| "expected a number of bytes, such as 800000, 500k or 20m".to_owned())
}

/// A pattern and a number of bytes, such as `icons/*.svg=2k`.
pub(crate) fn small_files(text: &str) -> Result<(String, u64), String> {
    let (pattern, size) = text
        .rsplit_once('=')
        .ok_or("expected a pattern, = and a number of bytes, such as icons/*.svg=2k")?;
    Ok((pattern.to_owned(), bytes(size)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_a_number_and_a_unit() {
        for (text, seconds) in [
            ("0s", 0),
            ("90s", 90),
            ("2m", 120),
            ("12h", 43_200),
            ("7d", 604_800),
            ("2w", 1_209_600),
        ] {
            assert_eq!(time(text), Ok(Duration::from_secs(seconds)), "{text}");
        }
        for text in
            ["", "7", "d", "7 d", "-1d", "1.5h", "7y", "7日", "日d", "18446744073709551615w"]
        {
            assert!(time(text).is_err(), "{text}");
        }
    }

    #[test]
    fn small_files_are_a_pattern_and_a_size() {
        assert_eq!(small_files("a=b/*.svg=2k"), Ok(("a=b/*.svg".to_owned(), 2_000)));
        assert!(small_files("*.svg").is_err() && small_files("*.svg=big").is_err());
    }

    #[test]
    fn a_size_is_a_number_and_perhaps_a_unit() {
        for (text, size) in
            [("0", 0), ("7", 7), ("500k", 500_000), ("20M", 20_000_000), ("1g", 1_000_000_000)]
        {
            assert_eq!(bytes(text), Ok(size), "{text}");
        }
        for text in ["", "k", "-1", "1.5m", "5kb", "99999999999999g"] {
            assert!(bytes(text).is_err(), "{text}");
        }
    }
}

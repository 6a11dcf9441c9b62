//! Quality values (RFC 9110, section 12.4.2).

/// A weight in thousandths: 0 to 1000. Zero means *not acceptable*.
pub(super) type Quality = u16;

/// The weight of what names none.
pub(super) const FULL: Quality = 1000;

/// The value of a `q` parameter: `0` or `1`, and at most three decimals.
pub(super) fn parse(value: &[u8]) -> Option<Quality> {
    let (whole, decimals) = match value {
        [whole] | [whole, b'.'] => (whole, &[][..]),
        [whole, b'.', decimals @ ..] if decimals.len() <= 3 => (whole, decimals),
        _ => return None,
    };
    if !decimals.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let digit = |at: usize| decimals.get(at).map_or(0, |&digit| Quality::from(digit - b'0'));
    let fraction = digit(0) * 100 + digit(1) * 10 + digit(2);
    match whole {
        b'0' => Some(fraction),
        b'1' if fraction == 0 => Some(FULL),
        _ => None,
    }
}

/// The value of a `q` parameter, given the whole parameter: `q=0.5`. The letter may be a capital.
pub(super) fn parameter(parameter: &[u8]) -> Option<&[u8]> {
    match parameter {
        [b'q' | b'Q', b'=', value @ ..] => Some(value),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn a_quality_is_0_to_1_with_three_decimals_at_most() {
        for (text, quality) in [
            ("0", 0),
            ("0.", 0),
            ("0.5", 500),
            ("0.05", 50),
            ("0.001", 1),
            ("1", 1000),
            ("1.000", 1000),
        ] {
            assert_eq!(parse(text.as_bytes()), Some(quality), "{text}");
        }
        for text in
            ["", ".", ".5", "2", "1.1", "1.001", "0.1234", "1.0000", "-0", "0,5", "0.a", "00", "1 "]
        {
            assert_eq!(parse(text.as_bytes()), None, "{text}");
        }
    }
}

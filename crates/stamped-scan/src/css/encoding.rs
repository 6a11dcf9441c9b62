//! The encoding of a style sheet, as far as it matters here.

/// The label of an `@charset`, by the very bytes that [CSS Syntax 3 § 3.2][bytes] asks for.
///
/// [bytes]: https://drafts.csswg.org/css-syntax-3/#input-byte-stream
pub(super) fn declared_encoding(source: &[u8]) -> Option<&[u8]> {
    let label = source.strip_prefix(b"@charset \"")?;
    // The standard looks at the first 1024 bytes of the file.
    let label = label.get(..1024).unwrap_or(label);
    let (label, rest) = label.split_at_checked(label.iter().position(|byte| *byte == b'"')?)?;
    rest.starts_with(b"\";").then_some(label)
}

/// Whether every byte below 0x80 is ASCII in this encoding, wherever it stands.
///
/// In Shift_JIS, GBK and Big5 a backslash may be half of a character. Labels of the
/// [Encoding standard](https://encoding.spec.whatwg.org/#names-and-labels).
pub(super) fn extends_ascii(label: &[u8]) -> bool {
    let label = label.trim_ascii().to_ascii_lowercase();
    [
        "utf-8",
        "utf8",
        "us-ascii",
        "ascii",
        "iso-8859",
        "iso8859",
        "iso_8859",
        "latin",
        "l1",
        "windows-125",
        "cp125",
        "x-cp125",
        "koi",
        "euc-",
        "mac",
        "x-mac",
    ]
    .iter()
    .any(|prefix| label.starts_with(prefix.as_bytes()))
}

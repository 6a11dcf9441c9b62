//! Conditions of a request (RFC 9110, section 13).

use super::date;
use super::etag::{self, Comparison};
use http::HeaderMap;
use http::header::{IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE, IF_UNMODIFIED_SINCE};

/// What conditions are compared with: those of the representation that was selected.
#[derive(Clone, Copy, Debug)]
pub(super) struct Validators<'a> {
    /// A tag, weak where it begins with `W/`.
    pub(super) etag: &'a str,
    /// Seconds since 1970, where a real time is known; without one there is nothing to compare
    /// dates with, and they are ignored.
    pub(super) last_modified: Option<u64>,
}

/// What the conditions of a request come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// They hold, or there are none.
    Proceed,
    /// The client has these bytes: 304.
    NotModified,
    /// The client wants other bytes than these: 412.
    Failed,
}

/// Which of the fields a request has that make its answer another than the whole. Most have none of
/// them, and one look at all names is quicker than one look for each of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Conditions {
    if_match: bool,
    if_none_match: bool,
    if_modified_since: bool,
    if_unmodified_since: bool,
    if_range: bool,
    pub(super) range: bool,
}

impl Conditions {
    pub(super) const NONE: Self = Conditions {
        if_match: false,
        if_none_match: false,
        if_modified_since: false,
        if_unmodified_since: false,
        if_range: false,
        range: false,
    };

    pub(super) fn of(headers: &HeaderMap) -> Self {
        let mut conditions = Conditions::NONE;
        for name in headers.keys() {
            match name.as_str() {
                "if-match" => conditions.if_match = true,
                "if-none-match" => conditions.if_none_match = true,
                "if-modified-since" => conditions.if_modified_since = true,
                "if-unmodified-since" => conditions.if_unmodified_since = true,
                "if-range" => conditions.if_range = true,
                "range" => conditions.range = true,
                _ => {}
            }
        }
        conditions
    }
}

/// Evaluates the conditions of a `GET` or `HEAD` in the order of section 13.2.2, but for `If-Range`.
pub(super) fn evaluate(
    headers: &HeaderMap,
    conditions: Conditions,
    validators: Validators<'_>,
) -> Outcome {
    let Validators { etag, last_modified } = validators;
    if conditions.if_match {
        if !etag::any_names(headers, IF_MATCH, etag, Comparison::Strong) {
            return Outcome::Failed;
        }
    } else if conditions.if_unmodified_since
        && let Some(modified) = last_modified
        && let Some(date) = date::single(headers, IF_UNMODIFIED_SINCE)
        && modified > date
    {
        return Outcome::Failed;
    }
    if conditions.if_none_match {
        if etag::any_names(headers, IF_NONE_MATCH, etag, Comparison::Weak) {
            return Outcome::NotModified;
        }
    } else if conditions.if_modified_since
        && let Some(modified) = last_modified
        && let Some(date) = date::single(headers, IF_MODIFIED_SINCE)
        && modified <= date
    {
        return Outcome::NotModified;
    }
    Outcome::Proceed
}

/// Whether `If-Range` lets `Range` count: there is none, or it is the same strong tag or the very
/// date (section 13.1.5).
pub(super) fn if_range(
    headers: &HeaderMap,
    conditions: Conditions,
    validators: Validators<'_>,
) -> bool {
    if !conditions.if_range {
        return true;
    }
    let mut fields = headers.get_all(IF_RANGE).iter();
    let Some(field) = fields.next() else { return true };
    if fields.next().is_some() {
        return false;
    }
    let value = field.as_bytes().trim_ascii();
    if value == validators.etag.as_bytes() && !value.starts_with(b"W/") {
        return true;
    }
    validators.last_modified.is_some_and(|modified| date::parse(value) == Some(modified))
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    #[test]
    fn a_weak_tag_says_nothing_of_a_range() {
        for (etag, counts) in [("\"a\"", true), ("W/\"a\"", false)] {
            let mut headers = HeaderMap::new();
            headers.insert(IF_RANGE, HeaderValue::from_static(etag));
            let validators = Validators { etag, last_modified: None };
            assert_eq!(if_range(&headers, Conditions::of(&headers), validators), counts, "{etag}");
        }
    }
}

//! Which representation a client gets (RFC 9110, sections 12.5.1 and 12.5.3).

use super::quality::{self, FULL, Quality};
use crate::asset::{Asset, Representation};
use crate::index::Coding;
use http::header::{ACCEPT, ACCEPT_ENCODING};
use http::{HeaderMap, HeaderValue};

/// The representation of `asset` that `Accept-Encoding` likes best, and the smallest of those that
/// it likes equally. `None` where it excludes all of them. `delta` is one more that it may like.
pub(super) fn select(
    asset: Asset,
    delta: Option<Representation>,
    headers: &HeaderMap,
) -> Option<Representation> {
    let mut fields = headers.get_all(ACCEPT_ENCODING).iter();
    let accepted = match (fields.next(), fields.next()) {
        // Without the field everything is acceptable, and the plain bytes are safest.
        (None, _) => return asset.representations().next(),
        (Some(field), None) => Accepted::of_browser(field.as_bytes())
            .unwrap_or_else(|| Accepted::parse(core::iter::once(field))),
        _ => Accepted::parse(headers.get_all(ACCEPT_ENCODING).iter()),
    };
    let mut best: Option<(Quality, Representation)> = None;
    for representation in asset.representations().chain(delta) {
        let Some(quality) = accepted.quality(representation.coding()) else { continue };
        let better = best.is_none_or(|(best_quality, best)| {
            quality > best_quality || quality == best_quality && representation.len() < best.len()
        });
        if better {
            best = Some((quality, representation));
        }
    }
    best.map(|(_, representation)| representation)
}

/// Whether `Accept-Encoding` lets bytes be sent as they are.
#[cfg(feature = "live")]
pub(super) fn accepts_identity(headers: &HeaderMap) -> bool {
    let accepted = Accepted::parse(headers.get_all(ACCEPT_ENCODING).iter());
    accepted.quality(Coding::Identity).is_some()
}

/// What `Accept-Encoding` says of each coding that can be stored. Zero excludes.
#[derive(Debug, Default, PartialEq, Eq)]
struct Accepted {
    identity: Option<Quality>,
    gzip: Option<Quality>,
    brotli: Option<Quality>,
    zstd: Option<Quality>,
    delta: Option<Quality>,
    /// What `*` says of those that are not listed.
    others: Option<Quality>,
}

impl Accepted {
    /// Reads all lines of the field as one list. A malformed member is passed over; if a coding is
    /// listed twice, the higher weight counts.
    fn parse<'a>(fields: impl Iterator<Item = &'a HeaderValue>) -> Self {
        let mut accepted = Accepted::default();
        for member in fields.flat_map(|field| field.as_bytes().split(|&byte| byte == b',')) {
            let (coding, parameter) = match member.iter().position(|&byte| byte == b';') {
                Some(at) => (&member[..at], Some(&member[at + 1..])),
                None => (member, None),
            };
            let Some(place) = accepted.place(coding.trim_ascii()) else { continue };
            let quality = match parameter {
                None => Some(FULL),
                Some(parameter) => {
                    quality::parameter(parameter.trim_ascii()).and_then(quality::parse)
                }
            };
            *place = quality.max(*place);
        }
        accepted
    }

    /// Reads one of the few lists that browsers send, which are the most frequent: by a comparison
    /// instead of a loop over the bytes.
    fn of_browser(list: &[u8]) -> Option<Self> {
        let accepted = Accepted { gzip: Some(FULL), ..Accepted::default() };
        match list {
            b"gzip, deflate, br, zstd" => {
                Some(Accepted { brotli: Some(FULL), zstd: Some(FULL), ..accepted })
            }
            b"gzip, deflate, br, zstd, dcb, dcz" => {
                let all = Accepted { brotli: Some(FULL), zstd: Some(FULL), ..accepted };
                Some(Accepted { delta: Some(FULL), ..all })
            }
            b"gzip, deflate, br" => Some(Accepted { brotli: Some(FULL), ..accepted }),
            b"gzip, deflate" => Some(accepted),
            _ => None,
        }
    }

    fn place(&mut self, coding: &[u8]) -> Option<&mut Option<Quality>> {
        let is = |token: &str| coding.eq_ignore_ascii_case(token.as_bytes());
        // Most members are told apart by their length.
        match coding.len() {
            1 if is("*") => Some(&mut self.others),
            2 if is("br") => Some(&mut self.brotli),
            3 if is("dcz") => Some(&mut self.delta),
            4 if is("gzip") => Some(&mut self.gzip),
            4 if is("zstd") => Some(&mut self.zstd),
            6 if is("x-gzip") => Some(&mut self.gzip),
            8 if is("identity") => Some(&mut self.identity),
            _ => None,
        }
    }

    /// The weight of a coding; `None` where it is not acceptable. The identity is acceptable unless
    /// it is excluded, but then it is the last choice.
    fn quality(&self, coding: Coding) -> Option<Quality> {
        let listed = match coding {
            Coding::Identity => self.identity,
            Coding::Gzip => self.gzip,
            Coding::Brotli => self.brotli,
            Coding::Zstd => self.zstd,
            // `*` is older than this coding, and says nothing of a client's dictionaries.
            Coding::Delta => return self.delta.filter(|&quality| quality > 0),
        };
        match listed.or(self.others) {
            Some(0) => None,
            None => (coding == Coding::Identity).then_some(0),
            quality => quality,
        }
    }
}

/// Whether `Accept` names `text/html`, as it does when a browser goes to a page. `*/*` is not enough:
/// scripts send it with requests for data too.
pub(super) fn names_html(headers: &HeaderMap) -> bool {
    headers
        .get_all(ACCEPT)
        .iter()
        .flat_map(|field| field.as_bytes().split(|&byte| byte == b','))
        .any(|range| {
            let mut parts = range.split(|&byte| byte == b';').map(<[u8]>::trim_ascii);
            parts.next().is_some_and(|kind| kind.eq_ignore_ascii_case(b"text/html"))
                && !parts
                    .filter_map(quality::parameter)
                    .any(|value| quality::parse(value) == Some(0))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn html(accept: &str) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, accept.parse().unwrap());
        names_html(&headers)
    }

    #[test]
    fn the_lists_of_browsers_mean_what_they_say() {
        for list in [
            "gzip, deflate, br, zstd",
            "gzip, deflate, br, zstd, dcb, dcz",
            "gzip, deflate, br",
            "gzip, deflate",
        ] {
            let parsed = Accepted::parse(core::iter::once(&HeaderValue::from_static(list)));
            assert_eq!(Accepted::of_browser(list.as_bytes()), Some(parsed), "{list}");
        }
        assert_eq!(Accepted::of_browser(b"gzip, deflate, br;q=0"), None);
    }

    #[test]
    fn only_accept_that_names_html_accepts_html() {
        assert!(html("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"));
        assert!(html("application/json, Text/HTML;level=1;q=0.1"));
        for accept in
            ["*/*", "", "text/*", "application/json", "text/html;q=0", "text/html;q=0.000"]
        {
            assert!(!html(accept), "{accept}");
        }
        assert!(!names_html(&HeaderMap::new()));
    }
}

//! Whether every framework sends what a `Handler` answers, and nothing else.
//!
//! The programs of the other packages are started on real sockets and asked the same questions. What
//! the handler answers by itself is what is expected, field by field and byte by byte; and what that
//! is, is said by each question once more, so that the handler itself is held to it.

mod client;
mod program;
mod questions;
mod table;

/// The code of this page is compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/moving.md")]
pub mod moving {}

mod assets {
    stamped::include_assets!();
}

pub use client::{Reply, ask, ask_two};
pub use program::{PROGRAMS, Program};
pub use questions::{Expected, Question, questions};
pub use table::Table;

use assets::{ASSETS, url};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use stamped::http::Handler;

/// The URL that every page has a link to.
pub const STYLE: &str = url!("css/style.css");

/// What the handler answers to a question, without a server between. `None` if the question cannot
/// be put.
#[must_use]
pub fn reference(question: &Question) -> Option<Reply> {
    let method = Method::from_bytes(question.method.as_bytes()).ok()?;
    let mut headers = HeaderMap::new();
    for (name, value) in &question.fields {
        let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
        headers.append(name, HeaderValue::from_str(value).ok()?);
    }
    let uri = question.target.parse().ok()?;
    let (head, body) = Handler::new(&ASSETS).respond((&method, &uri, &headers)).into_parts();
    let mut fields = Vec::new();
    for (name, value) in &head.headers {
        fields.push((name.as_str().to_owned(), value.to_str().ok()?.to_owned()));
    }
    fields.sort();
    Some(Reply { status: head.status.as_u16(), fields, body: body.into_bytes().to_vec() })
}

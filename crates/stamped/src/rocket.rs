//! Makes [`Handler`] routes of [Rocket](https://docs.rs/rocket).
//!
//! They answer for all paths below the mount, and for the files at the root of the site
//! ([`Asset::is_at_root`](crate::Asset::is_at_root)). They forward every other request to the routes behind
//! them, and at last to the catcher for 404. They need whole paths, mount and name, so mount them at
//! the root:
//!
//! ```
//! use rocket::{Build, Rocket};
//! use stamped::http::Handler;
//!
//! fn rocket(assets: &stamped::Assets) -> Rocket<Build> {
//!     rocket::build().mount("/", Handler::new(assets))
//! }
//! ```
//!
//! Their rank is 10, that of Rocket's own `FileServer`, so routes of the program go first unless their
//! rank says otherwise. To let the assets go first, change it:
//!
//! ```
//! # use rocket::{Build, Rocket};
//! # use stamped::http::Handler;
//! # fn rocket(assets: &stamped::Assets) -> Rocket<Build> {
//! let mut routes: Vec<rocket::Route> = Handler::new(assets).into();
//! routes.iter_mut().for_each(|route| route.rank = -20);
//! rocket::build().mount("/", routes)
//! # }
//! ```

use crate::foreign;
use crate::http::{Body, Handler, Head};
use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use alloc::vec::Vec;
use bytes::Bytes;
use core::pin::Pin;
use core::task::{Context, Poll, ready};
use http::Response;
use http::header::CONTENT_LENGTH;
use rocket::http::{Header, Status};
use rocket::route::{self, Outcome};
use rocket::tokio::io::{AsyncRead, AsyncSeek, ReadBuf};
use rocket::{Data, Request, Route};
use std::io;

/// Rocket has a route per method, and answers 404 for those that have none.
const METHODS: [rocket::http::Method; 9] = {
    use rocket::http::Method::{Connect, Delete, Get, Head, Options, Patch, Post, Put, Trace};
    [Get, Head, Options, Post, Put, Delete, Patch, Trace, Connect]
};

/// That of Rocket's own file server.
const RANK: isize = 10;

/// How much is given to the server at once. Rocket's default, 4 KiB, is meant for files.
const CHUNK: usize = 64 * 1024;

impl From<Handler> for Vec<Route> {
    fn from(handler: Handler) -> Self {
        let route = |method| {
            let mut route = Route::ranked(RANK, method, "/<path..>", Answer(handler.clone()));
            route.name = Some("stamped".into());
            route
        };
        METHODS.map(route).into()
    }
}

/// The handler of the routes.
#[derive(Clone)]
struct Answer(Handler);

#[rocket::async_trait]
impl route::Handler for Answer {
    async fn handle<'r>(&self, request: &'r Request<'_>, data: Data<'r>) -> Outcome<'r> {
        match answer(&self.0, request) {
            Some(response) => Outcome::Success(response),
            None => Outcome::Forward((data, Status::NotFound)),
        }
    }
}

fn answer(handler: &Handler, request: &Request<'_>) -> Option<rocket::Response<'static>> {
    let fields: Vec<_> = request.headers().iter().collect();
    let fields = fields.iter().map(|field| (field.name.as_str(), field.value.as_bytes()));
    let (method, headers) = foreign::head(request.method().as_str(), fields)?;
    let (path, query) = (request.uri().path(), request.uri().query());
    let query = query.as_ref().map(|query| query.as_str());
    let head = Head::new(&method, path.as_str(), &headers).with_query(query);
    let response = handler.try_respond(head)?;
    #[cfg(feature = "live")]
    let response = handler.with_live_script(head, response);
    Some(converted(response))
}

fn converted(response: Response<Body>) -> rocket::Response<'static> {
    let (head, body) = response.into_parts();
    let mut converted = rocket::Response::new();
    converted.set_status(Status::new(head.status.as_u16()));
    for (name, value) in &head.headers {
        // The server writes it from the length of the body.
        if *name == CONTENT_LENGTH {
            continue;
        }
        // All values that a handler sends are ASCII, but for those that a program adds.
        if let Ok(value) = core::str::from_utf8(value.as_bytes()) {
            converted.adjoin_header(Header::new(name.as_str().to_owned(), value.to_owned()));
        }
    }
    if body.known_len().is_none() {
        converted.set_streamed_body(Content { body, rest: Bytes::new() });
        return converted;
    }
    // An answer without a length, as 304, has no body that Rocket could measure.
    if let Some(length) = foreign::content_length(&head.headers) {
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        // That of the whole also in an answer to `HEAD`, where nothing follows.
        converted.set_sized_body(length, Content { body, rest: Bytes::new() });
        converted.set_max_chunk_size(CHUNK);
    }
    converted
}

/// A body that is read piece by piece: a large live file need not be in memory.
struct Content {
    body: Body,
    rest: Bytes,
}

impl AsyncRead for Content {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.rest.is_empty() {
            self.rest = ready!(self.body.poll_chunk(context)).unwrap_or_default();
        }
        let length = self.rest.len().min(buffer.remaining());
        buffer.put_slice(&self.rest.split_to(length));
        Poll::Ready(Ok(()))
    }
}

/// Rocket asks for it of every body with a length. It seeks only where it has to find the length out.
impl AsyncSeek for Content {
    fn start_seek(self: Pin<&mut Self>, _: io::SeekFrom) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    fn poll_complete(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<u64>> {
        Poll::Ready(Err(io::ErrorKind::Unsupported.into()))
    }
}

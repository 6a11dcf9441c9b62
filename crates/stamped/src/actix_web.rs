//! Makes [`Handler`] a service of [actix-web](https://docs.rs/actix-web).
//!
//! It answers for all paths below the mount, and for the files at the root of the site
//! ([`Asset::is_at_root`](crate::Asset::is_at_root)). Every other request goes on to the services that are
//! registered after it, and at last to the default service of the application. It needs whole paths,
//! mount and name, so register it without a scope:
//!
//! ```
//! use actix_web::{App, HttpServer, web};
//! use stamped::http::Handler;
//!
//! async fn page() -> &'static str {
//!     "a page"
//! }
//!
//! async fn run(assets: stamped::Assets) -> std::io::Result<()> {
//!     let handler = Handler::new(&assets);
//!     HttpServer::new(move || {
//!         App::new().service(handler.clone()).route("/", web::get().to(page))
//!     })
//!     .bind(("127.0.0.1", 8080))?
//!     .run()
//!     .await
//! }
//! # let _ = run;
//! ```
//!
//! A handler with a [`fallback`](Handler::fallback) answers for pages too, so register it last.

use crate::foreign;
use crate::http::{Body, Handler, Head};
use actix_web::body::{BodySize, MessageBody};
use actix_web::dev::{AppService, HttpServiceFactory, ResourceDef, ServiceRequest, fn_service};
use actix_web::guard::{Guard, GuardContext};
use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::{HttpMessage as _, HttpResponse};
use alloc::boxed::Box;
use alloc::{vec, vec::Vec};
use bytes::Bytes;
use core::convert::Infallible;
use core::future::ready;
use core::pin::Pin;
use core::task::{Context, Poll};
use http::Response;
use http::header::CONTENT_LENGTH;

impl HttpServiceFactory for Handler {
    fn register(self, config: &mut AppService) {
        let service = fn_service(|request: ServiceRequest| {
            let answer = request.extensions_mut().remove::<Answer>();
            // There is one: the guard has put it there.
            let response = answer.map_or_else(|| HttpResponse::NotFound().finish(), |a| a.0);
            ready(Ok(request.into_response(response)))
        });
        let guards: Vec<Box<dyn Guard>> = vec![Box::new(Known(self))];
        config.register_service(ResourceDef::prefix(""), Some(guards), service, None);
    }
}

/// Lets the requests through that have an answer, and leaves it with them.
///
/// Only a guard can make actix-web go on to the next service.
struct Known(Handler);

struct Answer(HttpResponse);

impl Guard for Known {
    fn check(&self, context: &GuardContext<'_>) -> bool {
        let head = context.head();
        let fields = head.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes()));
        let Some((method, headers)) = foreign::head(head.method.as_str(), fields) else {
            return false;
        };
        let request = Head::new(&method, head.uri.path(), &headers).with_query(head.uri.query());
        let Some(response) = self.0.try_respond(request) else { return false };
        #[cfg(feature = "live")]
        let response = self.0.with_live_script(request, response);
        context.req_data_mut().insert(Answer(converted(response)));
        true
    }
}

fn converted(response: Response<Body>) -> HttpResponse {
    let (head, body) = response.into_parts();
    let size = match foreign::content_length(&head.headers).or(body.known_len()) {
        Some(length) => BodySize::Sized(length),
        None => BodySize::Stream,
    };
    let body = Content { body, size };
    let status = StatusCode::from_u16(head.status.as_u16()).unwrap_or_default();
    let mut converted = HttpResponse::with_body(status, body).map_into_boxed_body();
    // The server writes it from the length of the body.
    for (name, value) in head.headers.iter().filter(|(name, _)| *name != CONTENT_LENGTH) {
        let name = HeaderName::from_bytes(name.as_str().as_bytes());
        if let (Ok(name), Ok(value)) = (name, HeaderValue::from_bytes(value.as_bytes())) {
            converted.headers_mut().append(name, value);
        }
    }
    converted
}

/// A body that has the length of the whole also in an answer to `HEAD`, where nothing follows.
struct Content {
    body: Body,
    size: BodySize,
}

impl MessageBody for Content {
    type Error = Infallible;

    fn size(&self) -> BodySize {
        self.size
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Infallible>>> {
        self.body.poll_chunk(context).map(|chunk| chunk.map(Ok))
    }
}

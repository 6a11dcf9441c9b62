//! Makes [`Handler`] a service of [tower](https://docs.rs/tower), for hyper, warp, poem, salvo and
//! others. For axum, the feature `axum` has a router, which is the better way.
//!
//! `Handler` itself is the service. It answers every request; a path that belongs to no asset gets a
//! 404. [`Handler::or`] hands the paths that are not below the mount on to another service instead, as a
//! rule to the rest of the program:
//!
//! ```
//! use stamped::http::Handler;
//! # use http::{Request, Response};
//! # use tower_service::Service;
//!
//! # fn example<S: Service<Request<B>, Response = Response<B>>, B>(
//! #     assets: &stamped::Assets,
//! #     program: S,
//! # ) -> impl Service<Request<B>> where B: http_body::Body<Data = bytes::Bytes> {
//! Handler::new(assets).or(program)
//! # }
//! ```
//!
//! [`Handler::into_layer`] does the same as a layer. Put it around the whole program: a layer of axum's
//! `Router` is not around a fallback that is added later.
//!
//! An unknown path below the mount gets a 404 that may not be stored, so that no page of the program
//! stands for a missing asset. For other routes below the same mount, see
//! [`Handler::share_mount`]. With the mount `/`, unknown paths are handed on.
//!
//! The handler needs the whole path, mount and name, as in URLs. For a router that cuts the mount off, as
//! axum's `nest_service` does, there is [`Handler::nested`]. A handler with a
//! [`fallback`](Handler::fallback) answers for pages too, and there must be nothing behind it that has
//! pages of its own; [`fallback_below`](Handler::fallback_below) limits it to a part of the site.

use crate::http::{Body, Handler, LiveTag};
use bytes::Bytes;
use core::convert::Infallible;
use core::future::{Future, Ready, ready};
use core::pin::Pin;
use core::task::{Context, Poll, ready};
use http::{Request, Response};
use http_body::{Frame, SizeHint};
use pin_project_lite::pin_project;
use tower_layer::Layer;
use tower_service::Service;

impl<B> Service<Request<B>> for Handler {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Ready<Result<Response<Body>, Infallible>>;

    /// Always ready.
    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    /// The body of the request is dropped unread.
    fn call(&mut self, request: Request<B>) -> Self::Future {
        #[cfg(feature = "live")]
        return ready(Ok(self.with_live_script(&request, self.respond(&request))));
        #[cfg(not(feature = "live"))]
        ready(Ok(self.respond(&request)))
    }
}

impl Handler {
    /// Makes a service that answers for the assets and all that is below the mount, and hands every
    /// other request on to `inner` as it came: see [`try_respond`](Self::try_respond).
    ///
    /// ```
    /// # use core::convert::Infallible;
    /// # use core::future::{Ready, ready};
    /// # use core::task::{Context, Poll};
    /// use http::{Request, Response};
    /// use stamped::http::{Body, Handler};
    /// # use tower_service::Service;
    ///
    /// # #[derive(Clone)]
    /// # struct Program;
    /// # impl Service<Request<()>> for Program {
    /// #     type Response = Response<Body>;
    /// #     type Error = Infallible;
    /// #     type Future = Ready<Result<Response<Body>, Infallible>>;
    /// #     fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
    /// #         Poll::Ready(Ok(()))
    /// #     }
    /// #     fn call(&mut self, _: Request<()>) -> Self::Future {
    /// #         ready(Ok(Response::default()))
    /// #     }
    /// # }
    /// # fn example(assets: &stamped::Assets) {
    /// let mut service = Handler::new(assets).or(Program);
    /// let response = service.call(Request::get("/about").body(()).unwrap());
    /// # }
    /// ```
    #[must_use]
    pub const fn or<S>(self, inner: S) -> Or<S> {
        Or { handler: self, inner }
    }

    /// Makes a layer that does what [`or`](Self::or) does, to the service that it is put around.
    ///
    /// ```
    /// use stamped::http::Handler;
    /// use tower_layer::Layer;
    /// # fn example<S>(assets: &stamped::Assets, program: S) -> stamped::tower::Or<S> {
    ///
    /// let layer = Handler::new(assets).into_layer();
    /// layer.layer(program)
    /// # }
    /// ```
    #[must_use]
    pub const fn into_layer(self) -> OrLayer {
        OrLayer { handler: self }
    }
}

/// Puts a handler in front of a service: see [`Handler::into_layer`].
#[derive(Clone, Debug)]
pub struct OrLayer {
    handler: Handler,
}

impl<S> Layer<S> for OrLayer {
    type Service = Or<S>;

    fn layer(&self, inner: S) -> Or<S> {
        self.handler.clone().or(inner)
    }
}

/// Answers for the assets, and lets another service answer all other requests: see [`Handler::or`].
///
/// It is ready when the inner service is, because only the request tells which of the two answers.
#[derive(Clone, Debug)]
pub struct Or<S> {
    handler: Handler,
    inner: S,
}

impl<S, RequestBody, ResponseBody> Service<Request<RequestBody>> for Or<S>
where
    S: Service<Request<RequestBody>, Response = Response<ResponseBody>>,
{
    type Response = Response<OrBody<ResponseBody>>;
    type Error = S::Error;
    type Future = OrFuture<S::Future>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    #[cfg_attr(not(feature = "live"), expect(unused_mut, reason = "pages are as they are"))]
    fn call(&mut self, mut request: Request<RequestBody>) -> Self::Future {
        let source = match self.handler.try_respond(&request) {
            Some(response) => {
                #[cfg(feature = "live")]
                let response = self.handler.with_live_script(&request, response);
                FutureSource::Asset { response: Some(response) }
            }
            None => {
                #[cfg(feature = "live")]
                let element = self.handler.live_element((&request).into());
                #[cfg(feature = "live")]
                if element.is_some() {
                    ask_for_whole_page(request.headers_mut());
                }
                #[cfg(not(feature = "live"))]
                let element = None;
                FutureSource::Inner { future: self.inner.call(request), element }
            }
        };
        OrFuture { source }
    }
}

pin_project! {
    /// The future of [`Or`].
    #[derive(Debug)]
    #[must_use = "futures do nothing unless polled"]
    pub struct OrFuture<F> {
        #[pin]
        source: FutureSource<F>,
    }
}

pin_project! {
    #[project = FutureProjection]
    #[derive(Debug)]
    enum FutureSource<F> {
        Asset { response: Option<Response<Body>> },
        Inner { #[pin] future: F, element: Option<LiveTag<'static>> },
    }
}

#[cfg(feature = "live")]
use crate::http::push::page::{ask_for_whole_page, tail};

/// Nothing follows a body without live mode.
#[cfg(not(feature = "live"))]
fn tail(_: &mut http::response::Parts, _: LiveTag<'static>) -> Option<Bytes> {
    None
}

impl<F, B, E> Future for OrFuture<F>
where
    F: Future<Output = Result<Response<B>, E>>,
{
    type Output = Result<Response<OrBody<B>>, E>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project().source.project() {
            // Nothing is left only if it is polled again after it was done, as no caller may.
            FutureProjection::Asset { response } => match response.take() {
                Some(response) => Poll::Ready(Ok(response.map(OrBody::asset))),
                None => Poll::Pending,
            },
            FutureProjection::Inner { future, element } => {
                let response = ready!(future.poll(context))?;
                let (mut parts, body) = response.into_parts();
                let tail = element.take().and_then(|element| tail(&mut parts, element));
                Poll::Ready(Ok(Response::from_parts(parts, OrBody::inner(body, tail))))
            }
        }
    }
}

pin_project! {
    /// The body of a response of [`Or`]: that of an asset, or one of the inner service.
    #[derive(Debug)]
    pub struct OrBody<B> {
        #[pin]
        source: BodySource<B>,
    }
}

pin_project! {
    #[project = BodyProjection]
    #[derive(Debug)]
    enum BodySource<B> {
        Asset { body: Body },
        // What follows it is for pages in live mode.
        Inner { #[pin] body: B, tail: Option<Bytes> },
    }
}

impl<B> OrBody<B> {
    const fn asset(body: Body) -> Self {
        OrBody { source: BodySource::Asset { body } }
    }

    const fn inner(body: B, tail: Option<Bytes>) -> Self {
        OrBody { source: BodySource::Inner { body, tail } }
    }
}

impl<B: Default> Default for OrBody<B> {
    /// That of the inner service.
    fn default() -> Self {
        OrBody::inner(B::default(), None)
    }
}

impl<B> http_body::Body for OrBody<B>
where
    B: http_body::Body<Data = Bytes>,
{
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        match self.project().source.project() {
            BodyProjection::Asset { body } => {
                Pin::new(body).poll_frame(context).map_err(|never| match never {})
            }
            BodyProjection::Inner { body, tail } => match ready!(body.poll_frame(context)) {
                None => Poll::Ready(tail.take().map(|tail| Ok(Frame::data(tail)))),
                // Nothing follows trailers or an error.
                Some(Ok(frame)) if frame.is_data() => Poll::Ready(Some(Ok(frame))),
                Some(last) => {
                    *tail = None;
                    Poll::Ready(Some(last))
                }
            },
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.source {
            BodySource::Asset { body } => body.is_end_stream(),
            BodySource::Inner { body, tail } => tail.is_none() && body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.source {
            BodySource::Asset { body } => body.size_hint(),
            BodySource::Inner { body, tail } => {
                let (mut hint, more) =
                    (body.size_hint(), tail.as_ref().map_or(0, Bytes::len) as u64);
                if let Some(upper) = hint.upper() {
                    hint.set_upper(upper + more);
                }
                hint.set_lower(hint.lower() + more);
                hint
            }
        }
    }
}

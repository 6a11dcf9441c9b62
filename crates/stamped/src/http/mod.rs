//! Answers requests, over the types of the crate `http`.
//!
//! A [`Handler`] is a pure function from the head of a request to a response. It depends on no server
//! and no framework, reads no files and never waits. There are two exceptions: `Handler::live`, which
//! is for development, with the feature `live`; and contents that `stamped-build` has left on the disk
//! (`Bundle::leak_on_disk`).
//!
//! | request | answer |
//! |---|---|
//! | exact stamped path | 200, `max-age=31536000, immutable` |
//! | plain name | 200, `no-cache` |
//! | another stamp than the asset has | the current bytes, 404 or a redirect: see [`Stale`]; never `immutable` |
//! | any other path | 404, or `None`: see [`Handler::try_respond`] |
//! | `HEAD` | as to `GET`, without the body; `Range` is ignored |
//! | `OPTIONS`, any other method | 204 or 405, with `Allow` |
//! | conditions (RFC 9110, section 13) | 304 or 412, in the order of section 13.2.2 |
//! | `Accept-Encoding` (section 12.5.3) | the preferred coding, the smallest of those that are preferred equally; 406 if all are excluded |
//! | `Range` (section 14.2) | 206 with one range, or with up to eight that ascend; 416 |
//!
//! Several ranges are answered only without a content coding, because in a `multipart/byteranges`
//! message it would be unclear what `Content-Encoding` is about. With one, the whole is sent, as for a
//! `Range` that is malformed or in another unit.
//!
//! Every 200, 206 and 304 has the strong `ETag` of its representation (a weak one for a large file in
//! live mode), and `Vary` if the asset has several representations. `Last-Modified` is sent if a real
//! time is known. All other answers are `no-store`.

mod body;
mod caching;
mod cors;
mod date;
mod etag;
mod head;
#[cfg(feature = "live")]
mod live;
mod multipart;
mod negotiation;
mod pages;
#[cfg(feature = "files")]
mod part;
mod policy;
mod preconditions;
mod preload;
mod quality;
mod ranges;
mod ready;
mod response;

pub use body::{Body, Chunks};
pub use head::Head;
pub use policy::{BadRule, Stale};
pub use preload::{Preload, preload_links};

use crate::asset::Asset;
use crate::assets::Assets;
use crate::resolve::Resolved;
use alloc::borrow::Cow;
use caching::Caching;
use http::header::RANGE;
use http::{HeaderName, HeaderValue, Method, Response};
use pages::{Page, Pages};
use policy::Extra;
use preconditions::{Conditions, Outcome, Validators};
use ranges::Wanted;
use response::{Answer, Baked, Content, Vary};

/// Answers requests with the assets of a bundle.
///
/// Make it once, in a `static` where the defaults are right, and clone it as often as needed.
///
/// The program keeps the header fields of its answers and sends them again: for all handlers together
/// at most 1024 sets, which take about a megabyte once all have been asked for.
///
/// ```
/// use http::{HeaderValue, Request, Response, header};
/// use stamped::http::{BadRule, Body, Handler, Stale};
///
/// fn handler(assets: &stamped::Assets) -> Result<Handler, BadRule> {
///     Handler::new(assets)
///         .stale(Stale::NotFound)
///         .header("*.pdf", header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment"))
/// }
///
/// fn answer<B>(handler: &Handler, request: &Request<B>) -> Response<Body> {
///     handler.respond(request)
/// }
/// ```
#[derive(Clone, Debug)]
pub struct Handler {
    assets: Assets,
    stale: Stale,
    cors: bool,
    pages: Pages,
    extra: Extra,
    #[cfg(feature = "live")]
    live: live::Folders,
}

impl Handler {
    /// Makes a handler for the assets of `bundle`, with these policies:
    ///
    /// - a stale stamp gets the current bytes: [`Stale::Current`];
    /// - pages of other origins may not read assets: [`cors`](Self::cors) is off;
    /// - there are no [`index`](Self::index) files, no [`fallback`](Self::fallback), and no further
    ///   [`header`](Self::header) fields.
    #[must_use]
    pub const fn new(bundle: &Assets) -> Self {
        Handler {
            assets: *bundle,
            stale: Stale::Current,
            cors: false,
            pages: Pages::NONE,
            extra: Extra::NONE,
            #[cfg(feature = "live")]
            live: live::Folders::NONE,
        }
    }

    /// Chooses the answer to a path whose stamp this program does not know. Default:
    /// [`Stale::Current`].
    ///
    /// ```
    /// # use stamped::http::{Handler, Stale};
    /// # fn example(handler: Handler) -> Handler {
    /// handler.stale(Stale::Redirect)
    /// # }
    /// ```
    #[must_use]
    pub const fn stale(mut self, stale: Stale) -> Self {
        self.stale = stale;
        self
    }

    /// Lets pages of all origins read the assets: each answer has `Access-Control-Allow-Origin: *`, and
    /// `OPTIONS` answers preflight requests. Default: `false`, which keeps assets that only a network
    /// protects unreadable from outside.
    ///
    /// Pages on another host than the assets, as with a CDN, need it for fonts, for modules, for
    /// elements with `integrity`, and for what scripts read.
    ///
    /// ```
    /// # use stamped::http::Handler;
    /// # fn example(handler: Handler) -> Handler {
    /// handler.cors(true)
    /// # }
    /// ```
    #[must_use]
    pub const fn cors(mut self, enabled: bool) -> Self {
        self.cors = enabled;
        self
    }

    /// Answers the path of a folder with the file of this name in it; the mount is a folder too. The
    /// answer is `no-cache`. Default: none, a folder is an unknown path.
    ///
    /// The path of a folder ends with a slash. Without it the answer is a redirect (307) to the path
    /// with it, because relative links of the page would lead elsewhere; the query is kept. A folder
    /// without such a file is an unknown path.
    ///
    /// ```
    /// # use stamped::http::Handler;
    /// # fn example(handler: Handler) -> Handler {
    /// handler.index("index.html") // `/static/docs/` gets `docs/index.html`
    /// # }
    /// ```
    #[must_use]
    pub fn index(mut self, file_name: impl Into<Cow<'static, str>>) -> Self {
        self.pages.index = Some(file_name.into());
        self
    }

    /// Answers unknown paths with the asset of this name, for programs in the browser that have paths
    /// of their own. The answer is `no-cache` and has `Vary: Accept`. Default: none. A name that no
    /// asset has changes nothing.
    ///
    /// Only `GET` and `HEAD` with `text/html` in `Accept` get it, which browsers send when they go to a
    /// page, and only for a path without a dot after its last slash: a missing file or an unknown stamp
    /// is never answered with a page. The path need not be below the mount.
    ///
    /// ```
    /// # use stamped::http::Handler;
    /// # fn example(handler: Handler) -> Handler {
    /// handler.fallback("index.html")
    /// # }
    /// ```
    #[must_use]
    pub fn fallback(mut self, name: impl Into<Cow<'static, str>>) -> Self {
        self.pages.fallback = Some(name.into());
        self
    }

    /// Adds a header field to each 200, 206 and 304 of the assets whose names match a pattern.
    ///
    /// Patterns are those of `stamped-build`: `*` stands for any characters but slashes, `?` for one
    /// of them, `[a-z]` for one of these and `[!a-z]` for one of the others, `{a,b}` for `a` or `b`,
    /// and `**` for any folders; a backslash takes the meaning from the character behind it. Without a
    /// slash a pattern matches in every folder, as `*.wasm`; with one it begins at the asset folder, as
    /// `img/**` or `/favicon.ico`.
    ///
    /// The field replaces the one that would be sent otherwise, and a later rule an earlier one, but:
    ///
    /// - `Vary` is added to what is there;
    /// - `Cache-Control` stays `no-store` for a stale stamp;
    /// - a 304 has no field whose name begins with `Content-` (RFC 9110, section 15.4.5).
    ///
    /// # Errors
    ///
    /// When the rule could never apply: the pattern cannot be read, or the field says what is true of
    /// the answer. The latter are `Accept-Ranges`, `Connection`, `Content-Encoding`, `Content-Length`,
    /// `Content-Range`, `ETag`, `Last-Modified` and `Transfer-Encoding`.
    ///
    /// ```
    /// # use stamped::http::{BadRule, Handler};
    /// use http::{HeaderName, HeaderValue, header};
    ///
    /// # fn example(handler: Handler) -> Result<Handler, BadRule> {
    /// let handler = handler
    ///     .header("/favicon.ico", header::CACHE_CONTROL, HeaderValue::from_static("max-age=3600"))?
    ///     .header(
    ///         "*.{woff,woff2}",
    ///         HeaderName::from_static("cross-origin-resource-policy"),
    ///         HeaderValue::from_static("same-site"),
    ///     )?;
    /// # Ok(handler)
    /// # }
    /// ```
    pub fn header(
        mut self,
        pattern: &str,
        name: HeaderName,
        value: HeaderValue,
    ) -> Result<Self, BadRule> {
        self.extra.add(pattern, name, value)?;
        Ok(self)
    }

    /// Answers a request. The body is a slice of the program: nothing is copied. A path that belongs
    /// to no asset gets a 404 that may not be stored.
    ///
    /// It takes a request of the crate `http`, or its parts, or a [`Head`] of method, path and header
    /// fields where a framework has types of its own.
    ///
    /// ```
    /// # use stamped::http::{Body, Handler, Head};
    /// # fn example(handler: &Handler, request: http::Request<()>) -> http::Response<Body> {
    /// # let (method, headers) = (request.method(), request.headers());
    /// let response = handler.respond(&request);
    /// let response = handler.respond(Head::new(method, "/static/css/style.css", headers));
    /// # response
    /// # }
    /// ```
    #[must_use]
    pub fn respond<'a>(&self, head: impl Into<Head<'a>>) -> Response<Body> {
        let head = head.into();
        self.answer(head).unwrap_or_else(|| {
            let mut response = response::not_found();
            self.finish(head, &mut response);
            response
        })
    }

    /// Answers a request as [`respond`](Self::respond) does, but gives `None` for a path that belongs
    /// to no asset, so that the rest of the program can answer.
    ///
    /// A path with a stale stamp does belong to an asset, and so does one with a method that is not
    /// allowed.
    ///
    /// ```
    /// # use stamped::http::{Body, Handler};
    /// # use http::{Request, Response};
    /// # fn page(_: Request<()>) -> Response<Body> { Response::default() }
    /// fn answer(handler: &Handler, request: Request<()>) -> Response<Body> {
    ///     handler.try_respond(&request).unwrap_or_else(|| page(request))
    /// }
    /// ```
    #[must_use]
    pub fn try_respond<'a>(&self, head: impl Into<Head<'a>>) -> Option<Response<Body>> {
        self.answer(head.into())
    }

    fn answer(&self, head: Head<'_>) -> Option<Response<Body>> {
        #[cfg(feature = "live")]
        if self.is_live() {
            return self.answer_live(head);
        }
        let target = self.target(head)?;
        let mut response = self.answer_target(head, target);
        self.finish(head, &mut response);
        Some(response)
    }

    /// Finds what the path leads to. `None` if that is not an asset, or one whose contents were left
    /// out of the program.
    fn target(&self, head: Head<'_>) -> Option<Target> {
        let target = match self.assets.resolve(head.path()) {
            Resolved::Exact(asset) => Target::Asset(asset, Caching::ForEver),
            Resolved::Plain(asset) => Target::Asset(asset, Caching::Revalidate),
            Resolved::Stale(asset) => match self.stale {
                Stale::Current => Target::Asset(asset, Caching::Never),
                Stale::NotFound => Target::Nothing,
                Stale::Redirect => Target::Redirect(asset.url().into()),
            },
            Resolved::Unknown => {
                let get = |folder: &str, file: &str| self.assets.find_joined(folder, file);
                match self.pages.find(self.assets.mount(), head, get)? {
                    Page::Index(asset) => Target::Asset(asset, Caching::Revalidate),
                    Page::Folder(url) => Target::Redirect(url.into()),
                    Page::Fallback(asset) => Target::Fallback(asset, Caching::Revalidate),
                }
            }
        };
        match target {
            Target::Asset(asset, _) | Target::Fallback(asset, _)
                if asset.representations().len() == 0 =>
            {
                None
            }
            target => Some(target),
        }
    }

    fn answer_target(&self, head: Head<'_>, target: Target) -> Response<Body> {
        if let Target::Nothing = target {
            return response::not_found();
        }
        if let Some(response) = answer_method(head.method()) {
            return response;
        }
        let (asset, caching, by_accept) = match target {
            Target::Asset(asset, caching) => (asset, caching, false),
            Target::Fallback(asset, caching) => (asset, caching, true),
            Target::Redirect(url) => return response::redirect(url, head.query()),
            Target::Nothing => return response::not_found(),
        };
        let Some(representation) = negotiation::select(asset, head.headers()) else {
            return response::not_acceptable(Vary { accept: by_accept, accept_encoding: true });
        };
        let content = match Baked::new(asset, representation) {
            Ok(content) => content,
            Err(response) => return response,
        };
        let answer = Answer {
            content,
            caching,
            content_location: (caching == Caching::Never).then(|| asset.url()),
            vary: Vary { accept: by_accept, accept_encoding: asset.representations().len() > 1 },
            extra: &self.extra,
        };
        answer_selected(head, &answer)
    }

    /// Adds what all answers have in common.
    fn finish(&self, head: Head<'_>, response: &mut Response<Body>) {
        if self.cors {
            cors::allow(head, response.headers_mut());
        }
        if head.method() == Method::HEAD {
            *response.body_mut() = Body::empty();
        }
    }
}

/// What a path leads to.
enum Target {
    Asset(Asset, Caching),
    /// The page that stands for unknown paths.
    Fallback(Asset, Caching),
    Redirect(Cow<'static, str>),
    /// A version that this program does not have.
    Nothing,
}

/// The answer where a method asks for no content.
fn answer_method(method: &Method) -> Option<Response<Body>> {
    match *method {
        Method::GET | Method::HEAD => None,
        Method::OPTIONS => Some(response::options()),
        _ => Some(response::method_not_allowed()),
    }
}

/// The answer with a representation, once it is selected.
#[inline]
fn answer_selected<C: Content>(head: Head<'_>, answer: &Answer<'_, C>) -> Response<Body> {
    let conditions = Conditions::of(head.headers());
    if conditions == Conditions::NONE {
        return answer.whole();
    }
    let etag = answer.content.etag();
    let validators = Validators { etag: &etag, last_modified: answer.content.last_modified() };
    match preconditions::evaluate(head.headers(), conditions, validators) {
        Outcome::Failed => answer.precondition_failed(),
        Outcome::NotModified => answer.not_modified(),
        Outcome::Proceed => match wanted(head, conditions, &answer.content, validators) {
            Wanted::Whole => answer.whole(),
            Wanted::One(range) => answer.part(range),
            Wanted::Several(ranges) => answer.parts(&ranges),
            Wanted::Unsatisfiable => answer.range_not_satisfiable(),
        },
    }
}

/// The ranges that count: those of a `GET` (RFC 9110, section 14.2) in a single field that
/// `If-Range` does not forbid.
fn wanted(
    head: Head<'_>,
    conditions: Conditions,
    content: &impl Content,
    validators: Validators<'_>,
) -> Wanted {
    if !conditions.range || head.method() != Method::GET {
        return Wanted::Whole;
    }
    let mut fields = head.headers().get_all(RANGE).iter();
    let (Some(field), None) = (fields.next(), fields.next()) else { return Wanted::Whole };
    if !preconditions::if_range(head.headers(), conditions, validators) {
        return Wanted::Whole;
    }
    match ranges::wanted(field.as_bytes(), content.len()) {
        Wanted::Several(_) if content.coding() != crate::Coding::Identity => Wanted::Whole,
        wanted => wanted,
    }
}

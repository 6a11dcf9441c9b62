//! Answers requests, over the types of the crate `http`.
//!
//! A [`Handler`] is a pure function from the head of a request to a response. It depends on no server
//! and no framework, reads no files and never waits. There are two exceptions: `Handler::live` and
//! `Handler::live_files`, which are for development, with the feature `live`; and contents that
//! `stamped-build` has left on the disk (`Bundle::leak_on_disk`).
//!
//! | request | answer |
//! |---|---|
//! | exact stamped path, also of an earlier version that is kept | 200, `max-age=31536000, immutable` |
//! | plain name | 200, `no-cache` |
//! | another stamp than the asset has | the current bytes, 404 or a redirect: see [`Stale`]; never `immutable` |
//! | any other path below the mount | 404 |
//! | any other path | 404, or `None`: see [`Handler::try_respond`] |
//! | `HEAD` | as to `GET`, without the body; `Range` is ignored |
//! | `OPTIONS`, any other method | 204 or 405, with `Allow` |
//! | conditions (RFC 9110, section 13) | 304 or 412, in the order of section 13.2.2 |
//! | `Accept-Encoding` (section 12.5.3) | the preferred coding, the smallest of those that are preferred equally; 406 if all are excluded |
//! | `Range` (section 14.2) | 206 with one range, or with up to eight that ascend; 416 |
//! | `Available-Dictionary` (RFC 9842) | the delta for an earlier version that the client has: see [`Handler::deltas`] |
//!
//! An earlier version ([`Asset::versions`]) may be kept in gzip only. A request without
//! `Accept-Encoding` gets it, because everything is acceptable then; a client that excludes gzip gets
//! the answer to a stamp that is not known.
//!
//! Several ranges are answered only without a content coding, because in a `multipart/byteranges`
//! message it would be unclear what `Content-Encoding` is about. With one, the whole is sent, as for a
//! `Range` that is malformed or in another unit.
//!
//! Every 200, 206 and 304 has the strong `ETag` of its representation (a weak one for a large file in
//! live mode), and `Vary` if the asset has several representations, or only a coded one. `Last-Modified` is sent if a real
//! time is known. All other answers are `no-store`.

mod body;
mod caching;
mod cors;
#[cfg(feature = "live")]
mod current;
mod date;
mod dictionary;
mod etag;
mod head;
#[cfg(feature = "live")]
mod live;
mod live_tag;
mod multipart;
mod negotiation;
mod pages;
#[cfg(feature = "files")]
mod part;
mod policy;
mod preconditions;
mod preload;
#[cfg(feature = "live")]
pub(crate) mod push;
mod quality;
mod ranges;
mod ready;
mod response;

pub use body::{Body, Chunks};
#[doc(hidden)]
pub use caching::{ASK_AGAIN, FOREVER};
#[doc(hidden)]
pub use dictionary::use_as_dictionary;
pub use head::Head;
pub use live_tag::LiveTag;
pub use policy::{BadRule, Stale};
pub use preload::{Preload, preload_links};

use crate::asset::Asset;
use crate::assets::Assets;
use crate::index::{Addressing, Coding};
use crate::percent;
use crate::resolve::Resolved;
use alloc::borrow::Cow;
use alloc::format;
use alloc::string::String;
#[cfg(feature = "axum")]
use alloc::vec::Vec;
use caching::Caching;
use http::header::RANGE;
use http::{HeaderName, HeaderValue, Method, Response, StatusCode};
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
    /// Whether others answer below the mount too.
    shares_mount: bool,
    /// Whether deltas are sent, and clients asked to keep dictionaries for them.
    deltas: bool,
    /// Whether paths come without the mount.
    nested: bool,
    #[cfg(feature = "live")]
    live: live::Folders,
    #[cfg(feature = "live")]
    script: Option<current::Script>,
}

impl Handler {
    /// Makes a handler for the assets of `bundle`, with these policies:
    ///
    /// - a stale stamp gets the current bytes: [`Stale::Current`];
    /// - pages of other origins may not read assets: [`cors`](Self::cors) is off;
    /// - below the mount, nothing else answers: [`share_mount`](Self::share_mount) is off;
    /// - [`deltas`](Self::deltas) are sent, if the bundle was built with them;
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
            shares_mount: false,
            deltas: true,
            nested: false,
            #[cfg(feature = "live")]
            live: live::Folders::NONE,
            #[cfg(feature = "live")]
            script: None,
        }
    }

    /// The assets as they are now: those of the program, or in live mode what the build script makes of
    /// the files. Pages that ask this for URLs show the current stamps.
    ///
    /// ```
    /// # use stamped::http::Handler;
    /// # fn example(handler: &Handler) {
    /// let link = format!("<link rel=stylesheet href={}>", handler.assets().url_for("css/style.css"));
    /// # }
    /// ```
    #[must_use]
    pub fn assets(&self) -> Assets {
        #[cfg(feature = "live")]
        if let Some(script) = &self.script {
            return script.assets(self.assets);
        }
        self.assets
    }

    /// The element that loads the script of live mode, `<script src="…" async></script>`, for a page that
    /// this handler's layer for tower does not see. Empty without live mode, so that it can stay
    /// in a template. In templates of minijinja and tera, it is `{{ live() }}`. `.nonce(…)` adds a nonce.
    ///
    /// ```
    /// # use stamped::http::Handler;
    /// # fn example(handler: &Handler) -> String {
    /// format!("<!doctype html><title>Title</title>{}<p>Text", handler.live_tag())
    /// # }
    /// ```
    #[must_use]
    pub fn live_tag(&self) -> LiveTag<'static> {
        #[cfg(feature = "live")]
        if let Some(script) = &self.script {
            return push::page::element(self.assets.mount(), &script.version());
        }
        LiveTag::new(String::new())
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
    /// is never answered with a page. The path need not be below the mount; to limit the page to a part
    /// of the site, use [`fallback_below`](Self::fallback_below).
    ///
    /// ```
    /// # use stamped::http::Handler;
    /// # fn example(handler: Handler) -> Handler {
    /// handler.fallback("index.html")
    /// # }
    /// ```
    #[must_use]
    pub fn fallback(mut self, name: impl Into<Cow<'static, str>>) -> Self {
        self.pages.fall_back("", name.into());
        self
    }

    /// Does what [`fallback`](Self::fallback) does, for the path `prefix` and those below it: the rest of
    /// the site keeps its own pages and its 404. Each prefix can have a page of its own; the longest that
    /// fits counts. A second page for the same prefix replaces the first.
    ///
    /// The prefix is a path of the site, not percent-encoded: `/app` is for `/app`, `/app/` and
    /// `/app/users/7`, but not for `/apples`.
    ///
    /// ```
    /// # use stamped::http::Handler;
    /// # fn example(handler: Handler) -> Handler {
    /// handler.fallback_below("/app", "app.html").fallback_below("/admin", "admin.html")
    /// # }
    /// ```
    #[must_use]
    pub fn fallback_below(mut self, prefix: &str, name: impl Into<Cow<'static, str>>) -> Self {
        self.pages.fall_back(prefix, name.into());
        self
    }

    /// Lets others answer below the mount too. Default: `false`, every path below the mount gets an
    /// answer of this handler, and an unknown one a 404 that may not be stored. So no page of the
    /// program can stand for a missing asset. With `true`, [`try_respond`](Self::try_respond) and the
    /// services that hand requests on give unknown paths away there too, for another bundle or routes
    /// of the program below the same mount.
    ///
    /// With the mount `/`, unknown paths are always given away.
    ///
    /// ```
    /// # use stamped::http::Handler;
    /// # fn example(handler: Handler) -> Handler {
    /// // The program has uploads below `/static/uploads/`.
    /// handler.share_mount(true)
    /// # }
    /// ```
    #[must_use]
    pub const fn share_mount(mut self, enabled: bool) -> Self {
        self.shares_mount = enabled;
        self
    }

    /// Sends clients the difference to an earlier version that they have (RFC 9842), if the bundle was
    /// built for that: `Encoding::delta()` of `stamped-build`. Default: `true`; a bundle without it gives the
    /// same answers with either.
    ///
    /// A delta is sent to a client that names its dictionary in `Available-Dictionary` and `dcz` in
    /// `Accept-Encoding`; browsers do so over HTTPS only. All answers for that asset then have
    /// `Vary: Accept-Encoding, Available-Dictionary`. Switch deltas off where a cache between the program
    /// and its clients ignores `Vary`: it would send the delta to everybody.
    ///
    /// ```
    /// # use stamped::http::Handler;
    /// # fn example(handler: Handler) -> Handler {
    /// handler.deltas(std::env::var_os("NO_DELTAS").is_none())
    /// # }
    /// ```
    #[must_use]
    pub const fn deltas(mut self, enabled: bool) -> Self {
        self.deltas = enabled;
        self
    }

    /// Takes paths without the mount, from a router that cuts it off: `/css/style.css` instead of
    /// `/static/css/style.css`. Default: `false`.
    ///
    /// Of axum's `Router`, `nest_service` does that, and so does `nest` of poem. Mind that the URLs that the
    /// bundle writes still begin with the mount, and that such a service never gets the files that
    /// belong at the root of the site ([`Asset::is_at_root`]).
    ///
    /// ```
    /// # use stamped::http::Handler;
    /// # fn example(handler: Handler) -> Handler {
    /// // Router::new().nest_service("/static", handler)
    /// handler.nested(true)
    /// # }
    /// ```
    #[must_use]
    pub const fn nested(mut self, enabled: bool) -> Self {
        self.nested = enabled;
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
    /// to no asset gets a 404 that may not be stored. Where a router has cut the mount off the path of an
    /// asset, the body of the 404 says so: see [`nested`](Self::nested).
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
            let mut response = self.not_found(head);
            self.finish(head, &mut response);
            response
        })
    }

    /// The 404 for a path that is none of the handler's.
    #[cold]
    fn not_found(&self, head: Head<'_>) -> Response<Body> {
        let whole = format!("{}{}", self.assets.mount(), head.path());
        match self.assets.resolve(&whole) {
            Resolved::Unknown => response::not_found(),
            _ => response::explained(
                StatusCode::NOT_FOUND,
                format!(
                    "this asset has the path {whole}, and the service was asked for {}; if a router has \
                     cut the mount off, as axum's `nest_service` does, use `Handler::nested(true)`, or \
                     better `Router::merge(handler.into_router())`\n",
                    head.path()
                ),
            ),
        }
    }

    /// Answers a request as [`respond`](Self::respond) does, but gives `None` for a path that is not
    /// the handler's, so that the rest of the program can answer.
    ///
    /// Every path below the mount is the handler's, whatever the method: an unknown one gets a 404 that
    /// may not be stored. If the mount is `/`, or with [`share_mount`](Self::share_mount), it is only
    /// the paths of assets, with any stamp.
    /// An asset whose contents were left out of the program (`Embed::Nothing`) is always given away.
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

    #[inline]
    fn answer(&self, head: Head<'_>) -> Option<Response<Body>> {
        if self.nested {
            let path = format!("{}{}", self.assets.mount(), head.path());
            return self.answer_whole(head.with_path(&path));
        }
        self.answer_whole(head)
    }

    /// Answers for a path with the mount in it.
    fn answer_whole(&self, head: Head<'_>) -> Option<Response<Body>> {
        let response =
            self.answer_known(head).or_else(|| self.is_own(head.path()).then(response::not_found));
        let mut response = response?;
        self.finish(head, &mut response);
        Some(response)
    }

    fn answer_known(&self, head: Head<'_>) -> Option<Response<Body>> {
        #[cfg(feature = "live")]
        if let Some(script) = &self.script {
            return self.answer_current(script, head);
        }
        #[cfg(feature = "live")]
        if self.is_live() {
            return self.answer_live(head);
        }
        let target = self.target(head)?;
        Some(self.answer_target(head, target))
    }

    /// Whether nothing but this handler answers for a path to which it has no answer. Where the path is
    /// that of an asset, its contents were left out of the program, and somebody else has them.
    #[cold]
    fn is_own(&self, path: &str) -> bool {
        let mount = self.assets.mount();
        !self.shares_mount
            && !mount.is_empty()
            && percent::is_below(path.as_bytes(), mount)
            && self.assets().resolve(path).asset().is_none()
    }

    /// The paths that the handler answers for, for a router.
    #[cfg(feature = "axum")]
    pub(crate) fn places(&self) -> Places {
        Places {
            mount: self.assets.mount(),
            has_index: self.pages.index.is_some(),
            prefixes: self.pages.prefixes().map(String::from).collect(),
        }
    }

    /// Finds what the path leads to. `None` if that is not an asset, or one whose contents were left
    /// out of the program.
    fn target(&self, head: Head<'_>) -> Option<Target> {
        let target = match self.assets.resolve(head.path()) {
            Resolved::Exact(asset) => Target::Asset(asset, Caching::ForEver),
            Resolved::Plain(asset) => Target::Asset(asset, Caching::Revalidate),
            Resolved::Stale(asset) => self.target_of_stale(asset),
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

    fn target_of_stale(&self, current: Asset) -> Target {
        match self.stale {
            Stale::Current => Target::Asset(current, Caching::Never),
            Stale::NotFound => Target::Nothing,
            Stale::Redirect => Target::Redirect(current.url().into()),
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
        // The only answers that a client can keep for as long as it takes the next version to come.
        let is_dictionary =
            self.deltas && caching == Caching::ForEver && dictionary::is_offered(asset);
        let has_deltas = is_dictionary && asset.has_deltas();
        let delta = has_deltas.then(|| dictionary::delta(asset, head, self.cors)).flatten();
        let vary = |accept_encoding| Vary {
            accept: by_accept,
            accept_encoding: accept_encoding || has_deltas,
            dictionary: has_deltas,
        };
        let Some(representation) = negotiation::select(asset, delta, head.headers()) else {
            if !asset.is_current() {
                return self.answer_without_gzip(head, asset);
            }
            return response::not_acceptable(vary(true));
        };
        let content = match Baked::new(asset, representation) {
            Ok(content) => content,
            Err(error) => return response::unreadable(asset.name(), &error),
        };
        let answer = Answer {
            content,
            caching,
            content_location: (caching == Caching::Never).then(|| asset.url()),
            vary: vary(
                asset.representations().len() > 1 || representation.coding() != Coding::Identity,
            ),
            is_dictionary,
            extra: &self.extra,
        };
        answer_selected(head, &answer)
    }

    /// The answer to a client that refuses the only coding in which an earlier version is kept: the one
    /// that it would get if the version were not kept.
    #[cold]
    fn answer_without_gzip(&self, head: Head<'_>, version: Asset) -> Response<Body> {
        match self.assets.get(version.name()) {
            Some(current) if current.addressing() == Addressing::Stamped => {
                self.answer_target(head, self.target_of_stale(current))
            }
            _ => response::not_found(),
        }
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

/// Where the paths are that a handler answers for, besides those at the root of the site.
#[cfg(feature = "axum")]
pub(crate) struct Places {
    pub(crate) mount: &'static str,
    /// Whether the mount itself is a path.
    pub(crate) has_index: bool,
    /// The prefixes that have a page for unknown paths; empty for all paths.
    pub(crate) prefixes: Vec<String>,
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
        Wanted::Several(_) if content.coding() != Coding::Identity => Wanted::Whole,
        wanted => wanted,
    }
}

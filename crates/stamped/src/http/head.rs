//! The head of a request.

use http::request::Parts;
use http::{HeaderMap, Method, Request, Uri};

/// The head of a request, as a [`Handler`](super::Handler) needs it: method, path, query and header
/// fields.
///
/// It is made from a request of the crate `http`, from its parts, from method, URI and header fields,
/// or with [`Head::new`] where a framework has types of its own.
///
/// ```
/// use http::{HeaderMap, Method, Request, Uri};
/// use stamped::http::Head;
///
/// let request = Request::get("/static/css/style.css?v=1").body(()).unwrap();
/// assert_eq!(Head::from(&request).path(), "/static/css/style.css");
/// let (method, uri, headers) = (request.method(), request.uri(), request.headers());
/// assert_eq!(Head::from((method, uri, headers)).path(), "/static/css/style.css");
///
/// let headers = HeaderMap::new();
/// let head = Head::new(&Method::GET, "/static/css/style.css", &headers);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Head<'a> {
    method: &'a Method,
    path: &'a str,
    query: Option<&'a str>,
    headers: &'a HeaderMap,
}

impl<'a> Head<'a> {
    /// Makes a head. `path` is as in the request line, percent-encoded and without the query.
    #[must_use]
    pub const fn new(method: &'a Method, path: &'a str, headers: &'a HeaderMap) -> Self {
        Head { method, path, query: None, headers }
    }

    /// The same with a query, as it stands behind the `?`. Only redirects look at it, to keep it.
    ///
    /// ```
    /// use http::{HeaderMap, Method};
    /// use stamped::http::Head;
    ///
    /// let headers = HeaderMap::new();
    /// let head = Head::new(&Method::GET, "/static/docs", &headers).with_query(Some("page=2"));
    /// assert_eq!(head.query(), Some("page=2"));
    /// ```
    #[must_use]
    pub const fn with_query(mut self, query: Option<&'a str>) -> Self {
        self.query = query;
        self
    }

    /// The same with another path.
    pub(super) const fn with_path<'b>(self, path: &'b str) -> Head<'b>
    where
        'a: 'b,
    {
        Head { method: self.method, path, query: self.query, headers: self.headers }
    }

    /// The method.
    #[must_use]
    pub const fn method(self) -> &'a Method {
        self.method
    }

    /// The path, percent-encoded, without the query.
    #[must_use]
    pub const fn path(self) -> &'a str {
        self.path
    }

    /// The query, without the `?`.
    #[must_use]
    pub const fn query(self) -> Option<&'a str> {
        self.query
    }

    /// The header fields.
    #[must_use]
    pub const fn headers(self) -> &'a HeaderMap {
        self.headers
    }
}

impl<'a, B> From<&'a Request<B>> for Head<'a> {
    fn from(request: &'a Request<B>) -> Self {
        Head::from((request.method(), request.uri(), request.headers()))
    }
}

impl<'a> From<(&'a Method, &'a Uri, &'a HeaderMap)> for Head<'a> {
    fn from((method, uri, headers): (&'a Method, &'a Uri, &'a HeaderMap)) -> Self {
        Head::new(method, uri.path(), headers).with_query(uri.query())
    }
}

impl<'a> From<&'a Parts> for Head<'a> {
    fn from(parts: &'a Parts) -> Self {
        Head::from((&parts.method, &parts.uri, &parts.headers))
    }
}

//! Functions for templates of [tera](https://docs.rs/tera).
//!
//! | in a template | is |
//! |---|---|
//! | `{{ asset(name="css/style.css") }}` | the asset's URL |
//! | `{{ integrity(name="js/app.js") }}` | the value of an `integrity` attribute |
//! | `{{ tags(name="js/app.js", nonce=nonce) }}` | the elements that load an asset or a bundler's entry point: [`Tags`](crate::Tags); the nonce may be left out |
//! | `{{ precache(pattern="*.{css,js}") }}` | the list of a service worker: [`Precache`](crate::Precache) |
//! | `{{ import_map() }}` | [`Assets::import_map`](crate::Assets::import_map), for `<script type=importmap>` |
//! | `{{ live(nonce=nonce) }}` | the element that loads the script of live mode; nothing without live mode; the nonce may be left out |
//! | `{{ url_for(endpoint="static", filename="css/style.css") }}` | the asset's URL, as in Flask |
//!
//! A name that no asset has is an error, and the template is not rendered. The engine does not escape
//! these URLs: they hold nothing that needs it.
//!
//! Tera looks for functions when it reads templates, so they are added before those:
//!
//! ```
//! use tera::Tera;
//!
//! fn templates(assets: &stamped::Assets) -> Result<Tera, tera::Error> {
//!     let mut tera = Tera::default();
//!     stamped::tera::functions(assets).add_to(&mut tera);
//!     tera.add_raw_template("page.html", "<img src={{ asset(name='logo.svg') }}>")?;
//!     Ok(tera)
//! }
//! ```
//!
//! # Flask
//!
//! `url_for` takes the arguments of Flask's, but in tera each has a name, the endpoint too:
//! `_anchor`, `_external` (which needs a [`base`](Functions::base) with a host), and others, which
//! become the query. Endpoints besides `static` are the program's own: see [`Functions::endpoints`].

pub use crate::templates::Source;
use crate::templates::{self, Links, STATIC, Text};
use alloc::string::{String, ToString as _};
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;
use tera::{Error, Kwargs, State, Tera, Value};

/// Makes the functions for the assets of a bundle: `functions(&ASSETS)`. `functions(&handler)` takes
/// those of a `Handler` (feature `http`), whose live mode keeps them current.
#[must_use]
pub fn functions(source: impl Into<Source>) -> Functions {
    Functions { links: Links::new(source.into()), endpoints: None }
}

/// Functions that are added to a `Tera`: see [`functions`].
#[derive(Clone)]
pub struct Functions {
    links: Links,
    endpoints: Option<Arc<Endpoints>>,
}

type Endpoints = dyn Fn(&State<'_>, &str, Kwargs) -> Result<Value, Error> + Send + Sync;

impl Functions {
    /// Puts a base in front of all URLs, as [`Assets::with_base`](crate::Assets::with_base) does. Default: none.
    ///
    /// ```
    /// # fn example(assets: &stamped::Assets) -> stamped::tera::Functions {
    /// stamped::tera::functions(assets).base("https://cdn.example")
    /// # }
    /// ```
    #[must_use]
    pub fn base(mut self, base: impl Into<String>) -> Self {
        self.links.base(base.into());
        self
    }

    /// Gives a name that no asset has a URL without a stamp, as [`Assets::url_for`](crate::Assets::url_for) does, and an empty
    /// `integrity`. Default: `false`, such a name is an error.
    ///
    /// ```
    /// # fn example(assets: &stamped::Assets) -> stamped::tera::Functions {
    /// stamped::tera::functions(assets).allow_unknown(true)
    /// # }
    /// ```
    #[must_use]
    pub fn allow_unknown(mut self, allowed: bool) -> Self {
        self.links.allow_unknown(allowed);
        self
    }

    /// Lets a function of the program answer `url_for` for endpoints other than `static`. Default: an
    /// error that names the endpoint.
    ///
    /// ```
    /// use tera::{Error, Kwargs, State, Value};
    ///
    /// fn page(_: &State<'_>, endpoint: &str, arguments: Kwargs) -> Result<Value, Error> {
    ///     match endpoint {
    ///         "index" => Ok(Value::from("/")),
    ///         "user" => Ok(Value::from(format!("/users/{}", arguments.must_get::<u64>("id")?))),
    ///         _ => Err(Error::message(format!("no page `{endpoint}`"))),
    ///     }
    /// }
    ///
    /// # fn example(assets: &stamped::Assets) -> stamped::tera::Functions {
    /// stamped::tera::functions(assets).endpoints(page)
    /// # }
    /// ```
    #[must_use]
    pub fn endpoints<F>(mut self, endpoints: F) -> Self
    where
        F: Fn(&State<'_>, &str, Kwargs) -> Result<Value, Error> + Send + Sync + 'static,
    {
        self.endpoints = Some(Arc::new(endpoints));
        self
    }

    /// Adds `asset`, `integrity`, `tags`, `precache`, `import_map`, `live` and `url_for`.
    pub fn add_to(self, tera: &mut Tera) {
        let Functions { links, endpoints } = self;
        let links = Arc::new(links);
        let of = links.clone();
        tera.register_function("asset", move |arguments: Kwargs, _: &State<'_>| {
            value(of.asset(arguments.must_get("name")?))
        });
        let of = links.clone();
        tera.register_function("integrity", move |arguments: Kwargs, _: &State<'_>| {
            value(of.integrity(arguments.must_get("name")?))
        });
        let of = links.clone();
        tera.register_function("tags", move |arguments: Kwargs, _: &State<'_>| {
            value(of.tags(arguments.must_get("name")?, arguments.get("nonce")?))
        });
        let of = links.clone();
        tera.register_function("precache", move |arguments: Kwargs, _: &State<'_>| {
            value(of.precache(arguments.must_get("pattern")?))
        });
        let of = links.clone();
        tera.register_function("import_map", move |_: Kwargs, _: &State<'_>| {
            value(of.import_map())
        });
        let of = links.clone();
        tera.register_function("live", move |arguments: Kwargs, _: &State<'_>| {
            value(of.live(arguments.get("nonce")?))
        });
        tera.register_function("url_for", move |arguments: Kwargs, state: &State<'_>| {
            let endpoint: String = arguments.must_get("endpoint")?;
            match &endpoints {
                _ if endpoint == STATIC => value(links.url_for(plain(&arguments))),
                Some(endpoints) => endpoints(state, &endpoint, arguments),
                None => value(Err(templates::no_endpoint(&endpoint))),
            }
        });
    }
}

impl fmt::Debug for Functions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Functions").field("links", &self.links).finish_non_exhaustive()
    }
}

fn value(outcome: templates::Outcome) -> Result<Value, Error> {
    match outcome {
        Ok(Text { text, is_safe: true }) => Ok(Value::safe_string(&text)),
        Ok(Text { text, is_safe: false }) => Ok(Value::normal_string(&text)),
        Err(problem) => Err(Error::message(problem)),
    }
}

fn plain(arguments: &Kwargs) -> Vec<(String, Option<String>)> {
    let plain = arguments.iter().filter_map(|(name, value)| {
        let value = (!value.is_none() && !value.is_undefined()).then(|| value.to_string());
        Some((name.as_str().filter(|&name| name != "endpoint")?.to_string(), value))
    });
    plain.collect()
}

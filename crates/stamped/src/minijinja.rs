//! Functions for templates of [minijinja](https://docs.rs/minijinja).
//!
//! | in a template | is |
//! |---|---|
//! | `{{ asset('css/style.css') }}` | the asset's URL |
//! | `{{ integrity('js/app.js') }}` | the value of an `integrity` attribute |
//! | `{{ tags('js/app.js', nonce=nonce) }}` | the elements that load an asset or a bundler's entry point: [`Tags`](crate::Tags); the nonce may be left out |
//! | `{{ precache('*.{css,js}') }}` | the list of a service worker: [`Precache`](crate::Precache) |
//! | `{{ import_map() }}` | [`Assets::import_map`](crate::Assets::import_map), for `<script type=importmap>` |
//! | `{{ live(nonce=nonce) }}` | the element that loads the script of live mode; nothing without live mode; the nonce may be left out |
//! | `{{ url_for('static', filename='css/style.css') }}` | the asset's URL, as in Flask |
//!
//! A name that no asset has is an error, and the template is not rendered. The engine does not escape
//! these URLs: they hold nothing that needs it.
//!
//! ```
//! use minijinja::Environment;
//!
//! fn environment(assets: &stamped::Assets) -> Environment<'static> {
//!     let mut environment = Environment::new();
//!     stamped::minijinja::functions(assets).add_to(&mut environment);
//!     environment
//! }
//! ```
//!
//! # Flask
//!
//! `url_for` takes the arguments of Flask's, so that a template of Flask works as it is: `_anchor`,
//! `_external` (which needs a [`base`](Functions::base) with a host), and others, which become the
//! query. Endpoints besides `static` are the program's own: see [`Functions::endpoints`].

pub use crate::templates::Source;
use crate::templates::{self, Links, STATIC, Text};
use alloc::string::{String, ToString as _};
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;
use minijinja::value::{Kwargs, Value};
use minijinja::{Environment, Error, ErrorKind, State};

/// Makes the functions for the assets of a bundle: `functions(&ASSETS)`. `functions(&handler)` takes
/// those of a `Handler` (feature `http`), whose live mode keeps them current.
#[must_use]
pub fn functions(source: impl Into<Source>) -> Functions {
    Functions { links: Links::new(source.into()), endpoints: None }
}

/// Functions that are added to an environment: see [`functions`].
#[derive(Clone)]
pub struct Functions {
    links: Links,
    endpoints: Option<Arc<Endpoints>>,
}

type Endpoints = dyn Fn(&State, &str, Kwargs) -> Result<Value, Error> + Send + Sync;

impl Functions {
    /// Puts a base in front of all URLs, as [`Assets::with_base`](crate::Assets::with_base) does. Default: none.
    ///
    /// ```
    /// # fn example(assets: &stamped::Assets) -> stamped::minijinja::Functions {
    /// stamped::minijinja::functions(assets).base("https://cdn.example")
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
    /// # fn example(assets: &stamped::Assets) -> stamped::minijinja::Functions {
    /// stamped::minijinja::functions(assets).allow_unknown(true)
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
    /// use minijinja::{Error, ErrorKind, State, value::{Kwargs, Value}};
    ///
    /// fn page(_: &State, endpoint: &str, arguments: Kwargs) -> Result<Value, Error> {
    ///     match endpoint {
    ///         "index" => Ok(Value::from("/")),
    ///         "user" => Ok(Value::from(format!("/users/{}", arguments.get::<u64>("id")?))),
    ///         _ => Err(Error::new(ErrorKind::InvalidOperation, format!("no page `{endpoint}`"))),
    ///     }
    /// }
    ///
    /// # fn example(assets: &stamped::Assets) -> stamped::minijinja::Functions {
    /// stamped::minijinja::functions(assets).endpoints(page)
    /// # }
    /// ```
    #[must_use]
    pub fn endpoints<F>(mut self, endpoints: F) -> Self
    where
        F: Fn(&State, &str, Kwargs) -> Result<Value, Error> + Send + Sync + 'static,
    {
        self.endpoints = Some(Arc::new(endpoints));
        self
    }

    /// Adds `asset`, `integrity`, `tags`, `precache`, `import_map`, `live` and `url_for`.
    pub fn add_to(self, environment: &mut Environment<'_>) {
        let Functions { links, endpoints } = self;
        let links = Arc::new(links);
        let of = links.clone();
        environment.add_function("asset", move |name: &str| value(of.asset(name)));
        let of = links.clone();
        environment.add_function("integrity", move |name: &str| value(of.integrity(name)));
        let of = links.clone();
        environment.add_function("tags", move |name: &str, arguments: Kwargs| {
            let nonce: Option<&str> = arguments.get("nonce")?;
            arguments.assert_all_used()?;
            value(of.tags(name, nonce))
        });
        let of = links.clone();
        environment.add_function("precache", move |pattern: &str| value(of.precache(pattern)));
        let of = links.clone();
        environment.add_function("import_map", move || value(of.import_map()));
        let of = links.clone();
        environment.add_function("live", move |arguments: Kwargs| {
            let nonce: Option<&str> = arguments.get("nonce")?;
            arguments.assert_all_used()?;
            value(of.live(nonce))
        });
        environment.add_function(
            "url_for",
            move |state: &State, endpoint: &str, arguments: Kwargs| match &endpoints {
                _ if endpoint == STATIC => value(links.url_for(plain(&arguments)?)),
                Some(endpoints) => endpoints(state, endpoint, arguments),
                None => value(Err(templates::no_endpoint(endpoint))),
            },
        );
    }
}

impl fmt::Debug for Functions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Functions").field("links", &self.links).finish_non_exhaustive()
    }
}

fn value(outcome: templates::Outcome) -> Result<Value, Error> {
    match outcome {
        Ok(Text { text, is_safe: true }) => Ok(Value::from_safe_string(text)),
        Ok(Text { text, is_safe: false }) => Ok(Value::from(text)),
        Err(problem) => Err(Error::new(ErrorKind::InvalidOperation, problem)),
    }
}

fn plain(arguments: &Kwargs) -> Result<Vec<(String, Option<String>)>, Error> {
    let plain = arguments.args().map(|name| {
        let value: Value = arguments.get(name)?;
        let value = (!value.is_none() && !value.is_undefined()).then(|| value.to_string());
        Ok((name.to_string(), value))
    });
    plain.collect()
}

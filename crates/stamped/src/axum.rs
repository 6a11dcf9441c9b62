//! Makes [`Handler`] a router of [axum](https://docs.rs/axum).
//!
//! ```
//! use axum::{Router, routing::get};
//! use stamped::http::Handler;
//!
//! async fn page() -> &'static str {
//!     "a page"
//! }
//!
//! fn router(assets: &stamped::Assets) -> Router {
//!     Router::new()
//!         .route("/", get(page))
//!         .fallback(|| async { "no such page" })
//!         .merge(Handler::new(assets).into_router())
//! }
//! ```
//!
//! The order of these calls does not matter. The router has routes for the mount and all paths below it,
//! and for the files that belong at the root of the site, such as `/robots.txt`
//! ([`Asset::is_at_root`](crate::Asset::is_at_root)). No fallback of the program can answer for an asset:
//! an unknown path below the mount gets a 404 that may not be stored. Routes of the program below the
//! mount go first, as always in axum: `/static/uploads/{id}` before `/static/{*path}`.
//!
//! What cannot work is a panic of axum when the program starts, and not a wrong answer later:
//!
//! - a route of the program for a path at the root that the bundle has too. Take the route or the file
//!   away, or keep the bundle off the root with `Pipeline::at_root([""; 0])`;
//! - two fallbacks. A handler has one if its mount is `/` or if it has a
//!   [`fallback`](Handler::fallback) for all paths. [`Handler::fallback_below`] limits it.
//!
//! In live mode, the [layer](Handler::into_layer) of the same handler adds the script to pages that makes
//! them take in changes: `.layer(handler.into_layer())`.
//!
//! axum compares paths as they are in the request, so `/%73tatic/style.css` is not below `/static`.

use crate::http::Handler;
use crate::percent::Encoded;
use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::String;
use axum::Router;

impl Handler {
    /// Makes a router that answers for the assets, to be merged into the program's: see the
    /// [module](self).
    ///
    /// In live mode, a new file at the root of the site is found after the next build.
    ///
    /// ```
    /// use axum::Router;
    /// use stamped::http::Handler;
    ///
    /// # fn example(assets: &stamped::Assets) -> Router {
    /// Router::new().merge(Handler::new(assets).into_router())
    /// # }
    /// ```
    pub fn into_router<S: Clone + Send + Sync + 'static>(self) -> Router<S> {
        let places = self.places();
        let mut paths = BTreeSet::new();
        let mut answers_all = places.mount.is_empty();
        if !answers_all {
            if places.has_index {
                paths.insert(literal(places.mount));
            }
            insert_below(&mut paths, places.mount);
        }
        for prefix in &places.prefixes {
            if prefix.is_empty() {
                answers_all = true;
            } else {
                paths.insert(literal(prefix));
                insert_below(&mut paths, prefix);
            }
        }
        let at_root = self.assets().iter().filter(|asset| asset.is_at_root());
        paths.extend(at_root.map(|asset| literal(&format!("/{}", asset.name()))));

        // A name may begin with a colon or a star, which meant something in axum 0.7.
        let mut router = Router::new().without_v07_checks();
        for path in paths {
            router = router.route_service(&path, self.clone());
        }
        if answers_all { router.fallback_service(self) } else { router }
    }
}

/// The routes for all that is below a folder.
fn insert_below(paths: &mut BTreeSet<String>, folder: &str) {
    paths.insert(format!("{}/", literal(folder)));
    paths.insert(format!("{}/{{*path}}", literal(folder)));
}

/// The route for one path. Encoding leaves no brace in it.
fn literal(path: &str) -> String {
    format!("{}", Encoded(path))
}

//! Answers with what the build script makes of the files as they are now.

use super::body::Body;
use super::caching::Caching;
use super::head::Head;
use super::push::page::{ask_for_whole_page, is_for_page};
use super::{Handler, live, push};
use crate::assets::Assets;
use crate::live::{Session, Unavailable};
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use http::Response;
use http::header::CACHE_CONTROL;
use std::eprintln;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// The build script that a handler follows, and the name of its bundle.
#[derive(Clone, Debug)]
pub(super) struct Script {
    session: Arc<Session>,
    bundle: String,
}

impl Script {
    /// What the script makes of the files now, or else what was built.
    pub(super) fn assets(&self, built: Assets) -> Assets {
        self.session.current(&self.bundle).unwrap_or(built)
    }

    /// What a page that is made now is made from.
    pub(super) fn version(&self) -> String {
        self.session.version()
    }
}

impl Handler {
    /// A handler for the bundle of this name that this very program makes of a folder if it is run with
    /// these arguments, again whenever a file in the folder changes. Such a run has the variable
    /// [`LIVE`](crate::files::LIVE), and calls `Pipeline::write_live` of `stamped-build` with its value.
    /// Runs write below `slots`. The error is that of the first run.
    #[doc(hidden)]
    pub fn live_by_itself(
        arguments: Vec<OsString>,
        folder: PathBuf,
        slots: &Path,
        bundle: &str,
    ) -> Result<Self, String> {
        let (session, assets) = Session::of_itself(arguments, folder, slots, bundle)?;
        let script = Some(Script { session, bundle: bundle.into() });
        Ok(Handler { script, ..Handler::new(&assets) })
    }

    /// Ends live mode, for a program that ends: no run follows, the events of all pages end, and what
    /// the runs have written is removed.
    #[doc(hidden)]
    pub fn end_live(&self) {
        if let Some(script) = &self.script {
            script.session.end();
        }
    }

    /// Keeps the assets current while the program runs, without a build: the build script runs again
    /// whenever a file changes that it depends on, and the answers come from what it makes. For
    /// development only.
    ///
    /// ```
    /// # use stamped::http::Handler;
    /// fn handler(assets: &stamped::Assets) -> Handler {
    ///     let handler = Handler::new(assets);
    ///     // `LIVE=1 cargo run`
    ///     if std::env::var_os("LIVE").is_some() { handler.live() } else { handler }
    /// }
    /// ```
    ///
    /// Every answer is the one that the program would give if it were built now, but for
    /// `Cache-Control: no-store`: the script applies its transformations, rewrites references, and makes
    /// stamps and hashes as in a build. A literal of `url!` has the stamp of the last build, which is
    /// stale after an edit, and gets the current bytes; [`assets`](Self::assets) has the current URLs, and
    /// the current `integrity`, without which a browser refuses an edited file that the page has a hash of. A
    /// request that comes while the script runs waits for it, for 20 seconds at most; the thread that
    /// asks waits, too.
    ///
    /// On Linux, a request never gets what was there before an edit. On other systems, it may within about
    /// a millisecond of the edit. Where the system does not tell of changes, as in some containers and
    /// network folders, the environment variable `STAMPED_POLL` has files looked at every so many
    /// milliseconds; that is done by itself where the system cannot watch as many folders as there are.
    ///
    /// If the script fails, its message goes to stderr and the last good version is served.
    ///
    /// # Pages that load themselves again
    ///
    /// A page with the script `/static/.stamped/live.js`, where `/static` is the mount, takes in what
    /// changed: style sheets and images in place, anything else by loading the page again, at the same
    /// place. It shows the message of a script that failed, until it succeeds. After a restart of the
    /// program, it loads itself again. All tabs of a browser share one connection to hear of changes.
    ///
    /// `Handler::into_layer` (feature `tower`) adds the element for this script to all pages that a browser
    /// asks for to show them, behind their end, and not to parts of pages that scripts ask for. Such a
    /// request loses the fields by which an answer could be compressed, or be that the browser has the
    /// page already. The adapters for actix-web and Rocket add the element to pages that are assets. In
    /// other pages, [`live_tag`](Self::live_tag) is the element, and `{{ live() }}` in templates.
    ///
    /// A policy for contents (`Content-Security-Policy`) that allows scripts, connections and workers of
    /// the page's own origin (`'self'`) allows all of this.
    ///
    /// A page whose `Content-Security-Policy` demands a nonce gets the element with that nonce.
    ///
    /// # Vite
    ///
    /// With `VITE_DEV_SERVER=http://localhost:5173` in the environment, and Vite's development server
    /// running there, the tags of an entry point that [`assets`](Self::assets) finds load its source from that
    /// server, which replaces modules in open pages
    /// ([Vite, "Backend Integration"](https://vite.dev/guide/backend-integration)). Without the server, which
    /// is looked for twice a second at most, they load what was built. `docs/front-ends.md` has an example.
    ///
    /// # Memory
    ///
    /// Handles to assets live as long as the program, so nothing that was read is freed before. An edit adds
    /// the new contents, and the tables around what it changes: among 10,000 files 7 KB, and 13 KB for each
    /// asset that is new, or has another URL or other bytes.
    ///
    /// # Where it works
    ///
    /// In programs of the debug profile, as long as the folders of the package and of `target` are where
    /// they were. A release build has no path of the build machine and cannot run the script. Where live
    /// mode cannot be had, stderr says why, and the handler answers with the folders of
    /// [`live_files`](Self::live_files), or else with what was built.
    ///
    /// The script itself is not compiled again: after an edit of `build.rs`, build the program. What the
    /// script writes for this program lies beside its `OUT_DIR`; cargo does not see it.
    #[must_use]
    pub fn live(mut self) -> Self {
        match Session::of(self.assets) {
            Ok((session, bundle)) => self.script = Some(Script { session, bundle }),
            Err(Unavailable(why)) => eprintln!(
                "stamped: live mode runs the build script again, but {why}; the answers come from {}",
                if self.is_live() { "the files" } else { "what was built" }
            ),
        }
        self
    }

    #[cold]
    pub(super) fn answer_current(&self, script: &Script, head: Head<'_>) -> Option<Response<Body>> {
        if let Some(response) = push::answer(&script.session, self.assets.mount(), head) {
            return Some(response);
        }
        let mut headers = head.headers().clone();
        if is_for_page(head) {
            ask_for_whole_page(&mut headers);
        }
        let head = Head::new(head.method(), head.path(), &headers).with_query(head.query());
        let answer = || {
            let current = Handler {
                assets: script.assets(self.assets),
                script: None,
                live: live::Folders::NONE,
                deltas: false,
                ..self.clone()
            };
            current.answer_known(head)
        };
        let mut response = answer()?;
        // A file on the disk that is another by now; the next version has it.
        if script.session.finds_change(&script.bundle) {
            response = answer()?;
        }
        response.headers_mut().insert(CACHE_CONTROL, Caching::Never.value());
        Some(response)
    }
}

//! A folder that is worked on: this program runs itself again to make it anew after each change.

use super::with_pages;
use http::{Request, Response};
use stamped::files::LIVE;
use stamped::http::{Body, Handler};
use std::fs;
use std::path::{Path, PathBuf};

/// The name that a pipeline gives its bundle.
const BUNDLE: &str = "assets";

/// Where this process is to write what it makes of the folder, if another one in live mode has started
/// it for that.
pub(super) fn place() -> Option<PathBuf> {
    std::env::var_os(LIVE).map(PathBuf::from)
}

/// A folder in live mode.
#[derive(Clone)]
pub(super) struct Live {
    handler: Handler,
    /// A folder that is removed at the end.
    temporary: Option<PathBuf>,
}

impl Live {
    /// Makes the folder a first time. What runs write lies in the cache, if there is one.
    pub(super) fn start(folder: PathBuf, cache: Option<PathBuf>) -> Result<Self, String> {
        let kept = cache.map(|cache| cache.join("live"));
        let kept = kept.filter(|kept| fs::create_dir_all(kept).is_ok());
        let temporary = match kept {
            Some(_) => None,
            // Hidden, so that it is no asset where the folder is that of all temporary files.
            None => {
                Some(std::env::temp_dir().join(format!(".stamped-live-{}", std::process::id())))
            }
        };
        let Some(slots) = kept.as_ref().or(temporary.as_ref()) else {
            unreachable!("there is a temporary folder where there is no other")
        };
        let arguments = std::env::args_os().skip(1).collect();
        let handler = Handler::live_by_itself(arguments, folder, slots, BUNDLE);
        let handler = handler.inspect_err(|_| remove(temporary.as_deref()))?;
        Ok(Live { handler: with_pages(handler), temporary })
    }

    /// Answers once the files are as the request finds them, which may take a while.
    pub(super) fn respond<T>(&self, request: &Request<T>) -> Response<Body> {
        tokio::task::block_in_place(|| {
            self.handler.with_live_script(request, self.handler.respond(request))
        })
    }

    /// Lets go of pages that wait for changes, and removes what was written.
    pub(super) fn end(&self) {
        self.handler.end_live();
        remove(self.temporary.as_deref());
    }
}

fn remove(folder: Option<&Path>) {
    if let Some(folder) = folder {
        // What stays, the system removes.
        let _ = fs::remove_dir_all(folder);
    }
}

//! What a publish reads and writes: a folder, or a bucket of an object store.

#[cfg(feature = "publish")]
use super::bucket::Bucket;
use super::folder::Folder;
use super::object::Object;
use super::plan::{Found, Need, Version};
use super::request::{Failure, Requests, blocking};
use super::target::Place;
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

/// Where a publish reads and writes.
#[derive(Clone)]
pub(super) enum Store {
    Folder(Arc<Folder>),
    #[cfg(feature = "publish")]
    Bucket(Arc<Bucket>),
}

impl Store {
    /// Opens the target. `None` if this program knows it only by name. Nothing is asked of the network.
    pub(super) fn open(place: &Place, requests: Requests) -> Result<Option<Self>, String> {
        match place {
            Place::Folder(path) => Ok(Some(Store::Folder(Arc::new(Folder::new(path))))),
            #[cfg(feature = "publish")]
            Place::Bucket(address) => {
                Ok(Some(Store::Bucket(Arc::new(Bucket::new(address, requests)?))))
            }
            #[cfg(not(feature = "publish"))]
            Place::Bucket(_) => {
                let _ = requests;
                Ok(None)
            }
        }
    }

    /// Whether it keeps the encoding of an object.
    pub(super) fn keeps_headers(&self) -> bool {
        !matches!(self, Store::Folder(_))
    }

    /// Whether others may write to it at the same time. A folder is locked.
    pub(super) fn has_rivals(&self) -> bool {
        !matches!(self, Store::Folder(_))
    }

    /// The keys below a folder; of all objects for an empty one.
    pub(super) async fn keys(&self, folder: &str) -> Result<BTreeSet<String>, Failure> {
        match self {
            Store::Folder(store) => {
                let folder = folder.to_owned();
                on_disk(store, move |store| store.keys(&folder)).await
            }
            #[cfg(feature = "publish")]
            Store::Bucket(store) => store.keys(folder).await,
        }
    }

    /// The object under a key.
    pub(super) async fn look(&self, key: &str) -> Result<Option<Found>, Failure> {
        match self {
            Store::Folder(store) => {
                let key = key.to_owned();
                on_disk(store, move |store| store.look(&key)).await
            }
            #[cfg(feature = "publish")]
            Store::Bucket(store) => store.look(key).await,
        }
    }

    /// The bytes under a key, and which version they are.
    pub(super) async fn read(&self, key: &str) -> Result<Option<(Vec<u8>, Version)>, Failure> {
        match self {
            Store::Folder(store) => {
                let key = key.to_owned();
                on_disk(store, move |store| store.read(&key)).await
            }
            #[cfg(feature = "publish")]
            Store::Bucket(store) => store.read(key).await,
        }
    }

    /// Puts an object whose file is in the folder `out`, if the target is in the state that `need` says.
    pub(super) async fn put(
        &self,
        object: &Arc<Object>,
        out: &Path,
        need: Need,
    ) -> Result<(), Failure> {
        match self {
            Store::Folder(store) => {
                let (object, out) = (object.clone(), out.to_owned());
                on_disk(store, move |store| store.put(&object, &out, &need)).await
            }
            #[cfg(feature = "publish")]
            Store::Bucket(store) => store.put(object, out, need).await,
        }
    }

    /// Removes an object, if it is there.
    pub(super) async fn delete(&self, key: &str) -> Result<(), Failure> {
        match self {
            Store::Folder(store) => {
                let key = key.to_owned();
                on_disk(store, move |store| store.delete(&key)).await
            }
            #[cfg(feature = "publish")]
            Store::Bucket(store) => store.delete(key).await,
        }
    }

    /// Keys that a publish that did not end may have made, where objects cannot say so themselves.
    pub(super) fn unfinished(&self) -> Result<BTreeSet<String>, String> {
        match self {
            Store::Folder(store) => store.unfinished(),
            #[cfg(feature = "publish")]
            Store::Bucket(_) => Ok(BTreeSet::new()),
        }
    }

    /// Prepares for putting objects under these keys.
    pub(super) fn begin(&self, keys: BTreeSet<String>) -> Result<(), String> {
        match self {
            Store::Folder(store) => store.begin(keys),
            #[cfg(feature = "publish")]
            Store::Bucket(_) => Ok(()),
        }
    }

    /// Waits until all that was put survives a crash.
    pub(super) fn sync(&self) -> Result<(), String> {
        match self {
            Store::Folder(store) => store.sync(),
            #[cfg(feature = "publish")]
            Store::Bucket(_) => Ok(()),
        }
    }

    /// Says that all was put.
    pub(super) fn finish(&self) -> Result<(), String> {
        match self {
            Store::Folder(store) => store.finish(),
            #[cfg(feature = "publish")]
            Store::Bucket(_) => Ok(()),
        }
    }
}

/// Runs what waits for the disk of the target.
async fn on_disk<T: Send + 'static>(
    store: &Arc<Folder>,
    work: impl FnOnce(&Folder) -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    let store = store.clone();
    blocking(move || work(&store)).await
}

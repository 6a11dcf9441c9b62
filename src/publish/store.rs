//! The target: a folder, or a bucket of an object store.

#[cfg(feature = "publish")]
use super::bucket::Bucket;
use super::folder::Folder;
use super::object::Object;
use super::plan::{Found, Need, Version};
use std::collections::BTreeSet;
use std::fmt::{self, Display, Formatter};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// The value of TARGET.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Folder(PathBuf),
    Bucket(Address),
}

/// A place in an object store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Address {
    /// `s3`, `gs` or `az`.
    pub(super) scheme: &'static str,
    pub(super) bucket: String,
    /// What all keys begin with, without slashes at its ends. May be empty.
    pub(super) prefix: String,
}

impl Display for Address {
    fn fmt(&self, to: &mut Formatter<'_>) -> fmt::Result {
        let Address { scheme, bucket, prefix } = self;
        let slash = if prefix.is_empty() { "" } else { "/" };
        write!(to, "{scheme}://{bucket}{slash}{prefix}")
    }
}

impl Place {
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let Some((scheme, rest)) = text.split_once("://") else {
            let is_scheme = |scheme| matches!(scheme, "s3" | "gs" | "az" | "file");
            return match text.split_once(':') {
                Some((scheme, rest)) if is_scheme(scheme) => Err(format!(
                    "`{text}` lacks slashes; write `{scheme}://{}`, or the whole path of a folder of this \
                     name",
                    rest.trim_start_matches('/')
                )),
                _ => Ok(Place::Folder(text.into())),
            };
        };
        let scheme = match scheme {
            "file" if rest.contains('%') || !rest.starts_with('/') => {
                return Err(format!(
                    "`{text}` cannot be read as a path; write the path of the folder itself, without \
                     `file://`"
                ));
            }
            "file" => return Ok(Place::Folder(rest.into())),
            "s3" => "s3",
            "gs" => "gs",
            "az" => "az",
            _ => {
                return Err(format!(
                    "`{text}` is no target; write `s3://BUCKET/PREFIX`, `gs://BUCKET/PREFIX`, \
                     `az://CONTAINER/PREFIX`, or a folder"
                ));
            }
        };
        let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        let prefix = prefix.trim_end_matches('/');
        let is_key = prefix.is_empty()
            || prefix.split('/').all(|part| !matches!(part, "" | "." | ".."))
                && !prefix.contains(|character: char| character.is_ascii_control());
        if bucket.is_empty() || !is_key {
            return Err(format!(
                "`{text}` names no place in a bucket; write `{scheme}://BUCKET` or \
                 `{scheme}://BUCKET/PREFIX`"
            ));
        }
        Ok(Place::Bucket(Address { scheme, bucket: bucket.into(), prefix: prefix.into() }))
    }

    /// What all keys begin with, as the store knows them.
    pub(super) fn prefix(&self) -> &str {
        match self {
            Place::Folder(_) => "",
            Place::Bucket(address) => &address.prefix,
        }
    }
}

/// Why a request to the target failed. The sentences name the key and the cause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Failure {
    /// The object is not in the state that the request was made for.
    Taken,
    /// Another try may help.
    #[cfg_attr(
        not(feature = "publish"),
        expect(dead_code, reason = "disks do not change their mind")
    )]
    Passing(String),
    /// The sentence also says how to get out.
    Final(String),
}

impl Failure {
    /// The sentence for who only reads, which no state can prevent.
    pub(super) fn message(self) -> String {
        match self {
            Failure::Taken => "an object was changed while it was read".to_owned(),
            Failure::Passing(message) | Failure::Final(message) => message,
        }
    }
}

/// How requests to an object store are made.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(not(feature = "publish"), expect(dead_code, reason = "a folder takes no requests"))]
pub(super) struct Requests {
    /// How long each may take.
    pub(super) timeout: Duration,
    /// Larger files are sent in parts.
    pub(super) parts_above: u64,
}

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

/// Runs what waits for a disk.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(error) => Err(Failure::Final(super::broken(&error))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_a_folder_or_a_place_in_a_bucket() {
        let bucket = |scheme, bucket: &str, prefix: &str| {
            Ok(Place::Bucket(Address { scheme, bucket: bucket.into(), prefix: prefix.into() }))
        };
        assert_eq!(Place::parse("s3://site"), bucket("s3", "site", ""));
        assert_eq!(Place::parse("s3://site/"), bucket("s3", "site", ""));
        assert_eq!(Place::parse("gs://site/a b/图/"), bucket("gs", "site", "a b/图"));
        assert_eq!(Place::parse("az://site/a"), bucket("az", "site", "a"));
        for folder in ["/srv/site", "a%20b", "./s3:/x", "c:/x"] {
            assert_eq!(Place::parse(folder), Ok(Place::Folder(folder.into())));
        }
        assert_eq!(Place::parse("file:///srv/a b"), Ok(Place::Folder("/srv/a b".into())));
        for bad in [
            "s3://",
            "s3:///a",
            "s3://b//a",
            "s3://b/../a",
            "file://srv",
            "file:///a%20b",
            "file:/a",
            "s3:/b",
            "gs:b",
            "https://x/y",
            "S3://b",
            "s3://b/a\nb",
        ] {
            assert!(Place::parse(bad).is_err(), "{bad}");
        }
    }
}

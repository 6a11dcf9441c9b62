//! What the target holds before a publish.

use super::object::{IMPORT_MAP, MANIFEST, Object};
use super::plan::{Found, Version};
use super::request::Failure;
use super::store::Store;
use stamped_build::Manifest;
use std::collections::{BTreeMap, BTreeSet};
use tokio::task::JoinSet;

/// The manifest of the last publish.
#[derive(Debug, Default)]
pub(super) struct Last {
    pub(super) manifest: Manifest,
    /// The keys that it names.
    pub(super) listed: BTreeSet<String>,
    /// Its text and version; `None` where there is none.
    pub(super) read: Option<(String, Version)>,
}

impl Last {
    pub(super) async fn read(store: &Store) -> Result<Self, String> {
        let read = again(|| store.read(MANIFEST)).await;
        let Some((bytes, version)) = read.map_err(unchanged)? else {
            return Ok(Last { listed: store.unfinished()?, ..Last::default() });
        };
        let bad = |why: &str| {
            format!(
                "the target's `{MANIFEST}` cannot be used: {why}; name another place, or move that \
                 object away if nothing needs it"
            )
        };
        let manifest = Manifest::parse(&bytes).map_err(|error| bad(&error.message()))?;
        let text = String::from_utf8(bytes).map_err(|_| bad("it is not UTF-8"))?;
        let mut listed = store.unfinished()?;
        listed.extend(keys(&manifest));
        listed.extend([MANIFEST, IMPORT_MAP].map(str::to_owned));
        Ok(Last { manifest, listed, read: Some((text, version)) })
    }
}

/// The keys of all assets and versions that a manifest lists.
pub(super) fn keys(manifest: &Manifest) -> impl Iterator<Item = String> {
    let assets = manifest.assets().iter().flat_map(|asset| {
        let mount = asset.mount();
        let mut keys =
            vec![super::object::key(mount, asset.path()), super::object::key(mount, asset.name())];
        if asset.is_at_root() {
            keys.push(asset.name().to_owned());
        }
        keys
    });
    let retired = manifest.retired().iter().map(|retired| {
        let version = retired.version();
        super::object::key(version.mount(), version.path())
    });
    assets.chain(retired)
}

/// The folders of all mounts, and ours. Without those inside of others.
pub(super) fn folders(own: &Manifest, last: &Manifest) -> BTreeSet<String> {
    let mounts = [own, last].into_iter().flat_map(|manifest| {
        let retired = manifest.retired().iter().map(|retired| retired.version().mount());
        retired.chain([manifest.mount()])
    });
    let mut folders: BTreeSet<String> =
        mounts.map(|mount| mount.trim_start_matches('/').to_owned()).collect();
    folders.insert(".stamped".to_owned());
    let all = folders.clone();
    folders.retain(|folder| {
        let is_inside = |outer: &String| {
            outer != folder
                && (outer.is_empty()
                    || folder.strip_prefix(outer).is_some_and(|rest| rest.starts_with('/')))
        };
        !all.iter().any(is_inside)
    });
    folders
}

/// All keys below these folders.
pub(super) async fn present(
    store: &Store,
    folders: &BTreeSet<String>,
) -> Result<BTreeSet<String>, String> {
    let mut all = BTreeSet::new();
    for folder in folders {
        let keys = again(|| store.keys(folder)).await;
        all.extend(keys.map_err(unchanged)?);
    }
    Ok(all)
}

/// What the target has under the keys of `objects`. Keys in `folders` that are not `present` need no look.
pub(super) async fn found(
    store: &Store,
    objects: &[Object],
    folders: &BTreeSet<String>,
    present: &BTreeSet<String>,
    jobs: usize,
    tick: impl Fn(),
) -> Result<BTreeMap<String, Found>, Failure> {
    let mut found = BTreeMap::new();
    let mut looks = JoinSet::new();
    let is_absent = |key: &str| {
        let is_listed = |folder: &String| {
            folder.is_empty()
                || key.strip_prefix(folder.as_str()).is_some_and(|rest| rest.starts_with('/'))
        };
        !present.contains(key) && folders.iter().any(is_listed)
    };
    let mut keys = objects.iter().map(|object| &object.key).filter(|key| !is_absent(key));
    loop {
        while looks.len() < jobs
            && let Some(key) = keys.next()
        {
            let (store, key) = (store.clone(), key.clone());
            looks.spawn(async move { again(|| store.look(&key)).await.map(|found| (key, found)) });
        }
        let Some(look) = looks.join_next().await else { return Ok(found) };
        let (key, it) = look.map_err(|error| Failure::Final(super::broken(&error)))??;
        tick();
        found.extend(it.map(|it| (key, it)));
    }
}

/// Asks until there is an answer, or it is clear that there will be none.
pub(super) async fn again<T, F: Future<Output = Result<T, Failure>>>(
    ask: impl Fn() -> F,
) -> Result<T, Failure> {
    let mut pauses = super::pauses();
    loop {
        match (ask().await, pauses.next()) {
            (Err(Failure::Passing(_)), Some(pause)) => tokio::time::sleep(pause).await,
            (result, _) => return result,
        }
    }
}

/// What is said when the target cannot be read before anything was done.
pub(super) fn unchanged(failure: Failure) -> String {
    let help = if matches!(failure, Failure::Passing(_)) { "; run it again" } else { "" };
    format!("{}; nothing was changed{help}", failure.message())
}

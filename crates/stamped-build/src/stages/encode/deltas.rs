//! Makes the deltas that lead from earlier versions to the current assets.

use super::budget::Budget;
use super::worth::{DELTA_WINDOW, delta_limit, is_worth_trying};
use super::{Encoding, codec, profile};
use crate::bundle::{Asset, Delta, EarlierVersion};
use crate::digest::{Hash, Hasher};
use crate::error::{Error, Problem, Warning, WarningKind};
use crate::kept::cache::{Cache, Key, Wanted};
use crate::parallel;
use crate::progress::{Listener, Meter, Stage};
use stamped::Addressing;
use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};

/// An asset and the bytes to begin from.
struct Job<'a> {
    /// The position of the asset.
    at: usize,
    asset: &'a Asset,
    dictionary: &'a Asset,
}

impl Job<'_> {
    /// The bytes of both.
    fn size(&self) -> u64 {
        self.asset.size() + self.dictionary.size()
    }
}

/// Makes the deltas that are worth storing, or takes them from the cache.
pub(crate) fn all(
    mut assets: Vec<Asset>,
    versions: &[EarlierVersion],
    encoding: Option<Encoding>,
    cache: &Wanted,
    listener: &Listener,
    warnings: &mut Vec<Warning>,
) -> Result<Vec<Asset>, Error> {
    let Some(encoding) = encoding else { return Ok(assets) };
    let jobs = jobs(&assets, versions);
    if jobs.is_empty() {
        return Ok(assets);
    }
    let cache = Cache::find(cache, profile::script().map(|(_, out_dir)| out_dir).as_deref());
    let meter = Meter::start(listener, Stage::Deltas, jobs.iter().map(Job::size).sum());
    let budget = Budget::default();
    let made = parallel::try_map(jobs, |job| {
        let _permit = budget.take(job.size());
        let delta = delta(&job, encoding, &cache)?;
        meter.advance(job.size());
        Ok::<_, Error>((job.at, delta))
    })?;
    if let Some(trouble) = cache.trouble()
        && !warnings.iter().any(|warning| warning.kind() == WarningKind::Cache)
    {
        warnings.push(Warning::new(WarningKind::Cache, trouble.to_owned(), ""));
    }
    let mut by_asset: HashMap<usize, Vec<Delta>> = HashMap::new();
    for (at, delta) in made {
        by_asset.entry(at).or_default().extend(delta);
    }
    for (at, mut deltas) in by_asset {
        deltas.sort_by_key(|delta| delta.dictionary);
        assets[at].set_deltas(deltas);
    }
    Ok(assets)
}

/// Each stamped asset with each content that its name has had, those first that take longest.
fn jobs<'a>(assets: &'a [Asset], versions: &'a [EarlierVersion]) -> Vec<Job<'a>> {
    let mut seen: HashSet<(usize, &Hash)> = HashSet::new();
    let mut jobs = Vec::new();
    for dictionary in versions.iter().map(EarlierVersion::asset) {
        let found = assets.binary_search_by(|asset| asset.name().cmp(dictionary.name()));
        let Ok(at) = found else { continue };
        let job = Job { at, asset: &assets[at], dictionary };
        let is_stamped = |asset: &Asset| asset.addressing() == Addressing::Stamped;
        let is_same = job.asset.hash() == dictionary.hash();
        if is_stamped(job.asset)
            && is_stamped(dictionary)
            && (is_same || is_worth_trying(job.asset.described()))
            && job.size() <= DELTA_WINDOW
            && seen.insert((at, dictionary.hash()))
        {
            jobs.push(job);
        }
    }
    // Versions of one name are in order, and the sort is stable.
    jobs.sort_by_key(|job| Reverse(job.size()));
    jobs
}

/// The delta, if it is worth storing.
fn delta(job: &Job<'_>, encoding: Encoding, cache: &Cache) -> Result<Option<Delta>, Error> {
    let (bytes, dictionary) = (job.asset.contents().load()?, job.dictionary.contents().load()?);
    let digest = hmac_sha256::Hash::hash(&dictionary);
    let with = (&digest, &*dictionary);
    let key = key(&digest, job.asset.hash(), encoding);
    // What is kept depends on nothing else. An empty entry is for a delta that saves too little, whatever
    // the other codings are.
    let limit = delta_limit(bytes.len() as u64);
    let is_delta = |kept: &Vec<u8>| {
        let is_short = kept.len() as u64 <= limit;
        kept.is_empty() || is_short && codec::delta_decodes_to(kept, &bytes, with)
    };
    let delta = match cache.get(&key).filter(is_delta) {
        Some(kept) => kept,
        None => {
            let made = codec::compress_delta(encoding, &bytes, with);
            let made = made.filter(|made| codec::delta_decodes_to(made, &bytes, with));
            let mut made = made.ok_or_else(|| Problem::Encoding {
                name: job.asset.name().to_owned(),
                coding: encoding.coding.token(),
            })?;
            if made.len() as u64 > limit {
                made.clear();
            }
            cache.put(&key, &made);
            made
        }
    };
    let is_worth_storing =
        !delta.is_empty() && delta.len() as u64 <= delta_limit(job.asset.smallest());
    Ok(is_worth_storing.then(|| Delta { dictionary: digest, bytes: delta.into() }))
}

/// A hash of all that a delta depends on.
fn key(dictionary: &[u8; 32], content: &Hash, encoding: Encoding) -> Key {
    let mut hasher = Hasher::default();
    hasher.update(content.as_bytes());
    hasher.update(encoding.coding.token().as_bytes());
    hasher.update(&encoding.level.to_le_bytes());
    hasher.update(&codec::version(encoding.coding).to_le_bytes());
    hasher.update(dictionary);
    hasher.finish()
}

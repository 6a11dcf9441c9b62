//! Compresses each distinct content once, starting with those that take longest.

use super::budget::Budget;
use super::worth::{is_worth_trying, limit};
use super::{Encoding, codec};
use crate::digest::{Hash, Hasher};
use crate::error::{Error, Problem};
use crate::kept::cache::{Cache, Key};
use crate::parallel;
use crate::progress::{Listener, Meter, Stage};
use crate::stages::describe::Described;
use stamped::Coding;
use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The encodings of a content that are worth storing, the smallest first.
pub(super) type Encodings = Vec<(Coding, Arc<[u8]>)>;

/// The encodings of all contents, by the hash of the content.
#[derive(Debug, Default)]
pub(super) struct ByContent(HashMap<Hash, Encodings>);

impl ByContent {
    /// The encodings of a file.
    pub(super) fn of(&self, file: &Described) -> Encodings {
        match self.0.get(&file.hash) {
            Some(encodings) if is_worth_trying(file) => encodings.clone(),
            _ => Vec::new(),
        }
    }
}

/// The work that was not in the cache.
#[derive(Debug, Default)]
pub(super) struct Work {
    pub(super) encodings: usize,
    /// The time of all threads together.
    pub(super) time: Duration,
}

/// A content that one or more files have.
struct Content<'a> {
    /// One of the files.
    file: &'a Described,
}

impl Content<'_> {
    fn size(&self) -> u64 {
        self.file.contents.len()
    }
}

/// The contents of these files that are worth compressing, each once.
fn contents(files: &[Described]) -> HashMap<Hash, Content<'_>> {
    let mut contents = HashMap::new();
    for file in files.iter().filter(|file| is_worth_trying(file)) {
        contents.entry(file.hash).or_insert_with(|| Content { file });
    }
    contents
}

/// How many bytes of these files are worth compressing.
pub(super) fn size(files: &[Described]) -> u64 {
    contents(files).values().map(Content::size).sum()
}

/// Makes the encodings, or takes them from the cache.
pub(super) fn run(
    files: &[Described],
    encodings: &[Encoding],
    cache: &Cache,
    listener: &Listener,
) -> Result<(ByContent, Work), Error> {
    let contents = contents(files);
    let mut jobs: Vec<(&Content<'_>, Encoding)> = contents
        .values()
        .flat_map(|content| encodings.iter().map(move |&encoding| (content, encoding)))
        .collect();
    // Sorted by name too, so that the order does not depend on a hash table.
    jobs.sort_by_cached_key(|(content, encoding)| {
        (Reverse(content.size() * encoding.cost()), content.file.name.as_str())
    });

    let total = jobs.iter().map(|(content, _)| content.size()).sum();
    let meter = Meter::start(listener, Stage::Encode, total);
    let budget = Budget::default();
    let work = Mutex::new(Work::default());
    let make = |content: &Content<'_>, bytes: &[u8], encoding: Encoding| {
        let began = Instant::now();
        let encoded = compress(bytes, encoding).map_err(|Mismatch| Problem::Encoding {
            name: content.file.name.clone(),
            coding: encoding.coding.token(),
        })?;
        let mut work = work.lock().unwrap_or_else(PoisonError::into_inner);
        work.encodings += 1;
        work.time += began.elapsed();
        Ok::<_, Error>(encoded)
    };
    let done: Vec<(Hash, Coding, Vec<u8>)> = parallel::try_map(jobs, |(content, encoding)| {
        let key = key(&content.file.hash, encoding);
        let _permit = budget.take(content.file.contents.len());
        // What is not held is read again for each encoding: compressing takes much longer, and
        // nobody need remember who else wants the bytes.
        let bytes = content.file.contents.load()?;
        let encoded = match cache.get(&key).filter(|kept| is_encoding(&bytes, encoding, kept)) {
            Some(encoded) => encoded,
            None => {
                let encoded = make(content, &bytes, encoding)?;
                cache.put(&key, &encoded);
                encoded
            }
        };
        meter.advance(content.size());
        Ok::<_, Error>((content.file.hash, encoding.coding, encoded))
    })?;

    let mut by_content = ByContent::default();
    // An encoding is never empty, so an empty entry means that it is not worth storing.
    for (hash, coding, encoded) in done.into_iter().filter(|(_, _, encoded)| !encoded.is_empty()) {
        by_content.0.entry(hash).or_default().push((coding, encoded.into()));
    }
    for encodings in by_content.0.values_mut() {
        encodings.sort_by_key(|(coding, bytes)| (bytes.len(), *coding));
    }
    Ok((by_content, work.into_inner().unwrap_or_else(PoisonError::into_inner)))
}

/// A hash of all that an encoding depends on, except for the rules above. If these change, the name
/// of the cache folder must change too.
fn key(content: &Hash, encoding: Encoding) -> Key {
    let mut hasher = Hasher::default();
    hasher.update(content.as_bytes());
    hasher.update(encoding.coding.token().as_bytes());
    hasher.update(&encoding.level.to_le_bytes());
    hasher.update(&codec::version(encoding.coding).to_le_bytes());
    hasher.finish()
}

/// The error for an encoding that does not decode to its original.
#[derive(Debug, PartialEq)]
struct Mismatch;

/// Whether bytes of the cache are what [`compress`] may give. Another user of the cache can put other
/// bytes under any key, so they are decoded again, which takes a fraction of the time.
fn is_encoding(bytes: &[u8], encoding: Encoding, kept: &[u8]) -> bool {
    let is_short = kept.len() <= limit(bytes.len());
    kept.is_empty() || is_short && codec::decodes_to(encoding.coding, kept, bytes)
}

/// Whether compressing can gain anything. Large files that are not text are first compressed with
/// little effort, because 50 MB of noise take minutes at the highest quality.
fn gains(bytes: &[u8], encoding: Encoding) -> bool {
    const LARGE: usize = 64 * 1024;
    let quick = encoding.level(*encoding.levels().start());
    bytes.len() <= LARGE
        || std::str::from_utf8(bytes).is_ok()
        || codec::compress(quick, bytes, bytes.len() - bytes.len() / 100).is_some()
}

/// The encoded bytes, checked; empty if they are not worth storing.
fn compress(bytes: &[u8], encoding: Encoding) -> Result<Vec<u8>, Mismatch> {
    if !gains(bytes, encoding) {
        return Ok(Vec::new());
    }
    match codec::compress(encoding, bytes, limit(bytes.len())) {
        Some(encoded) if codec::decodes_to(encoding.coding, &encoded, bytes) => Ok(encoded),
        Some(_) => Err(Mismatch),
        None => Ok(Vec::new()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::codec::tests::{encodings, noise};
    use super::*;
    use crate::kept::cache::Wanted;
    use crate::{Asset, Pipeline};
    use stamped_test_support::Dir;
    use std::fs::{self, File};

    /// The pipeline reads no folder, only the files that the test makes.
    fn encoded(
        files: &[(&str, &[u8])],
        encodings: &[Encoding],
        cache: &Cache,
    ) -> (Vec<Asset>, Work) {
        let nowhere = Pipeline::new("there is no such folder").allow_missing(true).encodings([]);
        let pipeline =
            files.iter().fold(nowhere, |pipeline, &(name, bytes)| pipeline.file(name, bytes));
        let files = pipeline.process().unwrap().into_described();
        let (by_content, work) = run(&files, encodings, cache, &Listener::default()).unwrap();
        let assets = files.into_iter().map(|file| {
            let encodings = by_content.of(&file);
            Asset::new(file, encodings)
        });
        (assets.collect(), work)
    }

    fn no_cache() -> Cache {
        Cache::find(&Wanted::Only(None), None)
    }

    fn codings(asset: &Asset) -> Vec<Coding> {
        let mut codings: Vec<_> = asset.encodings().map(|(coding, _)| coding).collect();
        codings.sort_unstable();
        codings
    }

    fn cache_in(dir: &Dir) -> Cache {
        Cache::find(&Wanted::Only(Some(dir.path().to_owned())), None)
    }

    #[test]
    fn types_and_names_that_are_compressed_already_are_left_alone() {
        let text = "stamp ".repeat(100).into_bytes();
        let names = ["a.png", "a.woff2", "a.css.br", "a.css.GZ", "a.svgz", "a.zst", "a.mp4"];
        let files: Vec<_> = names.map(|name| (name, &*text)).into_iter().collect();
        let (assets, work) = encoded(&files, &encodings(), &no_cache());
        assert_eq!(work.encodings, 0);
        assert!(assets.iter().all(|asset| asset.encodings().len() == 0));
    }

    #[test]
    fn what_does_not_pay_is_not_stored() {
        let text = "stamp ".repeat(100).into_bytes();
        let (small, large) = (noise(1000), noise(200_000));
        let files: &[(&str, &[u8])] = &[
            ("empty.css", b""),
            ("tiny.css", b"a{color:red}a{color:red}a{color:red}"),
            ("text.css", &text),
            ("noise.bin", &small),
            ("noise.wasm", &large),
        ];
        let (assets, _) = encoded(files, &encodings(), &no_cache());
        for asset in assets {
            let stored = asset.encodings().len();
            let wanted = if asset.name() == "text.css" { encodings().len() } else { 0 };
            assert_eq!(stored, wanted, "{}", asset.name());
        }
    }

    #[test]
    fn equal_contents_are_compressed_once() {
        let text = "stamp ".repeat(100).into_bytes();
        let files: &[(&str, &[u8])] =
            &[("a.css", &text), ("b.js", &text), ("c.png", &text), ("d/a.css", &text)];
        let (assets, work) = encoded(files, &encodings(), &no_cache());
        assert_eq!(work.encodings, encodings().len());
        let [a, b, c, d] = &*assets else { panic!() };
        assert!(a.encodings().eq(b.encodings()) && a.encodings().eq(d.encodings()));
        assert_eq!((a.encodings().len(), c.encodings().len()), (encodings().len(), 0));
    }

    #[test]
    fn nothing_is_compressed_twice() {
        let dir = Dir::new();
        let text = "stamp ".repeat(100).into_bytes();
        let large = noise(200_000);
        let files: &[(&str, &[u8])] = &[("a.css", &text), ("noise.bin", &large)];
        let (first, work) = encoded(files, &encodings(), &cache_in(&dir));
        assert_eq!(work.encodings, 2 * encodings().len());
        let (second, work) = encoded(files, &encodings(), &cache_in(&dir));
        assert_eq!(work.encodings, 0);
        for (first, second) in first.iter().zip(&second) {
            assert!(first.encodings().eq(second.encodings()));
        }
    }

    #[test]
    fn the_cache_is_asked_and_its_answer_taken() {
        let dir = Dir::new();
        let text = "stamp ".repeat(100).into_bytes();
        let encoding = Encoding::gzip();
        let quick = codec::compress(Encoding::gzip().level(1), &text, text.len()).unwrap();
        cache_in(&dir).put(&key(&Hash::of(&text), encoding), &quick);
        let (assets, work) = encoded(&[("a.css", &text)], &[encoding], &cache_in(&dir));
        assert_eq!(work.encodings, 0);
        let encoded: Vec<_> = assets.iter().flat_map(Asset::encodings).collect();
        assert_eq!(encoded, [(Coding::Gzip, &*quick)]);
    }

    #[test]
    fn an_entry_of_other_bytes_is_not_taken_whoever_put_it_there() {
        let dir = Dir::new();
        let text = "stamp ".repeat(100).into_bytes();
        let other = "other ".repeat(100).into_bytes();
        for encoding in encodings() {
            let forged = codec::compress(encoding, &other, other.len()).unwrap();
            cache_in(&dir).put(&key(&Hash::of(&text), encoding), &forged);
        }
        let files: &[(&str, &[u8])] = &[("a.css", &text)];
        let (forged, work) = encoded(files, &encodings(), &cache_in(&dir));
        assert_eq!(work.encodings, encodings().len());
        let (true_one, _) = encoded(files, &encodings(), &no_cache());
        assert!(forged[0].encodings().eq(true_one[0].encodings()));
        let (_, work) = encoded(files, &encodings(), &cache_in(&dir));
        assert_eq!(work.encodings, 0, "the true ones have taken their place");
    }

    #[test]
    fn a_damaged_entry_of_the_cache_is_made_again() {
        let dir = Dir::new();
        let text = "stamp ".repeat(100).into_bytes();
        let files: &[(&str, &[u8])] = &[("a.css", &text)];
        let (whole, _) = encoded(files, &encodings(), &cache_in(&dir));
        let mut entries = 0;
        for entry in walkdir::WalkDir::new(&dir).min_depth(3) {
            let path = entry.unwrap().into_path();
            let length = fs::metadata(&path).unwrap().len();
            File::options().write(true).open(&path).unwrap().set_len(length / 2).unwrap();
            entries += 1;
        }
        assert_eq!(entries, encodings().len());
        let (again, work) = encoded(files, &encodings(), &cache_in(&dir));
        assert_eq!(work.encodings, entries);
        assert!(whole[0].encodings().eq(again[0].encodings()));
        let (_, work) = encoded(files, &encodings(), &cache_in(&dir));
        assert_eq!(work.encodings, 0);
    }

    #[test]
    fn another_level_is_another_entry() {
        let text = Hash::of(b"stamp");
        let keys: Vec<_> = [
            Encoding::brotli(),
            Encoding::brotli().level(5),
            Encoding::gzip(),
            Encoding::gzip().level(11),
        ]
        .map(|encoding| key(&text, encoding))
        .into_iter()
        .collect();
        for (at, key) in keys.iter().enumerate() {
            assert!(!keys[..at].contains(key));
        }
    }

    #[test]
    fn encodings_are_ordered_by_length() {
        let text: String = (0..2000).map(|number| format!("a{number} ")).collect();
        let given = [Encoding::gzip().level(1), Encoding::brotli()];
        let (assets, _) = encoded(&[("a.css", text.as_bytes())], &given, &no_cache());
        let lengths: Vec<_> = assets[0].encodings().map(|(_, bytes)| bytes.len()).collect();
        assert_eq!(lengths.len(), 2);
        assert!(lengths.is_sorted());
        assert_eq!(codings(&assets[0]), [Coding::Gzip, Coding::Brotli]);
    }
}

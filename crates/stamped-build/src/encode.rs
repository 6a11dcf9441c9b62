//! The contents of the assets in content codings.

mod budget;
mod codec;

use crate::bundle::{Asset, Bundle};
use crate::cache::{Cache, Key};
use crate::config::Embed;
use crate::error::{Error, Problem, Warning, WarningKind};
use crate::progress::{Listener, Meter, Stage};
use budget::Budget;
use rayon::prelude::*;
use stamped::{Coding, content_type};
use std::collections::HashMap;
use std::ffi::{OsStr, OsString};
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

/// A content coding and how hard to try.
///
/// ```
/// use stamped_build::{Encoding, Pipeline};
///
/// let pipeline = Pipeline::new("assets")
///     .encodings([Encoding::brotli(), Encoding::gzip().level(9)]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Encoding {
    coding: Coding,
    level: u32,
}

impl Encoding {
    /// Brotli, `br` (RFC 7932): the smallest for text, and known to every browser, but only over
    /// HTTPS. Levels 0 to 11; default: 11.
    ///
    /// ```
    /// # use stamped_build::{Encoding, Pipeline};
    /// let quick = Pipeline::new("assets").encodings([Encoding::brotli().level(9)]);
    /// ```
    #[must_use]
    pub const fn brotli() -> Self {
        Encoding { coding: Coding::Brotli, level: 11 }
    }

    /// `gzip` (RFC 1952): for clients that know nothing else. Levels 1 to 12, by `libdeflate`;
    /// default: 12, smaller than the 9 of other programs.
    ///
    /// ```
    /// # use stamped_build::{Encoding, Pipeline};
    /// let pipeline = Pipeline::new("assets").encodings([Encoding::gzip()]);
    /// ```
    #[must_use]
    pub const fn gzip() -> Self {
        Encoding { coding: Coding::Gzip, level: 12 }
    }

    /// `zstd` (RFC 8878), within the 8 MiB window that browsers grant (RFC 9659): the quickest to
    /// decode, somewhat larger than brotli. Levels 1 to 22; default: 19.
    ///
    /// With the feature `zstd`, which adds about as much to a first build as the other two together.
    ///
    /// ```
    /// # use stamped_build::{Encoding, Pipeline};
    /// let pipeline = Pipeline::new("assets").encodings([Encoding::brotli(), Encoding::zstd()]);
    /// ```
    #[cfg(feature = "zstd")]
    #[must_use]
    pub const fn zstd() -> Self {
        Encoding { coding: Coding::Zstd, level: 19 }
    }

    /// Sets the level. One that the coding does not have is an error of
    /// [`Pipeline::process`](crate::Pipeline::process).
    ///
    /// ```
    /// # use stamped_build::{Encoding, Pipeline};
    /// let pipeline = Pipeline::new("assets").encodings([Encoding::brotli().level(5)]);
    /// ```
    #[must_use]
    pub const fn level(mut self, level: u32) -> Self {
        self.level = level;
        self
    }

    fn levels(self) -> RangeInclusive<u32> {
        match self.coding {
            Coding::Brotli => 0..=11,
            Coding::Gzip => 1..=12,
            _ => 1..=22,
        }
    }

    /// Nanoseconds for a byte, roughly and unoptimised: enough to begin with what takes longest.
    fn cost(self) -> u64 {
        match (self.coding, self.level) {
            (Coding::Brotli, 11..) => 3500,
            (Coding::Brotli, 10) => 1400,
            (Coding::Brotli, _) => 200,
            (Coding::Gzip, 10..) => 700,
            (Coding::Gzip, _) => 60,
            (_, 16..) => 1100,
            _ => 100,
        }
    }
}

/// What a build stores when its script does not say: nothing in a debug build, brotli and gzip in a
/// release build, which is a profile that inherits from `release`. Outside of a build script nothing.
fn by_profile(profile: Option<&OsStr>) -> Vec<Encoding> {
    match profile {
        Some(profile) if profile == "release" => vec![Encoding::brotli(), Encoding::gzip()],
        _ => Vec::new(),
    }
}

/// The profile and `OUT_DIR` of the build whose script this is. Either alone is no sign of one:
/// others use the name `PROFILE`, and tests that cargo runs have an `OUT_DIR`.
fn script() -> Option<(OsString, PathBuf)> {
    Some((std::env::var_os("PROFILE")?, std::env::var_os("OUT_DIR")?.into()))
}

/// The encodings that a pipeline asks for, each of which can be made.
pub(crate) fn chosen(asked: Option<Vec<Encoding>>, embed: Embed) -> Result<Vec<Encoding>, Error> {
    let chosen = match (asked, embed) {
        (Some(asked), _) => asked,
        (None, Embed::Nothing) => Vec::new(),
        (None, _) => by_profile(script().as_ref().map(|(profile, _)| profile.as_os_str())),
    };
    for (at, encoding) in chosen.iter().enumerate() {
        let coding = encoding.coding.token();
        let levels = encoding.levels();
        if !levels.contains(&encoding.level) {
            let (level, levels) = (encoding.level, (*levels.start(), *levels.end()));
            return Err(Problem::BadLevel { coding, level, levels }.into());
        }
        if chosen.iter().take(at).any(|other| other.coding == encoding.coding) {
            return Err(Problem::CodingTwice { coding }.into());
        }
    }
    Ok(chosen)
}

/// Adds the encodings to the assets of a bundle, and to its warnings what a person should know.
pub(crate) fn all(
    bundle: &mut Bundle,
    encodings: &[Encoding],
    cache: Option<&Path>,
    listener: &Listener,
) -> Result<(), Error> {
    static ADVISED: AtomicBool = AtomicBool::new(false);
    if encodings.is_empty() {
        return Ok(());
    }
    let (profile, out_dir) = script().unzip();
    let cache = Cache::find(cache, out_dir.as_deref());
    let began = Instant::now();
    let work = add(&mut bundle.assets, encodings, &cache, listener)?;
    let spent = began.elapsed();
    cache.sweep();
    let trouble = cache.trouble().map(str::to_owned);
    bundle.warnings.extend(trouble.map(|text| Warning::new(WarningKind::Cache, text, "")));
    let opt_level = env!("STAMPED_BUILD_OPT_LEVEL");
    if let Some(advice) = advice(&work, spent, profile.as_deref(), opt_level)
        && !ADVISED.swap(true, Ordering::Relaxed)
    {
        bundle.warnings.push(Warning::new(WarningKind::SlowCompression, advice, ""));
    }
    Ok(())
}

/// How to make the next build of this kind quicker, where that is worth the reading.
fn advice(
    work: &Work,
    spent: Duration,
    profile: Option<&OsStr>,
    opt_level: &str,
) -> Option<String> {
    // To compile the libraries with optimisation takes some 70 s of one core longer, and saves more
    // than half of the compressors' time: below this, the advice would make builds slower.
    const WORTH_IT: Duration = Duration::from_secs(120);
    let profile = if profile? == "release" { "release" } else { "dev" };
    (work.time > WORTH_IT && opt_level == "0").then(|| {
        format!(
            "compressing the assets took {:.0} s, because cargo does not optimise build scripts; with \
             the lines `[profile.{profile}.build-override]` and `opt-level = 3` in the workspace's \
             Cargo.toml it takes less than half of that, and with {} set to a folder that outlives \
             the target folder it is done once",
            spent.as_secs_f64(),
            crate::cache::VARIABLE,
        )
    })
}

/// What the two header fields cost that an encoding brings with it, `Content-Encoding: gzip` and
/// `Vary: Accept-Encoding` with their line ends.
const HEADERS: usize = 47;

/// The largest encoding of so many bytes that is worth storing: it saves 5 %, and more than its
/// headers cost. Stored entries of the cache depend on it.
fn limit(length: usize) -> usize {
    length - length.div_ceil(20).max(HEADERS).min(length)
}

/// The ends of file names that say that a file is compressed whatever its type says.
const COMPRESSED: &[&str] = &["br", "gz", "svgz", "zst"];

fn is_worth_trying(asset: &Asset) -> bool {
    let essence = asset.content_type().split(';').next().unwrap_or_default();
    let extension = asset.name().rsplit_once('.').map_or("", |(_, extension)| extension);
    limit(asset.bytes().len()) > 0
        && content_type::is_compressible(essence)
        && !COMPRESSED.iter().any(|compressed| compressed.eq_ignore_ascii_case(extension))
}

/// Bytes that one or more assets have.
struct Content {
    hash: blake3::Hash,
    bytes: Arc<[u8]>,
    /// The position of an asset that has them.
    asset: usize,
    yields: OnceLock<bool>,
}

impl Content {
    /// Whether there is anything to gain. Large files that are no text are tried with little effort
    /// first: at the highest quality 50 MB of noise take minutes.
    fn yields(&self) -> bool {
        const LARGE: usize = 64 * 1024;
        *self.yields.get_or_init(|| {
            let length = self.bytes.len();
            length <= LARGE
                || std::str::from_utf8(&self.bytes).is_ok()
                || codec::compress(Encoding::gzip().level(1), &self.bytes, length - length / 100)
                    .is_some()
        })
    }
}

/// What was not in the cache.
#[derive(Debug, Default)]
struct Work {
    encodings: usize,
    /// Of all threads together.
    time: Duration,
}

/// Adds the encodings to the assets.
fn add(
    assets: &mut [Asset],
    encodings: &[Encoding],
    cache: &Cache,
    listener: &Listener,
) -> Result<Work, Error> {
    let (contents, contents_of) = gather(assets);
    let mut jobs: Vec<(usize, &Content, Encoding)> = contents
        .iter()
        .enumerate()
        .flat_map(|(at, content)| encodings.iter().map(move |&encoding| (at, content, encoding)))
        .collect();
    let size = |content: &Content| content.bytes.len() as u64;
    jobs.sort_by_cached_key(|(_, content, encoding)| {
        std::cmp::Reverse(size(content) * encoding.cost())
    });

    let meter = Meter::start(
        listener,
        Stage::Encode,
        jobs.iter().map(|(_, content, _)| size(content)).sum(),
    );
    let budget = Budget::default();
    let work = Mutex::new(Work::default());
    let make = |content: &Content, encoding: Encoding| {
        let _permit = budget.take(content.bytes.len());
        let began = Instant::now();
        let encoded = compress(content, encoding).map_err(|Mismatch| {
            let name = assets.get(content.asset).map_or("", Asset::name).to_owned();
            Problem::Encoding { name, coding: encoding.coding.token() }
        })?;
        let mut work = work.lock().unwrap_or_else(PoisonError::into_inner);
        work.encodings += 1;
        work.time += began.elapsed();
        Ok::<_, Error>(encoded)
    };
    // The bridge hands out the jobs in their order; to split the list in halves would leave half of
    // the long ones to the end.
    let done: Vec<(usize, Coding, Vec<u8>)> = jobs
        .into_iter()
        .par_bridge()
        .map(|(at, content, encoding)| {
            let key = key(content, encoding);
            let encoded = match cache.get(&key) {
                Some(encoded) => encoded,
                None => {
                    let encoded = make(content, encoding)?;
                    cache.put(&key, &encoded);
                    encoded
                }
            };
            meter.advance(size(content));
            Ok((at, encoding.coding, encoded))
        })
        .collect::<Result<_, Error>>()?;

    let mut by_content: Vec<Vec<(Coding, Arc<[u8]>)>> = vec![Vec::new(); contents.len()];
    for (at, coding, encoded) in done {
        // No coding of anything is empty: this one does not pay.
        if let Some(list) = by_content.get_mut(at).filter(|_| !encoded.is_empty()) {
            list.push((coding, encoded.into()));
        }
    }
    for list in &mut by_content {
        list.sort_by_key(|(coding, bytes)| (bytes.len(), *coding));
    }
    for (at, content) in contents_of {
        if let (Some(asset), Some(list)) = (assets.get_mut(at), by_content.get(content)) {
            asset.set_encodings(list.clone());
        }
    }
    Ok(work.into_inner().unwrap_or_else(PoisonError::into_inner))
}

/// The different contents that are worth trying, and which asset has which.
fn gather(assets: &[Asset]) -> (Vec<Content>, Vec<(usize, usize)>) {
    let mut contents = Vec::new();
    let mut contents_of = Vec::new();
    let mut known = HashMap::new();
    for (at, asset) in assets.iter().enumerate().filter(|(_, asset)| is_worth_trying(asset)) {
        let content = *known.entry(*asset.hash()).or_insert(contents.len());
        if content == contents.len() {
            contents.push(Content {
                hash: *asset.hash(),
                bytes: Arc::clone(asset.shared_bytes()),
                asset: at,
                yields: OnceLock::new(),
            });
        }
        contents_of.push((at, content));
    }
    (contents, contents_of)
}

/// All that an encoding depends on. What follows from the rules above is no part of it: when they
/// change, the name of the cache's folder must.
fn key(content: &Content, encoding: Encoding) -> Key {
    let mut hasher = blake3::Hasher::new();
    hasher.update(content.hash.as_bytes());
    hasher.update(encoding.coding.token().as_bytes());
    hasher.update(&encoding.level.to_le_bytes());
    hasher.update(&codec::version(encoding.coding).to_le_bytes());
    hasher.finalize()
}

/// An encoding that does not decode to the bytes it was made of.
#[derive(Debug, PartialEq)]
struct Mismatch;

/// The encoded bytes, checked; empty where they are not worth storing.
fn compress(content: &Content, encoding: Encoding) -> Result<Vec<u8>, Mismatch> {
    let bytes = &content.bytes;
    if !content.yields() {
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
    use super::*;
    use crate::Pipeline;
    use proptest::prelude::*;
    use std::fs::{self, File};

    fn encodings() -> Vec<Encoding> {
        vec![
            Encoding::brotli().level(5),
            Encoding::gzip().level(6),
            #[cfg(feature = "zstd")]
            Encoding::zstd().level(3),
        ]
    }

    /// No folder is read: the assets are those that the test makes.
    fn pipeline(files: &[(&str, &[u8])]) -> Pipeline {
        let nowhere = Pipeline::new("there is no such folder").allow_missing(true).encodings([]);
        files.iter().fold(nowhere, |pipeline, &(name, bytes)| pipeline.file(name, bytes))
    }

    fn assets(files: &[(&str, &[u8])]) -> Vec<Asset> {
        pipeline(files).process().unwrap().assets
    }

    fn codings(asset: &Asset) -> Vec<Coding> {
        let mut codings: Vec<_> = asset.encodings().map(|(coding, _)| coding).collect();
        codings.sort_unstable();
        codings
    }

    /// Bytes that no coding makes smaller, the same each time.
    fn noise(length: usize) -> Vec<u8> {
        let mut noise = vec![0; length];
        blake3::Hasher::new().finalize_xof().fill(&mut noise);
        noise
    }

    fn content(bytes: &[u8]) -> Content {
        Content {
            hash: blake3::hash(bytes),
            bytes: bytes.into(),
            asset: 0,
            yields: OnceLock::new(),
        }
    }

    /// A cache folder that goes with its owner.
    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str) -> Self {
            let folder = std::env::temp_dir()
                .join(format!("stamped-encode-test-{}-{name}", std::process::id()));
            fs::remove_dir_all(&folder).ok();
            Folder(folder)
        }

        fn cache(&self) -> Cache {
            Cache::find(Some(&self.0), None)
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            fs::remove_dir_all(&self.0).ok();
        }
    }

    proptest! {
        #[test]
        fn every_coding_gives_any_bytes_back(
            bytes in prop_oneof![
                proptest::collection::vec(any::<u8>(), 0..3000),
                proptest::collection::vec(b'a'..=b'd', 0..3000),
            ],
            level in 0u32..=22,
        ) {
            for encoding in encodings() {
                let levels = encoding.levels();
                let encoding = encoding.level(level.clamp(*levels.start(), *levels.end()));
                let roomy = bytes.len() * 2 + 1000;
                let encoded = codec::compress(encoding, &bytes, roomy).unwrap();
                prop_assert!(codec::decodes_to(encoding.coding, &encoded, &bytes));
                let just = codec::compress(encoding, &bytes, encoded.len());
                prop_assert_eq!(just, Some(encoded));
            }
        }

        #[test]
        fn nothing_is_stored_that_saves_less_than_5_percent(length in 0usize..10_000_000) {
            let limit = limit(length);
            prop_assert!(limit * 100 <= length * 95);
            prop_assert!(limit == 0 || limit + HEADERS <= length);
            prop_assert!(length < 1000 || (limit + 1) * 100 > length * 95);
        }
    }

    #[test]
    fn an_encoding_is_at_most_as_long_as_allowed() {
        let text = "stamp ".repeat(1000);
        for encoding in encodings() {
            let length = codec::compress(encoding, text.as_bytes(), text.len()).unwrap().len();
            let just = codec::compress(encoding, text.as_bytes(), length).map(|bytes| bytes.len());
            assert_eq!(just, Some(length), "{encoding:?}");
            assert_eq!(
                codec::compress(encoding, text.as_bytes(), length - 1),
                None,
                "{encoding:?}"
            );
        }
    }

    #[test]
    fn other_decoders_read_the_encodings() {
        use std::io::Read as _;
        // Longer than the usual window of brotli, so that the larger one is used.
        let mut bytes = noise(100_000);
        bytes = bytes.repeat(50);
        let brotli = codec::compress(Encoding::brotli().level(5), &bytes, bytes.len()).unwrap();
        let mut decoded = Vec::new();
        brotli_decompressor::Decompressor::new(&*brotli, 4096).read_to_end(&mut decoded).unwrap();
        assert!(decoded == bytes);

        let text = "stamp ".repeat(1000);
        let gzip = codec::compress(Encoding::gzip(), text.as_bytes(), text.len()).unwrap();
        let mut decoded = String::new();
        flate2::read::GzDecoder::new(&*gzip).read_to_string(&mut decoded).unwrap();
        assert_eq!(decoded, text);
    }

    #[cfg(feature = "zstd")]
    #[test]
    fn zstd_stays_within_the_window_of_browsers() {
        let bytes = b"0123456789abcdef".repeat(1 << 20);
        for level in [1, 19, 22] {
            let encoded =
                codec::compress(Encoding::zstd().level(level), &bytes, bytes.len()).unwrap();
            // RFC 8878, section 3.1.1.1: the frame header's descriptor, then that of the window.
            assert_eq!(encoded[4] & 0b10_0000, 0, "a window as large as the content");
            let (exponent, mantissa) = (encoded[5] >> 3, u64::from(encoded[5] & 7));
            let base = 1u64 << (10 + exponent);
            assert!(base + base / 8 * mantissa <= 8 << 20, "level {level}");
        }
    }

    #[test]
    fn what_does_not_decode_to_the_original_is_noticed() {
        let text = "stamp ".repeat(100);
        let other = text.replacen('s', "S", 1);
        for encoding in encodings() {
            let encoded = codec::compress(encoding, text.as_bytes(), text.len()).unwrap();
            let decodes = |encoded: &[u8], text: &str| {
                codec::decodes_to(encoding.coding, encoded, text.as_bytes())
            };
            assert!(decodes(&encoded, &text));
            assert!(!decodes(&encoded, &other));
            assert!(!decodes(&encoded, &text[1..]));
            assert!(!decodes(&encoded, &format!("{text} ")));
            assert!(!decodes(&encoded[..encoded.len() - 1], &text));
            assert!(!decodes(&[], &text));
        }
        let error = Error::from(Problem::Encoding { name: "a.css".to_owned(), coding: "br" });
        assert!(error.to_string().contains("`br` encoding of `a.css`"));
    }

    #[test]
    fn types_and_names_that_are_compressed_already_are_left_alone() {
        let text = "stamp ".repeat(100).into_bytes();
        let names = ["a.png", "a.woff2", "a.css.br", "a.css.GZ", "a.svgz", "a.zst", "a.mp4"];
        let files: Vec<_> = names.map(|name| (name, &*text)).into_iter().collect();
        let mut assets = assets(&files);
        let work =
            add(&mut assets, &encodings(), &Cache::find(None, None), &Listener::default()).unwrap();
        assert_eq!(work.encodings, 0);
        assert!(assets.iter().all(|asset| asset.encodings().len() == 0));
    }

    #[test]
    fn what_does_not_pay_is_not_stored() {
        let text = "stamp ".repeat(100).into_bytes();
        let (small, large) = (noise(1000), noise(200_000));
        let mut assets = assets(&[
            ("empty.css", b""),
            ("tiny.css", b"a{color:red}a{color:red}a{color:red}"),
            ("text.css", &text),
            ("noise.bin", &small),
            ("noise.wasm", &large),
        ]);
        add(&mut assets, &encodings(), &Cache::find(None, None), &Listener::default()).unwrap();
        for asset in assets {
            let stored = asset.encodings().len();
            let wanted = if asset.name() == "text.css" { encodings().len() } else { 0 };
            assert_eq!(stored, wanted, "{}", asset.name());
        }
    }

    #[test]
    fn equal_contents_are_compressed_once() {
        let text = "stamp ".repeat(100).into_bytes();
        let mut assets =
            assets(&[("a.css", &text), ("b.js", &text), ("c.png", &text), ("d/a.css", &text)]);
        let work =
            add(&mut assets, &encodings(), &Cache::find(None, None), &Listener::default()).unwrap();
        assert_eq!(work.encodings, encodings().len());
        let [a, b, c, d] = &*assets else { panic!() };
        assert!(a.encodings().eq(b.encodings()) && a.encodings().eq(d.encodings()));
        assert_eq!((a.encodings().len(), c.encodings().len()), (encodings().len(), 0));
    }

    #[test]
    fn nothing_is_compressed_twice() {
        let folder = Folder::new("twice");
        let text = "stamp ".repeat(100).into_bytes();
        let large = noise(200_000);
        let files: &[(&str, &[u8])] = &[("a.css", &text), ("noise.bin", &large)];
        let first = &mut assets(files);
        let count = 2 * encodings().len();
        assert_eq!(
            add(first, &encodings(), &folder.cache(), &Listener::default()).unwrap().encodings,
            count
        );
        let second = &mut assets(files);
        assert_eq!(
            add(second, &encodings(), &folder.cache(), &Listener::default()).unwrap().encodings,
            0
        );
        for (first, second) in first.iter().zip(second) {
            assert!(first.encodings().eq(second.encodings()));
        }
    }

    #[test]
    fn the_cache_is_asked_and_its_answer_taken() {
        let folder = Folder::new("marker");
        let text = "stamp ".repeat(100).into_bytes();
        let encoding = Encoding::gzip();
        folder.cache().put(&key(&content(&text), encoding), b"marker");
        let assets = &mut assets(&[("a.css", &text)]);
        assert_eq!(
            add(assets, &[encoding], &folder.cache(), &Listener::default()).unwrap().encodings,
            0
        );
        let encoded: Vec<_> = assets.iter().flat_map(Asset::encodings).collect();
        assert_eq!(encoded, [(Coding::Gzip, b"marker".as_slice())]);
    }

    #[test]
    fn a_damaged_entry_of_the_cache_is_made_again() {
        let folder = Folder::new("damaged");
        let text = "stamp ".repeat(100).into_bytes();
        let files: &[(&str, &[u8])] = &[("a.css", &text)];
        let whole = &mut assets(files);
        add(whole, &encodings(), &folder.cache(), &Listener::default()).unwrap();
        let mut entries = 0;
        for entry in walkdir::WalkDir::new(&folder.0).min_depth(3) {
            let path = entry.unwrap().into_path();
            let length = fs::metadata(&path).unwrap().len();
            File::options().write(true).open(&path).unwrap().set_len(length / 2).unwrap();
            entries += 1;
        }
        assert_eq!(entries, encodings().len());
        let again = &mut assets(files);
        assert_eq!(
            add(again, &encodings(), &folder.cache(), &Listener::default()).unwrap().encodings,
            entries
        );
        assert!(whole[0].encodings().eq(again[0].encodings()));
        let warm = &mut assets(files);
        assert_eq!(
            add(warm, &encodings(), &folder.cache(), &Listener::default()).unwrap().encodings,
            0
        );
    }

    #[test]
    fn another_level_is_another_entry() {
        let text = content(b"stamp");
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
        let assets = &mut assets(&[("a.css", text.as_bytes())]);
        let given = [Encoding::gzip().level(1), Encoding::brotli()];
        add(assets, &given, &Cache::find(None, None), &Listener::default()).unwrap();
        let lengths: Vec<_> = assets[0].encodings().map(|(_, bytes)| bytes.len()).collect();
        assert_eq!(lengths.len(), 2);
        assert!(lengths.is_sorted());
        assert_eq!(codings(&assets[0]), [Coding::Gzip, Coding::Brotli]);
    }

    #[test]
    fn a_release_build_has_encodings_and_others_have_none() {
        let release = by_profile(Some("release".as_ref()));
        assert_eq!(release, [Encoding::brotli(), Encoding::gzip()]);
        assert_eq!(by_profile(Some("debug".as_ref())), []);
        assert_eq!(by_profile(None), []);
    }

    #[test]
    fn a_level_that_does_not_exist_is_an_error() {
        let error = |encodings: &[Encoding]| {
            let error = pipeline(&[]).encodings(encodings.iter().copied()).process().unwrap_err();
            error.to_string()
        };
        assert!(error(&[Encoding::brotli().level(12)]).contains("`br` has no level 12"));
        assert!(error(&[Encoding::gzip().level(0)]).contains("from 1 to 12"));
        let twice = error(&[Encoding::gzip(), Encoding::brotli(), Encoding::gzip().level(1)]);
        assert!(twice.contains("`gzip` is asked for twice"));
    }

    #[test]
    fn advice_is_given_where_it_helps() {
        let work = |seconds| Work { encodings: 1, time: Duration::from_secs(seconds) };
        let (short, long, spent) = (work(100), work(200), Duration::from_secs(25));
        let release = Some(OsStr::new("release"));
        let text = advice(&long, spent, release, "0").unwrap();
        assert!(text.contains("[profile.release.build-override]") && text.contains("25 s"));
        assert!(!text.contains('\n'));
        let debug = advice(&long, spent, Some("debug".as_ref()), "0").unwrap();
        assert!(debug.contains("[profile.dev.build-override]"));
        assert_eq!(advice(&short, spent, release, "0"), None);
        assert_eq!(advice(&long, spent, release, "3"), None);
        assert_eq!(advice(&long, spent, None, "0"), None, "no build script");
    }
}

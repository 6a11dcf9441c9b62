//! Deltas from a folder of versions to the answer: what is stored, and what clients can make of it.

#![cfg(all(feature = "versions", feature = "zstd"))]
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests are tests")]

mod site;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderValue, Method};
use proptest::prelude::*;
use proptest::sample::select;
use ring::digest;
use site::Site;
use stamped::http::{Handler, Head};
use stamped::{Assets, Coding};
use stamped_build::{Bundle, Encoding, ErrorKind, Pipeline, Stamp};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use zstd::zstd_safe::{CParameter, DCtx};

/// A site with deltas.
fn site() -> Site {
    Site::with(|pipeline, dir| {
        pipeline
            .encodings([Encoding::brotli().level(5), Encoding::gzip(), Encoding::delta()])
            .cache_only(Some(dir.join("cache")))
    })
}

/// The files of the cache, with their bytes.
fn cache(site: &Site) -> BTreeMap<PathBuf, Vec<u8>> {
    let files = walkdir::WalkDir::new(site.dir.join("cache")).min_depth(3);
    let files = files.into_iter().map(|entry| entry.unwrap().into_path());
    files.map(|path| (path.clone(), fs::read(path).unwrap())).collect()
}

/// A style sheet of some kilobytes, of which each version differs in a few bytes from each other.
fn css(version: u32) -> String {
    let rule = |number: u32| {
        let color = number.wrapping_mul(0x9e37_79b9) >> 8;
        let width = if number % 100 == 7 { version } else { number % 13 };
        format!(".rule-{number} {{ color: #{color:06x}; width: {width}px }}\n")
    };
    (0..400).map(rule).collect()
}

/// Bytes without any order, the same each time.
fn noise(seed: u64, length: usize) -> Vec<u8> {
    let hash = |number: u64| {
        digest::digest(&digest::SHA512, &[seed, number].map(u64::to_le_bytes).concat())
    };
    let mut bytes: Vec<u8> =
        (0..=length as u64 / 64).flat_map(|at| hash(at).as_ref().to_vec()).collect();
    bytes.truncate(length);
    bytes
}

fn sha256(bytes: &[u8]) -> [u8; 32] {
    digest::digest(&digest::SHA256, bytes).as_ref().try_into().unwrap()
}

/// What a client decodes that has a dictionary (RFC 9842, section 5).
fn decoded(delta: &[u8], dictionary: &[u8]) -> Option<Vec<u8>> {
    let frame = delta.strip_prefix(&[0x5e, 0x2a, 0x4d, 0x18, 0x20, 0, 0, 0])?;
    let frame = frame.strip_prefix(&sha256(dictionary))?;
    let mut context = DCtx::create();
    context.ref_prefix(dictionary).unwrap();
    let mut decoded = Vec::with_capacity(10 << 20);
    context.decompress(&mut decoded, frame).ok()?;
    Some(decoded)
}

fn deltas(bundle: &Bundle, name: &str) -> Vec<([u8; 32], Vec<u8>)> {
    let deltas = bundle.get(name).unwrap().deltas();
    deltas.map(|(dictionary, bytes)| (*dictionary, bytes.to_vec())).collect()
}

#[test]
fn each_earlier_version_has_a_delta_that_decodes_to_the_current_bytes() {
    let site = site();
    for version in [1, 2, 3] {
        site.write("css/a.css", css(version));
        site.release();
    }
    site.write("css/a.css", css(4));
    site.write("new.css", css(500));
    let bundle = site.process();
    let found = deltas(&bundle, "css/a.css");
    assert_eq!(found.len(), 3);
    let smallest = bundle.get("css/a.css").unwrap().encodings().next().unwrap().1.len();
    for version in [1, 2, 3] {
        let old = css(version);
        let (_, delta) = found.iter().find(|(hash, _)| *hash == sha256(old.as_bytes())).unwrap();
        assert_eq!(decoded(delta, old.as_bytes()).unwrap(), css(4).as_bytes());
        assert!(delta.len() * 20 < smallest, "{} of {smallest}", delta.len());
        // Another version is of the same length, and only the checksum tells it apart.
        let mut other = old.clone().into_bytes();
        other[20] ^= 1;
        let frame = &delta[40..];
        let mut context = DCtx::create();
        context.ref_prefix(&other).unwrap();
        assert!(context.decompress(&mut Vec::with_capacity(1 << 20), frame).is_err());
    }
    assert!(deltas(&bundle, "new.css").is_empty());
    let size: usize = found.iter().map(|(_, delta)| delta.len()).sum();
    assert_eq!(bundle.deltas_size(), size as u64);

    // In the program.
    let assets = bundle.leak().unwrap();
    let asset = assets.get("css/a.css").unwrap();
    for (dictionary, bytes) in &found {
        let delta = asset.delta(dictionary).unwrap();
        assert_eq!((delta.bytes(), delta.coding()), (&**bytes, Coding::Delta));
        assert_eq!(delta.content_length(), bytes.len().to_string());
    }
    let mut tags: Vec<_> = asset.representations().map(|one| one.etag()).collect();
    tags.extend(found.iter().map(|(dictionary, _)| asset.delta(dictionary).unwrap().etag()));
    tags.sort_unstable();
    assert!(tags.len() == 6 && tags.is_sorted_by(|a, b| a < b), "{tags:?}");
    assert_eq!(asset.delta(&sha256(b"")), None);
}

#[test]
fn the_first_release_offers_dictionaries_before_there_is_any_delta() {
    let site = site();
    site.write("a.css", css(1));
    let ask = |bundle: &Bundle| {
        let assets = bundle.leak().unwrap();
        let url = bundle.get("a.css").unwrap().url();
        let headers = HeaderMap::new();
        Handler::new(&assets).respond(Head::new(&Method::GET, url, &headers)).into_parts().0
    };
    let first = site.process();
    assert!(first.offers_dictionaries() && first.deltas_size() == 0);
    let offer = ask(&first).headers.get("use-as-dictionary").cloned();
    assert_eq!(offer, Some(HeaderValue::from_static("match=\"a.*.css\"")));
    let without = site.pipeline().encodings([Encoding::gzip()]).process().unwrap();
    assert_eq!(ask(&without).headers.get("use-as-dictionary"), None);
}

#[test]
fn what_saves_less_than_20_percent_is_not_stored() {
    let site = site();
    let (old, new) = (noise(1, 30_000), noise(2, 30_000));
    // Of the new bytes, so many per mille are in the old version.
    let mixed = |known: usize| [&old[..known * 30], &new[known * 30..]].concat();
    for name in ["less.txt", "more.txt", "other.txt", "image.png"] {
        site.write(name, &old);
    }
    site.write("text.css", css(1));
    site.release();
    site.write("less.txt", mixed(190));
    site.write("more.txt", mixed(210));
    site.write("other.txt", &new);
    // Compressed already by its type.
    site.write("image.png", mixed(900));
    // Better by itself than with a version that it shares nothing with.
    site.write("text.css", "a { color: red }\n".repeat(500));
    let bundle = site.process();
    let stored = |name| deltas(&bundle, name).len();
    assert_eq!(stored("more.txt"), 1);
    for name in ["less.txt", "other.txt", "image.png", "text.css"] {
        assert_eq!(stored(name), 0, "{name}");
    }
    for asset in bundle.assets() {
        let others = asset.encodings().map(|(_, bytes)| bytes.len());
        let smallest = others.min().unwrap_or(asset.size() as usize);
        assert!(asset.deltas().all(|(_, bytes)| bytes.len() * 5 <= smallest * 4));
    }
}

#[test]
fn versions_that_are_8_mib_together_have_a_delta_and_larger_ones_none() {
    const EACH: usize = 4 << 20;
    let site = site();
    let old = noise(1, EACH + 1);
    site.write("just.txt", &old[..EACH]);
    site.write("large.txt", &old);
    site.release();
    let changed = |length| [&b"changed"[..], &old[7..length]].concat();
    site.write("just.txt", changed(EACH));
    site.write("large.txt", changed(EACH));
    let bundle = site.process();
    assert!(deltas(&bundle, "large.txt").is_empty());
    let [(_, delta)] = &*deltas(&bundle, "just.txt") else { panic!() };
    assert!(delta.len() < 2000, "{}", delta.len());
    assert_eq!(decoded(delta, &old[..EACH]).unwrap(), changed(EACH));
    // RFC 8878, section 3.1.1.1: a frame without a window is decoded within its content. The checksum is
    // the bit of the value 4.
    let descriptor = delta[44];
    assert!(descriptor & 0b100 != 0 && descriptor & 0b10_0000 != 0, "{descriptor:b}");
}

#[test]
fn equal_bytes_under_a_new_stamp_are_a_delta_of_some_bytes() {
    let site = site();
    let pipeline = |stamp| site.pipeline().stamp(Stamp::Fixed(stamp));
    site.write("a.png", noise(1, 10_000));
    site.write("gone.css", css(1));
    let first = pipeline(1).process().unwrap();
    site.settings.record_bundle(&first).unwrap();
    fs::remove_file(site.dir.join("assets/gone.css")).unwrap();
    let bundle = pipeline(2).process().unwrap();
    let [(_, delta)] = &*deltas(&bundle, "a.png") else { panic!() };
    assert!(delta.len() < 100);
    assert_eq!(decoded(delta, &noise(1, 10_000)).unwrap(), noise(1, 10_000));
}

#[test]
fn only_stamped_names_that_stay_the_same_have_deltas() {
    let site = site();
    let pipeline = || site.pipeline().prestamped("app-*.js").plain(["plain.css", "later.css"]);
    site.write("app-1.js", css(1));
    site.write("plain.css", css(1));
    site.write("later.css", css(1));
    site.write("a/moved.css", css(1));
    let first = site.pipeline().prestamped("app-*.js").plain(["plain.css"]).process().unwrap();
    site.settings.record_bundle(&first).unwrap();
    fs::remove_file(site.dir.join("assets/app-1.js")).unwrap();
    fs::remove_file(site.dir.join("assets/a/moved.css")).unwrap();
    for name in ["app-2.js", "plain.css", "later.css", "b/moved.css"] {
        site.write(name, css(2));
    }
    assert_eq!(pipeline().process().unwrap().deltas_size(), 0);
}

#[test]
fn a_delta_is_made_once_and_a_damaged_or_forged_one_is_made_again() {
    let site = site();
    site.write("a.css", css(1));
    site.release();
    site.write("a.css", css(2));
    let before = cache(&site);
    let bundle = site.process();
    let made = deltas(&bundle, "a.css");
    let after = cache(&site);
    let (path, entry) = after
        .iter()
        .find(|(path, entry)| !before.contains_key(*path) && entry.starts_with(&made[0].1))
        .unwrap();
    let checksum = &entry[made[0].1.len()..];

    // What is in the cache is taken: another level makes the same key no other bytes.
    let old = css(1);
    let mut level_1 = zstd::zstd_safe::CCtx::create();
    level_1.set_parameter(CParameter::CompressionLevel(1)).unwrap();
    level_1.ref_prefix(old.as_bytes()).unwrap();
    let mut frame = Vec::with_capacity(1 << 20);
    level_1.compress2(&mut frame, css(2).as_bytes()).unwrap();
    let other = [&made[0].1[..40], &frame].concat();
    assert_ne!(other, made[0].1);
    // An entry is a payload, and the SHA-384 of its name and the payload.
    let name = |path: &Path| path.file_name().unwrap().to_str().unwrap().to_owned();
    let key = name(path.parent().unwrap()) + &name(path);
    let digits = (0..key.len()).step_by(2).map(|at| u8::from_str_radix(&key[at..at + 2], 16));
    let key: Vec<u8> = digits.map(Result::unwrap).collect();
    let sealed = |payload: &[u8]| {
        let sum = digest::digest(&digest::SHA384, &[&key, payload].concat());
        [payload, sum.as_ref()].concat()
    };
    assert_eq!(sealed(&made[0].1)[made[0].1.len()..], *checksum);
    fs::write(path, sealed(&other)).unwrap();
    assert_eq!(deltas(&site.process(), "a.css")[0].1, other);

    let with_hash_of = |bytes: &[u8]| [&made[0].1[..8], &sha256(bytes), &made[0].1[40..]].concat();
    for damaged in [
        entry[..entry.len() - 1].to_vec(),
        sealed(b"x"),
        sealed(&made[0].1[..60]),
        sealed(&with_hash_of(b"another dictionary")),
        sealed(&[&made[0].1[..], b"more"].concat()),
    ] {
        fs::write(path, &damaged).unwrap();
        assert_eq!(deltas(&site.process(), "a.css"), made);
        assert_eq!(fs::read(path).unwrap(), *entry, "the true one has taken its place");
    }
}

#[test]
fn what_the_cache_holds_does_not_decide_what_is_stored() {
    let site = site();
    let old = css(1);
    site.write("a.css", &old);
    site.release();
    // A delta that is worth storing beside the plain bytes, and not beside brotli.
    site.write(
        "a.css",
        css(1) + &"b { color: red }\n".repeat(20) + &STANDARD.encode(noise(1, 20_000)),
    );
    let only = || site.pipeline().encodings([Encoding::delta()]).process().unwrap();
    let counts = |bundles: [Bundle; 3]| bundles.map(|bundle| deltas(&bundle, "a.css").len());
    let all = site.process();
    let [(_, delta)] = &*deltas(&only(), "a.css") else { panic!() };
    let brotli = all.get("a.css").unwrap().encodings().next().unwrap().1.len();
    assert!(delta.len() * 5 > brotli * 4, "{} of {brotli}", delta.len());
    assert_eq!(counts([site.process(), only(), site.process()]), [0, 1, 0]);
}

#[test]
fn deltas_need_a_folder_of_versions() {
    let error = Pipeline::new(".").encodings([Encoding::delta()]).process().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::DeltasWithoutVersions);
    assert!(error.help().contains(".versions("), "{error}");
    let level = Encoding::delta().level(23);
    let error = site().pipeline().encodings([level]).process().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidLevel);
}

/// Three versions, the newest of which is current, and one that nobody has recorded.
static RELEASES: LazyLock<(Assets, String)> = LazyLock::new(|| {
    let site = site();
    site.write("a.css", css(1));
    site.release();
    site.write("a.css", css(2));
    site.release();
    site.write("a.css", css(3));
    let bundle = site.process();
    (bundle.leak().unwrap(), bundle.get("a.css").unwrap().url().to_owned())
});

fn dictionary(bytes: &[u8]) -> String {
    format!(":{}:", STANDARD.encode(sha256(bytes)))
}

proptest! {
    #[test]
    fn whatever_a_client_says_it_can_decode_the_answer_to_the_current_bytes(
        available in proptest::collection::vec(prop_oneof![
            4 => (1_u32..5).prop_map(|version| dictionary(css(version).as_bytes())),
            1 => proptest::collection::vec(any::<u8>(), 0..40)
                .prop_map(|bytes| format!(":{}:", STANDARD.encode(bytes))),
            1 => "[ -~]{0,60}",
        ], 0..3),
        accepted in proptest::option::of(prop_oneof![
            proptest::collection::vec(
                "(gzip|br|dcz|dcb|identity|zstd|\\*)(;q=(0|1|0\\.[0-9]{1,3}))?", 0..6
            ).prop_map(|list| list.join(", ")),
            select(vec!["gzip, deflate, br, zstd, dcb, dcz".to_owned()]),
            "[ -~]{0,30}",
        ]),
        range in proptest::option::weighted(0.2, "bytes=[0-9]{1,3}-"),
    ) {
        let (assets, url) = &*RELEASES;
        let mut headers = HeaderMap::new();
        for value in &available {
            headers.append("available-dictionary", HeaderValue::from_str(value).unwrap());
        }
        if let Some(accepted) = &accepted {
            headers.insert("accept-encoding", HeaderValue::from_str(accepted).unwrap());
        }
        if let Some(range) = &range {
            headers.insert("range", HeaderValue::from_str(range).unwrap());
        }
        let response = Handler::new(assets).respond(Head::new(&Method::GET, url, &headers));
        let (parts, body) = response.into_parts();
        let vary = parts.headers.get("vary").unwrap();
        prop_assert_eq!(vary, "Accept-Encoding, Available-Dictionary");
        let coding = parts.headers.get("content-encoding").map(|value| value.to_str().unwrap());
        if coding == Some("dcz") {
            // The client has named just one dictionary, in the only field, and takes the coding.
            let [only] = &*available else { panic!("{available:?}") };
            prop_assert!(accepted.unwrap().contains("dcz") && range.is_none());
            let version = (1..3).find(|&version| *only.trim() == dictionary(css(version).as_bytes()));
            let old = css(version.unwrap());
            prop_assert_eq!(parts.status, 200);
            prop_assert!(decoded(&body.into_bytes(), old.as_bytes()).unwrap() == css(3).as_bytes());
        } else if parts.status == 200 {
            let asset = assets.get("a.css").unwrap();
            let body = body.into_bytes();
            let mut ordinary = asset.representations();
            let is_one = ordinary.any(|one| {
                one.bytes() == body && one.coding().token() == coding.unwrap_or("identity")
            });
            prop_assert!(is_one, "{coding:?}");
        } else {
            prop_assert!([206, 406, 416].contains(&parts.status.as_u16()));
        }
    }
}

//! Earlier versions: what was recorded is answered for, with its bytes, and with all that it names.

#![cfg(feature = "versions")]

mod site;

use flate2::read::GzDecoder;
use proptest::prelude::*;
use site::Site;
use stamped::{Addressing, Coding, Resolved};
use stamped_build::{
    AssetVersion, Bundle, Encoding, ErrorKind, Manifest, Pipeline, Retired, Stamp, Versions,
    WarningKind,
};
use stamped_test_support::Dir;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Read as _;
use std::path::PathBuf;
use std::time::Duration;

fn site() -> Site {
    Site::with(|pipeline, _| pipeline)
}

/// The file that has the version of this path.
fn version(site: &Site, path: &str) -> PathBuf {
    site.dir.join(format!("versions/static/{path}"))
}

fn path(bundle: &Bundle, name: &str) -> String {
    bundle.get(name).unwrap().path().to_owned()
}

/// The bytes of an asset, decoded where they are stored in a coding only.
fn bytes(asset: stamped::Asset) -> Vec<u8> {
    let first = asset.representations().next().unwrap();
    match first.coding() {
        Coding::Identity => first.bytes().to_vec(),
        Coding::Gzip => {
            let mut decoded = Vec::new();
            GzDecoder::new(first.bytes()).read_to_end(&mut decoded).unwrap();
            decoded
        }
        other => panic!("not every client takes {other:?}"),
    }
}

#[test]
fn an_earlier_version_is_exact_and_has_what_it_was_built_with() {
    let site = site();
    site.write("css/a.css", "a { background: url(../img/b.svg) }");
    site.write("img/b.svg", "<svg/>");
    site.write("gone.js", "1");
    let first = site.release();
    site.write("css/a.css", "a { background: url(../img/b.svg); color: red }");
    site.write("img/b.svg", "<svg></svg>");
    fs::remove_file(site.dir.join("assets/gone.js")).unwrap();
    let second = site.release();
    site.write("css/a.css", "a {}");

    let assets = site.process().leak().unwrap();
    let current = assets.get("css/a.css").unwrap();
    let urls: Vec<_> = current.versions().map(stamped::Asset::url).collect();
    let url = |bundle: &Bundle, name: &str| bundle.get(name).unwrap().url().to_owned();
    assert_eq!(urls, [url(&second, "css/a.css"), url(&first, "css/a.css")]);
    assert!(current.is_current() && current.versions().all(|version| !version.is_current()));
    assert!(assets.iter().all(stamped::Asset::is_current) && assets.len() == 2);

    for (bundle, name) in
        [(&first, "css/a.css"), (&second, "css/a.css"), (&first, "img/b.svg"), (&first, "gone.js")]
    {
        let was = bundle.get(name).unwrap();
        let Resolved::Exact(found) = assets.resolve(was.url()) else { panic!("{}", was.url()) };
        assert_eq!(bytes(found), &*was.bytes().unwrap());
        assert_eq!(
            (found.name(), found.url(), found.stamp(), found.content_type(), found.integrity()),
            (name, was.url(), was.stamp(), was.content_type(), was.integrity())
        );
        assert_eq!((found.addressing(), found.etag()), (Addressing::Stamped, was.etag()));
    }
    let Resolved::Exact(old) = assets.resolve(&url(&first, "css/a.css")) else { panic!() };
    let named: Vec<_> = old.references().map(stamped::Asset::url).collect();
    assert_eq!(named, [url(&first, "img/b.svg")]);
    // The current one at the time of the second release, which is still current.
    let Resolved::Exact(old) = assets.resolve(&url(&second, "css/a.css")) else { panic!() };
    assert!(old.references().eq([assets.get("img/b.svg").unwrap()]));

    // A name without a current version is no asset, and no other stamp of it is known.
    assert_eq!(assets.get("gone.js"), None);
    for path in ["/static/gone.js", "/static/gone.1.js", "/static/gone.00000000000000000000.js"] {
        assert_eq!(assets.resolve(path), Resolved::Unknown, "{path}");
    }
    let stale = assets.resolve("/static/css/a.00000000000000000001.css");
    assert_eq!(stale, Resolved::Stale(current));
}

#[test]
fn an_earlier_version_is_described_as_it_was() {
    let site = site();
    site.write("logo.svg", "<svg xmlns='http://www.w3.org/2000/svg' width='3' height='5'/>");
    site.write("app.js", "export const a = 1;");
    site.write("old.js", "var a = 1;");
    site.release();
    site.write("logo.svg", "<svg xmlns='http://www.w3.org/2000/svg' width='30' height='50'/>");
    site.write("app.js", "export const a = 2;");
    site.write("old.js", "var a = 2;");
    let assets = site.process().leak().unwrap();
    let before = |name| assets.get(name).unwrap().versions().next().unwrap();
    assert_eq!(before("logo.svg").dimensions(), Some((3, 5)));
    assert_eq!([before("app.js"), before("old.js")].map(stamped::Asset::is_module), [true, false]);
}

#[test]
fn records_at_once_lose_nothing_of_each_other() {
    let dir = Dir::new();
    let settings = Versions::new(dir.join("versions"));
    std::thread::scope(|threads| {
        for number in 0..8 {
            let settings = &settings;
            threads.spawn(move || {
                let name = format!("{number}.css");
                let site = Pipeline::new("no such folder").allow_missing(true);
                let site = site.stamp(Stamp::Content).file(&*name, &*name).process().unwrap();
                let alone = Dir::new();
                Versions::new(alone.path()).record_bundle(&site).unwrap();
                let release = Versions::new(alone.path()).manifest().unwrap();
                let read = |version: &AssetVersion| {
                    // The others begin meanwhile.
                    std::thread::sleep(Duration::from_millis(50));
                    Ok(fs::read(alone.join(version.location()))?)
                };
                settings.record(release, read).unwrap();
            });
        }
    });
    let manifest = settings.manifest().unwrap();
    let retired = manifest.retired().iter().map(Retired::version);
    let all = manifest.assets().iter().chain(retired);
    let names: BTreeSet<_> = all.map(AssetVersion::name).collect();
    assert_eq!(names.len(), 8, "{names:?}");
    let (damaged, strays) = settings.check().unwrap();
    assert!(damaged.is_empty() && strays.is_empty(), "{damaged:?} {strays:?}");
}

#[test]
fn names_that_a_bundler_or_nobody_stamped_are_kept_and_left_out() {
    let site = site();
    let pipeline = || site.pipeline().prestamped("app-*.js");
    site.write("app-1.js", "one()");
    site.write("50% 图.css", "a{}");
    site.write("robots.txt", "x");
    let first = pipeline().process().unwrap();
    let week = Duration::from_secs(7 * 24 * 60 * 60);
    site.settings.clone().keep_for(week).record_bundle(&first).unwrap();
    assert!(!version(&site, "robots.txt").exists());
    fs::remove_file(site.dir.join("assets/app-1.js")).unwrap();
    site.write("app-2.js", "two()");
    site.write("50% 图.css", "b{}");
    let second = pipeline().process().unwrap();
    site.settings.clone().keep_for(week).record_bundle(&second).unwrap();
    let assets = second.leak().unwrap();
    for (url, body) in
        [("/static/app-1.js", &b"one()"[..]), (first.get("50% 图.css").unwrap().url(), b"a{}")]
    {
        let Resolved::Exact(found) = assets.resolve(url) else { panic!("{url}") };
        assert_eq!((bytes(found).as_slice(), found.url()), (body, url));
    }
    assert_eq!(assets.get("app-1.js"), None);
}

#[test]
fn equal_bytes_cost_nothing_and_others_are_stored_in_gzip_if_that_is_smaller() {
    let site = site();
    let text = "a { color: red }\n".repeat(200);
    let modified = |time| {
        stamped_test_support::touch_at(time, site.dir.join("assets/a.css"));
        let pipeline = site.pipeline().stamp(Stamp::Modified);
        pipeline.encodings([Encoding::brotli()]).process().unwrap()
    };
    site.write("a.css", &text);
    for time in [1_400_000_000, 1_400_000_001] {
        site.settings.record_bundle(&modified(time)).unwrap();
    }
    let bundle = modified(1_400_000_002);
    assert_eq!((bundle.versions().len(), bundle.versions_size()), (2, 0));
    let assets = bundle.leak().unwrap();
    for version in assets.get("a.css").unwrap().versions() {
        assert_eq!(version.bytes(), text.as_bytes());
        assert_eq!(version.representations().len(), 2);
    }
    site.settings.record_bundle(&bundle).unwrap();
    site.write("a.css", "b {}");
    let bundle = modified(1_400_000_003);
    let [first, ..] = bundle.versions() else { panic!() };
    let gzip = first.asset().encodings().map(|(_, bytes)| bytes.len() as u64).next().unwrap();
    assert_eq!((bundle.versions().len(), bundle.versions_size()), (3, gzip));
    assert!(gzip < 200);
    let urls: Vec<_> = bundle.versions().iter().map(|version| version.asset().url()).collect();
    assert_eq!(urls[0], "/static/a.1400000002.css");
    let assets = bundle.leak().unwrap();
    for version in assets.get("a.css").unwrap().versions() {
        assert_eq!((version.representations().len(), version.bytes().len()), (1, 0));
        assert_eq!(bytes(version), text.as_bytes());
    }
}

#[test]
fn a_damaged_version_is_an_error_that_names_the_file_and_the_way_out() {
    let site = site();
    site.write("a.css", "first\n");
    let first = path(&site.release(), "a.css");
    site.write("a.css", "second\n");
    site.release();
    let file = version(&site, &first);
    for (bytes, why) in [
        (Some(&b"firsT\n"[..]), "it has other bytes than were recorded"),
        (Some(b"first"), "it has 5 bytes, and 6 were recorded"),
        (Some(b""), "it has 0 bytes"),
        (Some(b"first\r\n"), "its line ends were changed"),
        (Some(b"version https://git-lfs.github.com/spec/v1\n"), "a pointer of Git LFS"),
        (None, "it is missing"),
    ] {
        match bytes {
            Some(bytes) => fs::write(&file, bytes).unwrap(),
            None => fs::remove_file(&file).unwrap(),
        }
        let error = site.pipeline().process().unwrap_err();
        assert_eq!((error.kind(), error.path()), (ErrorKind::DamagedVersion, Some(&*file)));
        let said = error.to_string();
        assert!(said.contains(why) && said.contains("stamped versions remove"), "{said}");
        let (damaged, strays) = site.settings.check().unwrap();
        assert_eq!((damaged.len(), strays.len()), (1, 0));
    }
    let removed = site.settings.remove(|version| version.path() == first).unwrap();
    assert_eq!((removed.asked.len(), removed.dependent.len()), (1, 0));
    assert_eq!(site.process().versions().len(), 0);

    fs::write(site.dir.join("versions/manifest.json"), "{").unwrap();
    assert_eq!(site.pipeline().process().unwrap_err().kind(), ErrorKind::ForeignManifest);
    fs::remove_file(site.dir.join("versions/manifest.json")).unwrap();
    assert_eq!(site.pipeline().process().unwrap_err().kind(), ErrorKind::Unreadable);
}

#[test]
fn what_is_removed_takes_those_along_that_refer_to_it() {
    let site = site();
    site.write("a.css", "@import 'b.css'; 1");
    site.write("b.css", "x { background: url(c.svg) }");
    site.write("c.svg", "<svg/>");
    site.write("d.css", "alone");
    site.release();
    site.write("c.svg", "<svg></svg>");
    site.write("d.css", "changed");
    let second = site.release();
    let gone = |version: &stamped_build::AssetVersion| {
        version.name() == "c.svg" && version.path() != path(&second, "c.svg")
    };
    let removed = site.settings.remove(gone).unwrap();
    let names: BTreeSet<_> = removed.dependent.iter().map(|version| version.name()).collect();
    assert_eq!((removed.asked.len(), names), (1, ["a.css", "b.css"].into()));
    let left = site.settings.manifest().unwrap();
    let left: Vec<_> = left.retired().iter().map(|retired| retired.version().name()).collect();
    assert_eq!(left, ["d.css"]);
    assert_eq!(site.settings.check().unwrap().1, Vec::<PathBuf>::new());
}

#[test]
fn versions_of_another_mount_are_left_out_with_a_warning() {
    let site = site();
    site.write("a.css", "first");
    site.release();
    let bundle = site.pipeline().mount("/assets").process().unwrap();
    let [warning] = bundle.warnings() else { panic!("{:?}", bundle.warnings()) };
    assert_eq!(warning.kind(), WarningKind::OtherMount);
    assert!(warning.message().contains("1 versions") || warning.message().contains("(`/static`)"));
    assert_eq!(bundle.versions().len(), 0);
}

#[test]
fn a_folder_of_versions_among_the_assets_is_refused() {
    let dir = Dir::new();
    dir.write("assets/a.css", "");
    dir.write("assets/versions/.keep", "");
    let pipeline = Pipeline::new(dir.join("assets")).versions(dir.join("assets/versions"));
    assert!(pipeline.process().is_err());
}

#[test]
fn the_same_release_recorded_again_changes_nothing() {
    let site = site();
    site.write("a.css", "first");
    site.release();
    site.write("a.css", "second");
    site.release();
    let manifest = site.dir.join("versions/manifest.json");
    let before =
        (fs::read(&manifest).unwrap(), fs::metadata(&manifest).unwrap().modified().unwrap());
    site.release();
    let after =
        (fs::read(&manifest).unwrap(), fs::metadata(&manifest).unwrap().modified().unwrap());
    assert_eq!(before, after);
    let attributes = fs::read_to_string(site.dir.join("versions/.gitattributes")).unwrap();
    assert_eq!(attributes, "* -text\n");
}

#[test]
fn a_release_with_other_bytes_than_its_manifest_says_is_not_recorded() {
    let site = site();
    site.write("a.css", "first");
    site.write("b.css", "b");
    let bundle = site.release();
    let manifest = site.settings.manifest().unwrap();
    let other = Versions::new(site.dir.join("other"));
    let error = other.record(manifest.clone(), |_| Ok(b"other".to_vec())).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unrecordable);
    assert!(error.to_string().contains(bundle.get("a.css").unwrap().url()), "{error}");
    assert_eq!(other.manifest().unwrap(), Manifest::default());
    let read = |version: &stamped_build::AssetVersion| {
        Ok(fs::read(site.dir.join("versions").join(version.location()))?)
    };
    other.record(manifest.clone(), read).unwrap();
    assert_eq!(other.manifest().unwrap(), manifest);
}

/// What happens to the files in one release: the number of each file that is edited, and its new text.
type Edits = Vec<(usize, u8)>;

const FILES: usize = 6;

/// The text of a file: it refers to some of those behind it, and, if it is 5, to none.
fn text(number: usize, seed: u8) -> String {
    let targets = (number + 1..FILES).filter(|target| seed >> (target - number) & 1 == 1);
    let urls: String = targets.map(|target| format!(" url(f{target}.css)")).collect();
    format!("x {{ --v: {seed};{urls} }}{}", "\n".repeat(usize::from(seed) % 7))
}

/// The stamped file names in a text.
fn named(text: &str) -> Vec<String> {
    let words = text.split([' ', '(', ')']).filter(|word| word.ends_with(".css"));
    words.map(str::to_owned).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    /// After each release of a random history, what is kept has its own bytes, and all that it names.
    #[test]
    fn the_kept_versions_are_closed_and_have_their_bytes(
        history in prop::collection::vec(
            prop::collection::vec((0..FILES, any::<u8>()), 0..4), 1..8
        ),
        keep in 0_usize..4,
        limit in prop::option::of(0_u64..400),
        by_time: bool,
    ) {
        let mut site = site();
        site.settings = site.settings.clone().keep(keep);
        if let Some(limit) = limit {
            site.settings = site.settings.clone().keep_bytes(limit);
        }
        (0..FILES).for_each(|number| site.write(&format!("f{number}.css"), text(number, 0)));
        let mut published: BTreeMap<String, Vec<u8>> = BTreeMap::new();
        // The contents of each name, the newest last, with the path that had it.
        let mut contents: BTreeMap<String, Vec<(Vec<u8>, String)>> = BTreeMap::new();
        for (number, edits) in history.iter().enumerate() {
            let edits: &Edits = edits;
            for &(file, seed) in edits {
                site.write(&format!("f{file}.css"), text(file, seed));
            }
            let stamp = if by_time { Stamp::Modified } else { Stamp::Content };
            for file in 0..FILES {
                // A fresh checkout.
                let time = 1_400_000_000 + number as u64;
                stamped_test_support::touch_at(time, site.dir.join(format!("assets/f{file}.css")));
            }
            let bundle = site.pipeline().stamp(stamp).process().unwrap();
            let assets = bundle.leak().unwrap();
            let current: BTreeSet<&str> = bundle.assets().iter().map(|asset| asset.path()).collect();
            for (path, was) in &published {
                if let Resolved::Exact(found) = assets.resolve(&format!("/static/{path}")) {
                    prop_assert_eq!(&bytes(found), was, "{}", path);
                    for name in named(std::str::from_utf8(was).unwrap()) {
                        let target = assets.resolve(&format!("/static/{name}"));
                        let Resolved::Exact(target) = target else {
                            return Err(TestCaseError::fail(format!("{path} names {name}")));
                        };
                        prop_assert_eq!(&bytes(target), &published[&name]);
                    }
                }
            }
            // The release before is always there, unless a limit forbids it.
            for (name, all) in &contents {
                let latest = all.iter().rev().map(|(_, path)| path);
                let kept = if limit.is_some() { 0 } else { keep.min(1) };
                for path in latest.take(kept.max(1)) {
                    let is_exact = matches!(assets.resolve(&format!("/static/{path}")), Resolved::Exact(_));
                    // The last release is in the folder in any case.
                    prop_assert!(is_exact, "{name}: {path}");
                }
            }
            site.settings.record_bundle(&bundle).unwrap();
            for asset in bundle.assets() {
                let bytes = asset.bytes().unwrap().into_owned();
                published.insert(asset.path().to_owned(), bytes.clone());
                let all = contents.entry(asset.name().to_owned()).or_default();
                all.retain(|(known, _)| *known != bytes);
                all.push((bytes, asset.path().to_owned()));
            }
            // By number: the newest contents of each name.
            let again = site.pipeline().stamp(stamp).process().unwrap();
            let assets = again.leak().unwrap();
            for (_, all) in contents.iter().filter(|_| limit.is_none()) {
                for (_, path) in all.iter().rev().take(keep + 1) {
                    let found = assets.resolve(&format!("/static/{path}"));
                    prop_assert!(matches!(found, Resolved::Exact(_)), "{} of {}", path, keep);
                }
            }
            if let Some(limit) = limit {
                let distinct: BTreeMap<&str, u64> = again
                    .versions()
                    .iter()
                    .map(|version| (version.asset().integrity(), version.asset().size()))
                    .filter(|(integrity, _)| again.assets().iter().all(|asset| asset.integrity() != *integrity))
                    .collect();
                prop_assert!(distinct.values().sum::<u64>() <= limit);
            }
            let (damaged, strays) = site.settings.check().unwrap();
            prop_assert!(damaged.is_empty() && strays.is_empty(), "{damaged:?} {strays:?}");
            prop_assert!(current.len() == FILES);
        }
    }
}

//! Measures what a visitor downloads who comes back after each of ten releases of five packages: the changed
//! files in brotli, or as deltas where there are some.
//!
//!     benches/deltas/fetch FOLDER
//!     cargo run --release --manifest-path benches/Cargo.toml -p deltas -- FOLDER
//!
//! The list of packages, files and releases is `benches/deltas/releases`. Each release is recorded, and
//! three versions are kept. Brotli comes from the cache in the second of two runs over a release, so the time
//! is that of the deltas. Without `--release` it is what a build script needs by default.

use figures::Table;
use stamped_build::{Bundle, Encoding, Pipeline, Stamp, Versions};
use std::error::Error;
use std::time::{Duration, Instant};
use std::{env, fs};

const RELEASES: &str = include_str!("../releases");

fn main() -> Result<(), Box<dyn Error>> {
    let folder =
        env::args_os().nth(1).ok_or("name the folder that benches/deltas/fetch has filled")?;
    let folder = fs::canonicalize(folder)?;
    let kept = folder.join("kept");
    let mut total = Table::new(
        "deltas/total",
        "Ten releases, for a visitor who has the one before",
        "bytes, seconds",
        &[
            "brotli",
            "deltas",
            "% of brotli",
            "deltas in the program",
            "% of the program",
            "seconds for each build",
        ],
    );
    let mut all = [0.0; 5];
    for line in RELEASES.lines() {
        let [package, _, releases @ ..] = &*line.split(' ').collect::<Vec<_>>() else {
            return Err(format!("{line:?} is no package with files and releases").into());
        };
        let name = package.replace('@', "").replace('/', "-");
        let versions = kept.join("versions").join(&name);
        fs::remove_dir_all(&versions).or_else(|error| match error.kind() {
            std::io::ErrorKind::NotFound => Ok(()),
            _ => Err(error),
        })?;
        let versions = Versions::new(versions).keep(3).keep_for(Duration::ZERO);
        let pipeline = |release: &str| {
            Pipeline::new(folder.join(&name).join(release))
                .stamp(Stamp::Content)
                .versions(versions.clone())
                .cache_only(Some(kept.join("cache")))
        };
        let mut steps =
            Table::new(&format!("deltas/{name}"), package, "bytes", &["brotli", "deltas", "%"]);
        let mut sums = [0.0; 5];
        let mut before: Option<Bundle> = None;
        for release in releases {
            let ordinary = [Encoding::brotli(), Encoding::gzip()];
            pipeline(release).encodings(ordinary).process()?;
            let encodings = ordinary.into_iter().chain([Encoding::delta()]);
            let began = Instant::now();
            let with_deltas = pipeline(release).encodings(encodings).process()?;
            let with = began.elapsed();
            let began = Instant::now();
            let bundle = pipeline(release).encodings(ordinary).process()?;
            let time = with.saturating_sub(began.elapsed()).as_secs_f64();
            if let Some(before) = &before {
                let (brotli, deltas) = downloaded(before, &with_deltas)?;
                let percent = (brotli > 0.0).then(|| deltas / brotli * 100.0);
                steps.row(release, [Some(brotli), Some(deltas), percent]);
                let program: u64 = with_deltas.deltas_size();
                let own = stored(&bundle)? as f64;
                for (sum, value) in sums.iter_mut().zip([brotli, deltas, program as f64, own, time])
                {
                    *sum += value;
                }
            }
            versions.record_bundle(&bundle)?;
            before = Some(bundle);
        }
        steps.print();
        row(&mut total, package, sums);
        for (all, sum) in all.iter_mut().zip(sums) {
            *all += sum;
        }
    }
    row(&mut total, "all", all);
    total.print();
    Ok(())
}

fn row(table: &mut Table, name: &str, [brotli, deltas, program, own, time]: [f64; 5]) {
    let percent = |part: f64, whole: f64| part / whole * 100.0;
    let values = [
        brotli,
        deltas,
        percent(deltas, brotli),
        program / 10.0,
        percent(program, own),
        time / 10.0,
    ];
    table.row(name, values.map(Some));
}

/// The bytes of what has changed, in brotli and with deltas.
fn downloaded(before: &Bundle, now: &Bundle) -> Result<(f64, f64), Box<dyn Error>> {
    let (mut brotli, mut deltas) = (0, 0);
    for asset in now.assets() {
        let old = before.get(asset.name()).filter(|old| old.path() != asset.path());
        let is_new = before.get(asset.name()).is_none();
        if old.is_none() && !is_new {
            continue;
        }
        let whole = asset.encodings().next().map_or(asset.bytes()?.len(), |(_, bytes)| bytes.len());
        let hash =
            old.map(|old| old.bytes()).transpose()?.map(|bytes| hmac_sha256::Hash::hash(&bytes));
        let delta = asset.deltas().find(|(dictionary, _)| Some(**dictionary) == hash);
        brotli += whole;
        deltas += delta.map_or(whole, |(_, bytes)| bytes.len());
    }
    Ok((brotli as f64, deltas as f64))
}

/// The bytes of all contents and ordinary encodings of a program, and those of its earlier versions.
fn stored(bundle: &Bundle) -> Result<u64, Box<dyn Error>> {
    let mut bytes = bundle.versions_size();
    for asset in bundle.assets() {
        bytes += asset.size();
        bytes += asset.encodings().map(|(_, encoded)| encoded.len() as u64).sum::<u64>();
    }
    Ok(bytes)
}

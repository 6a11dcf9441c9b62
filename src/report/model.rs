//! The contents of a report, whatever its form.

use stamped::{Addressing, Assets, Coding};
use stamped_build::{Asset, Bundle, Unstamped};

/// A report on a bundle.
#[derive(Debug)]
pub(crate) struct Report<'a> {
    /// The path that all URLs begin with: `/`, or without a slash at its end.
    pub(crate) mount: &'a str,
    /// The mode of the stamps, if it is known.
    pub(crate) mode: Option<String>,
    pub(crate) rows: Vec<Row<'a>>,
    /// The number of earlier versions, and the bytes that they take.
    pub(crate) versions: (usize, u64),
    /// The number of deltas, and their bytes.
    pub(crate) deltas: (usize, u64),
    pub(crate) warnings: &'a [String],
}

/// One asset.
#[derive(Debug)]
pub(crate) struct Row<'a> {
    pub(crate) name: &'a str,
    pub(crate) url: &'a str,
    pub(crate) stamp: Option<&'a str>,
    /// Why it has no stamp.
    pub(crate) unstamped: Option<&'static str>,
    pub(crate) content_type: &'a str,
    pub(crate) size: usize,
    /// The length in each content coding that is stored.
    pub(crate) encodings: Vec<(Coding, usize)>,
    /// The names of the assets that it refers to.
    pub(crate) references: Vec<&'a str>,
}

/// The totals of all rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Total {
    pub(crate) assets: usize,
    pub(crate) stamped: usize,
    pub(crate) size: usize,
    /// The bytes that a visitor downloads with the best coding of each asset.
    pub(crate) smallest: usize,
}

impl<'a> Report<'a> {
    /// Reports on a bundle whose stamps are made by `mode`.
    pub(crate) fn of_bundle(
        bundle: &'a Bundle,
        mode: Option<String>,
        warnings: &'a [String],
    ) -> Self {
        let row = |asset: &'a Asset| Row {
            name: asset.name(),
            url: asset.url(),
            stamp: asset.stamp(),
            unstamped: asset.unstamped().map(|why| match why {
                Unstamped::Prestamped | Unstamped::Bundled => "a bundler has stamped it",
                Unstamped::Extension => "its extension is not in --only",
                _ => "its name is kept",
            }),
            content_type: asset.content_type(),
            size: usize::try_from(asset.size()).unwrap_or(usize::MAX),
            encodings: asset.encodings().map(|(coding, bytes)| (coding, bytes.len())).collect(),
            references: bundle.references(asset).map(Asset::name).collect(),
        };
        Report {
            mount: or_root(bundle.mount()),
            mode,
            rows: bundle.assets().iter().map(row).collect(),
            versions: (bundle.versions().len(), bundle.versions_size()),
            deltas: (
                bundle.assets().iter().map(|asset| asset.deltas().len()).sum(),
                bundle.deltas_size(),
            ),
            warnings,
        }
    }

    /// Reports on assets in this program.
    pub(crate) fn of_assets(assets: Assets) -> Report<'static> {
        let row = |asset: stamped::Asset| Row {
            name: asset.name(),
            url: asset.url(),
            stamp: asset.stamp(),
            unstamped: match asset.addressing() {
                Addressing::Stamped => None,
                Addressing::Prestamped => Some("a bundler has stamped it"),
                _ => Some("its name is kept"),
            },
            content_type: asset.content_type(),
            size: asset.bytes().len(),
            encodings: asset
                .representations()
                .filter(|one| one.coding() != Coding::Identity)
                .map(|one| (one.coding(), one.bytes().len()))
                .collect(),
            references: asset.references().map(stamped::Asset::name).collect(),
        };
        Report {
            mount: or_root(assets.mount()),
            mode: None,
            rows: assets.iter().map(row).collect(),
            versions: (0, 0),
            deltas: (0, 0),
            warnings: &[],
        }
    }

    pub(crate) fn total(&self) -> Total {
        let mut total = Total { assets: self.rows.len(), ..Total::default() };
        for row in &self.rows {
            total.stamped += usize::from(row.stamp.is_some());
            total.size += row.size;
            total.smallest += row.smallest();
        }
        total
    }
}

impl Row<'_> {
    /// The bytes that a visitor downloads with the best coding.
    pub(crate) fn smallest(&self) -> usize {
        self.encodings.iter().map(|&(_, size)| size).fold(self.size, usize::min)
    }
}

fn or_root(mount: &str) -> &str {
    if mount.is_empty() { "/" } else { mount }
}

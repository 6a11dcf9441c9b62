//! Writes the import map of a bundle.

use crate::bundle::{Asset, Bundle};
use crate::config::References;
use stamped::percent::Encoded;
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// The import map as JSON. The URLs need no escaping, because they are percent-encoded.
pub(crate) fn json(bundle: &Bundle) -> String {
    let modules = modules(bundle);
    let mut imports = String::new();
    let mut integrity = String::new();
    for (number, asset) in modules.iter().enumerate() {
        let comma = if number == 0 { "" } else { "," };
        let (mount, name, url) = (bundle.mount(), Encoded(asset.name()), asset.url());
        // Writing to a string does not fail.
        let _ = write!(imports, "{comma}\"{mount}/{name}\":\"{url}\"");
        let _ = write!(integrity, "{comma}\"{url}\":\"{}\"", asset.integrity());
    }
    format!("{{\"imports\":{{{imports}}},\"integrity\":{{{integrity}}}}}")
}

/// The stamped modules, and everything else that is imported.
fn modules(bundle: &Bundle) -> Vec<&Asset> {
    if bundle.reference_mode() != References::ImportMap {
        return Vec::new();
    }
    let references = bundle.assets().iter().flat_map(Asset::references);
    let imported: BTreeSet<usize> =
        references.filter(|(_, kind)| kind.is_specifier()).map(|&(position, _)| position).collect();
    let assets = bundle.assets().iter().enumerate();
    assets
        .filter(|(position, asset)| asset.is_module() || imported.contains(position))
        .map(|(_, asset)| asset)
        .filter(|asset| asset.stamp().is_some())
        .collect()
}

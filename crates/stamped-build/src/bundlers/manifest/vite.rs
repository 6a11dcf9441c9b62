//! The manifest of [Vite](https://vite.dev/guide/backend-integration): an object from source files to chunks.

use super::json::{Json, Value};
use super::{Manifest, add};
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn read(json: &Json) -> Result<Manifest, String> {
    let members = json.root().object()?;
    let chunks: BTreeMap<&str, Chunk> = members
        .iter()
        .map(|(&key, value)| Ok((key, Chunk::read(value)?)))
        .collect::<Result<_, String>>()?;
    let mut manifest = Manifest::default();
    for (&key, chunk) in &chunks {
        add(&mut manifest.files, [chunk.file.clone()]);
        add(&mut manifest.files, chunk.css.iter().chain(&chunk.assets).cloned());
        if chunk.is_entry {
            let mut files = styles(key, &chunks)?;
            add(&mut files, [chunk.file.clone()]);
            manifest.entries.push((key.to_owned(), files));
        }
    }
    Ok(manifest)
}

struct Chunk {
    file: String,
    css: Vec<String>,
    assets: Vec<String>,
    imports: Vec<String>,
    is_entry: bool,
}

impl Chunk {
    fn read(value: &Value<'_>) -> Result<Self, String> {
        let file = value.get("file")?.ok_or("a chunk has no `file`")?.text()?.to_owned();
        Ok(Chunk {
            file,
            css: value.texts("css")?,
            assets: value.texts("assets")?,
            imports: value.texts("imports")?,
            is_entry: value.get("isEntry")?.is_some_and(|is| is.is_true()),
        })
    }
}

/// The style sheets of a chunk and of all that it imports. Those of an imported chunk come first, as in
/// the pages that Vite writes, so that the importing one can override them.
fn styles<'a>(entry: &'a str, chunks: &'a BTreeMap<&str, Chunk>) -> Result<Vec<String>, String> {
    let mut styles = Vec::new();
    let mut seen = BTreeSet::from([entry]);
    // A chunk, and how many of its imports are done.
    let mut path: Vec<(&str, usize)> = vec![(entry, 0)];
    while let Some((key, done)) = path.last_mut() {
        let chunk = chunks.get(key).ok_or_else(|| format!("it imports `{key}`, but lacks it"))?;
        match chunk.imports.get(*done) {
            Some(import) => {
                *done += 1;
                if seen.insert(import) {
                    path.push((import, 0));
                }
            }
            None => {
                add(&mut styles, chunk.css.iter().cloned());
                path.pop();
            }
        }
    }
    Ok(styles)
}

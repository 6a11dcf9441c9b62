//! The manifests that plug-ins of webpack and Rspack write, in the shapes that are in use.

use super::json::{Json, Value};
use super::{Manifest, add, is_loaded, is_script, is_style};
use std::collections::BTreeMap;

/// The members that hold all files.
const FILES: &[&str] = &["files", "allFiles", "assets"];

/// The members that hold entry points.
const ENTRIES: &[&str] = &["entrypoints", "entries"];

pub(super) fn read(json: &Json) -> Result<Manifest, String> {
    let root = json.root();
    let members = root.object()?;
    let mut manifest = Manifest::default();
    for (&key, value) in &members {
        if FILES.contains(&key) && !value.is_text() {
            manifest.files.extend(paths(value)?);
        } else if ENTRIES.contains(&key) && !value.is_text() {
            entries(value, &mut manifest.entries)?;
        } else if key.contains('.') && value.is_text() {
            // A flat manifest. The keys of statistics have no dot.
            manifest.files.push(value.text()?.to_owned());
        }
    }
    for (_, files) in &manifest.entries {
        add(&mut manifest.files, files.iter().cloned());
    }
    if manifest.entries.is_empty() {
        manifest.entries = by_name(&members)?;
    }
    if manifest.files.is_empty() {
        return Err("it lists no files".to_owned());
    }
    Ok(manifest)
}

/// Reads `entrypoints`: an object from their names to their files, or the list of files of the only one,
/// which Create React App names `main`.
fn entries(value: &Value<'_>, entries: &mut Vec<(String, Vec<String>)>) -> Result<(), String> {
    if value.is_array() {
        entries.push(("main".to_owned(), loaded(paths(value)?)));
        return Ok(());
    }
    for (&name, entry) in &value.object()? {
        // Rsbuild tells what is loaded at once from what is loaded on demand.
        let initial = if entry.is_object() { entry.get("initial")? } else { None };
        entries.push((name.to_owned(), loaded(paths(initial.as_ref().unwrap_or(entry))?)));
    }
    Ok(())
}

/// All paths in a value: the texts of its lists, and the members of its objects that list files by kind.
fn paths(value: &Value<'_>) -> Result<Vec<String>, String> {
    if value.is_text() {
        return Ok(vec![value.text()?.to_owned()]);
    }
    let mut found = Vec::new();
    if value.is_array() {
        for element in value.array()? {
            // In webpack's statistics, an asset is an object with a name.
            match element.is_object() {
                true => {
                    let name = element.get("name")?.ok_or("an asset has no `name`")?;
                    found.push(name.text()?.to_owned());
                }
                false => found.push(element.text()?.to_owned()),
            }
        }
        return Ok(found);
    }
    for (&key, member) in &value.object()? {
        // Of an entry point: its files by kind, perhaps below `assets`. Numbers and flags are not files.
        let is_list = matches!(key, "assets" | "js" | "css") && !member.is_text();
        if is_list {
            found.extend(paths(member)?);
        } else if member.is_text() && !matches!(key, "name") {
            found.push(member.text()?.to_owned());
        }
    }
    Ok(found)
}

/// What a page loads of these files: the style sheets and the scripts, in their order.
fn loaded(files: Vec<String>) -> Vec<String> {
    let mut loaded = Vec::new();
    // An update is loaded by the running page of a development server.
    let is_wanted = |file: &String| is_loaded(file) && !file.contains(".hot-update.");
    add(&mut loaded, files.into_iter().filter(is_wanted));
    loaded
}

/// Takes the script `main.js` and the style sheet `main.css` of a flat manifest as the entry point
/// `main`.
fn by_name(members: &BTreeMap<&str, Value<'_>>) -> Result<Vec<(String, Vec<String>)>, String> {
    let files = members.get("files").map(Value::object).transpose()?;
    let mut entries: BTreeMap<&str, (Option<&str>, Option<&str>)> = BTreeMap::new();
    for (key, value) in files.as_ref().unwrap_or(members) {
        let Some((name, _)) = key.rsplit_once('.').filter(|_| value.is_text()) else { continue };
        if is_style(key) {
            entries.entry(name).or_default().0 = Some(value.text()?);
        } else if is_script(key) {
            entries.entry(name).or_default().1 = Some(value.text()?);
        }
    }
    let files = |(style, script): (Option<&str>, Option<&str>)| {
        style.into_iter().chain(script).map(str::to_owned).collect()
    };
    Ok(entries.into_iter().map(|(name, both)| (name.to_owned(), files(both))).collect())
}

//! The [metafile](https://esbuild.github.io/api/#metafile) of esbuild.

use super::Manifest;
use super::json::Json;

pub(super) fn read(json: &Json) -> Result<Manifest, String> {
    let outputs = json.root().get("outputs")?.ok_or("it has no `outputs`")?.object()?;
    let mut manifest = Manifest::default();
    for (&path, output) in &outputs {
        manifest.files.push(path.to_owned());
        let Some(entry) = output.get("entryPoint")? else { continue };
        let style = output.get("cssBundle")?.map(|style| style.text()).transpose()?;
        let files = style.into_iter().chain([path]).map(str::to_owned).collect();
        manifest.entries.push((entry.text()?.to_owned(), files));
    }
    Ok(manifest)
}

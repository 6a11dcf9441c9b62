//! Source maps beside the files that they belong to.

use crate::paths::file_name;
use stamped_build::Draft;

/// Adds the source map of the asset that will have this name, and names it in a comment at the end of the code, between
/// the two parts that comments have in that language.
pub(crate) fn add(
    draft: &mut Draft,
    name: &str,
    map: String,
    code: &mut String,
    comment: [&str; 2],
) {
    let [opening, closing] = comment;
    let map_name = format!("{name}.map");
    if !code.ends_with('\n') {
        code.push('\n');
    }
    let url = url(file_name(&map_name));
    code.push_str(&format!("{opening}# sourceMappingURL={url}{closing}\n"));
    draft.add(map_name, map);
}

/// The last part of a name as a relative URL. No character is left that has a meaning in URLs, or ends a comment.
fn url(file_name: &str) -> String {
    let mut url = String::new();
    for byte in file_name.bytes() {
        match byte {
            b'-' | b'.' | b'_' | b'~' => url.push(byte.into()),
            _ if byte.is_ascii_alphanumeric() => url.push(byte.into()),
            _ => url.push_str(&format!("%{byte:02X}")),
        }
    }
    url
}

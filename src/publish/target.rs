//! What TARGET names.

use std::fmt::{self, Display, Formatter};
use std::path::PathBuf;

/// The value of TARGET.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Folder(PathBuf),
    Bucket(Address),
}

/// A place in an object store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Address {
    /// `s3`, `gs` or `az`.
    pub(super) scheme: &'static str,
    pub(super) bucket: String,
    /// What all keys begin with, without slashes at its ends. May be empty.
    pub(super) prefix: String,
}

impl Display for Address {
    fn fmt(&self, to: &mut Formatter<'_>) -> fmt::Result {
        let Address { scheme, bucket, prefix } = self;
        let slash = if prefix.is_empty() { "" } else { "/" };
        write!(to, "{scheme}://{bucket}{slash}{prefix}")
    }
}

impl Place {
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let Some((scheme, rest)) = text.split_once("://") else {
            let is_scheme = |scheme| matches!(scheme, "s3" | "gs" | "az" | "file");
            return match text.split_once(':') {
                Some((scheme, rest)) if is_scheme(scheme) => Err(format!(
                    "`{text}` lacks slashes; write `{scheme}://{}`, or the whole path of a folder of this \
                     name",
                    rest.trim_start_matches('/')
                )),
                _ => Ok(Place::Folder(text.into())),
            };
        };
        let scheme = match scheme {
            "file" if rest.contains('%') || !rest.starts_with('/') => {
                return Err(format!(
                    "`{text}` cannot be read as a path; write the path of the folder itself, without \
                     `file://`"
                ));
            }
            "file" => return Ok(Place::Folder(rest.into())),
            "s3" => "s3",
            "gs" => "gs",
            "az" => "az",
            _ => {
                return Err(format!(
                    "`{text}` is no target; write `s3://BUCKET/PREFIX`, `gs://BUCKET/PREFIX`, \
                     `az://CONTAINER/PREFIX`, or a folder"
                ));
            }
        };
        let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        let prefix = prefix.trim_end_matches('/');
        let is_key = prefix.is_empty()
            || prefix.split('/').all(|part| !matches!(part, "" | "." | ".."))
                && !prefix.contains(|character: char| character.is_ascii_control());
        if bucket.is_empty() || !is_key {
            return Err(format!(
                "`{text}` names no place in a bucket; write `{scheme}://BUCKET` or \
                 `{scheme}://BUCKET/PREFIX`"
            ));
        }
        Ok(Place::Bucket(Address { scheme, bucket: bucket.into(), prefix: prefix.into() }))
    }

    /// What all keys begin with, as the store knows them.
    pub(super) fn prefix(&self) -> &str {
        match self {
            Place::Folder(_) => "",
            Place::Bucket(address) => &address.prefix,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_a_folder_or_a_place_in_a_bucket() {
        let bucket = |scheme, bucket: &str, prefix: &str| {
            Ok(Place::Bucket(Address { scheme, bucket: bucket.into(), prefix: prefix.into() }))
        };
        assert_eq!(Place::parse("s3://site"), bucket("s3", "site", ""));
        assert_eq!(Place::parse("s3://site/"), bucket("s3", "site", ""));
        assert_eq!(Place::parse("gs://site/a b/图/"), bucket("gs", "site", "a b/图"));
        assert_eq!(Place::parse("az://site/a"), bucket("az", "site", "a"));
        for folder in ["/srv/site", "a%20b", "./s3:/x", "c:/x"] {
            assert_eq!(Place::parse(folder), Ok(Place::Folder(folder.into())));
        }
        assert_eq!(Place::parse("file:///srv/a b"), Ok(Place::Folder("/srv/a b".into())));
        for bad in [
            "s3://",
            "s3:///a",
            "s3://b//a",
            "s3://b/../a",
            "file://srv",
            "file:///a%20b",
            "file:/a",
            "s3:/b",
            "gs:b",
            "https://x/y",
            "S3://b",
            "s3://b/a\nb",
        ] {
            assert!(Place::parse(bad).is_err(), "{bad}");
        }
    }
}

//! Errors and warnings of the library, with this command's options in place of the methods that
//! build scripts call.

use stamped_build::{Error, ErrorKind, Warning, WarningKind};
use std::borrow::Cow;

pub(crate) fn error(error: &Error) -> String {
    let help = match error.kind() {
        ErrorKind::MissingFolder => "create it, or correct the path".into(),
        ErrorKind::NotAFolder => "name the folder that it is in".into(),
        ErrorKind::Unreadable => "make it readable, or leave it out with `--exclude`".into(),
        ErrorKind::NameNotUtf8 => "rename it, or leave it out with `--exclude`".into(),
        ErrorKind::DuplicateName => "rename one of them, or leave it out with `--exclude`".into(),
        ErrorKind::FileNameTooLong => {
            "rename the asset, or have it keep its name with `--plain`".into()
        }
        ErrorKind::PathConflict => {
            "rename one of the two, or leave it out with `--exclude`; `--prestamped` declares names \
             that a bundler stamped"
                .into()
        }
        ErrorKind::EncodingMismatch => {
            "build again, or leave that coding out of `--encodings`".into()
        }
        ErrorKind::DeltasWithoutVersions => {
            "name it with `--versions`, even if nothing is recorded yet".into()
        }
        ErrorKind::DuplicateCoding => "name it once in `--encodings`".into(),
        ErrorKind::ForeignManifest => "name a folder that `stamped build` wrote".into(),
        ErrorKind::ManifestVersion => {
            "use the program that wrote it, or empty the folder and write it again with \
             `stamped build`"
                .into()
        }
        ErrorKind::DamagedManifest => {
            "empty the folder, and write it again with `stamped build`".into()
        }
        ErrorKind::ContainsOutput => {
            "name folders of which none is in another".into()
        }
        ErrorKind::TooLarge => "split the folder, and give each part a mount of its own".into(),
        _ => error.help(),
    };
    format!("{}; {help}", error.message())
}

/// Seconds since 1970 as a day.
pub(crate) fn date(seconds: u64) -> String {
    let time = std::time::UNIX_EPOCH.checked_add(std::time::Duration::from_secs(seconds));
    // "Sat, 16 Jan 2016 07:35:49 GMT"
    let text = time.map(httpdate::fmt_http_date).unwrap_or_default();
    text.get(5..16).unwrap_or("at an unknown time").to_owned()
}

pub(crate) fn warning(warning: &Warning) -> String {
    let help = match warning.kind() {
        WarningKind::SpecialFile => Some(Cow::Borrowed("leave it out with `--exclude`")),
        WarningKind::LinkOut => Some(Cow::Borrowed(
            "take what links lead to with `--follow-links`, or leave them out with `--exclude`",
        )),
        WarningKind::BrokenLink => {
            Some(Cow::Borrowed("mend or remove it, or leave it out with `--exclude`"))
        }
        WarningKind::EmptyFolder => Some(Cow::Borrowed("put assets into it, or correct the path")),
        WarningKind::BundlerNames => Some(Cow::Borrowed(
            "confirm this with `--bundler-names keep`, or stamp them like others with \
             `--bundler-names stamp`",
        )),
        WarningKind::Compressed => Some(Cow::Borrowed(
            "`--encodings` has the build compress the final bytes itself; `--exclude` leaves them out \
             silently",
        )),
        // Its second half is about build scripts.
        WarningKind::PlainName => Some(Cow::Borrowed("keep the name with `--plain`")),
        WarningKind::MoreReferences => None,
        _ => warning.help().map(Cow::Borrowed),
    };
    match help {
        Some(help) => format!("{}; {help}", warning.message()),
        None => warning.message().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use stamped_build::{Encoding, Pipeline};

    #[test]
    fn no_message_names_a_method() {
        let twice = Pipeline::new(".").encodings([Encoding::gzip(), Encoding::gzip()]);
        let missing = Pipeline::new("no such folder");
        let file = Pipeline::new("Cargo.toml");
        for pipeline in [twice, missing, file] {
            let error = pipeline.process().unwrap_err();
            assert!(error.help().contains("`."), "{error}");
            let own = super::error(&error);
            assert!(own.starts_with(&error.message()) && !own.contains("`."), "{own}");
        }
    }
}

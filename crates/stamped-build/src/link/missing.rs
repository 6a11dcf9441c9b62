//! What people are told of references that lead nowhere and of files that could not be understood.

use crate::config::{Config, Missing};
use crate::error::{Error, Problem, Warning, WarningKind};
use crate::read::Source;
use crate::scan::{Kind, Reference};
use crate::select::Rules;
use std::fmt;
use std::path::PathBuf;

/// So many are told one by one.
const SHOWN: usize = 20;

/// Something that a scan or a resolution has met.
#[derive(Debug)]
pub(crate) struct Trouble {
    file: String,
    origin: PathBuf,
    line: usize,
    column: usize,
    what: What,
}

#[derive(Debug)]
enum What {
    Missing { reference: String, name: String, kind: Kind },
    Problem(String),
}

impl Trouble {
    pub(crate) fn missing(source: &Source, reference: &Reference, name: String) -> Self {
        let what = What::Missing { reference: reference.url.clone(), name, kind: reference.kind };
        Self::at(source, reference.span.start, what)
    }

    pub(crate) fn problem(source: &Source, problem: &crate::scan::Problem) -> Self {
        Self::at(source, problem.at, What::Problem(problem.message.to_string()))
    }

    fn at(source: &Source, offset: usize, what: What) -> Self {
        let (line, column) = position(&source.bytes, offset);
        Trouble { file: source.name.clone(), origin: source.origin.clone(), line, column, what }
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: ", self.origin.display(), self.line, self.column)?;
        match &self.what {
            What::Missing { reference, .. } => write!(f, "`{reference}` names no asset"),
            What::Problem(message) => f.write_str(message),
        }
    }
}

/// Makes warnings of the troubles, or an error where missing assets are denied.
pub(crate) fn report(
    troubles: Vec<Trouble>,
    sources: &[Source],
    config: &Config,
    rules: &Rules,
) -> Result<Vec<Warning>, Error> {
    let denied = config.missing_references == Missing::Deny;
    let told = |trouble: &Trouble| match &trouble.what {
        What::Problem(_) => true,
        What::Missing { .. } if config.missing_references == Missing::Allow => false,
        What::Missing { kind, .. } => {
            !rules.allows_missing(&trouble.file) && (denied || *kind != Kind::SourceMap)
        }
    };
    let troubles: Vec<Trouble> = troubles.into_iter().filter(told).collect();
    let message = |trouble: &Trouble| match &trouble.what {
        What::Missing { name, .. } => match nearest(name, sources) {
            Some(near) => format!("{trouble}; the nearest is `{near}`"),
            None => trouble.to_string(),
        },
        What::Problem(_) => trouble.to_string(),
    };
    if denied {
        let mut missing =
            troubles.iter().filter(|trouble| matches!(trouble.what, What::Missing { .. }));
        if let Some(first) = missing.next() {
            let (first, more) = (message(first), missing.count());
            return Err(Problem::MissingReference { first, more }.into());
        }
    }
    let warning = |trouble| Warning::new(WarningKind::Reference, message(trouble), "");
    let mut warnings: Vec<Warning> = troubles.iter().take(SHOWN).map(warning).collect();
    if troubles.len() > SHOWN {
        warnings.push(Warning::new(
            WarningKind::MoreReferences,
            format!("{} more references and files like these", troubles.len() - SHOWN),
            "`.allow_missing_references(…)` silences those of the files that match a pattern",
        ));
    }
    Ok(warnings)
}

/// Line and column of an offset, from 1; columns count bytes.
fn position(bytes: &[u8], offset: usize) -> (usize, usize) {
    let before = bytes.get(..offset).unwrap_or(bytes);
    let line = before.iter().filter(|&&byte| byte == b'\n').count() + 1;
    let column = before.iter().rev().take_while(|&&byte| byte != b'\n').count() + 1;
    (line, column)
}

/// The asset that was most likely meant: the same file name elsewhere, or a name that differs
/// little.
fn nearest<'a>(name: &str, sources: &'a [Source]) -> Option<&'a str> {
    let file = |name: &str| name.rsplit('/').next().unwrap_or_default().to_lowercase();
    let wanted = file(name);
    let distance = |other: &str| {
        let between = strsim::levenshtein(name, other);
        if file(other) == wanted { between.min(1) } else { between }
    };
    let names = sources.iter().map(|source| source.name.as_str());
    let near = names.filter(|other| other.len().abs_diff(name.len()) <= 3 || file(other) == wanted);
    near.map(|other| (distance(other), other))
        .filter(|&(distance, _)| distance <= 3)
        .min()
        .map(|(_, other)| other)
}

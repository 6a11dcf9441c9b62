//! What object stores say when they do not do what they were asked, in the words of who uses this command.

use super::request::Failure;
use super::target::Address;
use object_store::Error;
use object_store::client::{HttpError, HttpErrorKind};
use std::error::Error as _;
use std::iter::successors;

const VARIABLES: &str =
    "docs/publish.md lists the variables for credentials, and what they must allow";

/// Where Amazon's, Google's and Microsoft's machines ask for the credentials of their role.
const MACHINES: [&str; 4] =
    ["/latest/api/token", "/latest/meta-data/", "/computeMetadata/", "/metadata/identity/"];

/// The failure of a request. `what` says what was tried: cannot list `s3://shop-assets`.
pub(super) fn failure(what: &str, address: &Address, error: &Error) -> Failure {
    if matches!(
        error,
        Error::AlreadyExists { .. } | Error::Precondition { .. } | Error::NotModified { .. }
    ) {
        return Failure::Taken;
    }
    let said = Said::of(error);
    // What was to be replaced has been deleted.
    if matches!(said.code.as_deref(), Some("NoSuchKey" | "BlobNotFound")) {
        return Failure::Taken;
    }
    let cause = said.cause();
    match said.help(address) {
        Some(help) => Failure::Final(format!("{what}: {cause}; {help}")),
        None => Failure::Passing(format!("{what}: {cause}")),
    }
}

/// What an error tells. The crate keeps most of it in types of its own, so this reads what they print.
struct Said {
    /// Of the answer, if there was one.
    status: Option<u16>,
    /// The store's own name for the error, such as `NoSuchBucket`.
    code: Option<String>,
    /// All of it in one line, or what the store says to people.
    message: String,
    /// The region in which the store looked, if that was the wrong one; empty where it does not say.
    region: Option<String>,
    /// Who was asked: `http://127.0.0.1:9000`.
    origin: Option<String>,
    /// What went wrong before there was an answer.
    transport: Option<(HttpErrorKind, String)>,
    /// Whether clouds were asked for the credentials that they give to their machines.
    of_machine: bool,
    /// Whether a part of this program has ended.
    ended: bool,
}

impl Said {
    fn of(error: &Error) -> Self {
        let text = error.to_string();
        let status = text.split_once("status code: ").and_then(|(_, rest)| {
            let digits = rest.get(..3)?;
            digits.parse().ok()
        });
        let element = |name: &str| {
            let (_, rest) = text.split_once(&format!("<{name}>"))?;
            let (value, _) = rest.split_once('<')?;
            value.lines().next().map(|line| line.trim().to_owned())
        };
        let mut sources = successors(error.source(), |&error| error.source());
        let http = sources.find_map(|error| error.downcast_ref::<HttpError>());
        let transport = http.map(|http| {
            let innermost = successors(http.source(), |&error| error.source()).last();
            (http.kind(), innermost.map_or_else(|| http.to_string(), ToString::to_string))
        });
        let code = element("Code");
        let is_elsewhere = text.contains("incorrectly configured region")
            || status == Some(301)
            || code.as_deref() == Some("AuthorizationHeaderMalformed")
                && element("Region").is_some();
        Said {
            status,
            region: is_elsewhere.then(|| element("Region").unwrap_or_default()),
            message: element("Message").unwrap_or_else(|| line(&text)),
            code,
            origin: origin(&text),
            transport,
            of_machine: MACHINES.iter().any(|path| text.contains(path)),
            ended: matches!(error, Error::JoinError { .. }),
        }
    }

    fn cause(&self) -> String {
        let Said { status, code, message, region, origin, transport, .. } = self;
        let store = origin.as_deref().unwrap_or("the store");
        if self.of_machine {
            return "no credentials are set, and this machine has no role that gives some"
                .to_owned();
        }
        match (region, status, code, transport) {
            (Some(region), ..) if region.is_empty() => "the bucket is in another region".to_owned(),
            (Some(region), ..) => format!("the bucket is in the region `{region}`"),
            (_, Some(status), Some(code), _) => {
                format!("the store answers {status} ({code}: {})", message.trim_end_matches('.'))
            }
            (_, Some(status), None, _) => match message.split_once(&format!("code: {status}")) {
                Some((_, rest)) => {
                    format!("the store answers {status}{}", rest.trim_end_matches([':', ' ']))
                }
                None => format!("the store answers {status}: {message}"),
            },
            (.., Some((HttpErrorKind::Connect, why))) => {
                format!("`{store}` cannot be reached: {why}")
            }
            (.., Some((HttpErrorKind::Timeout, _))) => format!("`{store}` does not answer in time"),
            (.., Some((_, why))) => format!("the connection to `{store}` broke: {why}"),
            _ => message.clone(),
        }
    }

    /// The way out of what no further try mends.
    fn help(&self, address: &Address) -> Option<String> {
        if self.of_machine {
            return Some(VARIABLES.to_owned());
        }
        if self.region.is_some() {
            return Some("set AWS_REGION to the region of the bucket".to_owned());
        }
        let code = self.code.as_deref().unwrap_or_default();
        let Address { scheme, bucket, .. } = address;
        let container = if *scheme == "az" { "container" } else { "bucket" };
        match self.status {
            Some(401 | 403) => Some(VARIABLES.to_owned()),
            Some(400) if code.contains("Token") || code == "AuthorizationHeaderMalformed" => {
                Some(VARIABLES.to_owned())
            }
            Some(404) => Some(format!(
                "create the {container} `{bucket}`, or correct its name or the endpoint"
            )),
            Some(408 | 429 | 500 | 502..) => None,
            Some(_) => Some("docs/publish.md says what a store must know".to_owned()),
            None if self.transport.is_some() || self.ended => None,
            // An answer that cannot be understood.
            None => Some(
                "name the endpoint of an object store: docs/publish.md lists the variables"
                    .to_owned(),
            ),
        }
    }
}

/// The first scheme and host in a text.
fn origin(text: &str) -> Option<String> {
    let at = text.find("https://").or_else(|| text.find("http://"))?;
    let url = text.get(at..)?;
    let start = url.find("://")? + 3;
    let is_end = |character: char| character.is_whitespace() || "/?)\"'<".contains(character);
    let end = url.get(start..)?.find(is_end).map_or(url.len(), |length| start + length);
    url.get(..end).map(str::to_owned)
}

/// The text in one line: stores answer with pages of XML.
pub(super) fn line(text: &str) -> String {
    const LONGEST: usize = 400;
    let mut line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if let Some((at, _)) = line.char_indices().nth(LONGEST) {
        line.truncate(at);
        line.push('…');
    }
    line
}

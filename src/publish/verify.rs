//! `--verify`: reads everything back through the URL that visitors use.

use super::encoded::decoded;
use super::object::{Headers, IMPORT_MAP, MANIFEST, Object, key};
use reqwest::header::{ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, HeaderMap};
use reqwest::{Client, Url};
use stamped::http::FOREVER;
use stamped::percent::Encoded;
use stamped_build::Manifest;
use std::collections::BTreeSet;
use std::time::Duration;
use tokio::task::JoinSet;

/// What an answer must be.
struct Expected {
    key: String,
    integrity: String,
    /// `None` for an earlier version: only its bytes are known here.
    headers: Option<Headers>,
}

/// Asks for all objects, and for the earlier versions. The error lists what is not right.
pub(super) async fn verify(
    base: &str,
    objects: &[Object],
    manifest: &Manifest,
    timeout: Duration,
    jobs: usize,
    tick: impl Fn(),
) -> Result<(), String> {
    let wrong = |why: &dyn std::fmt::Display| {
        format!("`--verify {base}` cannot work: {why}; write a URL such as `https://cdn.example`")
    };
    let base_url: Url = base.parse().map_err(|error| wrong(&error))?;
    if !matches!(base_url.scheme(), "http" | "https") {
        return Err(wrong(&"it is not of HTTP"));
    }
    let client = Client::builder().timeout(timeout).build().map_err(|error| wrong(&error))?;
    let base = base.trim_end_matches('/').to_owned();

    // Our own files may be kept from the public.
    let public = objects.iter().filter(|object| object.key != MANIFEST && object.key != IMPORT_MAP);
    let mut expected: Vec<Expected> = public
        .map(|object| Expected {
            key: object.key.clone(),
            integrity: object.integrity.clone(),
            headers: Some(object.headers.clone()),
        })
        .collect();
    let known: BTreeSet<&str> = objects.iter().map(|object| object.key.as_str()).collect();
    for version in manifest.retired().iter().map(|retired| retired.version()) {
        let key = key(version.mount(), version.path());
        if !known.contains(key.as_str()) {
            expected.push(Expected {
                key,
                integrity: version.integrity().to_owned(),
                headers: None,
            });
        }
    }

    let mut problems = BTreeSet::new();
    problems.extend(unknown(&client, &base, manifest.mount()).await);
    let mut expected = expected.into_iter();
    let mut asking = JoinSet::new();
    loop {
        while asking.len() < jobs
            && let Some(expected) = expected.next()
        {
            let (client, url) = (client.clone(), format!("{base}/{}", Encoded(&expected.key)));
            asking.spawn(async move {
                ask(&client, &url, &expected).await.err().map(|why| format!("{url}: {why}"))
            });
        }
        let Some(asked) = asking.join_next().await else { break };
        problems.extend(asked.map_err(|error| super::broken(&error))?);
        tick();
    }
    const SHOWN: usize = 10;
    if problems.is_empty() {
        return Ok(());
    }
    let mut lines: Vec<String> = problems.iter().take(SHOWN).cloned().collect();
    if problems.len() > SHOWN {
        lines.push(format!("and {} more", problems.len() - SHOWN));
    }
    Err(format!(
        "all objects are in place, but {} answers are not as they should be; docs/publish.md says what \
         to set in front of a bucket\n{}",
        problems.len(),
        lines.join("\n")
    ))
}

async fn ask(client: &Client, url: &str, expected: &Expected) -> Result<(), String> {
    let stored = expected.headers.as_ref().and_then(|headers| headers.content_encoding.as_deref());
    let mut tries = super::pauses();
    let (headers, bytes) = loop {
        let request = client.get(url).header(ACCEPT_ENCODING, stored.unwrap_or("identity"));
        let failed = match request.send().await {
            Ok(response) if response.status() == 200 => {
                let headers = response.headers().clone();
                match response.bytes().await {
                    Ok(bytes) => break (headers, bytes),
                    Err(error) => error.to_string(),
                }
            }
            Ok(response) if !response.status().is_server_error() => {
                return Err(format!("the answer is {}", response.status()));
            }
            Ok(response) => format!("the answer is {}", response.status()),
            Err(error) => error.without_url().to_string(),
        };
        match tries.next() {
            Some(pause) => tokio::time::sleep(pause).await,
            None => return Err(failed),
        }
    };
    let of = |name| value(&headers, name);
    let coding = of(CONTENT_ENCODING);
    match decoded((!coding.is_empty()).then_some(&coding), &*bytes) {
        Ok(integrity) if integrity == expected.integrity => {}
        Ok(_) => return Err("it has other bytes".to_owned()),
        Err(error) => return Err(format!("its bytes are not in the coding `{coding}`: {error}")),
    }
    match &expected.headers {
        None if of(CACHE_CONTROL) != FOREVER => {
            Err(other("Cache-Control", &of(CACHE_CONTROL), FOREVER))
        }
        Some(headers) if of(CONTENT_TYPE) != headers.content_type => {
            Err(other("Content-Type", &of(CONTENT_TYPE), &headers.content_type))
        }
        Some(headers) if of(CACHE_CONTROL) != headers.cache_control => {
            Err(other("Cache-Control", &of(CACHE_CONTROL), &headers.cache_control))
        }
        _ => Ok(()),
    }
}

/// A path that no version has may get no answer that caches keep: it may be the next version's.
async fn unknown(client: &Client, base: &str, mount: &str) -> Option<String> {
    let url = format!("{base}{}/stamped-verify.18446744073709551615.css", Encoded(mount));
    let response = match client.get(&url).send().await {
        Ok(response) => response,
        Err(error) => return Some(format!("{url}: {}", error.without_url())),
    };
    let cache = value(response.headers(), CACHE_CONTROL);
    if response.status().is_success() {
        return Some(format!(
            "{url}: the answer is {}, but nothing has this path",
            response.status()
        ));
    }
    cache
        .contains("immutable")
        .then(|| format!("{url}: caches may keep that there is no such path"))
}

fn value(headers: &HeaderMap, name: reqwest::header::HeaderName) -> String {
    let values: Vec<_> = headers
        .get_all(name)
        .iter()
        .map(|value| String::from_utf8_lossy(value.as_bytes()))
        .collect();
    values.join(", ")
}

fn other(name: &str, has: &str, expected: &str) -> String {
    format!("{name} is `{has}` in the place of `{expected}`")
}

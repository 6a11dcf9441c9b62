//! What is wrong with a store or on the way to it: each message names the place, the cause, and the way out.

use super::support::objects::{Fault, answering, faulty, s3_environment};
use super::*;

/// A target, the answer to every request, and parts of the message.
type Mistake = (&'static str, &'static str, String, [&'static str; 3]);

/// No such answer is given: nothing listens.
const NOBODY: &str = "";

/// With the AWS variables that name credentials left out.
const WITHOUT: &str = "without credentials s3://site";

fn xml(code: &str, message: &str) -> String {
    let head = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
    format!("{head}<Error><Code>{code}</Code><Message>{message}</Message></Error>")
}

#[test]
fn each_mistake_with_a_store_is_answered_with_place_cause_and_way_out() {
    let variables = "docs/publish.md lists the variables";
    let mistakes: Vec<Mistake> = vec![
        (
            "s3://site/a",
            "403 Forbidden",
            xml("InvalidAccessKeyId", "The AWS Access Key Id does not exist in our records."),
            [
                "cannot read `.stamped/manifest.json`: ",
                "the store answers 403 (InvalidAccessKeyId: The AWS Access Key Id does not exist in our records)",
                variables,
            ],
        ),
        (
            "s3://site",
            "400 Bad Request",
            xml("ExpiredToken", "The provided token has expired."),
            ["`.stamped/manifest.json`", "400 (ExpiredToken: ", variables],
        ),
        (
            "s3://site",
            "400 Bad Request",
            xml(
                "AuthorizationHeaderMalformed",
                "wrong</Message><Region>eu-central-1</Region><Message>",
            ),
            ["`.stamped/manifest.json`", "in the region `eu-central-1`", "set AWS_REGION"],
        ),
        (
            "s3://site",
            "301 Moved Permanently",
            xml("PermanentRedirect", "Use another endpoint."),
            ["`.stamped/manifest.json`", "the bucket is in another region", "set AWS_REGION"],
        ),
        (
            "s3://site/pre fix",
            "404 Not Found",
            xml("NoSuchBucket", "The specified bucket does not exist"),
            [
                "cannot list `s3://site/pre fix`: ",
                "the store answers 404 (NoSuchBucket: The specified bucket does not exist)",
                "create the bucket `site`, or correct its name",
            ],
        ),
        (
            "s3://site",
            "503 Slow Down",
            xml("SlowDown", "Please reduce your request rate."),
            ["`.stamped/manifest.json`", "503 (SlowDown: ", "nothing was changed; run it again"],
        ),
        (
            "s3://site",
            NOBODY,
            String::new(),
            ["`http://127.0.0.1:", "cannot be reached: ", "Connection refused"],
        ),
        (
            WITHOUT,
            "404 Not Found",
            String::new(),
            ["no credentials are set", "this machine has no role", variables],
        ),
        (
            "az://site/a",
            "404 Not Found",
            xml(
                "ContainerNotFound",
                "The specified container does not exist.\nRequestId:1\nTime:2",
            ),
            [
                "cannot list `az://site/a`: ",
                "404 (ContainerNotFound: The specified container does not exist)",
                "create the container `site`",
            ],
        ),
        (
            "az://site",
            "403 Forbidden",
            xml("AuthenticationFailed", "Server failed to authenticate the request."),
            ["`.stamped/manifest.json`", "403 (AuthenticationFailed: Server failed", variables],
        ),
    ];
    let site = Site::new("store-mistakes");
    built(&site, "out", "1");
    std::thread::scope(|scope| {
        for mistake in &mistakes {
            scope.spawn(|| check(&site, mistake));
        }
    });
}

fn check(site: &Site, (target, status, body, parts): &Mistake) {
    let port = match *status {
        NOBODY => super::support::server::free_port(),
        status => answering(status.to_owned(), body.clone()),
    };
    let url = format!("http://127.0.0.1:{port}");
    let bare = target.strip_prefix("without credentials ");
    let mut command = site.command("out", bare.unwrap_or(target), &["--timeout", "5s"]);
    s3_environment(&mut command, port);
    if bare.is_some() {
        command.env_remove("AWS_ACCESS_KEY_ID").env_remove("AWS_SECRET_ACCESS_KEY");
        command.env("AWS_METADATA_ENDPOINT", &url);
    }
    command.env("AZURE_STORAGE_USE_EMULATOR", "true").env("AZURITE_BLOB_STORAGE_URL", &url);
    let output = command.output().unwrap();
    let text = said(&output);
    assert_eq!(output.status.code(), Some(1), "{text}");
    for part in parts {
        assert!(text.contains(part), "`{part}` is not said of {target} and {status}: {text}");
    }
    assert!(text.contains("; nothing was changed"), "{text}");
    assert!(text.starts_with("stamped: cannot ") && text.lines().count() == 1, "{text}");
}

#[test]
fn an_interrupt_before_anything_was_written_says_so() {
    let site = Site::new("early-interrupt");
    built(&site, "out", "1");
    let (port, requests) = faulty(0, |_, _| Fault::Silence);
    let mut command = site.command("out", "s3://site", &[]);
    s3_environment(&mut command, port);
    let said = interrupted(command, || requests.load(Ordering::Relaxed) > 0);
    assert_eq!(said, "stamped: interrupted; nothing was changed\n");
}

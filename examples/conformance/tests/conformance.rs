//! Every framework sends what the handler answers.

use conformance::{Expected, PROGRAMS, Program, Question, Reply, STYLE, Table};
use conformance::{ask, ask_two, questions, reference};
use std::fmt::Write as _;
use std::io;

/// What a question gets from a framework.
enum Wanted {
    /// What the handler answers, to the byte.
    Handler,
    /// A page of the program.
    Page,
    /// What the framework says of all paths that it does not know.
    Missing,
    /// The framework has its own way; this is its status.
    Deviation(u16),
}

/// What is wanted, with all the ways in which frameworks deviate: they are also in the README.
fn wanted(framework: &str, question: &Question) -> Wanted {
    let is_mounted = matches!(framework, "poem" | "salvo");
    match (framework, question.name) {
        // Its router compares the mount as it stands in the request.
        ("poem", "percent-encoded letters") => Wanted::Missing,
        // Its router decodes what is below the mount before it hands the path on.
        ("poem", "overlong UTF-8") => Wanted::Deviation(400),
        // Its router counts no empty segments, so this is below the mount.
        ("salvo", "// in front") => Wanted::Handler,
        // Their routes for GET do not take HEAD.
        ("salvo", "HEAD, a page") => Wanted::Deviation(405),
        ("actix-web", "HEAD, a page") => Wanted::Deviation(404),
        // It knows nine methods.
        ("rocket", "a method of one's own") => Wanted::Deviation(400),
        // It takes the method from the form.
        ("rocket", "POST, a form") => Wanted::Deviation(200),
        // Their routes below the mount take the mount itself too.
        _ if is_mounted && question.target == "/static" => Wanted::Handler,
        // Below the mount the handler answers for all paths.
        _ if question.target.starts_with("/static/") => Wanted::Handler,
        _ => match question.expected {
            Expected::Asset(..) => Wanted::Handler,
            Expected::Page => Wanted::Page,
            Expected::Missing => Wanted::Missing,
        },
    }
}

/// The fields that a framework adds to every answer that has none of the same name.
fn added(framework: &str) -> &'static [(&'static str, &'static str)] {
    match framework {
        // The last three by its `Shield`, which a program can take off.
        "rocket" => &[
            ("server", "Rocket"),
            ("permissions-policy", "interest-cohort=()"),
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "SAMEORIGIN"),
        ],
        _ => &[],
    }
}

fn expected(framework: &str, question: &Question) -> Reply {
    let mut reply = reference(question).expect(question.name);
    for &(name, value) in added(framework) {
        if reply.field(name).is_none() {
            reply.fields.push((name.to_owned(), value.to_owned()));
        }
    }
    reply.fields.sort();
    reply
}

fn put(program: &Program, question: &Question) -> io::Result<Reply> {
    let mut fields = String::new();
    for (name, value) in &question.fields {
        write!(fields, "{name}: {value}\r\n").unwrap();
    }
    ask(&program.address, question.method, &question.target, &fields, question.content)
}

fn is_page(question: &Question, reply: &Reply) -> bool {
    let is_html = reply.field("content-type").is_some_and(|value| value.starts_with("text/html"));
    let has_link = String::from_utf8_lossy(&reply.body).contains(STYLE);
    reply.status == 200 && is_html && has_link == (question.method == "GET")
}

/// How two replies differ, without the whole of a megabyte.
fn difference(got: &Reply, wanted: &Reply) -> String {
    let (got_length, length) = (got.body.len(), wanted.body.len());
    let bodies = if got.body == wanted.body { "the same" } else { "another" };
    format!(
        "\n  got    {} {:?}\n  wanted {} {:?}\n  {bodies} body: {got_length} bytes, {length}",
        got.status, got.fields, wanted.status, wanted.fields
    )
}

/// Asks everything of one program; the faults, and a cell for each question.
fn examine(framework: &'static str, table: &mut Table) -> Vec<String> {
    let program = Program::start(framework).expect(framework);
    table.column(framework);
    // What it says of paths that it does not know. This is not the handler speaking.
    let missing = ask(&program.address, "GET", "/nowhere", "", "").expect(framework);
    assert_eq!(missing.status, 404, "{framework}: {missing:?}");
    assert_eq!(missing.field("cache-control"), None, "{framework}: {missing:?}");

    let mut faults = Vec::new();
    for question in questions() {
        let name = question.name;
        let wanted = wanted(framework, &question);
        let fault = match (put(&program, &question), &wanted) {
            (Err(error), _) => Some(error.to_string()),
            (Ok(reply), Wanted::Handler) => {
                let expected = expected(framework, &question);
                (reply != expected).then(|| difference(&reply, &expected))
            }
            (Ok(reply), Wanted::Page) => {
                (!is_page(&question, &reply)).then(|| format!("no page: {reply:?}"))
            }
            (Ok(reply), Wanted::Missing) => {
                (reply != missing).then(|| difference(&reply, &missing))
            }
            (Ok(reply), Wanted::Deviation(status)) => {
                (reply.status != *status).then(|| format!("{} instead of {status}", reply.status))
            }
        };
        let cell = match (&fault, wanted) {
            (Some(_), _) => "FAULT".to_owned(),
            (None, Wanted::Handler) => expected(framework, &question).status.to_string(),
            (None, Wanted::Page) => "its page".to_owned(),
            (None, Wanted::Missing) => "its 404".to_owned(),
            (None, Wanted::Deviation(status)) => format!("({status})"),
        };
        table.cell(name, cell);
        faults.extend(fault.map(|fault| format!("{framework}: {name}: {fault}")));
    }

    let pair = ["exact", "exact, large"]
        .map(|name| questions().into_iter().find(|question| question.name == name).expect(name));
    let replies = ask_two(&program.address, [&pair[0].target, &pair[1].target]);
    let is_right = replies.is_ok_and(|replies| {
        replies == pair.each_ref().map(|question| expected(framework, question))
    });
    table.cell("two requests at once", if is_right { "200 200" } else { "FAULT" }.to_owned());
    if !is_right {
        faults.push(format!("{framework}: two requests at once"));
    }
    faults
}

#[test]
fn every_framework_sends_what_the_handler_answers() {
    Program::build().unwrap();
    let mut table = Table::default();
    let faults: Vec<_> =
        PROGRAMS.iter().flat_map(|framework| examine(framework, &mut table)).collect();
    println!("{table}");
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn the_handler_answers_what_the_questions_say() {
    for question in questions() {
        let name = question.name;
        let reply = reference(&question).expect(name);
        let Expected::Asset(status, fields) = &question.expected else {
            assert_eq!(
                (reply.status, reply.field("cache-control")),
                (404, Some("no-store")),
                "{name}"
            );
            continue;
        };
        assert_eq!(reply.status, *status, "{name}");
        for (field, value) in fields {
            assert_eq!(reply.field(field), Some(&**value), "{name}: {field}");
        }
    }
}

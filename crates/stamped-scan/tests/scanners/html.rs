//! The HTML scanner beside another tokenizer of HTML.

use crate::support::{Strings, css_urls};
use cssparser::Parser;
use html5gum::{DefaultEmitter, Token, Tokenizer};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, TestRunner};
use stamped_scan::Scanner;
use std::cell::Cell;

/// Which attributes are URLs, lists of image candidates or CSS, and of which elements; none for all of them.
const ATTRIBUTES: &[(&str, What, Option<&[&str]>)] = &[
    (
        "src",
        What::Url,
        Some(&[
            "img", "script", "source", "track", "video", "audio", "embed", "iframe", "frame",
            "input",
        ]),
    ),
    ("href", What::Url, Some(&["link", "a", "area"])),
    ("poster", What::Url, Some(&["video"])),
    ("data", What::Url, Some(&["object"])),
    (
        "background",
        What::Url,
        Some(&["body", "table", "thead", "tbody", "tfoot", "tr", "td", "th"]),
    ),
    ("srcset", What::Candidates, Some(&["img", "source"])),
    ("imagesrcset", What::Candidates, Some(&["link"])),
    ("style", What::Css, None),
];

#[derive(Clone, Copy)]
enum What {
    Url,
    Candidates,
    Css,
}

/// What the attributes and style sheets of a page refer to, in its order.
fn expected(page: &str) -> Vec<String> {
    let mut emitter = DefaultEmitter::<usize>::new_with_span();
    // Into the content of `<script>`, `<title>` and the like.
    emitter.naively_switch_states(true);
    let mut urls = Vec::new();
    let mut in_style = false;
    for token in Tokenizer::new_with_emitter(page, emitter).flatten() {
        match token {
            Token::StartTag(tag) => {
                let element = String::from_utf8_lossy(&tag.name).into_owned();
                in_style = element == "style";
                let mut attributes: Vec<_> = tag.attributes.iter().collect();
                attributes.sort_by_key(|(_, value)| value.span.start);
                for (name, value) in attributes {
                    let value = String::from_utf8_lossy(&value.value).into_owned();
                    attribute(&element, &String::from_utf8_lossy(name), &value, &mut urls);
                }
            }
            Token::String(text) if in_style => {
                css(&String::from_utf8_lossy(&text.value), &mut urls)
            }
            _ => in_style = false,
        }
    }
    urls.retain(|url| !url.is_empty());
    urls
}

fn attribute(element: &str, name: &str, value: &str, urls: &mut Vec<String>) {
    let known = ATTRIBUTES.iter().find(|(known, _, elements)| {
        *known == name && elements.is_none_or(|elements| elements.contains(&element))
    });
    match known {
        Some((_, What::Url, _)) => urls.push(value.trim_ascii().to_owned()),
        // Pages hold no commas but those with a blank behind them.
        Some((_, What::Candidates, _)) => urls.extend(
            value
                .split(", ")
                .filter_map(|one| one.split_whitespace().next())
                .map(|one| one.trim_end_matches(',').to_owned()),
        ),
        Some((_, What::Css, _)) => css(value, urls),
        None => {}
    }
}

fn css(text: &str, urls: &mut Vec<String>) {
    css_urls(&mut Parser::new(text), Strings::None, urls);
}

/// A URL as it may be written in any attribute.
fn url() -> impl Strategy<Value = String> {
    const PARTS: &[&str] = &[
        "a", "b.png", "dir/", "../", "?v=1", "#id", "&amp;", "&#47;", "&#x2e;", "&lt;", "é", "=",
        "%20",
    ];
    vec(select(PARTS), 1..5).prop_map(|parts| parts.concat())
}

fn style() -> impl Strategy<Value = String> {
    let value = prop_oneof![
        url().prop_map(|url| format!("url({url})")),
        url().prop_map(|url| format!("url(&quot;{url}&quot;)")),
        url().prop_map(|url| format!("image-set(&#34;{url}&#34;1x)")),
        url().prop_map(|url| format!("var(--{url})")),
        Just("red".to_owned()),
    ];
    vec(value, 1..3)
        .prop_map(|values| values.iter().map(|value| format!("c:{value};")).collect::<String>())
}

/// An attribute with its value, quoted in one of three ways.
fn written_attribute() -> impl Strategy<Value = String> {
    const OTHER: &[&str] = &["alt", "data-src", "title", "content", "cite", "SRCS", "hrefs"];
    let candidates =
        vec((url(), select(&["", " 1x", " 100w", " 2x 5h"][..])), 1..4).prop_map(|all| {
            all.iter().map(|(url, rest)| format!("{url}{rest}")).collect::<Vec<_>>().join(", ")
        });
    let names = |what: fn(&What) -> bool| {
        let names: Vec<_> =
            ATTRIBUTES.iter().filter(|(_, one, _)| what(one)).map(|(name, ..)| *name).collect();
        select(names)
    };
    let urls = names(|what| matches!(what, What::Url));
    let lists = names(|what| matches!(what, What::Candidates));
    let pair = prop_oneof![
        4 => (urls, url()),
        2 => (lists, candidates),
        2 => (Just("style"), style()),
        1 => (select(OTHER), url()),
        1 => (Just("src"), Just(String::new())),
    ];
    let blanks = select(&["", " ", "\n", "\t "][..]);
    (pair, any::<bool>(), 0..3, blanks).prop_map(|((name, value), upper, quote, blank)| {
        let name = if upper { name.to_ascii_uppercase() } else { name.to_owned() };
        match quote {
            0 => format!("{name}{blank}=\"{value}\""),
            1 => format!("{name}={blank}'{blank}{value}{blank}'"),
            // Up to the first blank; the rest is attributes without a value.
            _ if value.is_empty() => name,
            _ => format!("{name}{blank}={blank}{value}"),
        }
    })
}

/// Pages with many attributes.
fn page() -> impl Strategy<Value = String> {
    let elements: Vec<&str> = ATTRIBUTES
        .iter()
        .filter_map(|(.., elements)| *elements)
        .flatten()
        .copied()
        // Of these the rest of the page would be the content, or they are what frames stand in.
        .filter(|element| !["script", "iframe"].contains(element))
        .chain(["p", "x-a", "IMG", "Link"])
        .collect();
    let blanks = select(&[" ", "\n", " /", "  "][..]);
    let tag = (
        select(elements),
        vec((blanks, written_attribute()), 0..5),
        select(&[">", " >", " />"][..]),
    )
        .prop_map(|(element, attributes, end)| {
            let attributes: String =
                attributes.iter().map(|(blank, attribute)| format!("{blank}{attribute}")).collect();
            format!("<{element}{attributes}{end}")
        });
    let sheet = url().prop_map(|url| {
        format!("<style media=all>a{{b:url({url})}} c{{d:'</p><img src=x>'}}</style>")
    });
    const OTHER: &[&str] = &[
        "text &amp; < more",
        "</p>",
        "</img src=no>",
        "<!-- <img src=no> -->",
        "<!--><img src=yes><!---->",
        "<!doctype html>",
        "<script>'<img src=no>'</script>",
        "<script><!-- <script> </script> <img src=no> --></script>",
        "<title><img src=no></title>",
        "<textarea><a href=no></textarea>",
        "<img src=twice src=no>",
        "<?x <img src=yes>",
    ];
    let part = prop_oneof![6 => tag, 1 => sheet, 2 => select(OTHER).prop_map(str::to_owned)];
    vec(part, 4..16).prop_map(|parts| parts.concat())
}

#[test]
fn pages_refer_to_what_another_tokenizer_finds() {
    let (pages, with_several) = (Cell::new(0), Cell::new(0));
    let mut runner =
        TestRunner::new(Config { cases: 2000, failure_persistence: None, ..Config::default() });
    let outcome = runner.run(&page(), |page| {
        let found = Scanner::Html.scan(page.as_bytes());
        let urls: Vec<_> = found.references.into_iter().map(|one| one.url).collect();
        let expected = expected(&page);
        pages.set(pages.get() + 1);
        with_several.set(with_several.get() + usize::from(expected.len() >= 3));
        prop_assert_eq!(found.skipped, []);
        prop_assert_eq!(urls, expected);
        Ok(())
    });
    outcome.expect("both find the same");
    assert!(
        with_several.get() * 2 > pages.get(),
        "only {} of {} pages have several references",
        with_several.get(),
        pages.get()
    );
}

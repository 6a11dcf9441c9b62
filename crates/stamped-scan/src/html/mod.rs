//! Finds the references in HTML.
//!
//! They are the attributes that the
//! [HTML standard](https://html.spec.whatwg.org/multipage/indices.html#attributes-3) defines as the URL of a resource or
//! as a link, the URLs in CSS, the imports of inline scripts, and the values of import maps. `<meta>` stays as it is, and
//! so does what scripts may read: `data-*` and the attributes of custom elements. The content of `<template>` and
//! `<noscript>` counts as any other.

mod attributes;
mod namespaces;
mod scripts;

pub(crate) use attributes::{foreign_attribute, html_attribute};

use crate::css;
use crate::markup::{Language, Page, Token, Tokenizer};
use crate::types::{Found, ReferenceKind};
use namespaces::Namespaces;
use scripts::Script;

/// Finds the references in an HTML document.
pub(crate) fn scan(source: &[u8]) -> Found {
    let mut page = match Page::new(source) {
        Ok(page) => page,
        Err(found) => return *found,
    };
    let mut tokenizer = Tokenizer::new(source, Language::Html);
    let mut namespaces = Namespaces::default();
    while let Some(token) = tokenizer.next() {
        match token {
            Token::Start { name, self_closing } => {
                let name = page.name(&name);
                let foreign = namespaces.start(name, self_closing);
                let of = |wanted: &str| {
                    let mut attributes = tokenizer.attributes.iter();
                    attributes
                        .find(|one| page.name(&one.name).eq_ignore_ascii_case(wanted))
                        .map(|one| page.text_of(one))
                };
                let base = of("href");
                let (script, loads) = if foreign {
                    (Script::Other, ReferenceKind::Markup)
                } else {
                    (Script::of(name, of("type")), scripts::purpose(name, of("type"), of("rel")))
                };
                if !foreign && name.eq_ignore_ascii_case("base") && page.found.base.is_none() {
                    page.found.base = base;
                }
                if !foreign {
                    let integrity = scripts::integrity(&page, name, &tokenizer.attributes);
                    page.found.integrity.extend(integrity);
                }
                for attribute in &tokenizer.attributes {
                    if foreign {
                        foreign_attribute(&mut page, attribute);
                    } else {
                        html_attribute(&mut page, name, attribute, loads);
                    }
                }
                if !foreign {
                    raw_content(&mut page, &mut tokenizer, name, script);
                } else if name.eq_ignore_ascii_case("style") && !self_closing {
                    page.open_style();
                }
            }
            Token::End { name } => {
                let name = page.name(&name);
                if name.eq_ignore_ascii_case("style") {
                    page.close_style();
                }
                namespaces.end(name);
            }
            Token::Text(text) => page.text(text),
            Token::CData(text) => page.cdata(text),
            Token::Instruction(_) => {}
        }
        tokenizer.foreign = namespaces.foreign();
    }
    page.finish()
}

/// Passes over the content of an element that has no markup in it
/// (<https://html.spec.whatwg.org/multipage/parsing.html#parsing-html-fragments>, step 4), and scans style sheets and
/// scripts.
fn raw_content(page: &mut Page<'_>, tokenizer: &mut Tokenizer<'_>, name: &str, script: Script) {
    const RAW: [&str; 8] =
        ["script", "style", "textarea", "title", "xmp", "iframe", "noembed", "noframes"];
    if name.eq_ignore_ascii_case("plaintext") {
        tokenizer.plain_text();
    } else if RAW.iter().any(|raw| raw.eq_ignore_ascii_case(name)) {
        let content = tokenizer.raw_text(name);
        if name.eq_ignore_ascii_case("style") {
            css::scan_range(page.source, content, &mut page.found);
        } else if name.eq_ignore_ascii_case("script") {
            script.scan(page.source, content, &mut page.found);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::{Context, ReferenceKind};

    /// The URLs that are found, each with its written segment if that is something else.
    fn shown(html: &str) -> Vec<String> {
        let found = scan(html.as_bytes());
        assert_eq!(found.skipped, [], "{html}");
        let shown = found.references.iter().map(|reference| {
            let segment = &html[reference.segment.clone()];
            if segment == &reference.url[crate::decoded::path_and_segment(&reference.url).1] {
                reference.url.clone()
            } else {
                format!("{} <{segment}>", reference.url)
            }
        });
        shown.collect()
    }

    macro_rules! cases {
        ($($name:ident: { $($html:expr => [$($url:expr),*]),+ $(,)? })+) => {$(
            #[test]
            fn $name() {
                $(assert_eq!(shown($html), [$($url),*] as [&str; _], "{}", $html);)+
            }
        )+};
    }

    cases! {
        resources_and_links_are_found: {
            "<img src='a.png'><script src=b.js></script><link rel=stylesheet href=\"c.css\">" =>
                ["a.png", "b.js", "c.css"],
            "<a href=a.pdf>x</a><area href=b><video poster=c src=d><source src=e><track src=f></video>" =>
                ["a.pdf", "b", "c", "d", "e", "f"],
            "<object data=a></object><embed src=b><iframe src=c></iframe><input type=image src=d><audio src=e>" =>
                ["a", "b", "c", "d", "e"],
            "<IMG SRC=A.PNG>" => ["A.PNG"],
            "<body background=a.png>" => ["a.png"],
        }
        other_attributes_are_not: {
            "<meta content=a.png><form action=a><img data-src=a.png alt=b.png><x-a src=a href=b><div src=a data=b>" => [],
            "<img longdesc=a><blockquote cite=a></blockquote><a src=x>" => [],
        }
        attributes_are_read_as_browsers_do: {
            "<img src = 'a.png' >" => ["a.png"],
            "<img\nsrc\n=\n\"a.png\"/>" => ["a.png"],
            "<img src=a.png/>" => ["a.png/"],
            "<img src=a.png />" => ["a.png"],
            "<img/src=a.png>" => ["a.png"],
            "<img alt='>'src='a.png'>" => ["a.png"],
            "<img alt=x'y src=a.png>" => ["a.png"],
            "<img src='  a.png\n'>" => ["a.png"],
            "<img src=a.png src=b.png>" => ["a.png"],
            "<img src src=b.png>" => [],
            "<img =src=a.png>" => [],
            "<img src=''><img src><img src=>" => [],
            "<img src='a.png' <img src=b.png>" => ["a.png"],
            "<img src=a.png" => [],
            "<img src='a.png" => [],
            "a < b <3 <img src=a.png>" => ["a.png"],
            "<\u{e9} src=a><img src=b>" => ["b"],
        }
        character_references_are_decoded: {
            "<img src='a&amp;b.png'>" => ["a&b.png <a&amp;b.png>"],
            "<img src='a&#47;b&#x2e;png&#63;c/d'>" => ["a/b.png?c/d <b&#x2e;png>"],
            "<img src='a.png?b=1&c=2&copy=3&amp;d=4'>" => ["a.png?b=1&c=2&copy=3&d=4"],
            "<img src='&quot;&#39;&lt;&gt;&apos;'>" => ["\"'<>' <&quot;&#39;&lt;&gt;&apos;>"],
            "<img src='a&.png'><img src='a&#.png'><img src='&#x;'>" => ["a&.png", "a&#.png", "&#x;"],
            "<img src='a.png?b&amp=c'>" => ["a.png?b&amp=c"],
            "<img src='a&amp.png'>" => ["a&.png <a&amp.png>"],
            "<img src='a.png?&copy;'>" => ["a.png?&copy;"],
            "<img src='&#0;&#xD800;&#99999999999;'>" => ["\u{FFFD}\u{FFFD}\u{FFFD} <&#0;&#xD800;&#99999999999;>"],
        }
        image_candidates_are_found: {
            "<img srcset='a.png'>" => ["a.png"],
            "<img srcset='a.png, b.png 2x,c.png 100w 5h , d.png'>" => ["a.png", "b.png", "c.png", "d.png"],
            "<img srcset=a.png,b.png>" => ["a.png,b.png"],
            "<img srcset='a.png,'>" => ["a.png"],
            "<img srcset=' , a,b.png 1x,, d/c.png,,,e.png f(1,2) 2x,g.png'>" => ["a,b.png", "d/c.png,,,e.png", "g.png"],
            "<img srcset='data:a,b 1x, c.png 2x'>" => ["data:a,b", "c.png"],
            "<img srcset='a&#32;1x,b&amp;c.png 2x'>" => ["a", "b&c.png <b&amp;c.png>"],
            "<link imagesrcset='a 1x, b 2x' href=c>" => ["a", "b", "c"],
            "<img srcset=''><img srcset=' ,, '>" => [],
        }
        style_is_css: {
            "<p style='a:url(b.png)'>" => ["b.png"],
            "<p style=\"a:url('b.png')\">" => ["b.png"],
            "<p style=\"a:url(&quot;d/b.png&quot;)\">" => ["d/b.png"],
            "<p style='a:url(b&amp;c.png)'>" => ["b&c.png <b&amp;c.png>"],
            "<p style=a:url(b.png)>" => ["b.png"],
            "<style>a{b:url(c.png)} d{e:'</p><img src=f>'} g{h:url('&amp;')}</style>" => ["c.png", "&amp;"],
            "<style media=print>@import 'a.css'" => ["a.css"],
            "<style></styled>a{b:url(c)}</STYLE ><img src=d>" => ["c", "d"],
        }
        markup_that_is_none_is_passed_over: {
            "<!-- <img src=a> --><img src=b>" => ["b"],
            "<!--><img src=b>-->" => ["b"],
            "<!---><img src=b>-->" => ["b"],
            "<!-- --!><img src=b>" => ["b"],
            "<!-- > -> <img src=a>" => [],
            "<!-- a -- > --><img src=b>" => ["b"],
            "<!doctype html><img src=b>" => ["b"],
            "<!x '><img src=b>'>" => ["b"],
            "<?x '><img src=b>'?>" => ["b"],
            "</><img src=b></ img><img src=c>" => ["b", "c"],
            "<![CDATA[<img src=b>]]>" => [],
            "<![CDATA[ > <img src=b> ]]>" => ["b"],
            "<svg><![CDATA[ > <img src=b> ]]></svg>" => [],
            "</img src=a>" => [],
            "<!" => [],
            "<" => [],
            "</" => [],
        }
        content_without_markup_is_passed_over: {
            "<script>x='<img src=a>'</script><img src=b>" => ["b"],
            "<script type=importmap>{\"a\":\"<img src=a>\"}</script>" => [],
            "<textarea><img src=a></textarea><title><img src=a></title><xmp><img src=a></xmp><img src=b>" => ["b"],
            "<iframe><img src=a></iframe><noembed><img src=a></noembed><noframes><img src=a></noframes>" => [],
            "<noscript><img src=a></noscript><template><img src=b></template>" => ["a", "b"],
            "<plaintext><img src=a></plaintext><img src=b>" => [],
            "<script><!-- <script> </script> <img src=a> --></script><img src=b>" => ["b"],
            "<script><!-- <script> </script> <img src=a> </script><img src=b>" => ["b"],
            "<script><!-- </script><img src=b>" => ["b"],
            "<script><!--><script></script><img src=b>" => ["b"],
            "<script><img src=a>" => [],
            "<title/><img src=a></title>" => [],
        }
        images_within_the_page_are_svg: {
            "<svg><image href=a.png xlink:href=b.png /><use href='c.svg#d'/><path fill='url(e.svg#f)'/></svg>" =>
                ["a.png", "b.png", "c.svg#d", "e.svg#f"],
            "<image href=a><use xlink:href=a><p fill='url(a)'>" => [],
            "<svg><style>a{b:url('c&amp;d.png')}</style><![CDATA[<img src=e>]]></svg>" =>
                ["c&d.png <c&amp;d.png>"],
            "<svg><style><![CDATA[a{b:url(c.png)}]]></style><title><b><img src=d></title></svg>" => ["c.png", "d"],
            "<svg><foreignObject><image href=a><style>b{c:url(d&amp;)}</style></foreignObject><a href=e></svg>" =>
                ["d&amp;", "e"],
            "<svg><p><title><img src=a></title>" => [],
            "<svg><svg><p><title><img src=a></title>" => [],
            "<svg></desc><title><img src=a></title>" => ["a"],
            "<svg><style>a{b:url(c)}<image href=d /></style><image href=e />" => ["c", "d", "e"],
            "<svg><style>a{b:url(c)}" => ["c"],
            "<svg/><title><img src=a></title>" => [],
            "<svg width=5/><title><img src=a></title></svg>" => ["a"],
            "<svg></desc></svg><title><img src=a></title>" => [],
            "<math><mi><title><img src=a></title></mi></math>" => [],
        }
    }

    #[test]
    fn the_first_base_counts_for_the_whole_page() {
        let found = scan(b"<img src=a><base target=_blank><base href=' b/ '><base href=c>");
        assert_eq!((found.base.as_deref(), found.references.len()), (Some("b/"), 1));
        assert_eq!(scan(b"<svg><base href=b /></svg>").base, None);
    }

    #[test]
    fn what_a_page_loads_as_a_module_is_told_from_the_rest() {
        let kinds = |html: &str| -> Vec<(ReferenceKind, String)> {
            let found = scan(html.as_bytes());
            found.references.into_iter().map(|one| (one.kind, one.url)).collect()
        };
        let module = |url: &str| (ReferenceKind::PageModule, url.to_owned());
        let other = |url: &str| (ReferenceKind::Markup, url.to_owned());
        assert_eq!(
            kinds(
                "<script type=Module src=a.js></script><script src=b.js></script>\
                 <link rel='preload modulepreload' href=c.js><link rel=preload as=script href=d.js>"
            ),
            [module("a.js"), other("b.js"), module("c.js"), other("d.js")]
        );
        assert_eq!(
            kinds(
                "<script type=importmap>{\"imports\":{\"a\":\"./a.js\",\"b/\":\"./b/\"},\
                 \"scopes\":{\"/x/\":{\"c\":\"/c.js\"}}}</script>"
            ),
            [module("./a.js"), module("/c.js")]
        );
        assert_eq!(
            kinds(
                "<script type=module>import './a.js'; import('./b.js')</script><script>import('./c.js')</script>"
            ),
            [
                (ReferenceKind::StaticImport, "./a.js".to_owned()),
                (ReferenceKind::DynamicImport, "./b.js".to_owned()),
                (ReferenceKind::DynamicImport, "./c.js".to_owned()),
            ]
        );
        assert_eq!(kinds("<script type=text/plain>import './a.js'</script>"), []);
    }

    #[test]
    fn a_picture_that_a_page_shows_is_told_from_one_that_it_names() {
        let pictures = |html: &str| -> Vec<String> {
            let found = scan(html.as_bytes()).references.into_iter();
            found.filter(|one| one.kind == ReferenceKind::Picture).map(|one| one.url).collect()
        };
        assert_eq!(
            pictures(
                "<IMG src=a srcset='b, c 2x'><source srcset=d src=x><input type=image src=e><video poster=f src=x>"
            ),
            ["a", "b", "c", "d", "e", "f"]
        );
        assert_eq!(
            pictures(
                "<a href=x></a><link rel=icon href=x imagesrcset=x><iframe src=x></iframe><object data=x></object>\
                 <script src=x></script><svg><image href=x /></svg>"
            ),
            [""; 0]
        );
    }

    #[test]
    fn an_import_map_names_what_must_keep_its_url() {
        let found = scan(
            b"<script type=importmap>{\"imports\":{\"b/\":\"./b/\",\"./x.js\":\"./y.js\"}}</script>",
        );
        let partial: Vec<_> = found.partial.iter().map(|one| &*one.url).collect();
        assert_eq!(partial, ["./b/", "./x.js"]);
        let broken = scan(b"<script type=importmap>{\"imports\":</script><img src=a>");
        assert_eq!((broken.references.len(), broken.skipped.len()), (1, 1));
    }

    #[test]
    fn entities_without_a_table_leave_their_path_alone() {
        for html in [
            "<img src='&eacute;.png'>",
            "<img src='a&copy.png'>",
            "<img src='&#150;.png'>",
            "<img srcset='&nbsp;.png 2x'>",
            "<p style='a:url(&eacute;.png)'>",
            "<p style='content:&QUOT;url(a)&QUOT;'>",
        ] {
            let found = scan(html.as_bytes());
            assert_eq!((found.references.len(), found.skipped.len()), (0, 1), "{html}");
        }
    }

    #[test]
    fn nothing_is_written_behind_a_character_reference_without_an_end() {
        for html in [
            "<img src='d&#47x.png'>",
            "<img src='d&#x2fx.png'>",
            "<img srcset='a 1x,&#32b.png'>",
            "<p style='a:url(d&#47x.png)'>",
            "<p style='a:url(&#34x.png&#34)'>",
        ] {
            assert_eq!(scan(html.as_bytes()).skipped.len(), 1, "{html}");
        }
        assert_eq!(shown("<img src='d&#47;x.png?&#47'>"), ["d/x.png?/"]);
    }

    #[test]
    fn the_context_is_that_of_the_attribute() {
        let found = scan(b"<img src=a><img src='a'><img srcset=\"a\"><p style='a:url(b)'><p style='a:url(\"b\")'>");
        let contexts: Vec<_> = found.references.iter().map(|one| (one.kind, one.context)).collect();
        assert_eq!(
            contexts,
            [
                (ReferenceKind::Picture, Context::Attribute(None)),
                (ReferenceKind::Picture, Context::Attribute(Some(b'\''))),
                (ReferenceKind::Picture, Context::Attribute(Some(b'"'))),
                (ReferenceKind::CssUrl, Context::CssUrl),
                (ReferenceKind::CssUrl, Context::CssString(b'"')),
            ]
        );
    }

    #[test]
    fn other_encodings_leave_alone_what_they_must() {
        let found = scan(b"<p title=\xE9><img src=a><img src=\xE9>");
        assert_eq!((found.references.len(), found.skipped.len()), (1, 1));
        let found = scan(b"\xFF\xFE<\0i\0m\0g\0");
        assert_eq!((found.references.len(), found.skipped.len()), (0, 1));
    }

    #[test]
    fn time_is_in_proportion_to_length() {
        for part in [
            "<svg>",
            "</desc>",
            "<a ",
            "<!--",
            "<",
            "</",
            "<a a='",
            "<img src=a",
            "<img srcset='a,",
            "a=b ",
            "&",
            "&#",
            "<script>",
            "<!--<script>",
            "<svg></math>",
            "<style>",
            "<![CDATA[",
            ">",
            "<svg><style>&",
            "(",
            "-",
            "--!",
        ] {
            let html = part.repeat(300_000 / part.len());
            scan(html.as_bytes());
            scan(format!("<svg><style>{html}</style>").as_bytes());
            scan(format!("<img srcset='{html}' src='{html}'").as_bytes());
            scan(format!("<a {html}><svg {html} {html}>").as_bytes());
            crate::svg::scan(html.as_bytes());
        }
        scan(
            format!("{}{}", "<svg>".repeat(50_000), "</desc></svg></math>".repeat(50_000))
                .as_bytes(),
        );
    }
}

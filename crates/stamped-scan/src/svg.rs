//! Finds the references in SVG files.
//!
//! `href` and `xlink:href` of any element, `style` attributes and `<style>` elements, presentation attributes such as
//! `fill="url(x)"`, and the sheet that an
//! [`<?xml-stylesheet?>`](https://www.w3.org/TR/xml-stylesheet/) names. Elements of XHTML in a `<foreignObject>` count
//! as they do in HTML.

use crate::html::{foreign_attribute, html_attribute};
use crate::markup::{Language, Page, Token, Tokenizer};
use crate::types::{Found, ReferenceKind};

/// Finds the references in an SVG document.
pub(crate) fn scan(source: &[u8]) -> Found {
    let mut page = match Page::new(source) {
        Ok(page) => page,
        Err(found) => return *found,
    };
    let mut tokenizer = Tokenizer::new(source, Language::Xml);
    while let Some(token) = tokenizer.next() {
        match token {
            Token::Start { name, self_closing } => {
                let name = local_name(page.name(&name));
                for attribute in &tokenizer.attributes {
                    match page.name(&attribute.name) {
                        "src" | "srcset" | "poster" | "data" => {
                            html_attribute(&mut page, name, attribute, ReferenceKind::Markup)
                        }
                        _ => foreign_attribute(&mut page, attribute),
                    }
                }
                if name == "style" && !self_closing {
                    page.open_style();
                }
            }
            Token::End { name } => {
                if local_name(page.name(&name)) == "style" {
                    page.close_style();
                }
            }
            Token::Text(text) => page.text(text),
            Token::CData(text) => page.cdata(text),
            Token::Instruction(instruction) => {
                if source[instruction.clone()].starts_with(b"xml-stylesheet") {
                    tokenizer.read_instruction(instruction);
                    for attribute in &tokenizer.attributes {
                        if page.name(&attribute.name) == "href" {
                            page.url(attribute);
                        }
                    }
                }
            }
        }
    }
    page.finish()
}

/// A name without its prefix.
fn local_name(name: &str) -> &str {
    name.rsplit_once(':').map_or(name, |(_, local)| local)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn urls(svg: &str) -> Vec<String> {
        let found = scan(svg.as_bytes());
        assert_eq!(found.skipped, [], "{svg}");
        found.references.into_iter().map(|one| one.url).collect()
    }

    macro_rules! cases {
        ($($name:ident: { $($svg:expr => [$($url:expr),*]),+ $(,)? })+) => {$(
            #[test]
            fn $name() {
                $(assert_eq!(urls($svg), [$($url),*] as [&str; _], "{}", $svg);)+
            }
        )+};
    }

    cases! {
        links_are_found_in_every_element: {
            "<svg xmlns='a'><image href='b.png'/><use xlink:href='c.svg#d'/><feImage href=\"e\"/><script href='f'/></svg>" =>
                ["b.png", "c.svg#d", "e", "f"],
            "<s:svg><s:image href='a.png' /></s:svg>" => ["a.png"],
            "<svg><a href='a&amp;b.svg#c'/></svg>" => ["a&b.svg#c"],
        }
        presentation_attributes_are_css: {
            "<svg><path fill='url(#a)' filter=\"url('b.svg#c') blur(1px)\" style='mask:url(d.svg)' d='url(e)'/></svg>" =>
                ["#a", "b.svg#c", "d.svg"],
        }
        style_elements_are_css: {
            "<svg><style>a{b:url(c.png)}</style></svg>" => ["c.png"],
            "<svg><style><![CDATA[a{b:url('c.png')} d>e{}]]></style></svg>" => ["c.png"],
            "<svg><style>@import 'a&amp;b.css';<![CDATA[]]>c{d:url(&#34;e&#34;)}<!-- f{g:url(h)} --></style></svg>" =>
                ["a&b.css", "e"],
            "<svg><s:style>a{b:url(c)}</s:style><style/>a{b:url(d)}</svg>" => ["c"],
        }
        sheets_are_named_by_instructions: {
            "<?xml version='1.0'?><?xml-stylesheet type='text/css' href='a.css'?><svg/>" => ["a.css"],
            "<?xml-stylesheet href=\"a&amp;b>.css\"?><?other href='c'?>" => ["a&b>.css"],
            "<?xml-stylesheet href='a?><image href='b'/>" => ["b"],
            "<?xml-stylesheet" => [],
        }
        what_is_no_markup_is_passed_over: {
            "<!DOCTYPE svg PUBLIC '>' \"a\" [ <!ENTITY a '<image href=\"b\"/>'> <!-- ' ] > --> <?x ]>?> ]><image href='c'/>" =>
                ["c"],
            "<!-- <image href='a'/> --!> --><![CDATA[<image href='a'/>]]><image href='b'/>" => ["b"],
            "<script>if (a < b) { '</image>' }</script><image href='c'/>" => ["c"],
            "<svg><title><image href='a'/></title></svg>" => ["a"],
        }
        html_within_counts: {
            "<svg><foreignObject><h:img src='a.png' srcset='b 1x'/><p src='c'/></foreignObject></svg>" => ["a.png", "b"],
        }
    }

    #[test]
    fn references_with_markup_in_them_are_left_alone() {
        for css in
            ["url(d/<![CDATA[a.png]]>)", "url(a<!-- -->b)", "url('a<b>'/>c')", "url(a<![CDATA[)]]>"]
        {
            let found = scan(format!("<svg><style>a{{b:{css}}}</style></svg>").as_bytes());
            assert_eq!((found.references.len(), found.skipped.len()), (0, 1), "{css}");
        }
        assert_eq!(
            urls(
                "<svg><style>a{b:url('<![CDATA[a.png']]>)} <!-- --> c{d:<![CDATA[url(e)]]>}</style></svg>"
            ),
            ["a.png", "e"]
        );
    }

    #[test]
    fn entities_of_the_document_leave_their_path_alone() {
        let found = scan(b"<svg><image href='&ns;/a.png'/><image href='b'/></svg>");
        assert_eq!((found.references.len(), found.skipped.len()), (1, 1));
    }
}

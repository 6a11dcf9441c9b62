//! Which elements are HTML, SVG or MathML.

/// Which elements are of SVG or MathML, in which tags mean something else
/// (<https://html.spec.whatwg.org/multipage/parsing.html#parsing-main-inforeign>).
#[derive(Default)]
pub(super) struct Namespaces {
    /// The open elements that change the namespace of what is inside them, as indices into [`ELEMENTS`].
    open: Vec<usize>,
    /// How many of each are open, so that an end tag without a start tag need not search for one.
    counts: [usize; ELEMENTS.len()],
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Namespace {
    Html,
    Svg,
    MathMl,
}

/// Elements, the namespace they have to be in (if any), and that of what is inside them.
const ELEMENTS: [(&str, Option<Namespace>, Namespace); 11] = [
    ("svg", None, Namespace::Svg),
    ("math", None, Namespace::MathMl),
    ("foreignObject", Some(Namespace::Svg), Namespace::Html),
    ("desc", Some(Namespace::Svg), Namespace::Html),
    ("title", Some(Namespace::Svg), Namespace::Html),
    ("annotation-xml", Some(Namespace::MathMl), Namespace::Html),
    ("mi", Some(Namespace::MathMl), Namespace::Html),
    ("mo", Some(Namespace::MathMl), Namespace::Html),
    ("mn", Some(Namespace::MathMl), Namespace::Html),
    ("ms", Some(Namespace::MathMl), Namespace::Html),
    ("mtext", Some(Namespace::MathMl), Namespace::Html),
];

/// Elements of HTML that end the SVG or MathML they stand in.
const BREAKOUT: [&str; 44] = [
    "b",
    "big",
    "blockquote",
    "body",
    "br",
    "center",
    "code",
    "dd",
    "div",
    "dl",
    "dt",
    "em",
    "embed",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "head",
    "hr",
    "i",
    "img",
    "li",
    "listing",
    "menu",
    "meta",
    "nobr",
    "ol",
    "p",
    "pre",
    "ruby",
    "s",
    "small",
    "span",
    "strong",
    "strike",
    "sub",
    "sup",
    "table",
    "tt",
    "u",
    "ul",
    "var",
];

impl Namespaces {
    fn inside(&self) -> Namespace {
        self.open.last().map_or(Namespace::Html, |&element| ELEMENTS[element].2)
    }

    pub(super) fn foreign(&self) -> bool {
        self.inside() != Namespace::Html
    }

    fn pop(&mut self) -> Option<usize> {
        let element = self.open.pop()?;
        self.counts[element] -= 1;
        Some(element)
    }

    /// Takes a start tag; says whether its element is of SVG or MathML.
    pub(super) fn start(&mut self, name: &str, self_closing: bool) -> bool {
        if self.foreign() && BREAKOUT.iter().any(|one| one.eq_ignore_ascii_case(name)) {
            while self.foreign() {
                self.pop();
            }
        }
        let outside = self.inside();
        let element = ELEMENTS.iter().position(|(element, within, _)| {
            element.eq_ignore_ascii_case(name) && within.is_none_or(|within| within == outside)
        });
        let root = matches!(element, Some(0 | 1));
        if let Some(element) = element
            && !self_closing
        {
            self.open.push(element);
            self.counts[element] += 1;
        }
        root || outside != Namespace::Html
    }

    pub(super) fn end(&mut self, name: &str) {
        let element = ELEMENTS.iter().position(|(element, ..)| element.eq_ignore_ascii_case(name));
        if let Some(element) = element
            && self.counts[element] > 0
        {
            while self.pop().is_some_and(|popped| popped != element) {}
        }
    }
}

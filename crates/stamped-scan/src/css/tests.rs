use super::*;
use crate::decoded::path_and_segment;
use crate::types::{Context, ReferenceKind};

/// What is found, as `url` or `url <written segment>` where the two are not alike, with `@` before an import.
fn shown(css: impl AsRef<[u8]>) -> Vec<String> {
    let css = css.as_ref();
    let found = scan(css);
    assert_eq!(found.skipped, [], "{}", css.escape_ascii());
    found
        .references
        .iter()
        .map(|reference| {
            let import = if reference.kind == ReferenceKind::CssImport { "@" } else { "" };
            let segment = String::from_utf8_lossy(&css[reference.segment.clone()]);
            let last = &reference.url[path_and_segment(&reference.url).1];
            if segment == last {
                format!("{import}{}", reference.url)
            } else {
                format!("{import}{} <{segment}>", reference.url)
            }
        })
        .collect()
}

macro_rules! cases {
    ($($name:ident: { $($css:expr => [$($url:expr),*]),+ $(,)? })+) => {$(
        #[test]
        fn $name() {
            $(assert_eq!(shown($css), [$($url),*] as [&str; _], "{}", ($css).as_bytes().escape_ascii());)+
        }
    )+};
}

cases! {
    urls_are_found_quoted_and_unquoted: {
        "a{b:url(x.png)}" => ["x.png"],
        "a{b:url(\"x.png\")}" => ["x.png"],
        "a{b:url( 'x.png' )}" => ["x.png"],
        "a{b:url(\n\t x.png\r\n)}" => ["x.png"],
        "a{b:URL(x.png) Url('y.png')}" => ["x.png", "y.png"],
        "a{b:url(d/e/x.png?q=/1#/f)}" => ["d/e/x.png?q=/1#/f"],
        "a{cursor:url(a.cur),url(b.cur) 2 2,auto}" => ["a.cur", "b.cur"],
        "url(x.png)" => ["x.png"],
        "a{b:url(x.png)url(y.png)}" => ["x.png", "y.png"],
        "\u{FEFF}a{b:url(x.png)}" => ["x.png"],
    }
    every_reference_is_reported_and_none_judged: {
        "a{b:url(https://h/x.png) url(//h/y) url(/z) url(#i) url(data:a,b)}" =>
            ["https://h/x.png", "//h/y", "/z", "#i", "data:a,b"],
        "a{b:url(dir/)}" => ["dir/"],
    }
    nothing_is_no_reference: {
        "a{b:url() url( ) url('') url(\"\") url('\\\n')}" => [],
        "@import '';@import url()" => [],
    }
    escapes_are_decoded: {
        "a{b:url(\\66 oo.png)}" => ["foo.png <\\66 oo.png>"],
        "a{b:url(fo\\o\\.png)}" => ["foo.png <fo\\o\\.png>"],
        "a{b:url('\\66\r\noo\\0000e9.png')}" => ["fooé.png <\\66\r\noo\\0000e9.png>"],
        "a{b:url(a\\ b\\(1\\).png)}" => ["a b(1).png <a\\ b\\(1\\).png>"],
        "a{b:url('it\\'s.png')}" => ["it's.png <it\\'s.png>"],
        "a{b:url('x\\\r\ny.png')}" => ["xy.png <x\\\r\ny.png>"],
        "a{b:url(\\0.png) url(\\d800.png) url(\\110000.png)}" =>
            ["\u{FFFD}.png <\\0.png>", "\u{FFFD}.png <\\d800.png>", "\u{FFFD}.png <\\110000.png>"],
        "a{b:url(\\é.png)}" => ["é.png <\\é.png>"],
        "a{b:url('\\5c')}" => ["\\ <\\5c>"],
    }
    separators_may_be_escaped: {
        "a{b:url(d\\00002fx.png)}" => ["d/x.png"],
        "a{b:url(d\\/x.png\\?q/r)}" => ["d/x.png?q/r"],
        "a{b:url(d\\2f x.png\\3f q\\2f r)}" => ["d/x.png?q/r"],
        "a{b:url('d\\00002fx.png\\23 /r')}" => ["d/x.png#/r"],
        "a{b:url('d/\\\nx.png')}" => ["d/x.png"],
    }
    the_name_of_a_function_may_be_escaped: {
        "a{b:\\75 rl(x.png)}" => ["x.png"],
        "a{b:u\\72l(x.png)}" => ["x.png"],
        "a{b:u\\000072\r\nl('x.png')}" => ["x.png"],
        "a{b:\\000075\r\n\\000072\r\n\\00006c\r\n(x.png)}" => ["x.png"],
        "a{b:\\000075\r\nrl(x.png)}" => ["x.png"],
        "a{b:s\\000072\r\nc('x.png')}" => ["x.png"],
        "a{b:\\55\\52\\4c(x.png)}" => ["x.png"],
        "a{b:\\url(x.png)}" => ["x.png"],
        "@\\69mport 'x.css'" => ["@x.css"],
        "@\\i\\mport 'x.css'" => ["@x.css"],
        "a{b:image-\\set('x.png' 1x)}" => ["x.png"],
        "a{b:imag\\65-s\\65t('x.png' 1x)}" => ["x.png"],
    }
    names_that_only_look_alike_are_none: {
        "a{b:curl(x.png) url-prefix('x') urls(x) -url(x) xurl('y')}" => [],
        "a{b:url (x.png)}" => [],
        "a{b:éurl(x.png)}" => [],
        "@important 'x.css';@importé 'y'" => [],
        "@ import 'x.css'" => [],
    }
    imports_name_a_sheet: {
        "@import 'x.css';" => ["@x.css"],
        "@import\"x.css\"" => ["@x.css"],
        "@IMPORT url(x.css);" => ["@x.css"],
        "@import url('x.css') screen;" => ["@x.css"],
        "@import src('x.css');" => ["@x.css"],
        "@import/**/ /* 'no' */\n'x.css'/**/;" => ["@x.css"],
        "@import url(x.css) layer(a) supports(display: grid) screen and (min-width: 1px);@import 'y.css'" =>
            ["@x.css", "@y.css"],
        "@import 'x.css' supports(background: url(y.png));" => ["@x.css", "y.png"],
        "a{}@import 'x.css';" => ["@x.css"],
        "@media print{@import 'x.css';}" => ["@x.css"],
    }
    imports_without_a_sheet_are_passed_over: {
        "@import screen 'x.css';" => [],
        "@import;'x.css'" => [],
        "@import{'x.css'}" => [],
        "@import" => [],
        "@import 'x\n; a{b:url(y.png)}" => ["y.png"],
    }
    only_strings_that_are_urls_count: {
        "a{content:'x.png';quotes:'a' 'b'}" => [],
        "a[href='x.png']{}" => [],
        "a{b:url(x.png) 'y.png'}" => ["x.png"],
        "a{b:format('woff2') local('x')}" => [],
        "a{b:symbols('x' url(y.png))}" => ["y.png"],
    }
    strings_in_image_sets_count: {
        "a{b:image-set('x.png' 1x, \"y.png\" 2x)}" => ["x.png", "y.png"],
        "a{b:-WEBKIT-image-set('x.png' 1x,url(y.png) 2x,url('z.png') 3x)}" => ["x.png", "y.png", "z.png"],
        "a{b:image('x.png',red)}" => ["x.png"],
        "a{b:filter('x.png',blur(2px))}" => ["x.png"],
    }
    a_string_in_type_is_no_reference: {
        "a{b:image-set('x.png' type('image/png'),url(y.avif) type( 'image/avif' ))}" => ["x.png", "y.avif"],
        "a{b:image-set(('x.png') {'y.png'} 'z.png')}" => ["z.png"],
    }
    only_the_first_argument_of_url_and_src_counts: {
        "a{b:src('x.png')}" => ["x.png"],
        "a{b:src( /**/ 'x.png' 'y.png')}" => ["x.png"],
        "a{b:src(var(--x),'y.png')}" => [],
        "a{b:url('x.png' integrity('sha') 'y.png')}" => ["x.png"],
    }
    font_sources_are_found: {
        "@font-face{src:url(x.eot);src:url(x.eot?#iefix) format('embedded-opentype'),url('x.svg#name') format('svg')}" =>
            ["x.eot", "x.eot?#iefix", "x.svg#name"],
    }
    custom_properties_are_like_others: {
        ":root{--x:url(x.png);--y:{url('y.png')}}" => ["x.png", "y.png"],
    }
    urls_are_found_at_any_depth: {
        "@media x{@supports (a:b){a{&:hover{b:url(x.png)}}}c{d:url(y.png)}}" => ["x.png", "y.png"],
        "a{b:f(g(url(x.png)),[{url('y.png')}])}" => ["x.png", "y.png"],
    }
    namespaces_and_documents_name_no_file: {
        "@namespace url(x);@namespace svg 'y';@namespace a url('z');b{c:url(d)}" => ["d"],
        "@charset \"utf-8\";a{b:url(c)}" => ["c"],
        "@document url(x),url-prefix('y'){a{b:url(c)}}d{e:url(f)}" => ["c", "f"],
        "@-moz-document url-prefix(){a{b:url(c)}}" => ["c"],
        "@document url(x);a{b:url(c)}" => ["c"],
        "@media x{@namespace url(x)}a{b:url(c)}" => ["c"],
        "@namespace url(x) {;} a{b:url(c)}" => ["c"],
        "@namespace (;url(x));a{b:url(c)}" => ["c"],
        "@namespace @import 'x';@import 'y'" => ["@y"],
    }
    comments_hide_everything: {
        "/*url(x)*/a{b/**/:/*'*/url(y)/*\"*/}/*" => ["y"],
        "a{b:url/**/(x)}" => [],
        "a{b:url(/*x*/y)}" => ["/*x*/y"],
        "/* url( */ a{b:url(x)}" => ["x"],
        "<!-- a{b:url(x)} -->" => ["x"],
        "// a{b:url(x)}" => ["x"],
    }
    strings_hide_everything: {
        "a{b:'url(x)';c:\"@import 'y'\"}" => [],
        "a{b:'/*';c:url(x);d:'*/'}" => ["x"],
        "a{b:url(\"data:image/svg+xml,<svg fill='url(#a)'/>\")}" =>
            ["data:image/svg+xml,<svg fill='url(#a)'/>"],
        "a{b:'\\'';c:url(x)}" => ["x"],
        "a{b:'x\n;c:url(x)}" => ["x"],
    }
    urls_that_are_none_are_passed_over: {
        "a{b:url(x y.png);c:url(z)}" => ["z"],
        "a{b:url(x\"y.png);c:url(z)}" => ["z"],
        "a{b:url(x'y\\)y'.png);c:url(z)}" => ["z"],
        "a{b:url(data:x,url(#a));c:url(z)}" => ["z"],
        "a{b:url(x\\\ny);c:url(z)}" => ["z"],
        "a{b:url(x\u{1}y);c:url(z)}" => ["z"],
        "a{b:url(var(--x));c:url(z)}" => ["z"],
        "a{b:url(x /**/);c:url(z)}" => ["z"],
    }
    what_is_unterminated_ends_with_the_sheet: {
        "a{b:url(x.png" => ["x.png"],
        "a{b:url(x.png \n" => ["x.png"],
        "a{b:url(" => [],
        "a{b:url" => [],
        "a{b:url('x.png" => ["x.png"],
        "a{b:url('x.png'" => ["x.png"],
        "a{b:url('x.png\\" => ["x.png"],
        "a{b:url(x.png\\" => ["x.png\u{FFFD} <x.png\\>"],
        "@import 'x.css" => ["@x.css"],
        "a{b:url(x\\2f " => ["x/"],
        "a{b:url(x\\3f " => ["x?"],
    }
    closing_brackets_of_nothing_mean_nothing: {
        "}])a{b:url(x)}" => ["x"],
        "a{b:image-set(} 'x.png' ])}" => ["x.png"],
        "a{b:image-set([ 'x.png' ) 'y.png' ] 'z.png')}" => ["z.png"],
    }
    nul_is_the_replacement_character: {
        "a{b:url(x\0.png)}" => ["x\u{FFFD}.png <x\0.png>"],
        "a{b:url('d/\0.png')}" => ["d/\u{FFFD}.png <\0.png>"],
    }
    hacks_do_not_disturb: {
        "a{*zoom:1;_b:url(x);filter:progid:DXImageTransform.Microsoft.Alpha(src='y.png',s='z')}" => ["x"],
        "a{behavior:url(#default#VML)}" => ["#default#VML"],
        "a{b:url(x)\\9}" => ["x"],
        ".sm\\:w-1\\/2{b:url(x)}" => ["x"],
    }
}

#[test]
fn spans_are_without_quotes_and_blanks() {
    for (css, span, segment) in [
        ("a{b:url( d/x.png?y )}", 9..18, 11..16),
        ("a{b:url( 'd/x.png?y' )}", 10..19, 12..17),
        ("@import\r\n\r\n'd/x.css'", 12..19, 14..19),
        ("a{b:url(d/)}", 8..10, 10..10),
        ("a{b:url(#x)}", 8..10, 8..8),
        ("/* é\r\n */a{b:url(\u{1F600}/x.png)}", 18..28, 23..28),
        ("\u{FEFF}\x0C\0a{b:url(x.png)}", 13..18, 13..18),
    ] {
        let found = scan(css.as_bytes());
        assert_eq!(found.references.len(), 1, "{css}");
        assert_eq!(found.references[0].span, span, "{css}");
        assert_eq!(found.references[0].segment, segment, "{css}");
    }
}

#[test]
fn the_context_is_that_of_the_token() {
    for (css, context) in [
        ("a{b:url(x)}", Context::CssUrl),
        ("a{b:url('x')}", Context::CssString(b'\'')),
        ("@import \"x\"", Context::CssString(b'"')),
        ("a{b:image-set('x' 1x)}", Context::CssString(b'\'')),
    ] {
        assert_eq!(scan(css.as_bytes()).references[0].context, context, "{css}");
    }
}

#[test]
fn bytes_in_another_encoding_disturb_nothing_but_their_reference() {
    let css = b"/* \xE9\xE8 */ .\xFC\xFCurl(x) a{content:'\xC3';b:url(x.png);c:url(\xE9.png) url('\xFF') \
        \xE9url(q) \xE9rl(q) url(y)} \xE2\x82";
    let found = scan(css);
    let urls: Vec<_> =
        found.references.iter().map(|one| (&*one.url, &css[one.span.clone()])).collect();
    assert_eq!(urls, [("x.png", &b"x.png"[..]), ("y", b"y")]);
    let places: Vec<_> =
        found.skipped.iter().map(|skipped| &css[skipped.at..skipped.at + 1]).collect();
    assert_eq!(places, [b"\xE9", b"\xFF"]);
}

#[test]
fn nothing_is_written_behind_an_escape_without_an_end() {
    for css in ["a{b:url(d\\2fx.png)}", "@import 'd\\2fx.css'", "a{b:url('d\\2f')}"] {
        let found = scan(css.as_bytes());
        assert_eq!((found.references.len(), found.skipped.len()), (0, 1), "{css}");
    }
}

#[test]
fn sheets_that_ascii_cannot_be_told_in_are_left_alone() {
    for css in [
        &b"\xFF\xFEu\0r\0l\0(\0x\0)\0"[..],
        b"\xFE\xFF\0u\0r\0l\0(\0x\0)",
        b"@charset \"Shift_JIS\";a{b:url(x.png) '\x83\x5C'}",
    ] {
        let found = scan(css);
        assert_eq!(found.references, []);
        assert_eq!(found.skipped.len(), 1);
    }
    // As UTF-8 it cannot be anything else, and in these every ASCII byte is itself.
    for css in [
        &b"@charset \"Shift_JIS\";a{b:url(x.png) 'a'}"[..],
        b"@charset \"windows-1252\";a{b:url(x.png) '\xE9'}",
        b"@charset \"EUC-JP\";a{b:url(x.png) '\xA4\xA2'}",
    ] {
        assert_eq!(shown(css), ["x.png"]);
    }
}

#[test]
fn a_part_of_a_file_keeps_its_offsets() {
    let file = b"<style>a{b:url(x.png)}</style>url(y.png)";
    let mut found = Found::default();
    scan_range(file, 7..22, &mut found);
    assert_eq!(found.references.len(), 1);
    assert_eq!(&file[found.references[0].segment.clone()], b"x.png");
}

#[test]
fn depth_is_no_matter() {
    let depth = 200_000;
    for open in ["{", "(", "[", "f(", "url('x'", "@media{", "@namespace{", "{[("] {
        let css = format!("{}a:url(x.png)", open.repeat(depth));
        let found = scan(css.as_bytes());
        assert_eq!(found.references.last().map(|one| &*one.url), Some("x.png"), "{open}");
        assert_eq!(found.skipped, []);
    }
}

#[test]
fn time_is_in_proportion_to_length() {
    for part in [
        "/*",
        "'",
        "\\",
        "url(",
        "url(x",
        "@import ",
        "url('\\\n",
        "url(x\\2f",
        "image-set('a'",
        "(\\",
        "\"\n",
        "url(\\",
        "<!--",
        "\r",
    ] {
        scan(part.repeat(400_000 / part.len()).as_bytes());
        scan(format!("url(x{}", part.repeat(400_000 / part.len())).as_bytes());
    }
    // Each takes a tenth of a second at most; quadratic, one would take minutes.
}

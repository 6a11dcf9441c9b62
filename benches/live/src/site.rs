//! Makes the files of a site. The browser's side edits four of them.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

/// The page that names them, for Vite. The program writes the same one with its own URLs.
pub const PAGE: &str = "<!doctype html><title>done</title>\
<link rel=stylesheet href=/group-0/style-0.css><link rel=stylesheet href=/sass/main.scss>\
<script type=module src=/group-0/module-1.js></script><p class=p10>text<em>text</em>\n";

/// Half text, half pictures, of 10 KB on average; 20 files to a folder. A style sheet names two of its
/// pictures, and each module imports the next one. A sheet in Sass has a partial.
pub fn write(folder: &Path, files: usize) {
    for number in 0..files {
        let group = folder.join(format!("group-{}", number / 20));
        if number % 20 == 0 {
            fs::create_dir_all(&group).unwrap();
        }
        // From 1 to 19 KB.
        let text = words(number, 1_000 + number * 7_919 % 18_000);
        let (name, contents) = match number % 20 {
            0 => (format!("style-{number}.css"), style(number, &text)),
            at @ 1..=9 => {
                let next = if at == 9 {
                    String::new()
                } else {
                    format!("import './module-{}.js';\n", number + 1)
                };
                (
                    format!("module-{number}.js"),
                    format!("{next}window.version = 0;\n/* {text} */\n"),
                )
            }
            _ => (format!("picture-{number}.svg"), picture(&text)),
        };
        fs::write(group.join(name), contents).unwrap();
    }
    let sass = folder.join("sass");
    fs::create_dir_all(&sass).unwrap();
    fs::write(sass.join("_colors.scss"), "$color: rgb(0, 0, 0);\n").unwrap();
    let rules: String = (0..100).fold(String::new(), |mut rules, number| {
        writeln!(
            rules,
            ".r{number} {{ a {{ color: colors.$color; &:hover {{ width: {number}px * 2 }} }} }}"
        )
        .unwrap();
        rules
    });
    let main = format!("@use 'colors';\nem {{ color: colors.$color }}\n{rules}");
    fs::write(sass.join("main.scss"), main).unwrap();
}

fn style(number: usize, text: &str) -> String {
    let rule =
        |picture: usize| format!(".p{picture} {{ background: url(picture-{picture}.svg) }}\n");
    format!(
        "body {{ color: rgb(0, 0, 0) }}\n{}{}/* {text} */\n",
        rule(number + 10),
        rule(number + 11)
    )
}

fn picture(text: &str) -> String {
    format!("<svg xmlns='http://www.w3.org/2000/svg' width='8' height='8'><!-- {text} --></svg>\n")
}

/// Words, different ones for each file.
fn words(seed: usize, length: usize) -> String {
    let mut text = String::with_capacity(length + 8);
    let mut word = seed;
    while text.len() < length {
        word = (word * 48_271 + 11) % 2_147_483_647;
        write!(text, "w{} ", word % 3_000).unwrap();
    }
    text
}

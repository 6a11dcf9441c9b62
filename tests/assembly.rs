//! Reads the machine code of a program to see what a known URL costs.

mod support;

use std::fs;
use support::Project;

/// The instructions of `function` in a listing of the compiler, without directives and comments.
fn instructions<'a>(assembly: &'a str, function: &str) -> Vec<&'a str> {
    // Mach-O puts an underscore in front of every symbol.
    let labels = [format!("{function}:"), format!("_{function}:")];
    assembly
        .lines()
        .skip_while(|line| !labels.iter().any(|label| line.starts_with(label)))
        .skip(1)
        .map(|line| line.split(['#', ';']).next().unwrap_or_default().trim())
        .map(|line| line.split("//").next().unwrap_or_default().trim())
        .take_while(|line| !line.starts_with(".size") && !line.starts_with(".cfi_endproc"))
        .filter(|line| !line.is_empty() && !line.starts_with('.') && !line.ends_with(':'))
        .collect()
}

fn is_return(instruction: &str) -> bool {
    matches!(instruction, "ret" | "retq")
}

/// Whether it only puts a constant, or the address of one, into a register.
fn is_constant(instruction: &str) -> bool {
    let (operation, operands) = instruction.split_once(char::is_whitespace).unwrap_or_default();
    match std::env::consts::ARCH {
        "x86_64" => match operation {
            "lea" | "leaq" => operands.contains("rip"),
            "mov" | "movl" | "movq" | "movabs" | "movabsq" => !operands.contains(['(', '[']),
            _ => false,
        },
        _ => matches!(operation, "adrp" | "add" | "mov" | "movz" | "movk"),
    }
}

#[test]
fn a_known_url_is_a_constant_in_the_machine_code() {
    if !matches!(std::env::consts::ARCH, "x86_64" | "aarch64") {
        println!("left out: how this processor loads a constant is not known here");
        return;
    }
    let project = Project::new("assembly");
    for number in 0..300 {
        project.write_at(1_452_929_749, &format!("assets/css/style-{number}.css"), "a{}");
    }
    project.write(
        "src/main.rs",
        r#"
mod assets { stamped::include_assets!(); }

#[unsafe(no_mangle)]
pub fn literal() -> &'static str { assets::url!("css/style-77.css") }

#[unsafe(no_mangle)]
pub fn constant() -> stamped::Asset { assets::asset!("css/style-77.css") }

#[unsafe(no_mangle)]
pub fn method() -> &'static str { assets::asset!("css/style-77.css").url() }

#[unsafe(no_mangle)]
pub fn looked_up() -> Option<&'static str> { assets::ASSETS.url("css/style-77.css") }

fn main() { println!("{} {} {} {:?}", literal(), constant(), method(), looked_up()); }
"#,
    );
    let file = project.root().join("assembly.s");
    let emit = format!("asm={}", file.display());
    let output =
        project.cargo(&["rustc", "--release", "--", "--emit", &emit, "-C", "codegen-units=1"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let assembly = fs::read_to_string(file).unwrap();

    // Address and length, or handle and number; on ARM an address takes two instructions.
    for function in ["literal", "constant", "method"] {
        let found = instructions(&assembly, function);
        let (last, loads) = found.split_last().unwrap();
        assert!(is_return(last), "{function}: {found:?}");
        assert!((2..=4).contains(&loads.len()), "{function}: {found:?}");
        assert!(loads.iter().all(|load| is_constant(load)), "{function}: {found:?}");
    }
    let looked_up = instructions(&assembly, "looked_up");
    assert!(!looked_up.iter().all(|one| is_constant(one) || is_return(one)), "{looked_up:?}");
}

//! Source map comments with anything inside them and before them.

#![no_main]

use libfuzzer_sys::fuzz_target;
use stamped_scan::Scanner;

fuzz_target!(|parts: (&[u8], &[u8])| {
    let (before, inside) = parts;
    let sheet = [before, b"/*# sourceMappingURL=", inside, b"*/"].concat();
    stamped_fuzz::scan(Scanner::Css, &sheet);
    stamped_fuzz::scan(Scanner::JavaScript, &sheet);
    let script = [before, b"\n//# sourceMappingURL=", inside].concat();
    stamped_fuzz::scan(Scanner::JavaScript, &script);
});

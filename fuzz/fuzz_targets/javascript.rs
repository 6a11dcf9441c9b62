#![no_main]

use libfuzzer_sys::fuzz_target;
use stamped_scan::Scanner;

fuzz_target!(|source: &[u8]| stamped_fuzz::scan(Scanner::JavaScript, source));

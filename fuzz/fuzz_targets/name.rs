//! Names and stamped paths lead to each other.

#![no_main]

use libfuzzer_sys::fuzz_target;
use stamped::name::{split, unstamp};

fuzz_target!(|text: &str| {
    // The last part of a name is the name of a file.
    if text.is_empty() || text.ends_with('/') {
        return;
    }
    let (stem, suffix) = split(text);
    assert_eq!(format!("{stem}{suffix}"), text);
    let path = format!("{stem}.1452929749{suffix}");
    let parts = unstamp(&path).expect("a stamped path comes apart");
    assert_eq!((parts.stem, parts.stamp, parts.suffix), (stem, "1452929749", suffix));

    if let Some(parts) = unstamp(text) {
        assert_eq!(format!("{}.{}{}", parts.stem, parts.stamp, parts.suffix), text);
        let name = format!("{}{}", parts.stem, parts.suffix);
        assert_eq!(split(&name), (parts.stem, parts.suffix));
    }
});

//! What the path of a request means.

use stamped::Resolved;
use stamped_test_support::{File, bundle};

#[test]
fn a_stale_stamp_may_be_longer_than_all_others_and_encoded_whole() {
    let assets = bundle("/s", vec![File::stamped("LICENSE", "text/plain", "7", "text")]);
    let path = "/s/LICENSE.00020000000000000000";
    let encoded: String = path
        .bytes()
        .map(|byte| if byte == b'/' { "/".to_owned() } else { format!("%{byte:02X}") })
        .collect();
    for path in [path, &encoded] {
        assert!(matches!(assets.resolve(path), Resolved::Stale(_)), "{path}");
    }
}

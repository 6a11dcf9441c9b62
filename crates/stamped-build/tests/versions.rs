//! Two contents of one second never share a stamp, as long as the first is known.

use stamped_build::{Bundle, Pipeline, Stamp, WarningKind};
use stamped_test_support::Dir;

const TIME: u64 = 1_767_261_600;

fn published(bundle: &Bundle) -> Vec<(String, String)> {
    let versions = bundle.assets().iter();
    versions.map(|asset| (asset.path().to_owned(), asset.integrity().to_owned())).collect()
}

fn process(dir: &Dir, before: &[(String, String)]) -> Bundle {
    Pipeline::new(dir.path()).published(before.to_vec()).process().unwrap()
}

fn path<'a>(bundle: &'a Bundle, name: &str) -> &'a str {
    bundle.get(name).unwrap().path()
}

fn same_time(bundle: &Bundle) -> usize {
    let warnings = bundle.warnings().iter();
    warnings.filter(|warning| warning.kind() == WarningKind::SameTime).count()
}

#[test]
fn other_bytes_of_the_same_time_get_another_stamp_which_stays() {
    let dir = Dir::new();
    dir.write_at(TIME, "a.css", "first");
    dir.write_at(TIME, "b.css", "b");
    let first = process(&dir, &[]);
    assert_eq!(path(&first, "a.css"), "a.1767261600.css");

    dir.write_at(TIME, "a.css", "second");
    let second = process(&dir, &published(&first));
    let apart = path(&second, "a.css").to_owned();
    assert_ne!(apart, "a.1767261600.css");
    assert!(apart.starts_with("a.1767261600") && apart.len() == "a.1767261600123456.css".len());
    assert_eq!(path(&second, "b.css"), "b.1767261600.css");
    let [warning] = second.warnings() else { panic!("{:?}", second.warnings()) };
    assert_eq!(warning.kind(), WarningKind::SameTime);
    let message = warning.to_string();
    assert!(message.contains("`a.css` has other bytes") && message.contains(&apart[2..18]));

    // Where the first is still kept, and where only the second is.
    let both = [published(&first), published(&second)].concat();
    for before in [both, published(&second)] {
        let again = process(&dir, &before);
        assert_eq!((path(&again, "a.css"), same_time(&again)), (&*apart, 0));
        dir.write_at(TIME, "a.css", "third");
        let third = process(&dir, &before);
        let third = path(&third, "a.css");
        assert!(third.len() == apart.len() && third != apart, "{third}");
        dir.write_at(TIME, "a.css", "second");
    }

    dir.write_at(TIME + 1, "a.css", "fourth");
    assert_eq!(path(&process(&dir, &published(&second)), "a.css"), "a.1767261601.css");
}

#[test]
fn those_that_refer_to_such_a_file_follow_it() {
    let dir = Dir::new();
    dir.write_at(TIME, "img/a.svg", "<svg/>");
    dir.write_at(TIME, "a.css", "a{b:url(img/a.svg)}");
    let first = process(&dir, &[]);
    dir.write_at(TIME, "img/a.svg", "<svg></svg>");
    let second = process(&dir, &published(&first));
    assert_ne!(path(&first, "img/a.svg"), path(&second, "img/a.svg"));
    assert_ne!(path(&first, "a.css"), path(&second, "a.css"));
    let sheet = second.get("a.css").unwrap().bytes().unwrap();
    let sheet = std::str::from_utf8(&sheet).unwrap();
    assert_eq!(sheet, format!("a{{b:url({})}}", path(&second, "img/a.svg")));
    assert_eq!(same_time(&second), 1);
}

#[test]
fn stamps_that_are_no_times_stay_as_they_are() {
    let dir = Dir::new();
    dir.write_at(TIME, "a.css", "first");
    let fixed = |before: &[(String, String)]| {
        let pipeline = Pipeline::new(dir.path()).published(before.to_vec());
        pipeline.stamp(Stamp::Fixed(7)).process().unwrap()
    };
    let first = fixed(&[]);
    dir.write_at(TIME, "a.css", "second");
    let second = fixed(&published(&first));
    assert_eq!((path(&second, "a.css"), second.warnings().len()), ("a.7.css", 0));
}

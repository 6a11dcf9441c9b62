//! Tests the sizes of pictures.

use stamped_build::Pipeline;
use stamped_test_support::Dir;

/// A PNG of one chunk: a reader of sizes looks no further.
fn png(width: u32, height: u32) -> Vec<u8> {
    let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
    png.extend(width.to_be_bytes());
    png.extend(height.to_be_bytes());
    png.extend([8, 6, 0, 0, 0, 0, 0, 0, 0]);
    png
}

/// A JPEG with `before` between its start and its frame.
fn jpeg(before: &[u8], width: u16, height: u16) -> Vec<u8> {
    let mut jpeg = vec![0xFF, 0xD8];
    jpeg.extend(before);
    jpeg.extend([0xFF, 0xC0, 0, 17, 8]);
    jpeg.extend(height.to_be_bytes());
    jpeg.extend(width.to_be_bytes());
    jpeg.extend([3, 1, 0x22, 0, 2, 0x11, 1, 3, 0x11, 1, 0xFF, 0xD9]);
    jpeg
}

/// A segment with Exif data that says this orientation.
fn exif(orientation: u16, is_little: bool) -> Vec<u8> {
    let two = |n: u16| if is_little { n.to_le_bytes() } else { n.to_be_bytes() };
    let four = |n: u32| if is_little { n.to_le_bytes() } else { n.to_be_bytes() };
    let mut data = b"Exif\0\0".to_vec();
    data.extend(if is_little { b"II" } else { b"MM" });
    data.extend(two(42));
    data.extend(four(8));
    data.extend(two(2));
    // Another tag first: the maker.
    for (tag, kind, value) in [(0x010F_u16, 3_u16, 7_u16), (0x0112, 3, orientation)] {
        data.extend(two(tag));
        data.extend(two(kind));
        data.extend(four(1));
        data.extend(two(value));
        data.extend([0, 0]);
    }
    let mut segment = vec![0xFF, 0xE1];
    segment.extend(u16::try_from(data.len() + 2).unwrap().to_be_bytes());
    segment.extend(data);
    segment
}

#[test]
fn a_picture_has_the_size_that_a_browser_gives_it() {
    let dir = Dir::new();
    // A preview of 60 KB, then a profile, before the frame: neither is at the beginning of the file.
    let segment = [&[0xFF, 0xE2, 0xFF, 0xFE][..], &[0; 0xFFFC]].concat();
    let mut gif = b"GIF89a".to_vec();
    gif.extend([12, 0, 34, 0, 0, 0, 0]);
    for (name, bytes, size) in [
        ("a.png", png(640, 480), Some((640, 480))),
        ("big.png", [png(30_000, 2), vec![0; 300_000]].concat(), Some((30_000, 2))),
        ("a.jpg", jpeg(&[], 300, 200), Some((300, 200))),
        ("turned.jpg", jpeg(&exif(6, true), 300, 200), Some((200, 300))),
        ("mac.jpg", jpeg(&exif(8, false), 300, 200), Some((200, 300))),
        ("mirrored.jpg", jpeg(&exif(2, false), 300, 200), Some((300, 200))),
        ("camera.jpg", jpeg(&[segment.clone(), segment].concat(), 5, 7), Some((5, 7))),
        ("a.gif", gif, Some((12, 34))),
        ("a.svg", b"<svg viewBox='0 0 24 12'/>".to_vec(), Some((24, 12))),
        ("cut.png", png(1, 1)[..12].to_vec(), None),
        ("text.png", b"not a picture".to_vec(), None),
        ("empty.jpg", Vec::new(), None),
        ("style.css", b"a{}".to_vec(), None),
    ] {
        dir.write(name, &bytes);
        let bundle = Pipeline::new(dir.path()).process().unwrap();
        assert_eq!(bundle.get(name).unwrap().dimensions(), size, "{name}");
        let assets = bundle.leak().unwrap();
        assert_eq!(assets.get(name).unwrap().dimensions(), size, "{name}");
    }
}

//! Finds the width and height of pictures, as a browser lays them out.

use crate::contents::Contents;
use crate::error::Error;
use imagesize::ImageType;
use stamped_scan::svg_size;

/// How much of a picture is read. Formats have their size at the beginning, but a JPEG may have a
/// preview and a colour profile before it.
const HEADS: &[u64] = &[16 << 10, 1 << 20];

/// The width and height of a picture of this content type, in pixels. `None` where it is none, or where
/// its beginning does not say.
pub(super) fn of(essence: &str, contents: &Contents) -> Result<Option<(u32, u32)>, Error> {
    if !essence.starts_with("image/") {
        return Ok(None);
    }
    for &length in HEADS {
        let head = contents.head(length)?;
        let size = match essence {
            "image/svg+xml" => svg_size(&head),
            _ => size(&head),
        };
        if size.is_some() || contents.len() <= length {
            return Ok(size);
        }
    }
    Ok(None)
}

fn size(head: &[u8]) -> Option<(u32, u32)> {
    let size = imagesize::blob_size(head).ok()?;
    let (width, height) = (u32::try_from(size.width).ok()?, u32::try_from(size.height).ok()?);
    let is_jpeg = matches!(imagesize::image_type(head), Ok(ImageType::Jpeg));
    let is_turned = is_jpeg && orientation(head).is_some_and(|number| (5..=8).contains(&number));
    match (width, height) {
        (0, _) | (_, 0) => None,
        _ if is_turned => Some((height, width)),
        both => Some(both),
    }
}

/// The orientation that the Exif data of a JPEG says, 1 to 8. Browsers turn such a picture; from 5 on, its
/// sides change places (CIPA DC-008, tag 0x0112).
fn orientation(jpeg: &[u8]) -> Option<u16> {
    let mut rest = jpeg.get(2..)?;
    let exif = loop {
        let &[0xFF, marker, high, low, ..] = rest else { return None };
        // The picture itself begins.
        if marker == 0xDA {
            return None;
        }
        let length = usize::from(u16::from_be_bytes([high, low]));
        let segment = rest.get(4..2 + length)?;
        if marker == 0xE1
            && let Some(exif) = segment.strip_prefix(b"Exif\0\0")
        {
            break exif;
        }
        rest = rest.get(2 + length..)?;
    };
    let is_little = match exif.get(..2)? {
        b"II" => true,
        b"MM" => false,
        _ => return None,
    };
    let u16_at = |at: usize| -> Option<u16> {
        let bytes = exif.get(at..)?.first_chunk()?;
        Some(if is_little { u16::from_le_bytes(*bytes) } else { u16::from_be_bytes(*bytes) })
    };
    let first: [u8; 4] = *exif.get(4..)?.first_chunk()?;
    let first = if is_little { u32::from_le_bytes(first) } else { u32::from_be_bytes(first) };
    let first = usize::try_from(first).ok()?;
    (0..usize::from(u16_at(first)?))
        .map(|number| first + 2 + number * 12)
        .find(|&entry| u16_at(entry) == Some(0x0112))
        .and_then(|entry| u16_at(entry + 8))
}

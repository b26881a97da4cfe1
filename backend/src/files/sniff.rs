//! What a file is, by its content and never by its name or by what its sender says. Whatever a browser could run is plain bytes here.

use image::ImageFormat;

/// What was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// A picture that is drawn anew.
    Picture(ImageFormat),
    /// Anything else, with a media type that no browser runs.
    Other(&'static str),
}

/// Beginnings of inert kinds that people recognise by an icon.
const KINDS: [(&[u8], &str); 9] = [
    (b"%PDF-", "application/pdf"),
    (b"PK\x03\x04", "application/zip"),
    (b"\x1f\x8b", "application/gzip"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (b"ID3", "audio/mpeg"),
    (b"OggS", "audio/ogg"),
    (b"fLaC", "audio/flac"),
    (b"\x1a\x45\xdf\xa3", "video/webm"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
];

/// Says what these bytes are.
pub fn sniff(bytes: &[u8]) -> Found {
    let starts = |magic: &[u8]| bytes.starts_with(magic);
    if starts(b"\x89PNG\r\n\x1a\n") {
        return Found::Picture(ImageFormat::Png);
    }
    if starts(b"\xff\xd8\xff") {
        return Found::Picture(ImageFormat::Jpeg);
    }
    if starts(b"GIF87a") || starts(b"GIF89a") {
        return Found::Picture(ImageFormat::Gif);
    }
    if starts(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") {
        return Found::Picture(ImageFormat::WebP);
    }
    if bytes.get(4..8) == Some(b"ftyp") {
        return Found::Other("video/mp4");
    }
    if let Some((_, media_type)) = KINDS.iter().find(|(magic, _)| starts(magic)) {
        return Found::Other(media_type);
    }
    Found::Other(if is_prose(bytes) { "text/plain" } else { "application/octet-stream" })
}

/// Text without a mark that a browser could take for a document or a script.
fn is_prose(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_ok_and(|text| {
        let controls = text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t'));
        !controls && !text.contains('<') && !text.starts_with("#!")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_decides_and_what_could_run_is_plain_bytes() {
        assert_eq!(sniff(b"\x89PNG\r\n\x1a\nrest"), Found::Picture(ImageFormat::Png));
        assert_eq!(sniff(b"RIFF\0\0\0\0WEBPVP8 "), Found::Picture(ImageFormat::WebP));
        assert_eq!(sniff(b"%PDF-1.7"), Found::Other("application/pdf"));
        assert_eq!(sniff("안녕하세요\n".as_bytes()), Found::Other("text/plain"));
        for runs in
            ["<svg onload=alert(1)>", "<!doctype html>", "\u{feff}<html>", "<?xml version='1.0'?>", "#!/bin/sh\n", "MZ\u{90}\0", "a\0b"]
        {
            assert_eq!(sniff(runs.as_bytes()), Found::Other("application/octet-stream"), "{runs:?}");
        }
        assert_eq!(sniff(b""), Found::Other("text/plain"));
    }
}

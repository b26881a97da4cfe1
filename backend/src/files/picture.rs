//! Pictures are drawn anew: what comes out holds pixels and nothing else, whatever came in (place, camera, script). Pure and slow; called off the
//! async threads. Dimensions are read from the header and judged before any pixel is.

use std::io::Cursor;

use image::codecs::jpeg::JpegEncoder;
use image::codecs::webp::WebPEncoder;
use image::imageops::FilterType;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits};

/// The largest picture, in pixels.
pub const PIXELS_MAX: u64 = 40_000_000;
/// The longest side of a picture.
const SIDE_MAX: u32 = 30_000;
/// What decoding may allocate: 40 million pixels of four bytes.
const ALLOC_MAX: u64 = 160 * 1024 * 1024;
/// The longest side of a thumbnail.
const THUMBNAIL: u32 = 480;
/// The longest side of a picture that a shop shows to everybody.
const SHOWN: u32 = 1200;
/// The side of a photo.
const PHOTO: u32 = 256;

/// A picture drawn anew.
pub struct Picture {
    /// Encoded.
    pub bytes: Vec<u8>,
    /// As what.
    pub media_type: &'static str,
    /// How such a file's name ends.
    pub extension: &'static str,
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// A smaller one, where the picture is larger than 480 pixels.
    pub thumbnail: Option<Vec<u8>>,
}

/// Why not.
#[derive(Debug, thiserror::Error)]
pub enum PictureError {
    /// Too many pixels.
    #[error("the picture has {0} × {1} pixels; 40 million, and {SIDE_MAX} on a side, are the limit; send a smaller one")]
    TooLarge(u32, u32),
    /// Not a picture, whatever its beginning says.
    #[error("the picture cannot be read; send it as PNG, JPEG, GIF or WebP")]
    Broken,
    /// It could not be written.
    #[error("the picture could not be drawn: {0}")]
    Failed(image::ImageError),
}

/// Decodes within limits and draws anew, upright, with a thumbnail. Of an animation the first frame stays.
pub fn redraw(bytes: &[u8], format: ImageFormat) -> Result<Picture, PictureError> {
    let image = decode(bytes, format)?;
    let (width, height) = (image.width(), image.height());
    let photographic = matches!(format, ImageFormat::Jpeg | ImageFormat::WebP);
    // Of the same kind as the picture, so that one media type describes both.
    let smaller = (width > THUMBNAIL || height > THUMBNAIL).then(|| image.thumbnail(THUMBNAIL, THUMBNAIL));
    let thumbnail = smaller.map(|smaller| encode(&smaller, photographic)).transpose()?;
    let (bytes, media_type, extension) = encode(&image, photographic)?;
    Ok(Picture { bytes, media_type, extension, width, height, thumbnail: thumbnail.map(|(bytes, ..)| bytes) })
}

/// The picture drawn anew, at most 1,200 pixels on a side, with how such a file's name ends.
pub fn fit(bytes: &[u8], format: ImageFormat) -> Result<(Vec<u8>, &'static str), PictureError> {
    let mut image = decode(bytes, format)?;
    if image.width() > SHOWN || image.height() > SHOWN {
        image = image.resize(SHOWN, SHOWN, FilterType::Triangle);
    }
    let photographic = matches!(format, ImageFormat::Jpeg | ImageFormat::WebP);
    encode(&image, photographic).map(|(bytes, _, extension)| (bytes, extension))
}

/// The middle of the picture as a square of 256 pixels, as WebP.
pub fn square(bytes: &[u8], format: ImageFormat) -> Result<Vec<u8>, PictureError> {
    let image = decode(bytes, format)?.resize_to_fill(PHOTO, PHOTO, FilterType::Triangle);
    let image = if image.has_alpha() { DynamicImage::ImageRgba8(image.into_rgba8()) } else { DynamicImage::ImageRgb8(image.into_rgb8()) };
    let mut out = Vec::new();
    image.write_with_encoder(WebPEncoder::new_lossless(&mut out)).map_err(PictureError::Failed)?;
    Ok(out)
}

fn decode(bytes: &[u8], format: ImageFormat) -> Result<DynamicImage, PictureError> {
    let mut limits = Limits::default();
    limits.max_alloc = Some(ALLOC_MAX);
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(|_| PictureError::Broken)?;
    let (width, height) = decoder.dimensions();
    // Two bytes a channel count as two pixels: what matters is the memory.
    let too_large = u64::from(width) * u64::from(height) > PIXELS_MAX || width.max(height) > SIDE_MAX || decoder.total_bytes() > ALLOC_MAX;
    if too_large {
        return Err(PictureError::TooLarge(width, height));
    }
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut image = DynamicImage::from_decoder(decoder).map_err(|_| PictureError::Broken)?;
    image.apply_orientation(orientation);
    Ok(image)
}

/// JPEG where nothing shines through and nobody would see it, else PNG.
fn encode(image: &DynamicImage, photographic: bool) -> Result<(Vec<u8>, &'static str, &'static str), PictureError> {
    let mut out = Vec::new();
    if photographic && !image.has_alpha() {
        image.to_rgb8().write_with_encoder(JpegEncoder::new_with_quality(&mut out, 88)).map_err(PictureError::Failed)?;
        return Ok((out, "image/jpeg", "jpg"));
    }
    let plain = if image.has_alpha() { DynamicImage::ImageRgba8(image.to_rgba8()) } else { DynamicImage::ImageRgb8(image.to_rgb8()) };
    plain.write_to(&mut Cursor::new(&mut out), ImageFormat::Png).map_err(PictureError::Failed)?;
    Ok((out, "image/png", "png"))
}

//! Style sheet, script and pictures of the shop. Pictures are found by name in the catalogue; no path reaches a disk.

use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};

use super::catalogue::PRODUCTS;
use super::reader::Reader;
use super::{DemoShop, missing};
use crate::error::Result;

/// Ten minutes: quick between two pages, and a newer binary is soon seen.
fn file(kind: &'static str, body: &'static str) -> Response {
    let cached = (header::CACHE_CONTROL, "public, max-age=600");
    ([(header::CONTENT_TYPE, kind), cached, (header::X_CONTENT_TYPE_OPTIONS, "nosniff")], body).into_response()
}

/// Looks of the shop.
pub(super) async fn css() -> Response {
    file("text/css; charset=utf-8", include_str!("../../../../templates/demo_shop/shop.css"))
}

/// The cart.
pub(super) async fn js() -> Response {
    file("text/javascript; charset=utf-8", include_str!("../../../../templates/demo_shop/shop.js"))
}

/// A product's picture, the home page's and the mark.
pub(super) async fn picture(State(shop): State<DemoShop>, reader: Reader, Path(name): Path<String>) -> Result<Response> {
    let picture = match name.as_str() {
        "hero.svg" => Some(include_str!("../../../../templates/demo_shop/pictures/hero.svg")),
        "mark.svg" => Some(include_str!("../../../../templates/demo_shop/pictures/mark.svg")),
        _ => name.strip_suffix(".svg").and_then(|slug| PRODUCTS.iter().find(|product| product.slug == slug)).map(|product| product.picture),
    };
    picture.map_or_else(|| missing(&shop, reader), |picture| Ok(file("image/svg+xml", picture)))
}

//! The demo shop: an ordinary small shop on another origin, which carries the chat by the snippet, as a customer's shop does. It knows
//! nothing of the product but the widget's origin and a site key. What is sold: [`catalogue`]; how a reader sees it: [`shown`]; files:
//! [`files`].

mod catalogue;
mod files;
mod product_data;
mod reader;
mod shown;
#[cfg(test)]
mod tests;

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, StatusCode, Uri, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;

use self::catalogue::PRODUCTS;
use self::reader::Reader;
use self::shown::{Layout, Shown};
use crate::error::{Error, Result};

/// The key of the chat on the page of live shopping.
pub const CROWD: &str = "live-1";

/// Where the shop loads its chat from, and as which site.
#[derive(Clone)]
pub struct DemoShop {
    /// `http(s)://host[:port]` of the widget's listener, without a path.
    pub widget_origin: String,
    /// The public key of the site in the snippet.
    pub site_key: String,
}

/// The whole shop, for a listener of its own.
pub fn router(shop: DemoShop) -> Router {
    Router::new()
        .route("/", get(home))
        .route("/p/{slug}", get(product))
        .route("/cart", get(cart))
        .route("/about", get(about))
        .route("/live", get(live))
        .route("/shop.css", get(files::css))
        .route("/shop.js", get(files::js))
        .route("/pictures/{file}", get(files::picture))
        .fallback(not_found)
        .with_state(shop)
}

#[derive(Template)]
#[template(path = "demo_shop/home.html")]
struct HomePage<'a> {
    layout: Layout<'a>,
    products: Vec<Shown>,
}

#[derive(Template)]
#[template(path = "demo_shop/product.html")]
struct ProductPage<'a> {
    layout: Layout<'a>,
    product: Shown,
    products: Vec<Shown>,
    product_data: String,
}

#[derive(Template)]
#[template(path = "demo_shop/cart.html")]
struct CartPage<'a> {
    layout: Layout<'a>,
    products: Vec<Shown>,
}

#[derive(Template)]
#[template(path = "demo_shop/about.html")]
struct AboutPage<'a> {
    layout: Layout<'a>,
}

/// Live shopping: what is shown, and a chat of all who watch.
#[derive(Template)]
#[template(path = "demo_shop/live.html")]
struct LivePage<'a> {
    layout: Layout<'a>,
    crowd: &'static str,
    product: Shown,
    products: Vec<Shown>,
}

#[derive(Template)]
#[template(path = "demo_shop/not_found.html")]
struct NotFoundPage<'a> {
    layout: Layout<'a>,
}

async fn home(State(shop): State<DemoShop>, reader: Reader) -> Result<Response> {
    let products = shown::all(reader.language);
    page(&shop, &HomePage { layout: Layout::new(&shop, reader, "/"), products })
}

async fn product(State(shop): State<DemoShop>, reader: Reader, uri: Uri, Path(slug): Path<String>) -> Result<Response> {
    let Some(found) = PRODUCTS.iter().find(|product| product.slug == slug) else {
        return missing(&shop, reader);
    };
    // Three others, beginning after this one, so that every product is shown beside another set.
    let after = PRODUCTS.iter().skip_while(|product| product.slug != slug).skip(1);
    let products = after.chain(PRODUCTS).take(3).map(|product| Shown::new(product, reader.language)).collect();
    let template = ProductPage {
        layout: Layout::new(&shop, reader, uri.path()),
        product: Shown::new(found, reader.language),
        products,
        product_data: product_data::script_text(found, reader.language),
    };
    page(&shop, &template)
}

async fn cart(State(shop): State<DemoShop>, reader: Reader) -> Result<Response> {
    let products = shown::all(reader.language);
    page(&shop, &CartPage { layout: Layout::new(&shop, reader, "/cart"), products })
}

async fn about(State(shop): State<DemoShop>, reader: Reader) -> Result<Response> {
    page(&shop, &AboutPage { layout: Layout::new(&shop, reader, "/about") })
}

async fn live(State(shop): State<DemoShop>, reader: Reader) -> Result<Response> {
    let mut products = shown::all(reader.language);
    let product = products.remove(0);
    products.truncate(3);
    page(&shop, &LivePage { layout: Layout::new(&shop, reader, "/live"), crowd: CROWD, product, products })
}

async fn not_found(State(shop): State<DemoShop>, reader: Reader) -> Result<Response> {
    missing(&shop, reader)
}

/// The 404 page. Its language link leads home: the path that was asked for is somebody else's text.
fn missing(shop: &DemoShop, reader: Reader) -> Result<Response> {
    let shown = page(shop, &NotFoundPage { layout: Layout::new(shop, reader, "/") })?;
    Ok((StatusCode::NOT_FOUND, shown).into_response())
}

/// What a careful shop allows on its pages: its own files, and the chat's script, frame and connections.
fn policy(widget_origin: &str) -> String {
    let sockets = widget_origin.replacen("http", "ws", 1);
    format!(
        "default-src 'none'; script-src 'self' {widget_origin}; style-src 'self'; img-src 'self' data:; \
         connect-src {widget_origin} {sockets}; frame-src {widget_origin}; base-uri 'none'; form-action 'self'"
    )
}

fn page(shop: &DemoShop, template: &impl Template) -> Result<Response> {
    let html = template.render().map_err(|error| Error::internal(&error))?;
    let policy = HeaderValue::try_from(policy(&shop.widget_origin)).map_err(|error| Error::internal(&error))?;
    let mut response = Html(html).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert(header::VARY, HeaderValue::from_static("accept-language"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("strict-origin-when-cross-origin"));
    Ok(response)
}

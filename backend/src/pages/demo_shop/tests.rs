//! The shop as a browser gets it, without a socket.

use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use tower::ServiceExt;

use super::*;

async fn get_page(path: &str, accepted: &str) -> (StatusCode, String, String) {
    let shop = DemoShop { widget_origin: "http://127.0.0.1:8081".to_owned(), site_key: "key\"1".to_owned() };
    let request = Request::get(path).header(header::ACCEPT_LANGUAGE, accepted).body(Body::empty()).unwrap();
    let response = router(shop).oneshot(request).await.unwrap();
    let status = response.status();
    let policy = response.headers().get(header::CONTENT_SECURITY_POLICY);
    let policy = policy.map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default();
    let body = to_bytes(response.into_body(), 1 << 20).await.unwrap();
    (status, policy, String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test]
async fn every_page_carries_the_snippet_and_its_policy() {
    for path in ["/", "/p/moon-jar", "/cart", "/about", "/live", "/p/none", "/none"] {
        let (status, policy, html) = get_page(path, "en").await;
        assert_eq!(status, if path.ends_with("none") { StatusCode::NOT_FOUND } else { StatusCode::OK }, "{path}");
        assert!(html.contains(r#"<script async src="http://127.0.0.1:8081/w.js" data-site="key&#34;1"></script>"#), "{path}: {html}");
        assert!(policy.contains("connect-src http://127.0.0.1:8081 ws://127.0.0.1:8081;"), "{policy}");
    }
}

#[tokio::test]
async fn every_product_has_a_page_a_picture_and_data_in_both_languages() {
    for product in PRODUCTS {
        for (language, currency) in [("ko", "KRW"), ("en", "EUR")] {
            let (status, _, html) = get_page(&format!("/p/{}?lang={language}", product.slug), "").await;
            assert_eq!(status, StatusCode::OK);
            let (_, rest) = html.split_once(r#"<script type="application/ld+json">"#).unwrap();
            let data: serde_json::Value = serde_json::from_str(rest.split_once("</script>").unwrap().0).unwrap();
            assert_eq!(data["sku"], product.sku);
            assert_eq!(data["offers"]["priceCurrency"], currency);
            assert!(html.contains(&format!("href=\"/cart?lang={language}\"")), "the language is kept in links");
        }
        let (status, _, svg) = get_page(&format!("/pictures/{}.svg", product.slug), "").await;
        assert!(status == StatusCode::OK && svg.starts_with("<svg "));
    }
}

#[tokio::test]
async fn the_browsers_language_counts_and_the_address_outranks_it() {
    assert!(get_page("/", "ko-KR").await.2.contains("<html lang=\"ko\""));
    assert!(get_page("/?lang=en", "ko-KR").await.2.contains("<html lang=\"en\""));
    assert!(get_page("/?lang=xx", "en").await.2.contains("<html lang=\"en\""));
}

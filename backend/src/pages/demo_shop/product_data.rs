//! schema.org data of a product page (JSON-LD), which search engines read, and chat widgets that tell an operator what is looked at.

use serde_json::json;

use super::catalogue::{Availability, Product};
use crate::pages::language::Language;

/// The content of a `<script type="application/ld+json">`, safe to be put there as it is.
pub(super) fn script_text(product: &Product, language: Language) -> String {
    let (currency, price) = match language {
        Language::Korean => ("KRW", product.price.won.to_string()),
        Language::English => ("EUR", format!("{}.00", product.price.euros)),
    };
    let availability = match product.availability {
        Availability::InStock => "https://schema.org/InStock",
        Availability::Left(_) => "https://schema.org/LimitedAvailability",
        Availability::SoldOut => "https://schema.org/OutOfStock",
    };
    let address = format!("/p/{}?lang={}", product.slug, language.code());
    let data = json!({
        "@context": "https://schema.org",
        "@type": "Product",
        "name": product.name.in_language(language),
        "sku": product.sku,
        "description": product.description.in_language(language),
        "image": format!("/pictures/{}.svg", product.slug),
        "url": address,
        "brand": { "@type": "Brand", "name": "Moru" },
        "offers": {
            "@type": "Offer",
            "url": address,
            "price": price,
            "priceCurrency": currency,
            "availability": availability,
            "itemCondition": "https://schema.org/NewCondition",
        },
    });
    embedded(&data)
}

/// In a script block nothing but `<` can end the block or open a comment; in JSON it stands only in strings, where it has another spelling.
fn embedded(data: &serde_json::Value) -> String {
    data.to_string().replace('<', "\\u003c")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_cannot_end_the_script_block() {
        let data = json!({"name": "</script><!--"});
        let text = embedded(&data);
        assert!(!text.contains('<'), "{text}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&text).unwrap(), data);
    }
}

//! The catalogue as templates show it: one language, prices written out. No HTML is made here.

use super::DemoShop;
use super::catalogue::{Availability, PRODUCTS, Product};
use super::reader::Reader;
use crate::pages::language::Language;

/// What every page needs for its head, header and snippet.
pub(super) struct Layout<'a> {
    /// Korean, or else English.
    pub(super) korean: bool,
    /// For the `lang` attribute.
    pub(super) language: &'static str,
    /// This page, without a query.
    pub(super) path: &'a str,
    /// What links append to keep a language that was asked for.
    pub(super) kept: &'static str,
    /// How a price is written; `{}` is the number. The cart's script uses it.
    pub(super) money: &'static str,
    /// Script and frame of the chat come from here.
    pub(super) widget_origin: &'a str,
    /// As which site the chat is loaded.
    pub(super) site_key: &'a str,
}

impl<'a> Layout<'a> {
    /// For a page at `path`, which must be one of our own paths: it becomes a link.
    pub(super) fn new(shop: &'a DemoShop, reader: Reader, path: &'a str) -> Self {
        let kept = match (reader.asked, reader.language) {
            (false, _) => "",
            (true, Language::Korean) => "?lang=ko",
            (true, Language::English) => "?lang=en",
        };
        Self {
            korean: reader.language == Language::Korean,
            language: reader.language.code(),
            path,
            kept,
            money: money(reader.language),
            widget_origin: &shop.widget_origin,
            site_key: &shop.site_key,
        }
    }
}

/// A product in one language.
pub(super) struct Shown {
    pub(super) slug: &'static str,
    pub(super) sku: &'static str,
    pub(super) name: &'static str,
    pub(super) tagline: &'static str,
    pub(super) description: &'static str,
    pub(super) picture_alt: &'static str,
    /// What is chosen: "Glaze".
    pub(super) choice: &'static str,
    pub(super) options: Vec<&'static str>,
    /// Size, material, care: name and value.
    pub(super) facts: Vec<(&'static str, &'static str)>,
    /// Whole won or euros, for the cart's sums.
    pub(super) amount: u32,
    /// With its currency.
    pub(super) price: String,
    pub(super) sold_out: bool,
    /// How many are left, where that is worth a word.
    pub(super) left: Option<u32>,
}

impl Shown {
    /// `product` for a reader of `language`.
    pub(super) fn new(product: &Product, language: Language) -> Self {
        let amount = product.price.in_language(language);
        Self {
            slug: product.slug,
            sku: product.sku,
            name: product.name.in_language(language),
            tagline: product.tagline.in_language(language),
            description: product.description.in_language(language),
            picture_alt: product.picture_alt.in_language(language),
            choice: product.choice.in_language(language),
            options: product.options.iter().map(|option| option.in_language(language)).collect(),
            facts: product.facts.iter().map(|(name, value)| (name.in_language(language), value.in_language(language))).collect(),
            amount,
            price: money(language).replace("{}", &grouped(amount)),
            sold_out: product.availability == Availability::SoldOut,
            left: match product.availability {
                Availability::Left(left) => Some(left),
                Availability::InStock | Availability::SoldOut => None,
            },
        }
    }
}

/// Everything that is sold, in the order of the shelf.
pub(super) fn all(language: Language) -> Vec<Shown> {
    PRODUCTS.iter().map(|product| Shown::new(product, language)).collect()
}

fn money(language: Language) -> &'static str {
    match language {
        Language::Korean => "{}원",
        Language::English => "€{}",
    }
}

/// Digits in threes: 128,000.
fn grouped(number: u32) -> String {
    let digits = number.to_string();
    let mut written = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            written.push(',');
        }
        written.push(digit);
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_stand_in_threes() {
        for (number, written) in [(0, "0"), (29, "29"), (999, "999"), (1000, "1,000"), (128_000, "128,000"), (1_234_567, "1,234,567")] {
            assert_eq!(grouped(number), written);
        }
    }
}

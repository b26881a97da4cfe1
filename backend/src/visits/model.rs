//! What a page says about itself, and what an address tells of where a visit came from. No I/O.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::clock::Millis;
use crate::ids::{VisitId, VisitorId};
use crate::scope::SiteScope;
use crate::text;

/// One page view.
#[derive(Clone, Debug)]
pub struct PageView {
    /// Whose rows.
    pub scope: SiteScope,
    /// Who.
    pub visitor: VisitorId,
    /// In which stay.
    pub visit: VisitId,
    /// When.
    pub at: Millis,
    /// Address.
    pub url: String,
    /// Title.
    pub title: String,
    /// Where they came from.
    pub referrer: Option<String>,
    /// What the page sells.
    pub product: Option<Product>,
}

/// What a page sells, in the words of the page itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Product {
    /// The shop's number of it, at most 100 characters.
    #[schema(required)]
    pub id: Option<String>,
    /// Its name, at most 200 characters.
    pub name: String,
    /// As the page writes it, at most 40 characters.
    #[schema(required)]
    pub price: Option<String>,
    /// Such as KRW, at most 8 characters.
    #[schema(required)]
    pub currency: Option<String>,
    /// Address of a picture.
    #[schema(required)]
    pub image: Option<String>,
    /// Its page.
    pub url: String,
    /// In stock, if the page says so.
    #[schema(required)]
    pub in_stock: Option<bool>,
}

impl Product {
    /// Cut to what is kept; nothing where it has no name or no address. A page that describes its product badly is still a page.
    pub fn cleaned(self) -> Option<Self> {
        let short =
            |text: Option<String>, most: usize| text.map(|text| text::cut(&text::clean_line(&text), most)).filter(|text| !text.is_empty());
        Some(Self {
            id: short(self.id, 100),
            name: short(Some(self.name), 200)?,
            price: short(self.price, 40),
            currency: short(self.currency, 8),
            image: self.image.filter(|image| is_web(image)),
            url: Some(self.url).filter(|url| is_web(url))?,
            in_stock: self.in_stock,
        })
    }
}

/// An address that a link or a picture may have.
fn is_web(url: &str) -> bool {
    let short = url.len() <= text::URL_MAX && !url.chars().any(|letter| letter.is_whitespace() || letter.is_control());
    short && (url.starts_with("https://") || url.starts_with("http://"))
}

/// Which advertisement a visit came from, as its first address says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Campaign {
    /// `utm_source`.
    #[schema(required)]
    pub source: Option<String>,
    /// `utm_medium`.
    #[schema(required)]
    pub medium: Option<String>,
    /// `utm_campaign`.
    #[schema(required)]
    pub name: Option<String>,
}

impl Campaign {
    /// The campaign of an address, if it names one.
    pub fn of(url: &str) -> Option<Self> {
        let query = url.split_once('?')?.1.split('#').next()?;
        let mut campaign = Self { source: None, medium: None, name: None };
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            let value = Some(text::cut(&text::clean_line(&value), 200)).filter(|value| !value.is_empty());
            match name.as_ref() {
                "utm_source" => campaign.source = value,
                "utm_medium" => campaign.medium = value,
                "utm_campaign" => campaign.name = value,
                _ => {}
            }
        }
        (campaign.source.is_some() || campaign.medium.is_some() || campaign.name.is_some()).then_some(campaign)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_campaign_is_in_the_first_address() {
        let campaign =
            Campaign::of("https://shop.test/a?b=1&utm_source=naver&utm_campaign=%EA%B0%80%EC%9D%84+sale#x?utm_medium=no").unwrap();
        assert_eq!(campaign, Campaign { source: Some("naver".to_owned()), medium: None, name: Some("가을 sale".to_owned()) });
        assert_eq!(Campaign::of("https://shop.test/a?utm_source="), None);
        assert_eq!(Campaign::of("https://shop.test/a"), None);
    }

    #[test]
    fn a_product_keeps_what_can_be_shown() {
        let product = |name: &str, url: &str, image: &str| Product {
            id: None,
            name: name.to_owned(),
            price: Some("12,000".repeat(20)),
            currency: Some("KRW".to_owned()),
            image: Some(image.to_owned()),
            url: url.to_owned(),
            in_stock: Some(true),
        };
        let kept = product("  Moon jar\n", "https://shop.test/jar", "javascript:alert(1)").cleaned().unwrap();
        assert_eq!((kept.name.as_str(), kept.price.unwrap().len(), kept.image), ("Moon jar", 40, None));
        assert_eq!(product(" ", "https://shop.test/jar", "").cleaned(), None);
        assert_eq!(product("Jar", "data:text/html,x", "").cleaned(), None);
    }
}

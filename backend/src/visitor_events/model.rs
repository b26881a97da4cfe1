//! What a visitor can do that is kept: the kinds of event, what each carries, and what is wrong with one that is refused. No I/O.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::clock::{DAY, Millis};
use crate::ids::{VisitId, VisitorId};
use crate::scope::SiteScope;
use crate::text::{self, Fields};
use crate::visits::Product;

/// Longest name of a shop's own event, in characters.
const NAME_MAX: usize = 60;
/// Properties of a shop's own event, as JSON, in bytes.
const PROPS_MAX: usize = 2048;
/// Things in a cart or an order at most.
const ITEMS_MAX: usize = 50;
/// A browser may hand in what happened so long ago; what is older counts as of then.
pub const LATE: Millis = 7 * DAY;
/// The largest amount of money, in whole units.
const VALUE_MAX: f64 = 1e12;

/// Something a visitor did, stored: what others in the program hear of it.
#[derive(Clone, Debug)]
pub struct Acted {
    /// On which site.
    pub scope: SiteScope,
    /// Who.
    pub visitor: VisitorId,
    /// In which stay.
    pub visit: VisitId,
    /// The browser's id of the event; of a page named in a hello, ours.
    pub id: Uuid,
    /// When.
    pub at: Millis,
    /// What.
    pub act: Act,
    /// The page it happened on, where the browser said so.
    pub page: Option<OnPage>,
}

/// What somebody did.
#[derive(Clone, Debug, PartialEq)]
pub enum Act {
    /// `page.entered`.
    PageEntered {
        /// Where the visit came from, as the browser says.
        referrer: Option<String>,
        /// What the page sells.
        product: Option<Product>,
    },
    /// `custom`: an event of the shop's own, of `stalk('track', name, props)`.
    Custom {
        /// Its name.
        name: String,
        /// Texts, numbers, true or false.
        props: Map<String, Value>,
    },
    /// `cart.changed`: the cart as it is now.
    CartChanged(Cart),
    /// `order.placed`.
    OrderPlaced(Order),
}

/// A page by its address and title.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OnPage {
    /// Address.
    pub url: String,
    /// Title.
    pub title: String,
}

/// What is in a cart.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Cart {
    /// What all of it costs.
    pub value: f64,
    /// Such as KRW.
    pub currency: String,
    /// The things in it, at most 50.
    #[serde(default)]
    pub items: Vec<Item>,
}

/// A thing in a cart or an order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CartItem)]
pub struct Item {
    /// The shop's number of it.
    #[serde(default, deserialize_with = "text_or_number")]
    pub id: String,
    /// Its name.
    pub name: String,
    /// What one costs.
    #[serde(default)]
    pub price: f64,
    /// How many; one where nothing is said.
    #[serde(default = "one")]
    pub quantity: u32,
}

/// An order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Order {
    /// The shop's number of it: counts once.
    #[serde(deserialize_with = "text_or_number")]
    pub order_id: String,
    /// What it is worth.
    pub value: f64,
    /// Such as KRW.
    pub currency: String,
    /// What was bought, at most 50 kinds.
    #[serde(default)]
    pub items: Vec<Item>,
}

fn one() -> u32 {
    1
}

/// Shops write their numbers with and without quotes.
fn text_or_number<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    match Value::deserialize(deserializer)? {
        Value::String(text) => Ok(text),
        Value::Number(number) => Ok(number.to_string()),
        _ => Err(serde::de::Error::custom("must be a text or a number")),
    }
}

impl Act {
    /// As the table and the protocol name it.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::PageEntered { .. } => "page.entered",
            Self::Custom { .. } => "custom",
            Self::CartChanged(_) => "cart.changed",
            Self::OrderPlaced(_) => "order.placed",
        }
    }

    /// What of it is kept beside kind and page.
    pub fn props(&self) -> Value {
        match self {
            Self::PageEntered { referrer, product } => serde_json::json!({"referrer": referrer, "product": product}),
            Self::Custom { props, .. } => Value::Object(props.clone()),
            Self::CartChanged(cart) => serde_json::json!(cart),
            Self::OrderPlaced(order) => serde_json::json!(order),
        }
    }

    /// The act that a browser names by `kind` and describes by `props`, cleaned; or what is wrong with it. Page views are made elsewhere.
    pub fn read(kind: &str, name: Option<&str>, props: Value) -> Result<Self, Fields> {
        let mut fields = Fields::new();
        let not_understood = |error: serde_json::Error| Fields::from([("props".to_owned(), error.to_string())]);
        let act = match kind {
            "custom" => {
                let name = text::clean_line(&text::required(&mut fields, "name", name.unwrap_or_default(), NAME_MAX));
                Self::Custom { name, props: own_props(&mut fields, props) }
            }
            "cart.changed" => {
                let cart: Cart = serde_json::from_value(props).map_err(not_understood)?;
                let Cart { value, currency, items } = cart;
                let (value, currency) = money(&mut fields, value, &currency);
                Self::CartChanged(Cart { value, currency, items: items_of(&mut fields, items) })
            }
            "order.placed" => {
                let order: Order = serde_json::from_value(props).map_err(not_understood)?;
                let Order { order_id, value, currency, items } = order;
                let order_id = text::clean_line(&text::required(&mut fields, "props.order_id", &order_id, 100));
                let (value, currency) = money(&mut fields, value, &currency);
                Self::OrderPlaced(Order { order_id, value, currency, items: items_of(&mut fields, items) })
            }
            other => {
                let known = "page.entered, custom, cart.changed, order.placed";
                fields.insert("kind".to_owned(), format!("{:?} is not one of {known}", text::cut(other, 40)));
                return Err(fields);
            }
        };
        if fields.is_empty() { Ok(act) } else { Err(fields) }
    }
}

fn own_props(fields: &mut Fields, props: Value) -> Map<String, Value> {
    let map = match props {
        Value::Null => Map::new(),
        Value::Object(map) => map,
        _ => {
            fields.insert("props".to_owned(), "must be an object".to_owned());
            return Map::new();
        }
    };
    let bytes = Value::Object(map.clone()).to_string().len();
    if bytes > PROPS_MAX {
        fields.insert("props".to_owned(), format!("is {bytes} bytes of JSON; at most {PROPS_MAX} are kept"));
    }
    if let Some((key, _)) = map.iter().find(|(_, value)| value.is_object() || value.is_array()) {
        fields.insert("props".to_owned(), format!("{:?} must be a text, a number, true or false", text::cut(key, 40)));
    }
    map
}

fn money(fields: &mut Fields, value: f64, currency: &str) -> (f64, String) {
    if !(0.0..=VALUE_MAX).contains(&value) {
        fields.insert("props.value".to_owned(), "must be a number from 0 to 1000000000000".to_owned());
    }
    let currency = currency.trim().to_uppercase();
    if currency.len() != 3 || !currency.bytes().all(|letter| letter.is_ascii_uppercase()) {
        fields.insert("props.currency".to_owned(), "must be a code of three letters such as KRW".to_owned());
    }
    (value, currency)
}

fn items_of(fields: &mut Fields, items: Vec<Item>) -> Vec<Item> {
    if items.len() > ITEMS_MAX {
        fields.insert("props.items".to_owned(), format!("has {} things; at most {ITEMS_MAX} are taken", items.len()));
    }
    if items.iter().any(|item| !(0.0..=VALUE_MAX).contains(&item.price) || !(1..=1_000_000).contains(&item.quantity)) {
        fields.insert("props.items".to_owned(), "need a price of at least 0 and a quantity from 1 to 1000000".to_owned());
    }
    let line = |text: &str, most| text::cut(&text::clean_line(text), most);
    items.into_iter().map(|item| Item { id: line(&item.id, 100), name: line(&item.name, 200), ..item }).collect()
}

/// Money in thousandths of its unit, the way it is added up.
#[expect(clippy::cast_possible_truncation, reason = "bounded by VALUE_MAX when it was read")]
pub(super) fn milli(value: f64) -> i64 {
    (value * 1000.0).round() as i64
}

/// When something happened: a browser's clock may be wrong, so never in the future and never long ago.
pub fn moment(said: Millis, now: Millis) -> Millis {
    said.clamp(now - LATE, now)
}

/// What is handed to the recorder.
#[derive(Clone, Debug)]
pub struct NewEvent {
    /// On which site.
    pub scope: SiteScope,
    /// Who.
    pub visitor: VisitorId,
    /// Who became part of them.
    pub merged: std::sync::Arc<[VisitorId]>,
    /// The site's time zone: whose day it counts to.
    pub zone: String,
    /// Counts once under this id.
    pub id: Uuid,
    /// When.
    pub at: Millis,
    /// What.
    pub what: What,
}

/// An act in a visit, or a message: the log of conversations knows no visits.
#[derive(Clone, Debug)]
pub enum What {
    /// Did something on a page.
    Act(VisitId, Box<Act>, Option<OnPage>),
    /// Wrote a message, in whatever visit is the visitor's latest.
    Chatted,
}

impl NewEvent {
    /// The visitor, and whoever became part of them.
    pub(super) fn selves(&self) -> impl Iterator<Item = VisitorId> {
        std::iter::once(self.visitor).chain(self.merged.iter().copied())
    }

    /// As others hear of it; a message they hear of from the conversation.
    pub(super) fn acted(&self) -> Option<Acted> {
        let What::Act(visit, act, page) = &self.what else { return None };
        let (act, page) = ((**act).clone(), page.clone());
        Some(Acted { scope: self.scope, visitor: self.visitor, visit: *visit, id: self.id, at: self.at, act, page })
    }
}

/// Tells pages apart, and not the campaigns that lead to one: host, path and what of the query is not there for counting.
pub fn page_key(url: &str) -> String {
    let Ok(url) = url::Url::parse(url) else { return text::cut(url, 300) };
    let ours = |name: &str| {
        let campaign = name.starts_with("utm_") || name.starts_with("n_");
        campaign || matches!(name, "gclid" | "fbclid" | "msclkid" | "NaPm" | "kakao_agent")
    };
    let query: Vec<String> = url
        .query_pairs()
        .filter(|(name, _)| !ours(name))
        .map(|(name, value)| if value.is_empty() { name.into_owned() } else { format!("{name}={value}") })
        .collect();
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    let query = if query.is_empty() { String::new() } else { format!("?{}", query.join("&")) };
    text::cut(&format!("{}{port}{}{query}", url.host_str().unwrap_or_default(), url.path()), 300)
}

/// The host a visit came from; empty where it came from nowhere, or from the shop itself.
pub(super) fn referrer_key(referrer: Option<&str>, page: &str) -> String {
    let host = |url: &str| {
        let url = url::Url::parse(url).ok()?;
        url.host_str().map(|host| host.strip_prefix("www.").unwrap_or(host).to_owned())
    };
    referrer.and_then(host).filter(|from| host(page).as_ref() != Some(from)).map(|host| text::cut(&host, 200)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_too_much_is_refused_by_name() {
        let wrong = |kind: &str, name: Option<&str>, props: Value| Act::read(kind, name, props).unwrap_err();
        assert!(wrong("page.left", None, json!({}))["kind"].contains("page.left"));
        assert_eq!(wrong("custom", None, json!({}))["name"], "must not be empty");
        assert!(wrong("custom", Some(&"x".repeat(61)), json!({}))["name"].contains("61 characters; at most 60"));
        assert!(wrong("custom", Some("a"), json!({"a": "x".repeat(2100)}))["props"].contains("at most 2048"));
        assert!(wrong("custom", Some("a"), json!({"list": [1]}))["props"].contains("list"));
        assert!(wrong("custom", Some("a"), json!([1]))["props"].contains("object"));
        let item = json!({"id": 7, "name": "Jar", "price": 1, "quantity": 1});
        assert!(
            wrong("cart.changed", None, json!({"value": 1, "currency": "KRW", "items": vec![item.clone(); 51]}))["props.items"]
                .contains("51")
        );
        assert!(wrong("cart.changed", None, json!({"value": -1, "currency": "won"}))["props.value"].contains("from 0"));
        assert!(wrong("cart.changed", None, json!({"value": 1, "currency": "₩"}))["props.currency"].contains("KRW"));
        assert!(wrong("order.placed", None, json!({"value": 1, "currency": "KRW"}))["props"].contains("order_id"));
        assert!(wrong("order.placed", None, json!({"order_id": " ", "value": 1, "currency": "KRW"})).contains_key("props.order_id"));
    }

    #[test]
    fn numbers_of_shops_may_be_texts_or_numbers() {
        let order = json!({"order_id": 2026, "value": 19.99, "currency": "eur", "items": [{"id": 7, "name": " Jar\n"}]});
        let Act::OrderPlaced(order) = Act::read("order.placed", None, order).unwrap() else { panic!("not an order") };
        assert_eq!((order.order_id.as_str(), milli(order.value), order.currency.as_str()), ("2026", 19_990, "EUR"));
        assert_eq!(order.items, [Item { id: "7".to_owned(), name: "Jar".to_owned(), price: 0.0, quantity: 1 }]);
    }

    #[test]
    fn a_page_is_one_whatever_campaign_led_to_it() {
        assert_eq!(page_key("https://shop.test/p?product_no=12&utm_source=x&gclid=1#top"), "shop.test/p?product_no=12");
        assert_eq!(page_key("http://localhost:8082/"), "localhost:8082/");
        assert_eq!(referrer_key(Some("https://www.search.test/?q=1"), "https://shop.test/"), "search.test");
        assert_eq!(referrer_key(Some("https://www.shop.test/a"), "https://shop.test/"), "");
        assert_eq!(referrer_key(Some("android-app://com.mail/"), "https://shop.test/"), "com.mail");
        assert_eq!(referrer_key(None, "https://shop.test/"), "");
    }
}

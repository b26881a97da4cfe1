//! What a rule may ask about, and what is known at one moment. A fact that is not known is *absent*, never zero or empty. Pure.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What kind of value a fact has; it decides which tests make sense.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Text.
    Text,
    /// Number.
    Number,
    /// Yes or no.
    Flag,
    /// Several texts.
    List,
}

/// A known value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
#[schema(as = FactValue)]
pub enum Value {
    /// Yes or no.
    Flag(bool),
    /// Number.
    Number(f64),
    /// Text.
    Text(String),
    /// Several texts.
    List(Vec<String>),
}

impl Value {
    /// What kind it is.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Flag(_) => Kind::Flag,
            Self::Number(_) => Kind::Number,
            Self::Text(_) => Kind::Text,
            Self::List(_) => Kind::List,
        }
    }
}

/// Declares the facts once: name in a rule, kind.
macro_rules! facts {
    ($($(#[$doc:meta])+ $fact:ident = $name:literal: $kind:ident,)+) => {
        /// What a rule may ask about.
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Fact {
            $($(#[$doc])+ $fact,)+
            /// An attribute of the visitor by its name: `visitor.attribute.plan`.
            Attribute(String),
        }

        impl Fact {
            /// Every fact with a fixed name.
            pub const ALL: &[(&str, Fact)] = &[$(($name, Fact::$fact),)+];

            /// The name a rule uses.
            pub fn name(&self) -> String {
                match self {
                    $(Self::$fact => $name.to_owned(),)+
                    Self::Attribute(key) => format!("{ATTRIBUTE}{key}"),
                }
            }

            /// What kind of value it has; an attribute may have any.
            pub fn kind(&self) -> Option<Kind> {
                match self {
                    $(Self::$fact => Some(Kind::$kind),)+
                    Self::Attribute(_) => None,
                }
            }
        }
    };
}

const ATTRIBUTE: &str = "visitor.attribute.";

facts! {
    /// The page's whole address.
    PageUrl = "page.url": Text,
    /// The page's path, beginning with a slash.
    PagePath = "page.path": Text,
    /// The page's title.
    PageTitle = "page.title": Text,
    /// The id of the product on the page.
    ProductId = "product.id": Text,
    /// Its name.
    ProductName = "product.name": Text,
    /// Its price.
    ProductPrice = "product.price": Number,
    /// Whether it can be had.
    ProductInStock = "product.in_stock": Flag,
    /// Seconds on this page.
    SecondsOnPage = "visit.seconds_on_page": Number,
    /// Seconds of this visit.
    SecondsOnSite = "visit.seconds_on_site": Number,
    /// Page views of this visit.
    PageViews = "visit.page_views": Number,
    /// Paths seen during this visit.
    Trail = "visit.trail": List,
    /// Host of the page that led here.
    Referrer = "visit.referrer": Text,
    /// `utm_source`.
    CampaignSource = "visit.campaign_source": Text,
    /// `utm_campaign`.
    CampaignName = "visit.campaign": Text,
    /// How many visits, this one included.
    Visits = "visitor.visits": Number,
    /// Not the first visit.
    Returning = "visitor.returning": Flag,
    /// Proven by the shop's server.
    Identified = "visitor.identified": Flag,
    /// Language of the browser.
    Language = "visitor.language": Text,
    /// `desktop`, `phone` or `tablet`.
    Device = "visitor.device": Text,
    /// What is in the cart, in the shop's currency.
    CartValue = "cart.value": Number,
    /// How many things are in the cart.
    CartItems = "cart.items": Number,
    /// How many orders there were.
    Orders = "orders.count": Number,
    /// What they were worth together.
    OrdersValue = "orders.value": Number,
    /// Whether a conversation is open.
    ConversationOpen = "conversation.open": Flag,
    /// The text that was just said.
    MessageText = "message.text": Text,
    /// Inside the business hours.
    ShopOpen = "shop.open": Flag,
    /// How many operators answer now.
    OperatorsOnline = "shop.operators_online": Number,
    /// The hour in the site's time zone, 0 to 23.
    Hour = "clock.hour": Number,
    /// `mon` to `sun` in the site's time zone.
    Weekday = "clock.weekday": Text,
    /// The date in the site's time zone, `2026-11-22`.
    Date = "clock.date": Text,
}

impl Fact {
    /// The fact of this name.
    pub fn named(name: &str) -> Option<Self> {
        if let Some(key) = name.strip_prefix(ATTRIBUTE) {
            return (!key.is_empty() && key.len() <= 40).then(|| Self::Attribute(key.to_owned()));
        }
        Self::ALL.iter().find(|(known, _)| *known == name).map(|(_, fact)| fact.clone())
    }
}

impl Serialize for Fact {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&self.name())
    }
}

impl<'de> Deserialize<'de> for Fact {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let name = String::deserialize(from)?;
        Self::named(&name).ok_or_else(|| serde::de::Error::custom(format!("{name:?} is not a fact that rules know")))
    }
}

/// What is known at one moment about one visitor.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Facts(BTreeMap<Fact, Value>);

impl Facts {
    /// The same with one more.
    #[must_use]
    pub fn with(mut self, fact: Fact, value: Value) -> Self {
        self.0.insert(fact, value);
        self
    }

    /// All that is known, in the order of the facts.
    pub fn iter(&self) -> impl Iterator<Item = (&Fact, &Value)> {
        self.0.iter()
    }

    /// The value, if it is known.
    pub fn get(&self, fact: &Fact) -> Option<&Value> {
        self.0.get(fact)
    }
}

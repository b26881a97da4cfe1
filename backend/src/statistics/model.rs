//! What statistics answer. Words and definitions: docs/STATISTICS.md.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::clock::Millis;

/// Of which days: the site's own, today included.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub enum Period {
    /// Since midnight.
    #[default]
    #[serde(rename = "today")]
    Today,
    /// Today and the 6 days before.
    #[serde(rename = "7d")]
    Week,
    /// Today and the 29 days before.
    #[serde(rename = "30d")]
    Month,
}

impl Period {
    /// How many days.
    pub fn days(self) -> i64 {
        match self {
            Self::Today => 1,
            Self::Week => 7,
            Self::Month => 30,
        }
    }
}

/// Numbers of a period.
#[derive(Clone, Debug, Default, PartialEq, Serialize, ToSchema)]
#[schema(as = Statistics)]
pub struct Overview {
    /// First day, as `YYYY-MM-DD` on the site's calendar (of all sites: on that of the oldest).
    pub from: String,
    /// Last day.
    pub to: String,
    /// The site's time zone; null for all sites, which count each by its own.
    #[schema(required)]
    pub time_zone: Option<String>,
    /// Visitors who are there now.
    pub live_now: u64,
    /// Of the whole period.
    pub totals: Totals,
    /// Day by day, the oldest first; every day of the period.
    pub days: Vec<Day>,
    /// Of today, by the hour on the site's clock: 24 of them.
    pub hours: Vec<Hour>,
    /// What orders were worth, by currency, the most orders first.
    pub revenue: Vec<Revenue>,
    /// Visits in which the visitor wrote a message.
    pub chatted: Group,
    /// All other visits.
    pub not_chatted: Group,
}

/// Of a whole period.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, ToSchema)]
#[schema(as = StatisticsTotals)]
pub struct Totals {
    /// Page views.
    pub page_views: i64,
    /// Distinct visitors: exact up to 4,096 a day, then within 2 %.
    pub visitors: i64,
    /// Visits begun.
    pub visits: i64,
    /// Orders.
    pub orders: i64,
    /// Conversations begun.
    pub conversations: i64,
    /// Of those, answered by a person.
    pub answered: i64,
    /// Of those, without an answer within 30 minutes.
    pub missed: i64,
    /// Half of the first answers came within so many seconds.
    #[schema(required)]
    pub first_response_median_s: Option<i64>,
    /// Nine of ten first answers came within so many seconds.
    #[schema(required)]
    pub first_response_p90_s: Option<i64>,
    /// How many conversations were rated.
    pub ratings: i64,
    /// Their mean, from 1 to 5.
    #[schema(required)]
    pub rating_average: Option<f64>,
}

/// Of a day.
#[derive(Clone, Debug, Default, PartialEq, Serialize, ToSchema)]
#[schema(as = StatisticsDay)]
pub struct Day {
    /// As `YYYY-MM-DD`.
    pub day: String,
    /// Page views.
    pub page_views: i64,
    /// Distinct visitors.
    pub visitors: i64,
    /// Visits begun.
    pub visits: i64,
    /// Conversations begun.
    pub conversations: i64,
    /// Of those, without an answer within 30 minutes.
    pub missed: i64,
    /// Orders.
    pub orders: i64,
    /// What they were worth.
    pub revenue: Vec<Revenue>,
}

/// Of an hour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = StatisticsHour)]
pub struct Hour {
    /// From 0 to 23.
    pub hour: i64,
    /// Page views.
    pub page_views: i64,
    /// Visits begun.
    pub visits: i64,
    /// Orders.
    pub orders: i64,
}

/// Orders in one currency.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = Revenue)]
pub struct Revenue {
    /// Such as KRW.
    pub currency: String,
    /// How many.
    pub orders: i64,
    /// Worth.
    pub value: f64,
}

impl Revenue {
    /// From what is counted: thousandths.
    #[expect(clippy::cast_precision_loss, reason = "thousandths of money stay far below 2^52")]
    pub fn new(currency: String, orders: i64, value_milli: i64) -> Self {
        Self { currency, orders, value: value_milli as f64 / 1000.0 }
    }
}

/// Visits that have something in common.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, ToSchema)]
#[schema(as = StatisticsGroup)]
pub struct Group {
    /// How many.
    pub visits: i64,
    /// Of those, with an order.
    pub ordered: i64,
    /// Share of those, from 0 to 1; null without visits.
    #[schema(required)]
    pub conversion: Option<f64>,
}

/// What there are lists of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TopKind {
    /// Pages, by page views.
    #[default]
    Pages,
    /// Products, by page views.
    Products,
    /// Sites that visits come from, by visits.
    Referrers,
}

impl TopKind {
    /// As the table names it.
    pub(super) fn stored(self) -> &'static str {
        match self {
            Self::Pages => "page",
            Self::Products => "product",
            Self::Referrers => "referrer",
        }
    }
}

/// A place in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema, sqlx::FromRow)]
#[schema(as = StatisticsTop)]
pub struct Top {
    /// Address of the page, number of the product, host of the referrer (empty: came directly).
    pub name: String,
    /// Its title or name.
    pub label: String,
    /// Page views; of referrers visits.
    pub count: i64,
    /// Of products: how many were ordered.
    pub quantity: i64,
}

/// A conversation as far as its figures go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Chat {
    pub(super) began: Millis,
    /// The visitor's first message.
    pub(super) asked: Option<Millis>,
    /// A person's first message after it.
    pub(super) answered: Option<Millis>,
    pub(super) score: Option<i64>,
}

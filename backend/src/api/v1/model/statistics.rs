//! Questions to statistics. What they answer: `crate::statistics`.

use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use crate::statistics::{Period, TopKind};

/// Of which site, and of which days.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct StatisticsQuery {
    /// One site; absent: all of them.
    pub site_id: Option<uuid::Uuid>,
    /// `today`, `7d` or `30d`; absent: today.
    #[serde(default)]
    #[param(inline)]
    pub period: Period,
}

/// Of which list.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct TopsQuery {
    /// One site; absent: all of them.
    pub site_id: Option<uuid::Uuid>,
    /// `today`, `7d` or `30d`; absent: today.
    #[serde(default)]
    #[param(inline)]
    pub period: Period,
    /// `pages`, `products` or `referrers`; absent: pages.
    #[serde(default)]
    #[param(inline)]
    pub kind: TopKind,
    /// From 1 to 100; absent: 50.
    pub limit: Option<i64>,
}

/// What a file holds.
#[derive(Clone, Copy, Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Report {
    /// Numbers day by day.
    #[default]
    Days,
    /// Pages.
    Pages,
    /// Products.
    Products,
    /// Referrers.
    Referrers,
}

/// Of which file.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct ExportQuery {
    /// One site; absent: all of them.
    pub site_id: Option<uuid::Uuid>,
    /// `today`, `7d` or `30d`; absent: today.
    #[serde(default)]
    #[param(inline)]
    pub period: Period,
    /// `days`, `pages`, `products` or `referrers`; absent: days.
    #[serde(default)]
    #[param(inline)]
    pub report: Report,
}

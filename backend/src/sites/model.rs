//! What a site is and which pages may carry its widget. No I/O.

use serde::{Deserialize, Serialize};
use sqlx::types::Json;
use url::Url;
use utoipa::ToSchema;

use crate::clock::Millis;
use crate::ids::{OperatorId, SiteId, TenantId};
use crate::mail;
use crate::text::{self, Fields};

use super::hours::{self, BusinessHours, Hours};
use super::settings::{self, Settings};

/// What the product speaks; rows hold it as text.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    /// Korean.
    Ko,
    /// English.
    En,
}

/// In which corner the launcher is; rows hold it as text.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SiteSide {
    /// Bottom left.
    Left,
    /// Bottom right.
    Right,
}

/// By what the operator of a queued conversation is chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::Type, ToSchema)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "TEXT", rename_all = "snake_case")]
pub enum RoutingMode {
    /// Who has the fewest open conversations.
    LeastBusy,
    /// Who got the fewest today.
    FewestToday,
    /// Whose last one is the longest ago.
    RoundRobin,
    /// Nobody: operators take from the queue themselves.
    Manual,
}

/// A website as stored.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Site {
    /// Its tenant.
    pub tenant_id: TenantId,
    /// Its id.
    pub id: SiteId,
    /// The public key in the snippet.
    pub site_key: String,
    /// What visitors see in the header.
    pub name: String,
    /// `ko` or `en`: what the widget speaks, see [`Site::language_for`].
    pub language: String,
    /// Host names, with `:port` where it matters, `*.` in front for subdomains.
    pub domains: Json<Vec<String>>,
    /// Brand colour, `#rrggbb`.
    pub color: String,
    /// `left` or `right`.
    pub side: String,
    /// First line of the panel, if the owner wrote one.
    pub greeting: Option<String>,
    /// Days within which a post reopens a resolved conversation.
    pub reopen_days: i64,
    /// Where offline messages are mailed; unset: to the tenant's owner.
    pub offline_email: Option<String>,
    /// Everything else about the widget.
    pub settings: Json<Settings>,
    /// How its queue is given to operators.
    pub routing_mode: RoutingMode,
    /// Seconds after which an assignee who does not answer loses the conversation to another; unset: never.
    pub reassign_after_s: Option<i64>,
    /// Minutes within which its visitors should be answered; who waits longer is urgent.
    pub answer_goal_min: i64,
    /// When a widget last said hello.
    pub last_seen_at: Option<Millis>,
    /// On which page.
    pub last_seen_url: Option<String>,
    /// When it was registered.
    pub created_at: Millis,
    /// IANA name of where it is.
    pub time_zone: String,
    /// When it is staffed.
    pub business_hours: Json<BusinessHours>,
    /// By whom; none: by every operator of the tenant.
    pub members: Option<Json<Vec<OperatorId>>>,
}

/// What an insert needs.
#[derive(Clone, Debug)]
pub struct NewSite {
    /// Fresh id.
    pub id: SiteId,
    /// Fresh public key.
    pub site_key: String,
    /// Cleaned name.
    pub name: String,
    /// `ko` or `en`.
    pub language: String,
    /// Normalised domains.
    pub domains: Vec<String>,
    /// IANA name.
    pub time_zone: String,
    /// Signs identities of the shop's own customers.
    pub identity_secret: String,
    /// Now.
    pub created_at: Millis,
}

/// A change; `None` leaves the value, `Some(None)` clears it.
#[derive(Clone, Debug, Default)]
pub struct SiteUpdate {
    /// New name.
    pub name: Option<String>,
    /// New domains.
    pub domains: Option<Vec<String>>,
    /// New language.
    pub language: Option<String>,
    /// New colour.
    pub color: Option<String>,
    /// New side.
    pub side: Option<String>,
    /// New or no greeting.
    pub greeting: Option<Option<String>>,
    /// New number of days.
    pub reopen_days: Option<i64>,
    /// New way to give out the queue.
    pub routing_mode: Option<RoutingMode>,
    /// New or no seconds.
    pub reassign_after_s: Option<Option<i64>>,
    /// New number of minutes.
    pub answer_goal_min: Option<i64>,
    /// New or no address for offline messages.
    pub offline_email: Option<Option<String>>,
    /// Settings to merge into the others.
    pub settings: Option<serde_json::Value>,
    /// New time zone.
    pub time_zone: Option<String>,
    /// New hours.
    pub business_hours: Option<BusinessHours>,
    /// New members; `Some(None)` is everybody. That they are operators of the tenant is for the caller to know.
    pub members: Option<Option<Vec<OperatorId>>>,
}

impl Site {
    /// What the widget speaks with somebody whose browser asks for this language: that one, where the product has it and the site follows
    /// its visitors; else the site's.
    pub fn language_for(&self, asked: Option<&str>) -> &str {
        settings::language_for(self.settings.0.follow_language.then_some(asked).flatten(), &self.language)
    }

    /// In which language somebody is given what the shop wrote in languages of its own choice, such as an offer: the browser's, unless the
    /// site speaks its own with everybody.
    pub fn reader<'a>(&'a self, asked: Option<&'a str>) -> &'a str {
        asked.filter(|_| self.settings.0.follow_language).unwrap_or(&self.language)
    }

    /// The site after the change, or what is wrong with which field.
    pub fn apply(mut self, update: SiteUpdate) -> Result<Self, Fields> {
        let mut fields = Fields::new();
        if let Some(name) = update.name {
            self.name = text::name(&mut fields, "name", &name);
        }
        if let Some(domains) = update.domains {
            self.domains = Json(valid_domains(&mut fields, &domains));
        }
        if let Some(language) = update.language {
            self.language = one_of(&mut fields, "language", language, &["ko", "en"]);
        }
        if let Some(side) = update.side {
            self.side = one_of(&mut fields, "side", side, &["left", "right"]);
        }
        if let Some(color) = update.color {
            if !is_color(&color) {
                fields.insert("color".to_owned(), "must be a colour such as #0f7285".to_owned());
            }
            self.color = color.to_lowercase();
        }
        self.apply_staffing(&mut fields, update.time_zone, update.business_hours, update.members);
        if let Some(greeting) = update.greeting {
            self.greeting = greeting.map(|text| text::clean(&text)).filter(|text| !text.is_empty());
            if self.greeting.as_ref().is_some_and(|text| text.chars().count() > 500) {
                fields.insert("greeting".to_owned(), "at most 500 characters are allowed".to_owned());
            }
        }
        if let Some(days) = update.reopen_days {
            if !(0..=3650).contains(&days) {
                fields.insert("reopen_days".to_owned(), "must be 0 to 3650 days".to_owned());
            }
            self.reopen_days = days;
        }
        self.apply_answering(&mut fields, update.routing_mode, update.reassign_after_s, update.answer_goal_min);
        if let Some(address) = update.offline_email {
            self.offline_email =
                address.filter(|text| !text.trim().is_empty()).map(|text| text::email(&mut fields, "offline_email", &text));
        }
        if let Some(change) = update.settings {
            self.settings = Json(self.settings.merged(&change, &self.domains, &mut fields));
        }
        if self.offline_email.as_deref().is_some_and(|address| !mail::is_sendable(address)) {
            fields.insert("offline_email".to_owned(), "must be an e-mail address such as name@example.com".to_owned());
        }
        if fields.is_empty() { Ok(self) } else { Err(fields) }
    }

    #[expect(clippy::option_option, reason = "absent leaves the value, null is never")]
    fn apply_answering(&mut self, fields: &mut Fields, mode: Option<RoutingMode>, reassign: Option<Option<i64>>, goal: Option<i64>) {
        if let Some(mode) = mode {
            self.routing_mode = mode;
        }
        if let Some(seconds) = reassign {
            if seconds.is_some_and(|seconds| !(30..=3600).contains(&seconds)) {
                fields.insert("routing.reassign_after_s".to_owned(), "must be 30 to 3600 seconds, or null".to_owned());
            }
            self.reassign_after_s = seconds;
        }
        if let Some(minutes) = goal {
            if !(1..=1440).contains(&minutes) {
                fields.insert("answer_goal_min".to_owned(), format!("is {minutes}; 1 to 1440 minutes are allowed"));
            }
            self.answer_goal_min = minutes;
        }
    }

    #[expect(clippy::option_option, reason = "absent leaves the value, null is everybody")]
    fn apply_staffing(
        &mut self,
        fields: &mut Fields,
        zone: Option<String>,
        hours: Option<BusinessHours>,
        members: Option<Option<Vec<OperatorId>>>,
    ) {
        if let Some(zone) = zone {
            match hours::time_zone(&zone) {
                Some(zone) => self.time_zone = zone,
                None => drop(fields.insert("time_zone".to_owned(), "must be a time zone such as Asia/Seoul".to_owned())),
            }
        }
        if let Some(hours) = hours {
            hours.check(fields);
            self.business_hours = Json(hours);
        }
        if let Some(members) = members {
            if members.as_ref().is_some_and(Vec::is_empty) {
                fields.insert("members".to_owned(), "name at least one operator, or null for everybody".to_owned());
            }
            self.members = members.map(|mut members| {
                members.sort_unstable();
                members.dedup();
                Json(members)
            });
        }
    }

    /// Its business hours, ready to be asked.
    pub fn hours(&self) -> Hours {
        Hours::new(&self.time_zone, &self.business_hours)
    }

    /// True when this operator answers for it.
    pub fn has_member(&self, operator: OperatorId) -> bool {
        self.members.as_ref().is_none_or(|members| members.contains(&operator))
    }

    /// True when a page of this origin (`https://shop.example`) may carry the widget.
    pub fn allows_origin(&self, origin: &str) -> bool {
        self.domains.iter().any(|domain| domain_matches(domain, origin))
    }

    /// Sources for `frame-ancestors`: each domain over http and https.
    pub fn frame_ancestors(&self) -> String {
        self.domains.iter().map(|domain| format!("https://{domain} http://{domain}")).collect::<Vec<_>>().join(" ")
    }
}

fn one_of(fields: &mut Fields, name: &str, value: String, allowed: &[&str]) -> String {
    if !allowed.contains(&value.as_str()) {
        fields.insert(name.to_owned(), format!("must be one of {}", allowed.join(", ")));
    }
    value
}

fn is_color(text: &str) -> bool {
    text.len() == 7 && text.starts_with('#') && text[1..].chars().all(|c| c.is_ascii_hexdigit())
}

/// Normalised domains (at least one, at most 50), or what is wrong under `domains`.
pub(crate) fn valid_domains(fields: &mut Fields, domains: &[String]) -> Vec<String> {
    if domains.is_empty() || domains.len() > 50 {
        fields.insert("domains".to_owned(), "name 1 to 50 domains, such as shop.example.com or *.example.com".to_owned());
    }
    let mut out = Vec::with_capacity(domains.len());
    for domain in domains {
        match normalise_domain(domain) {
            Some(domain) if !out.contains(&domain) => out.push(domain),
            Some(_) => {}
            None => {
                fields.insert(
                    "domains".to_owned(),
                    format!("{domain:?} is not a domain such as shop.example.com, *.example.com or localhost:3000"),
                );
            }
        }
    }
    out
}

/// The host (and port, if named) of what an owner typed, also of a whole address.
pub fn normalise_domain(typed: &str) -> Option<String> {
    let typed = typed.trim().to_lowercase();
    let (wildcard, rest) = typed.strip_prefix("*.").map_or((false, typed.as_str()), |rest| (true, rest));
    let with_scheme = if rest.contains("://") { rest.to_owned() } else { format!("http://{rest}") };
    let url = Url::parse(&with_scheme).ok()?;
    let host = url.host_str().filter(|host| !host.is_empty() && !host.contains(['\'', ';', ' ', '*', ',']))?;
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    Some(format!("{}{host}{port}", if wildcard { "*." } else { "" }))
}

/// True when `origin` is a page of `domain`: the exact host, or any below it for `*.`; the port only when the domain names one.
pub fn domain_matches(domain: &str, origin: &str) -> bool {
    let Ok(url) = Url::parse(origin) else { return false };
    if !matches!(url.scheme(), "http" | "https") {
        return false;
    }
    let Some(host) = url.host_str() else { return false };
    let (pattern, port) = match domain.rsplit_once(':') {
        Some((pattern, port)) if port.chars().all(|c| c.is_ascii_digit()) => (pattern, port.parse::<u16>().ok()),
        _ => (domain, None),
    };
    if port.is_some() && url.port_or_known_default() != port {
        return false;
    }
    match pattern.strip_prefix("*.") {
        Some(parent) => host.strip_suffix(parent).is_some_and(|rest| rest.ends_with('.')),
        None => host == pattern,
    }
}

/// What the owner pastes into every page.
pub fn snippet(widget_origin: &str, site_key: &str) -> String {
    format!(r#"<script async src="{widget_origin}/w.js" data-site="{site_key}"></script>"#)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_matches_its_host_and_wildcards_match_below_only() {
        assert!(domain_matches("shop.example", "https://shop.example"));
        assert!(domain_matches("shop.example", "http://shop.example:8443"));
        assert!(domain_matches("localhost:8082", "http://localhost:8082"));
        assert!(domain_matches("*.example.com", "https://www.example.com"));
        assert!(domain_matches("shop.example:443", "https://shop.example"));
        for (domain, origin) in [
            ("shop.example", "https://evil-shop.example"),
            ("shop.example", "https://shop.example.evil.test"),
            ("*.example.com", "https://example.com"),
            ("*.example.com", "https://evilexample.com"),
            ("localhost:8082", "http://localhost:8083"),
            ("shop.example", "null"),
            ("shop.example", "file:///shop.example"),
            ("shop.example", ""),
        ] {
            assert!(!domain_matches(domain, origin), "{domain} matched {origin}");
        }
    }

    #[test]
    fn a_pasted_address_becomes_its_host() {
        assert_eq!(normalise_domain(" https://Shop.Example/de/?a=1 ").as_deref(), Some("shop.example"));
        assert_eq!(normalise_domain("localhost:3000").as_deref(), Some("localhost:3000"));
        assert_eq!(normalise_domain("*.example.com").as_deref(), Some("*.example.com"));
        assert_eq!(normalise_domain("한국.example").as_deref(), Some("xn--3e0b707e.example"));
        for bad in ["", "*", "a b", "x; script-src *", "http://"] {
            assert_eq!(normalise_domain(bad), None, "{bad:?} was taken");
        }
    }
}

//! What a crowd, an entry of its log and a member are. No I/O.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::clock::Millis;
use crate::conversations::SenderKind;
use crate::ids::{ClientMessageId, CrowdId, MessageId, OperatorId, ParticipantId, SiteId, TenantId, VisitorId};
use crate::text::{self, Fields};

/// Characters of what is said in a crowd.
pub const TEXT_MAX: usize = 500;
/// Characters of what a visitor is called in crowds.
const NAME_MAX: usize = 30;
/// Characters of a key.
const KEY_MAX: usize = 60;
/// Entries that whoever joins is shown, at most.
const HISTORY_MAX: i64 = 100;
/// Seconds between two messages of one visitor, at most: an hour.
const SLOW_MAX: i64 = 3_600;
/// The longest mute with an end: 30 days.
pub const MINUTES_MAX: i64 = 30 * 24 * 60;

/// Who may write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::Type, ToSchema)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "TEXT", rename_all = "snake_case")]
#[schema(as = CrowdWriters)]
pub enum Writers {
    /// Every visitor.
    Everybody,
    /// Those whom the shop's server has signed; others read.
    Identified,
}

/// A row of `crowds`.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Crowd {
    /// Tenant.
    pub tenant_id: TenantId,
    /// Id.
    pub id: CrowdId,
    /// Site.
    pub site_id: SiteId,
    /// What stands in the page, or the page's address as addresses are compared.
    pub key: String,
    /// The page that made it; unset where an operator did.
    pub page_url: Option<String>,
    /// What it is called.
    pub name: String,
    /// Entries that whoever joins is shown.
    pub history: i64,
    /// Who may write.
    pub writers: Writers,
    /// Seconds between two messages of one visitor; 0: none.
    pub slow_mode_s: i64,
    /// Since when visitors only read.
    pub frozen_at: Option<Millis>,
    /// Top of the log.
    pub last_seq: i64,
    /// When something was said last.
    pub posted_at: Option<Millis>,
    /// First and last change of its settings.
    pub created_at: Millis,
    /// See above.
    pub updated_at: Millis,
}

impl Crowd {
    /// What its members see of it.
    pub fn view(&self) -> Value {
        json!({
            "id": self.id, "channel": log_channel(self.tenant_id, self.id), "key": self.page_url.is_none().then_some(&self.key), "name": self.name,
            "writers": self.writers, "slow_mode_s": self.slow_mode_s, "frozen": self.frozen_at.is_some(),
        })
    }
}

/// The name of a crowd's log among the engine's channels.
pub fn log_channel(tenant: TenantId, crowd: CrowdId) -> String {
    format!("g/{tenant}/{crowd}")
}

/// A row of `crowd_messages`.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct Entry {
    /// Tenant.
    pub tenant_id: TenantId,
    /// Crowd.
    pub crowd_id: CrowdId,
    /// Place in the log, from 1, without holes.
    pub seq: i64,
    /// Id.
    pub id: MessageId,
    /// `message.posted` or `message.retracted`.
    #[sqlx(rename = "type")]
    pub kind: String,
    /// Who.
    pub sender_kind: SenderKind,
    /// See above.
    pub sender_id: ParticipantId,
    /// As they are called now, or were then.
    pub sender_name: Option<String>,
    /// The sender's own id of it.
    pub client_message_id: Option<ClientMessageId>,
    /// What the type needs.
    #[sqlx(json)]
    pub data: Value,
    /// When.
    pub at: Millis,
}

/// The envelope every member sees of an entry (docs/PROTOCOL.md, section 5).
#[derive(Serialize)]
pub struct Envelope<'a> {
    v: u8,
    id: MessageId,
    r#type: &'a str,
    at: Millis,
    crowd: CrowdId,
    seq: i64,
    sender: EnvelopeSender<'a>,
    client_message_id: Option<ClientMessageId>,
    data: &'a Value,
}

#[derive(Serialize)]
struct EnvelopeSender<'a> {
    kind: SenderKind,
    id: ParticipantId,
    name: Option<&'a str>,
}

impl Entry {
    /// What goes out.
    pub fn envelope(&self) -> Envelope<'_> {
        Envelope {
            v: 1,
            id: self.id,
            r#type: &self.kind,
            at: self.at,
            crowd: self.crowd_id,
            seq: self.seq,
            sender: EnvelopeSender { kind: self.sender_kind, id: self.sender_id, name: self.sender_name.as_deref() },
            client_message_id: self.client_message_id,
            data: &self.data,
        }
    }
}

/// What is known of a visitor in a crowd.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Member {
    /// What they are called; unset until they were asked.
    pub name: Option<String>,
    /// When they posted last, where the crowd is slow.
    pub posted_at: Option<Millis>,
    /// Muted: until then, or until it is lifted.
    pub muted: Option<Option<Millis>>,
}

/// Somebody who is muted.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Muted {
    /// Who.
    pub visitor_id: VisitorId,
    /// What they are called.
    pub name: Option<String>,
    /// Since when.
    pub muted_at: Millis,
    /// Until when; unset: until it is lifted.
    pub muted_until: Option<Millis>,
    /// By whom.
    pub muted_by: Option<OperatorId>,
}

/// A crowd to be made.
#[derive(Clone, Debug)]
pub struct NewCrowd {
    /// What stands in the page, or the page's address as addresses are compared.
    pub key: String,
    /// The page, where one makes it.
    pub page_url: Option<String>,
    /// What it is called.
    pub name: String,
    /// Entries that whoever joins is shown.
    pub history: i64,
    /// Who may write.
    pub writers: Writers,
    /// Seconds between two messages of one visitor.
    pub slow_mode_s: i64,
}

impl NewCrowd {
    /// One that an operator makes, or what is wrong with it.
    pub fn checked(key: &str, name: &str, update: &CrowdUpdate) -> Result<Self, Fields> {
        let mut fields = Fields::new();
        let key = key.trim().to_owned();
        let fits = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_');
        if key.is_empty() || key.len() > KEY_MAX || !key.chars().all(fits) {
            let what = format!("is made of 1 to {KEY_MAX} letters a to z, digits, - and _");
            fields.insert("key".to_owned(), what);
        }
        let mut checked = update.clone();
        checked.name = Some(name.to_owned());
        let CrowdUpdate { name, history, writers, slow_mode_s, .. } = checked.check(&mut fields);
        if !fields.is_empty() {
            return Err(fields);
        }
        Ok(Self {
            key,
            page_url: None,
            name: name.unwrap_or_default(),
            history: history.unwrap_or(30),
            writers: writers.unwrap_or(Writers::Everybody),
            slow_mode_s: slow_mode_s.unwrap_or(0),
        })
    }

    /// One that a page makes, called as the page is.
    pub fn of_page(key: String, url: String, title: &str) -> Self {
        let title = text::name(&mut Fields::new(), "title", &text::cut(title, text::NAME_MAX));
        let name = if title.is_empty() { key.clone() } else { title };
        Self { key, page_url: Some(url), name: text::cut(&name, text::NAME_MAX), history: 30, writers: Writers::Everybody, slow_mode_s: 0 }
    }
}

/// A change; `None` leaves the value.
#[derive(Clone, Debug, Default)]
pub struct CrowdUpdate {
    /// New name.
    pub name: Option<String>,
    /// Another history.
    pub history: Option<i64>,
    /// Other writers.
    pub writers: Option<Writers>,
    /// Another time between messages.
    pub slow_mode_s: Option<i64>,
    /// Frozen or not.
    pub frozen: Option<bool>,
}

impl CrowdUpdate {
    /// Cleaned; what is wrong stands in `fields`.
    #[must_use]
    pub fn check(mut self, fields: &mut Fields) -> Self {
        self.name = self.name.map(|name| text::name(fields, "name", &name));
        if self.history.is_some_and(|history| !(0..=HISTORY_MAX).contains(&history)) {
            fields.insert("history".to_owned(), format!("must be 0 to {HISTORY_MAX} messages"));
        }
        if self.slow_mode_s.is_some_and(|seconds| !(0..=SLOW_MAX).contains(&seconds)) {
            fields.insert("slow_mode_s".to_owned(), format!("must be 0 to {SLOW_MAX} seconds"));
        }
        self
    }
}

/// What a visitor wants to be called in crowds, or what is wrong with it.
pub fn valid_name(fields: &mut Fields, name: &str) -> String {
    let clean = text::name(fields, "name", name);
    let length = clean.chars().count();
    if length > NAME_MAX {
        fields.insert("name".to_owned(), format!("has {length} characters; at most {NAME_MAX} are allowed"));
    }
    clean
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_stands_in_a_page_and_is_never_an_address() {
        let key = |key: &str| NewCrowd::checked(key, "Live", &CrowdUpdate::default()).map(|new| new.key);
        assert_eq!(key(" live-1 ").unwrap(), "live-1");
        for wrong in ["", "a b", "shop.test/p", "라이브", &"x".repeat(61)] {
            assert!(key(wrong).unwrap_err()["key"].contains("1 to 60"), "{wrong}");
        }
    }

    #[test]
    fn what_is_too_much_is_refused_by_name() {
        let update = CrowdUpdate { history: Some(101), slow_mode_s: Some(-1), ..CrowdUpdate::default() };
        let wrong = NewCrowd::checked("live", " ", &update).unwrap_err();
        assert_eq!(wrong.keys().map(String::as_str).collect::<Vec<_>>(), ["history", "name", "slow_mode_s"]);
        let mut fields = Fields::new();
        valid_name(&mut fields, &"x".repeat(31));
        assert!(fields["name"].contains("31 characters; at most 30"));
    }

    #[test]
    fn a_crowd_of_a_page_is_called_as_the_page_or_as_its_address() {
        let of = |title: &str| NewCrowd::of_page("shop.test/p".to_owned(), "https://shop.test/p".to_owned(), title).name;
        assert_eq!(of(" Moon jar\n"), "Moon jar");
        assert_eq!(of("\u{202e}"), "shop.test/p");
    }
}

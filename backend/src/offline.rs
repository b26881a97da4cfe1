//! Messages left while nobody was available: stored, shown in the console, mailed to the shop. Knows sites and visitors.

mod store;

pub use store::OfflineMessage;

use serde_json::json;

use crate::clock::{Clock, Millis};
use crate::db::{Db, DbResult, Tx};
use crate::error::{Error, ErrorCode, Result};
use crate::ids::{ClientMessageId, DeliveryId, OfflineMessageId};
use crate::jobs::{self, Job};
use crate::mail::{self, OfflineMessageLetter};
use crate::scope::{SiteScope, TenantScope};
use crate::sites::Site;
use crate::text::{self, Fields};
use crate::visitors::{self, Acting, Profile};
use crate::webhooks::{self, EventKind, Happened};

/// What a visitor left, not yet validated.
#[derive(Clone, Debug)]
pub struct NewOfflineMessage {
    /// Who, on which device.
    pub acting: Acting,
    /// Names it for ever.
    pub client_message_id: ClientMessageId,
    /// Fingerprint of the request.
    pub body_hash: Vec<u8>,
    /// How they want to be called.
    pub name: String,
    /// Where to answer.
    pub email: String,
    /// What they want to say.
    pub text: String,
    /// Address and title of the page.
    pub page: Option<(String, String)>,
}

impl NewOfflineMessage {
    /// Cleaned and within limits, or what is wrong with which field.
    fn validated(mut self) -> Result<Self> {
        let mut fields = Fields::new();
        self.name = text::name(&mut fields, "name", &self.name);
        self.email = text::email(&mut fields, "email", &self.email);
        self.text = text::required(&mut fields, "text", &self.text, text::MESSAGE_MAX);
        self.page =
            self.page.map(|(url, title)| (text::cut(&text::clean_line(&url), text::URL_MAX), text::cut(&text::clean_line(&title), 300)));
        if fields.is_empty() { Ok(self) } else { Err(Error::fields(fields)) }
    }
}

/// Stores the message and puts the letter about it into the outbox, in one transaction. A repeat gets the first answer; `true` when it is new.
pub async fn post(
    db: &Db,
    clock: &Clock,
    scope: SiteScope,
    site: &Site,
    link: &str,
    new: NewOfflineMessage,
) -> Result<(OfflineMessageId, bool)> {
    let new = new.validated()?;
    // Where the shop says who its visitors are, what somebody typed into a form does not.
    let signed = site.settings.identity_required
        || visitors::find(db, scope.wide(), new.acting.visitor).await?.is_some_and(|known| known.external_id.is_some());
    let said = |typed: &String| (!signed).then(|| typed.clone());
    let mut tx = db.begin().await?;
    // The visitor's row first: it is the lock that makes a second try of the same message wait for the first.
    let profile = Profile { name: said(&new.name), email: said(&new.email), ..new.acting.profile.clone() };
    visitors::upsert(&mut tx, &[Acting { profile, ..new.acting.clone() }], clock.now()).await?;
    if let Some((id, hash)) = store::find_by_client_id(&mut tx, scope, new.acting.visitor, new.client_message_id).await? {
        return if hash == new.body_hash {
            Ok((id, false))
        } else {
            Err(Error::new(ErrorCode::Conflict, format!("client_message_id {} was used before with another body", new.client_message_id)))
        };
    }
    let id: OfflineMessageId = clock.new_id();
    store::insert(&mut tx, scope, id, &new, clock.now()).await?;
    enqueue_letter(&mut tx, clock, scope, site, link, &new).await?;
    webhooks::tell(&mut tx, scope.wide(), happened(scope, id, &new, clock.now()), clock.now()).await?;
    tx.commit().await?;
    Ok((id, true))
}

/// What tenants' programs are told of it.
fn happened(scope: SiteScope, id: OfflineMessageId, new: &NewOfflineMessage, at: Millis) -> Happened {
    let page = new.page.as_ref().map(|(url, title)| json!({"url": url, "title": title}));
    Happened {
        tenant: scope.tenant(),
        site: Some(scope.site()),
        id: DeliveryId(id.0),
        kind: EventKind::OfflineMessageReceived,
        at,
        visitor: Some(new.acting.visitor),
        message: None,
        data: json!({"id": id, "visitor_id": new.acting.visitor, "name": new.name, "email": new.email, "text": new.text, "page": page}),
    }
}

async fn enqueue_letter(tx: &mut Tx, clock: &Clock, scope: SiteScope, site: &Site, link: &str, new: &NewOfflineMessage) -> Result<()> {
    let receivers = match &site.offline_email {
        Some(address) => vec![address.clone()],
        None => store::owners(tx, scope.wide()).await?,
    };
    for to in receivers {
        let letter = OfflineMessageLetter {
            site: &site.name,
            name: &new.name,
            email: &new.email,
            text: &new.text,
            page: new.page.as_ref().map(|(url, title)| (title.as_str(), url.as_str())),
            link,
            language: &site.language,
        };
        let letter = mail::offline_message(&to, &letter).map_err(|error| Error::internal(&error))?;
        jobs::enqueue(tx, scope.wide(), clock, &Job::Mail(letter)).await?;
    }
    Ok(())
}

/// One message of the tenant.
pub async fn find(db: &Db, scope: TenantScope, id: OfflineMessageId) -> DbResult<Option<OfflineMessage>> {
    store::find(db, scope, id).await
}

/// The tenant's messages, newest first, after `(at, id)`.
pub async fn list(db: &Db, scope: TenantScope, after: Option<(Millis, OfflineMessageId)>, limit: i64) -> DbResult<Vec<OfflineMessage>> {
    store::list(db, scope, after, limit).await
}

/// How many nobody has read.
pub async fn count_unread(db: &Db, scope: TenantScope) -> DbResult<i64> {
    store::count_unread(db, scope).await
}

/// Marks as read or unread; false when there is no such message.
pub async fn update_read(db: &Db, scope: TenantScope, id: OfflineMessageId, read_at: Option<Millis>) -> DbResult<bool> {
    store::update_read(db, scope, id, read_at).await
}

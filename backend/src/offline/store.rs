//! SQL of offline messages.

use super::NewOfflineMessage;
use crate::clock::Millis;
use crate::db::{Db, DbResult, Tx, execute, fetch_all, fetch_one, fetch_optional};
use crate::ids::{ClientMessageId, OfflineMessageId, SiteId, VisitorId};
use crate::scope::{SiteScope, TenantScope};

/// An offline message with its site's name.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct OfflineMessage {
    /// Id.
    pub id: OfflineMessageId,
    /// Site.
    pub site_id: SiteId,
    /// Its name.
    pub site_name: String,
    /// Who left it.
    pub visitor_id: VisitorId,
    /// How they want to be called.
    pub name: String,
    /// Where to answer.
    pub email: String,
    /// What they wrote.
    pub text: String,
    /// The page they were on.
    pub page_url: Option<String>,
    /// See above.
    pub page_title: Option<String>,
    /// When.
    pub at: Millis,
    /// When an operator marked it as read.
    pub read_at: Option<Millis>,
}

pub(super) async fn find_by_client_id(
    tx: &mut Tx,
    scope: SiteScope,
    visitor: VisitorId,
    id: ClientMessageId,
) -> DbResult<Option<(OfflineMessageId, Vec<u8>)>> {
    fetch_optional!(
        tx: tx, (OfflineMessageId, Vec<u8>),
        "SELECT id, body_hash FROM offline_messages WHERE tenant_id = $1 AND visitor_id = $2 AND client_message_id = $3",
        scope.tenant(), visitor, id
    )
}

pub(super) async fn insert(tx: &mut Tx, scope: SiteScope, id: OfflineMessageId, new: &NewOfflineMessage, now: Millis) -> DbResult<()> {
    let (url, title) = new.page.clone().unzip();
    execute!(
        tx,
        "INSERT INTO offline_messages (tenant_id, id, site_id, visitor_id, client_message_id, body_hash, name, email, text, page_url, page_title, at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        scope.tenant(), id, scope.site(), new.acting.visitor, new.client_message_id, &new.body_hash, &new.name, &new.email, &new.text, url, title, now
    )
    .map(drop)
}

pub(super) async fn owners(tx: &mut Tx, scope: TenantScope) -> DbResult<Vec<String>> {
    let rows = fetch_all!(
        tx: tx, (String,),
        "SELECT email FROM operators WHERE tenant_id = $1 AND role = 'owner' AND deactivated_at IS NULL ORDER BY id",
        scope.tenant()
    )?;
    Ok(rows.into_iter().map(|(email,)| email).collect())
}

pub(super) async fn find(db: &Db, scope: TenantScope, id: OfflineMessageId) -> DbResult<Option<OfflineMessage>> {
    fetch_optional!(
        db: db, OfflineMessage,
        "SELECT m.id, m.site_id, s.name AS site_name, m.visitor_id, m.name, m.email, m.text, m.page_url, m.page_title, m.at, m.read_at
         FROM offline_messages m JOIN sites s ON s.tenant_id = m.tenant_id AND s.id = m.site_id WHERE m.tenant_id = $1 AND m.id = $2",
        scope.tenant(), id
    )
}

pub(super) async fn list(
    db: &Db,
    scope: TenantScope,
    after: Option<(Millis, OfflineMessageId)>,
    limit: i64,
) -> DbResult<Vec<OfflineMessage>> {
    let (at, id) = after.unzip();
    fetch_all!(
        db: db, OfflineMessage,
        "SELECT m.id, m.site_id, s.name AS site_name, m.visitor_id, m.name, m.email, m.text, m.page_url, m.page_title, m.at, m.read_at
         FROM offline_messages m JOIN sites s ON s.tenant_id = m.tenant_id AND s.id = m.site_id
         WHERE m.tenant_id = $1 AND ($2 IS NULL OR m.at < $2 OR (m.at = $2 AND m.id < $3)) ORDER BY m.at DESC, m.id DESC LIMIT $4",
        scope.tenant(), at, id, limit
    )
}

pub(super) async fn count_unread(db: &Db, scope: TenantScope) -> DbResult<i64> {
    let (count,): (i64,) =
        fetch_one!(db: db, (i64,), "SELECT COUNT(*) FROM offline_messages WHERE tenant_id = $1 AND read_at IS NULL", scope.tenant())?;
    Ok(count)
}

pub(super) async fn update_read(db: &Db, scope: TenantScope, id: OfflineMessageId, read_at: Option<Millis>) -> DbResult<bool> {
    let mut tx = db.begin().await?;
    let rows = execute!(&mut tx, "UPDATE offline_messages SET read_at = $3 WHERE tenant_id = $1 AND id = $2", scope.tenant(), id, read_at)?;
    tx.commit().await?;
    Ok(rows > 0)
}

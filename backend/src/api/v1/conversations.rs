//! Conversations: lists, counts, status, assignee, receipts.

use axum::Json;
use axum::extract::State;

use super::messages;
use super::model::{AssigneeIn, ConversationOut, ConversationQuery, CountsOut, NewTextIn, ReceiptIn, StatusIn};
use crate::app::App;
use crate::clock::{DAY, Millis};
use crate::conversations::{
    self, Assigned, Command, Filter, Handing, InboxRow, NOT_WAITING, OnlyIf, Queued, Reply, Sender, SenderKind, Sort, Status, Watermark,
    What,
};
use crate::error::{Error, Result};
use crate::http::extract::{Body, Params, PathIds};
use crate::http::login::SignedIn;
use crate::http::paging::{self, Cursor, Page};
use crate::ids::{ClientMessageId, ConversationId, OperatorId};
use crate::{offline, text};

/// A snooze lasts at most a year.
const SNOOZE_MOST: Millis = 366 * DAY;

/// The signed-in operator as the log names them.
pub(super) fn sender(me: &SignedIn) -> Sender {
    Sender { kind: SenderKind::Operator, id: me.operator.id.into(), name: Some(me.operator.name.clone()) }
}

/// Sends a command through the writer.
pub(super) async fn change(app: &App, me: &SignedIn, what: What) -> Result<Reply> {
    let command = Command { tenant: me.scope.tenant(), sender: sender(me), also: Vec::new(), what };
    app.realtime.change(Queued { command, visitor: None }).await
}

pub(super) fn out(app: &App, row: InboxRow) -> ConversationOut {
    let present = app.realtime.visitor_present(row.conversation.tenant_id, row.person_id);
    ConversationOut::new(row, present)
}

pub(super) async fn show_row(app: &App, me: &SignedIn, id: ConversationId) -> Result<Json<ConversationOut>> {
    let row = conversations::find_row(&app.db, me.scope, id).await?.ok_or_else(|| Error::not_found("conversation"))?;
    Ok(Json(out(app, row)))
}

fn assigned(me: &SignedIn, asked: Option<&str>) -> Result<Assigned> {
    match asked {
        None => Ok(Assigned::Any),
        Some("none") => Ok(Assigned::None),
        Some("me") => Ok(Assigned::To(me.operator.id)),
        Some(id) => {
            let id = id.parse().map_err(|_| Error::invalid(format!("assignee is {id:?}; me, none or an operator's id is allowed")))?;
            Ok(Assigned::To(OperatorId(id)))
        }
    }
}

/// Conversations, last changed first or by how long they wait. Queued ones are `status=open&assignee=none`.
#[utoipa::path(get, operation_id = "conversations_list", path = "/api/v1/conversations", tag = "conversations", params(ConversationQuery), responses((status = 200, body = Page<ConversationOut>)))]
pub async fn list(State(app): State<App>, me: SignedIn, Params(query): Params<ConversationQuery>) -> Result<Json<Page<ConversationOut>>> {
    let limit = paging::limit(query.limit)?;
    let filter = Filter {
        status: query.status,
        assigned: assigned(&me, query.assignee.as_deref())?,
        site: query.site,
        tag: query.tag.as_deref().map(text::key),
        sort: query.sort,
        after: Cursor::decode(query.cursor.as_deref())?.map(|Cursor(at, id)| (at, ConversationId(id))),
        limit: limit + 1,
    };
    let rows = conversations::list(&app.db, me.scope, &filter).await?;
    let cursor = |row: &InboxRow| match query.sort {
        Sort::Newest => Cursor(row.conversation.updated_at, row.conversation.id.0),
        Sort::Waiting => Cursor(row.conversation.waiting_since.unwrap_or(NOT_WAITING), row.conversation.id.0),
    };
    Ok(Json(paging::page(rows, limit, cursor, |row| out(&app, row))))
}

/// Numbers on the inbox's tabs.
#[utoipa::path(get, operation_id = "conversations_counts", path = "/api/v1/conversations/counts", tag = "conversations", responses((status = 200, body = CountsOut)))]
pub async fn counts(State(app): State<App>, me: SignedIn) -> Result<Json<CountsOut>> {
    let conversations::Counts { queued, mine, open, snoozed, resolved } = conversations::count(&app.db, me.scope, me.operator.id).await?;
    let offline_unread = offline::count_unread(&app.db, me.scope).await?;
    Ok(Json(CountsOut { queued, mine, open, snoozed, resolved, offline_unread }))
}

/// One conversation.
#[utoipa::path(get, operation_id = "conversations_show", path = "/api/v1/conversations/{id}", tag = "conversations", params(("id" = uuid::Uuid, Path)), responses((status = 200, body = ConversationOut)))]
pub async fn show(State(app): State<App>, me: SignedIn, PathIds(id): PathIds<ConversationId>) -> Result<Json<ConversationOut>> {
    show_row(&app, &me, id).await
}

/// Resolves, snoozes or reopens; setting what it is already changes nothing.
#[utoipa::path(put, operation_id = "conversations_update_status", path = "/api/v1/conversations/{id}/status", tag = "conversations", params(("id" = uuid::Uuid, Path)), request_body = StatusIn, responses((status = 200, body = ConversationOut)))]
pub async fn update_status(
    State(app): State<App>,
    me: SignedIn,
    PathIds(id): PathIds<ConversationId>,
    Body(new): Body<StatusIn>,
) -> Result<Json<ConversationOut>> {
    let until = snoozed_until(&new, app.clock.now())?;
    change(&app, &me, What::SetStatus { conversation: id, status: new.status, until }).await?;
    show_row(&app, &me, id).await
}

/// When a snooze is over, if that can be.
fn snoozed_until(new: &StatusIn, now: Millis) -> Result<Option<Millis>> {
    let wrong = |what: &str| Err(Error::fields(text::Fields::from([("snoozed_until".to_owned(), what.to_owned())])));
    match new.snoozed_until {
        Some(_) if new.status != Status::Snoozed => wrong("goes with the status snoozed only"),
        Some(until) if until <= now || until > now + SNOOZE_MOST => wrong("must be in the future, and at most 366 days ahead"),
        until => Ok(until),
    }
}

/// Gives it to an operator, or back to the queue; with a note, both happen or neither.
#[utoipa::path(put, operation_id = "conversations_update_assignee", path = "/api/v1/conversations/{id}/assignee", tag = "conversations", params(("id" = uuid::Uuid, Path)), request_body = AssigneeIn, responses((status = 200, body = ConversationOut)))]
pub async fn update_assignee(
    State(app): State<App>,
    me: SignedIn,
    PathIds(id): PathIds<ConversationId>,
    Body(new): Body<AssigneeIn>,
) -> Result<Json<ConversationOut>> {
    let note = new.note.map(|note| handing(&note, id)).transpose()?;
    change(&app, &me, What::SetAssignee { conversation: id, assignee: new.operator_id, note, only_if: OnlyIf::Anyway }).await?;
    show_row(&app, &me, id).await
}

/// The note of a transfer: the same fingerprint as a note posted by itself, so that an id names one of them.
fn handing(note: &NewTextIn, conversation: ConversationId) -> Result<Handing> {
    let (text, body_hash) = messages::checked(note, conversation, None)?;
    Ok(Handing { client_message_id: ClientMessageId(note.client_message_id), text, body_hash })
}

/// Moves one's own watermark forward; it never moves back.
#[utoipa::path(put, operation_id = "conversations_update_receipt", path = "/api/v1/conversations/{id}/receipt", tag = "conversations", params(("id" = uuid::Uuid, Path)), request_body = ReceiptIn, responses((status = 200, body = Watermark)))]
pub async fn update_receipt(
    State(app): State<App>,
    me: SignedIn,
    PathIds(id): PathIds<ConversationId>,
    Body(new): Body<ReceiptIn>,
) -> Result<Json<Watermark>> {
    let what = What::Receipt { conversation: id, delivered: new.delivered.unwrap_or(0), read: new.read.unwrap_or(0) };
    match change(&app, &me, what).await? {
        Reply::Watermark(watermark) => Ok(Json(watermark)),
        _ => Err(Error::internal(&"a receipt was answered by something else")),
    }
}

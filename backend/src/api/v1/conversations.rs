//! Conversations: lists, counts, status, assignee, receipts.

use axum::Json;
use axum::extract::State;

use super::model::{AssigneeIn, ConversationOut, ConversationQuery, CountsOut, ReceiptIn, StatusIn};
use crate::app::App;
use crate::conversations::{self, Assigned, Command, Filter, InboxRow, Queued, Reply, Sender, SenderKind, Watermark, What};
use crate::error::{Error, Result};
use crate::http::extract::{Body, Params, PathIds};
use crate::http::login::SignedIn;
use crate::http::paging::{self, Cursor, Page};
use crate::ids::{ConversationId, OperatorId};
use crate::offline;

/// The signed-in operator as the log names them.
pub(super) fn sender(me: &SignedIn) -> Sender {
    Sender { kind: SenderKind::Operator, id: me.operator.id.into(), name: Some(me.operator.name.clone()) }
}

/// Sends a command through the writer.
pub(super) async fn change(app: &App, me: &SignedIn, what: What) -> Result<Reply> {
    let command = Command { tenant: me.scope.tenant(), sender: sender(me), what };
    app.realtime.change(Queued { command, visitor: None }).await
}

fn out(app: &App, row: InboxRow) -> ConversationOut {
    let present = app.realtime.visitor_present(row.conversation.tenant_id, row.conversation.visitor_id);
    ConversationOut::new(row, present)
}

async fn show_row(app: &App, me: &SignedIn, id: ConversationId) -> Result<Json<ConversationOut>> {
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

/// Conversations, last changed first. Queued ones are `status=open&assignee=none`.
#[utoipa::path(get, operation_id = "conversations_list", path = "/api/v1/conversations", tag = "conversations", params(ConversationQuery), responses((status = 200, body = Page<ConversationOut>)))]
pub async fn list(State(app): State<App>, me: SignedIn, Params(query): Params<ConversationQuery>) -> Result<Json<Page<ConversationOut>>> {
    let limit = paging::limit(query.limit)?;
    let filter = Filter {
        status: query.status,
        assigned: assigned(&me, query.assignee.as_deref())?,
        site: query.site,
        after: Cursor::decode(query.cursor.as_deref())?.map(|Cursor(at, id)| (at, ConversationId(id))),
        limit: limit + 1,
    };
    let rows = conversations::list(&app.db, me.scope, &filter).await?;
    let cursor = |row: &InboxRow| Cursor(row.conversation.updated_at, row.conversation.id.0);
    Ok(Json(paging::page(rows, limit, cursor, |row| out(&app, row))))
}

/// Numbers on the inbox's tabs.
#[utoipa::path(get, operation_id = "conversations_counts", path = "/api/v1/conversations/counts", tag = "conversations", responses((status = 200, body = CountsOut)))]
pub async fn counts(State(app): State<App>, me: SignedIn) -> Result<Json<CountsOut>> {
    let conversations::Counts { queued, mine, open, resolved } = conversations::count(&app.db, me.scope, me.operator.id).await?;
    let offline_unread = offline::count_unread(&app.db, me.scope).await?;
    Ok(Json(CountsOut { queued, mine, open, resolved, offline_unread }))
}

/// One conversation.
#[utoipa::path(get, operation_id = "conversations_show", path = "/api/v1/conversations/{id}", tag = "conversations", params(("id" = uuid::Uuid, Path)), responses((status = 200, body = ConversationOut)))]
pub async fn show(State(app): State<App>, me: SignedIn, PathIds(id): PathIds<ConversationId>) -> Result<Json<ConversationOut>> {
    show_row(&app, &me, id).await
}

/// Resolves or reopens; setting what it is already changes nothing.
#[utoipa::path(put, operation_id = "conversations_update_status", path = "/api/v1/conversations/{id}/status", tag = "conversations", params(("id" = uuid::Uuid, Path)), request_body = StatusIn, responses((status = 200, body = ConversationOut)))]
pub async fn update_status(
    State(app): State<App>,
    me: SignedIn,
    PathIds(id): PathIds<ConversationId>,
    Body(new): Body<StatusIn>,
) -> Result<Json<ConversationOut>> {
    change(&app, &me, What::SetStatus { conversation: id, status: new.status }).await?;
    show_row(&app, &me, id).await
}

/// Gives it to an operator, or back to the queue.
#[utoipa::path(put, operation_id = "conversations_update_assignee", path = "/api/v1/conversations/{id}/assignee", tag = "conversations", params(("id" = uuid::Uuid, Path)), request_body = AssigneeIn, responses((status = 200, body = ConversationOut)))]
pub async fn update_assignee(
    State(app): State<App>,
    me: SignedIn,
    PathIds(id): PathIds<ConversationId>,
    Body(new): Body<AssigneeIn>,
) -> Result<Json<ConversationOut>> {
    change(&app, &me, What::SetAssignee { conversation: id, assignee: new.operator_id }).await?;
    show_row(&app, &me, id).await
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

//! The tenant's operators.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;

use super::model::{OperatorIn, OperatorOut};
use crate::app::App;
use crate::error::{Error, ErrorCode, Result};
use crate::events::Event;
use crate::http::extract::{Body, Params, PathIds};
use crate::http::login::SignedIn;
use crate::http::paging::Page;
use crate::ids::OperatorId;
use crate::operators::{self, CAPACITY_MAX, Operator, StandingUpdate, Unchanged, login_sessions};
use crate::text::Fields;

/// Which operators.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OperatorsQuery {
    /// Deactivated ones too.
    #[serde(default)]
    all: bool,
}

fn out(app: &App, operator: Operator) -> OperatorOut {
    let present = app.realtime.operator_present(operator.tenant_id, operator.id);
    OperatorOut::new(operator, present, &app.listen.widget_origin())
}

/// Operators by name; deactivated ones only with `all`.
#[utoipa::path(get, operation_id = "operators_list", path = "/api/v1/operators", tag = "operators", params(("all" = Option<bool>, Query)), responses((status = 200, body = Page<OperatorOut>)))]
pub async fn list(State(app): State<App>, me: SignedIn, Params(query): Params<OperatorsQuery>) -> Result<Json<Page<OperatorOut>>> {
    let found = operators::list(&app.db, me.scope, query.all).await?;
    Ok(Json(Page::whole(found.into_iter().map(|operator| out(&app, operator)).collect())))
}

impl From<Unchanged> for Error {
    fn from(unchanged: Unchanged) -> Self {
        let code = match unchanged {
            Unchanged::OwnersOnly => ErrorCode::Forbidden,
            Unchanged::LastOwner => ErrorCode::Conflict,
        };
        Self::new(code, unchanged.to_string())
    }
}

/// Changes role or capacity, or takes an operator out of work and back. Owners and admins; only owners touch owners, and the last stays.
#[utoipa::path(patch, operation_id = "operators_update", path = "/api/v1/operators/{id}", tag = "operators", params(("id" = uuid::Uuid, Path)), request_body = OperatorIn, responses((status = 200, body = OperatorOut)))]
pub async fn update(
    State(app): State<App>,
    me: SignedIn,
    PathIds(id): PathIds<OperatorId>,
    Body(change): Body<OperatorIn>,
) -> Result<Json<OperatorOut>> {
    me.administers()?;
    if change.capacity.flatten().is_some_and(|capacity| !(1..=CAPACITY_MAX).contains(&capacity)) {
        let what = format!("must be 1 to {CAPACITY_MAX}, or null for the default");
        return Err(Error::fields(Fields::from([("capacity".to_owned(), what)])));
    }
    let update = StandingUpdate { role: change.role, capacity: change.capacity, deactivated: change.deactivated };
    let mut tx = app.db.begin().await?;
    let owners = operators::active_owners_locked(&mut tx, me.scope).await?;
    let before = operators::find_locked(&mut tx, me.scope, id).await?.ok_or_else(|| Error::not_found("operator"))?;
    let after = operators::changed(me.operator.role, before.clone(), update, &owners, app.clock.now())?;
    operators::update(&mut tx, me.scope, &after).await?;
    let leaves = before.is_active() && !after.is_active();
    let ended = if leaves { login_sessions::delete_all(&mut tx, me.scope, id, None).await? } else { Vec::new() };
    tx.commit().await?;
    if leaves {
        app.realtime.end_all_logins(me.scope.tenant(), id, &ended);
    }
    if before.is_active() != after.is_active() {
        app.realtime.availability_changed(me.scope.tenant(), id).await;
    }
    app.events.publish(Event::OperatorChanged(me.scope.tenant(), id));
    Ok(Json(out(&app, after)))
}

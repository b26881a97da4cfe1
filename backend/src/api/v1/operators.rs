//! The tenant's operators.

use axum::Json;
use axum::extract::State;

use super::model::OperatorOut;
use crate::app::App;
use crate::error::Result;
use crate::http::login::SignedIn;
use crate::http::paging::Page;
use crate::operators;

/// All active operators, by name.
#[utoipa::path(get, operation_id = "operators_list", path = "/api/v1/operators", tag = "operators", responses((status = 200, body = Page<OperatorOut>)))]
pub async fn list(State(app): State<App>, me: SignedIn) -> Result<Json<Page<OperatorOut>>> {
    let found = operators::list(&app.db, me.scope).await?;
    let out = found.into_iter().map(|operator| {
        let present = app.realtime.operator_present(operator.tenant_id, operator.id);
        OperatorOut::new(operator, present)
    });
    Ok(Json(Page::whole(out.collect())))
}

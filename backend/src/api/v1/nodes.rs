//! The nodes of the installation, for whoever runs it.

use axum::Json;
use axum::extract::State;

use super::model::{NodeOut, NodesOut};
use crate::app::App;
use crate::error::{Error, Result};
use crate::http::login::SignedIn;
use crate::operators::Role;
use crate::scope::SystemScope;
use crate::tenants;

/// Whether somebody runs the installation: the account that `STALK_INSTANCE_OWNER` names, else the owners of the tenant that was first.
pub(super) async fn runs_installation(app: &App, me: &SignedIn) -> Result<bool> {
    match &app.instance_owner {
        Some(email) => Ok(me.operator.email == *email),
        None if me.operator.role != Role::Owner => Ok(false),
        None => Ok(tenants::find_first(&app.db, SystemScope::of_the_system()).await? == Some(me.scope.tenant())),
    }
}

/// The nodes of the installation and how they are doing, as each said of itself within the last seconds. For whoever runs the installation.
#[utoipa::path(get, operation_id = "nodes_list", path = "/api/v1/nodes", tag = "installation", responses((status = 200, body = NodesOut)))]
pub async fn list(State(app): State<App>, me: SignedIn) -> Result<Json<NodesOut>> {
    if !runs_installation(&app, &me).await? {
        return Err(Error::forbidden("only whoever runs this installation can see its nodes"));
    }
    let standing = app.realtime.standing();
    let here = app.realtime.node_id();
    let items = app.realtime.nodes().into_iter().map(|node| NodeOut::new(node, here)).collect();
    Ok(Json(NodesOut { redis: standing.map(|standing| standing.redis), items }))
}

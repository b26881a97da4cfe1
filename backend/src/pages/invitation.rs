//! Following an invitation: name and password, and one is in.

use askama::Template;
use axum::Form;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use tower_sessions::Session;

use super::language::Language;
use super::notice::{Notice, count, notice, wrong};
use super::page;
use super::sign_up::TokenIn;
use crate::accounts::invitations::{self, Shown};
use crate::app::App;
use crate::error::{ErrorCode, Result};
use crate::http::error::with_body;
use crate::http::login;
use crate::http::peer::{Peer, UserAgent};
use crate::text::Fields;

#[derive(Template)]
#[template(path = "pages/invitation.html")]
struct InvitationPage<'a> {
    korean: bool,
    language: &'a str,
    token: &'a str,
    name: &'a str,
    shown: &'a Shown,
    fields: &'a Fields,
}

impl InvitationPage<'_> {
    fn wrong(&self, name: &str) -> Option<String> {
        wrong(self.fields, name, self.korean)
    }
}

/// What was typed.
#[derive(Deserialize)]
pub struct InvitationForm {
    #[serde(default)]
    token: String,
    name: String,
    password: String,
}

/// The form.
pub async fn show(State(app): State<App>, language: Language, Query(query): Query<TokenIn>) -> Result<Response> {
    let Some(shown) = invitations::show(&app.db, &app.clock, &query.token).await? else { return notice(&app, language, Notice::Gone) };
    page(&InvitationPage {
        korean: language == Language::Korean,
        language: language.code(),
        token: &query.token,
        name: "",
        shown: &shown,
        fields: &Fields::new(),
    })
}

/// Makes the operator and signs them in.
pub async fn create(
    State(app): State<App>,
    session: Session,
    language: Language,
    (peer, agent): (Peer, UserAgent),
    Form(form): Form<InvitationForm>,
) -> Result<Response> {
    if let Err(refused) = count(&app, peer.0).await {
        return notice(&app, language, refused);
    }
    let Some(shown) = invitations::show(&app.db, &app.clock, &form.token).await? else { return notice(&app, language, Notice::Gone) };
    match invitations::accept(&app.db, &app.clock, &form.token, &form.name, form.password).await {
        Ok(Some(operator)) => {
            login::begin(&app, &session, &operator, (peer, agent)).await?;
            app.events.publish(crate::events::Event::OperatorChanged(operator.tenant_id, operator.id));
            Ok(Redirect::to("/console/").into_response())
        }
        Ok(None) => notice(&app, language, Notice::Gone),
        Err(error) if error.code == ErrorCode::Invalid => {
            let fields = error.fields.clone().unwrap_or_default();
            let (korean, language) = (language == Language::Korean, language.code());
            let page = page(&InvitationPage { korean, language, token: &form.token, name: &form.name, shown: &shown, fields: &fields })?;
            Ok(with_body(&error, page))
        }
        Err(error) => Err(error),
    }
}

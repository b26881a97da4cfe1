//! Signing up and confirming the address. The page after the form is the same for every address.

use askama::Template;
use axum::Form;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use tower_sessions::Session;

use super::language::Language;
use super::notice::{Notice, count, notice, wrong};
use super::page;
use crate::accounts::sign_up::{self, SignUp};
use crate::app::App;
use crate::error::{ErrorCode, Result};
use crate::http::error::with_body;
use crate::http::login;
use crate::http::peer::{Peer, UserAgent};
use crate::scope::SystemScope;
use crate::tenants;
use crate::text::Fields;

#[derive(Template)]
#[template(path = "pages/sign_up.html")]
struct SignUpPage<'a> {
    korean: bool,
    language: &'a str,
    form: &'a SignUpForm,
    fields: &'a Fields,
}

impl SignUpPage<'_> {
    fn wrong(&self, name: &str) -> Option<String> {
        wrong(self.fields, name, self.korean)
    }
}

#[derive(Template)]
#[template(path = "pages/confirm.html")]
struct ConfirmPage<'a> {
    korean: bool,
    language: &'a str,
    token: &'a str,
    email: &'a str,
    shop: &'a str,
}

/// What was typed.
#[derive(Default, Deserialize)]
pub struct SignUpForm {
    shop: String,
    name: String,
    email: String,
    password: String,
    language: String,
    #[serde(default)]
    time_zone: String,
}

/// The link's token, of a query or a form.
#[derive(Deserialize)]
pub struct TokenIn {
    #[serde(default)]
    pub(super) token: String,
}

/// An empty installation is set up by whoever started it, not by whoever comes first.
async fn is_empty(app: &App) -> Result<bool> {
    Ok(tenants::is_empty(&app.db, SystemScope::of_the_system()).await?)
}

/// The form.
pub async fn show(State(app): State<App>, language: Language) -> Result<Response> {
    if !app.sign_up_is_open {
        return notice(&app, language, Notice::Closed);
    }
    if is_empty(&app).await? {
        return Ok(Redirect::to("/set-up").into_response());
    }
    page(&SignUpPage {
        korean: language == Language::Korean,
        language: language.code(),
        form: &SignUpForm::default(),
        fields: &Fields::new(),
    })
}

/// Sends the letter.
pub async fn create(State(app): State<App>, language: Language, Peer(peer): Peer, Form(form): Form<SignUpForm>) -> Result<Response> {
    if !app.sign_up_is_open || is_empty(&app).await? {
        return notice(&app, language, Notice::Closed);
    }
    if let Err(refused) = count(&app, peer).await {
        return notice(&app, language, refused);
    }
    let typed = SignUp {
        shop: form.shop.clone(),
        name: form.name.clone(),
        email: form.email.clone(),
        password: form.password.clone(),
        language: form.language.clone(),
        time_zone: form.time_zone.clone(),
    };
    match sign_up::ask(&app.db, &app.clock, &app.listen.public_origin(), typed).await {
        Ok(email) => notice(&app, language, Notice::Sent(&email)),
        Err(error) if error.code == ErrorCode::Invalid => {
            let fields = error.fields.clone().unwrap_or_default();
            let shown =
                page(&SignUpPage { korean: language == Language::Korean, language: language.code(), form: &form, fields: &fields })?;
            Ok(with_body(&error, shown))
        }
        Err(error) => Err(error),
    }
}

/// One button: opening a link changes nothing, for mail programs open links by themselves.
pub async fn show_confirmation(State(app): State<App>, language: Language, Query(query): Query<TokenIn>) -> Result<Response> {
    let Some(pending) = sign_up::find(&app.db, &app.clock, &query.token).await? else { return notice(&app, language, Notice::Gone) };
    page(&ConfirmPage {
        korean: language == Language::Korean,
        language: language.code(),
        token: &query.token,
        email: &pending.email,
        shop: &pending.shop,
    })
}

/// Makes tenant and owner, and signs the owner in.
pub async fn confirm(
    State(app): State<App>,
    session: Session,
    language: Language,
    (peer, agent): (Peer, UserAgent),
    Form(form): Form<TokenIn>,
) -> Result<Response> {
    if let Err(refused) = count(&app, peer.0).await {
        return notice(&app, language, refused);
    }
    let Some(owner) = sign_up::confirm(&app.db, &app.clock, &form.token).await? else { return notice(&app, language, Notice::Gone) };
    login::begin(&app, &session, &owner, (peer, agent)).await?;
    Ok(Redirect::to("/console/").into_response())
}

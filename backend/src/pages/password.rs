//! A forgotten password. The page after the form is the same for every address.

use askama::Template;
use axum::Form;
use axum::extract::{Query, State};
use axum::response::Response;
use serde::Deserialize;

use super::language::Language;
use super::notice::{Notice, count, notice, wrong};
use super::page;
use super::sign_up::TokenIn;
use crate::accounts::password_reset;
use crate::app::App;
use crate::error::{ErrorCode, Result};
use crate::http::error::with_body;
use crate::http::peer::Peer;
use crate::text::Fields;

#[derive(Template)]
#[template(path = "pages/forgot_password.html")]
struct ForgotPage<'a> {
    korean: bool,
    language: &'a str,
    email: &'a str,
    fields: &'a Fields,
}

impl ForgotPage<'_> {
    fn wrong(&self, name: &str) -> Option<String> {
        wrong(self.fields, name, self.korean)
    }
}

#[derive(Template)]
#[template(path = "pages/reset_password.html")]
struct ResetPage<'a> {
    korean: bool,
    language: &'a str,
    token: &'a str,
    fields: &'a Fields,
}

impl ResetPage<'_> {
    fn wrong(&self, name: &str) -> Option<String> {
        wrong(self.fields, name, self.korean)
    }
}

/// Whose.
#[derive(Deserialize)]
pub struct ForgotForm {
    email: String,
}

/// The new one.
#[derive(Deserialize)]
pub struct ResetForm {
    #[serde(default)]
    token: String,
    password: String,
}

/// The form.
pub async fn show_forgotten(language: Language) -> Result<Response> {
    page(&ForgotPage { korean: language == Language::Korean, language: language.code(), email: "", fields: &Fields::new() })
}

/// Sends the letter, if somebody has this address.
pub async fn forgotten(State(app): State<App>, language: Language, Peer(peer): Peer, Form(form): Form<ForgotForm>) -> Result<Response> {
    if let Err(refused) = count(&app, peer).await {
        return notice(&app, language, refused);
    }
    match password_reset::ask(&app.db, &app.clock, &app.listen.public_origin(), &form.email, language.code()).await {
        Ok(email) => notice(&app, language, Notice::Sent(&email)),
        Err(error) if error.code == ErrorCode::Invalid => {
            let fields = error.fields.clone().unwrap_or_default();
            let korean = language == Language::Korean;
            let shown = page(&ForgotPage { korean, language: language.code(), email: &form.email, fields: &fields })?;
            Ok(with_body(&error, shown))
        }
        Err(error) => Err(error),
    }
}

/// The form for the new password.
pub async fn show_reset(State(app): State<App>, language: Language, Query(query): Query<TokenIn>) -> Result<Response> {
    if !password_reset::is_good(&app.db, &app.clock, &query.token).await? {
        return notice(&app, language, Notice::Gone);
    }
    page(&ResetPage { korean: language == Language::Korean, language: language.code(), token: &query.token, fields: &Fields::new() })
}

/// Stores it: every login and its sockets end.
pub async fn reset(State(app): State<App>, language: Language, Peer(peer): Peer, Form(form): Form<ResetForm>) -> Result<Response> {
    if let Err(refused) = count(&app, peer).await {
        return notice(&app, language, refused);
    }
    match password_reset::finish(&app.db, &app.clock, &app.listen.public_origin(), &form.token, form.password).await {
        Ok(Some(done)) => {
            app.realtime.end_all_logins(done.tenant, done.operator, &done.ended);
            notice(&app, language, Notice::PasswordChanged)
        }
        Ok(None) => notice(&app, language, Notice::Gone),
        Err(error) if error.code == ErrorCode::Invalid => {
            let fields = error.fields.clone().unwrap_or_default();
            let korean = language == Language::Korean;
            let shown = page(&ResetPage { korean, language: language.code(), token: &form.token, fields: &fields })?;
            Ok(with_body(&error, shown))
        }
        Err(error) => Err(error),
    }
}

//! Signing in.

use std::time::Duration;

use askama::Template;
use axum::Form;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use tower_sessions::Session;

use super::language::Language;
use super::page;
use crate::app::App;
use crate::error::{Error, Result};
use crate::http::error::with_body;
use crate::http::login;
use crate::http::peer::{Peer, UserAgent};
use crate::operators::{self, Operator, password};
use crate::scope::SystemScope;
use crate::{tenants, text};

/// No address is longer (RFC 5321).
const EMAIL_MAX: usize = 254;

/// The page.
#[derive(Template)]
#[template(path = "pages/sign_in.html")]
struct SignInPage<'a> {
    korean: bool,
    language: &'a str,
    email: &'a str,
    next: &'a str,
    refused: Option<Refused>,
    sign_up_is_open: bool,
}

/// Why it did not work.
#[derive(Clone, Copy)]
enum Refused {
    Wrong,
    TooOften(u64),
}

/// Where to go afterwards.
#[derive(Deserialize)]
pub struct NextQuery {
    next: Option<String>,
}

/// What was typed.
#[derive(Deserialize)]
pub struct SignInForm {
    email: String,
    password: String,
    next: Option<String>,
}

/// A path of our console, whatever was asked: never another site.
fn safe_next(next: Option<&str>) -> &str {
    next.filter(|next| next.starts_with("/console/") && !next.contains(['\\', '\n', '\r'])).unwrap_or("/console/")
}

/// The form; on an empty installation the way to the first set-up.
pub async fn show(State(app): State<App>, session: Session, language: Language, Query(query): Query<NextQuery>) -> Result<Response> {
    if login::find(&app, &session).await?.is_some() {
        return Ok(Redirect::to(safe_next(query.next.as_deref())).into_response());
    }
    if tenants::is_empty(&app.db, SystemScope::of_the_system()).await? {
        return Ok(Redirect::to("/set-up").into_response());
    }
    let next = safe_next(query.next.as_deref());
    let sign_up_is_open = app.sign_up_is_open;
    page(&SignInPage { korean: language == Language::Korean, language: language.code(), email: "", next, refused: None, sign_up_is_open })
}

/// Checks address and password; the same answer, in the same time, for a wrong password and an unknown address.
pub async fn create(
    State(app): State<App>,
    session: Session,
    language: Language,
    (peer, agent): (Peer, UserAgent),
    Form(form): Form<SignInForm>,
) -> Result<Response> {
    let email = form.email.trim().to_lowercase();
    let next = safe_next(form.next.as_deref());
    let network = text::network(peer.0).to_string();
    let refused = match attempt(&app, &email, form.password, &network).await? {
        Ok(operator) if login::begin(&app, &session, &operator, (peer, agent)).await? => {
            // Failures count, not sign-ins.
            app.sign_ins.give_back(email).await;
            app.sign_ins.give_back(network).await;
            return Ok(Redirect::to(next).into_response());
        }
        Ok(_) => Refused::Wrong,
        Err(refused) => refused,
    };
    let error = match refused {
        Refused::Wrong => Error::unauthenticated("address or password is wrong"),
        Refused::TooOften(seconds) => Error::rate_limited("too many tries", Duration::from_secs(seconds)),
    };
    let shown = page(&SignInPage {
        korean: language == Language::Korean,
        language: language.code(),
        email: &email,
        next,
        refused: Some(refused),
        sign_up_is_open: app.sign_up_is_open,
    })?;
    Ok(with_body(&error, shown))
}

async fn attempt(app: &App, email: &str, password: String, peer: &str) -> Result<std::result::Result<Operator, Refused>> {
    if email.len() > EMAIL_MAX {
        return Ok(Err(Refused::Wrong));
    }
    // The address first: one that is refused must not use up the tries of somebody's account.
    for key in [peer, email] {
        if let Err(wait) = app.sign_ins.take(key.to_owned()).await {
            return Ok(Err(Refused::TooOften(wait.as_secs() + 1)));
        }
    }
    let found = operators::find_by_email(&app.db, SystemScope::of_the_system(), email).await?;
    let found = found.filter(Operator::is_active);
    let hash = found.as_ref().map(|operator| operator.password_hash.clone());
    let right = password.chars().count() <= password::PASSWORD_MAX
        && password::verify(password, hash).await.map_err(|error| Error::unavailable(error.to_string()))?;
    Ok(found.filter(|_| right).ok_or(Refused::Wrong))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_signing_in_one_stays_on_our_console() {
        assert_eq!(safe_next(Some("/console/inbox/mine")), "/console/inbox/mine");
        for bad in ["https://evil.test/", "//evil.test/console/", "/console\\evil", "/sign-in", "/console/\r\nSet-Cookie: a"] {
            assert_eq!(safe_next(Some(bad)), "/console/", "{bad}");
        }
    }
}

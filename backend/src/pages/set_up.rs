//! First set-up of an empty installation. Whoever has the one-time code from the server's output may do it, so that a stranger who finds the
//! address first cannot.

use askama::Template;
use axum::Form;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use subtle::ConstantTimeEq as _;
use tower_sessions::Session;

use super::language::Language;
use super::notice::wrong;
use super::page;
use crate::app::App;
use crate::error::{Error, ErrorCode, Result};
use crate::http::error::with_body;
use crate::http::login;
use crate::http::peer::{Peer, UserAgent};
use crate::operators;
use crate::scope::{SystemScope, TenantScope};
use crate::setup::{self, FirstSetup};
use crate::tenants;
use crate::text::Fields;

#[derive(Template)]
#[template(path = "pages/set_up.html")]
struct SetUpPage<'a> {
    korean: bool,
    language: &'a str,
    code: &'a str,
    form: &'a SetUpForm,
    fields: &'a Fields,
    refused: Option<&'a str>,
}

impl SetUpPage<'_> {
    fn wrong(&self, name: &str) -> Option<String> {
        wrong(self.fields, name, self.korean)
    }
}

/// The code in the printed address.
#[derive(Deserialize)]
pub struct CodeQuery {
    #[serde(default)]
    code: String,
}

/// What was typed.
#[derive(Default, Deserialize)]
pub struct SetUpForm {
    #[serde(default)]
    code: String,
    shop: String,
    domain: String,
    name: String,
    email: String,
    password: String,
    language: String,
    #[serde(default)]
    time_zone: String,
}

async fn is_open(app: &App) -> Result<bool> {
    Ok(tenants::is_empty(&app.db, SystemScope::of_the_system()).await?)
}

/// The form.
pub async fn show(State(app): State<App>, language: Language, Query(query): Query<CodeQuery>) -> Result<Response> {
    if !is_open(&app).await? {
        return Ok(Redirect::to("/sign-in").into_response());
    }
    let form = SetUpForm { language: language.code().to_owned(), ..SetUpForm::default() };
    page(&SetUpPage {
        korean: language == Language::Korean,
        language: language.code(),
        code: &query.code,
        form: &form,
        fields: &Fields::new(),
        refused: None,
    })
}

/// Makes tenant, owner and site, signs the owner in and shows the console.
pub async fn create(
    State(app): State<App>,
    session: Session,
    language: Language,
    from: (Peer, UserAgent),
    Form(form): Form<SetUpForm>,
) -> Result<Response> {
    let made = match attempt(&app, &form).await {
        Ok(made) => made,
        Err(error) => {
            let none = Fields::new();
            let shown = page(&SetUpPage {
                korean: language == Language::Korean,
                language: language.code(),
                code: &form.code,
                form: &form,
                fields: error.fields.as_ref().unwrap_or(&none),
                refused: error.fields.is_none().then(|| refusal(&error, language)),
            })?;
            return Ok(with_body(&error, shown));
        }
    };
    let owner =
        operators::find(&app.db, TenantScope::proven(made.tenant), made.owner).await?.ok_or_else(|| Error::not_found("operator"))?;
    login::begin(&app, &session, &owner, from).await?;
    Ok(Redirect::to(&format!("/console/sites/{}", made.site)).into_response())
}

/// What to say above the form.
fn refusal(error: &Error, language: Language) -> &str {
    match (error.code, language) {
        (ErrorCode::Forbidden, Language::Korean) => "설정 코드가 달라요. 서버가 시작하면서 출력한 주소를 열어 주세요.",
        (ErrorCode::Forbidden, Language::English) => {
            "The set-up code is not the one the server printed at its start. Open the printed address."
        }
        (_, Language::Korean) => "지금은 만들 수 없었어요. 적은 내용은 그대로 있으니 다시 시도해 주세요.",
        (_, Language::English) => &error.message,
    }
}

async fn attempt(app: &App, form: &SetUpForm) -> Result<setup::Made> {
    let matches: bool = form.code.as_bytes().ct_eq(app.setup_code.as_bytes()).into();
    if !matches {
        return Err(Error::forbidden("the set-up code is not the one the server printed at its start; open the printed address"));
    }
    let first = FirstSetup {
        shop: form.shop.clone(),
        domain: form.domain.clone(),
        name: form.name.clone(),
        email: form.email.clone(),
        password: form.password.clone(),
        language: form.language.clone(),
        time_zone: form.time_zone.clone(),
    };
    setup::run(&app.db, &app.clock, &first).await
}

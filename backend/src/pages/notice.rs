//! Pages that only say something, and what the pages around logins share: the limit of an address, and the words for a wrong field.

use std::net::IpAddr;
use std::time::Duration;

use askama::Template;
use axum::response::Response;

use super::language::Language;
use super::page;
use crate::app::App;
use crate::error::{Error, Result};
use crate::http::error::with_body;
use crate::operators::password::{PASSWORD_MAX, PASSWORD_MIN};
use crate::text::{self, Fields};

/// What a notice says.
#[derive(Clone, Copy)]
pub(super) enum Notice<'a> {
    /// A letter is on its way to this address, or it is not: the page does not tell.
    Sent(&'a str),
    /// A link that is not good any more.
    Gone,
    /// Nobody signs up here.
    Closed,
    /// The new password holds.
    PasswordChanged,
    /// Too many tries of this address, for so many seconds.
    TooOften(u64),
}

#[derive(Template)]
#[template(path = "pages/notice.html")]
struct NoticePage<'a> {
    korean: bool,
    language: &'a str,
    notice: Notice<'a>,
    /// Mail is not sent by this server: it waits.
    mail_waits: bool,
    sign_up_is_open: bool,
}

/// The page, with the status that goes with it.
pub(super) fn notice(app: &App, language: Language, notice: Notice<'_>) -> Result<Response> {
    let shown = page(&NoticePage {
        korean: language == Language::Korean,
        language: language.code(),
        notice,
        mail_waits: !app.sends_mail,
        sign_up_is_open: app.sign_up_is_open,
    })?;
    Ok(match notice {
        Notice::Sent(_) | Notice::PasswordChanged => shown,
        Notice::Gone => with_body(&Error::not_found("link"), shown),
        Notice::Closed => with_body(&Error::forbidden("sign-up is closed"), shown),
        Notice::TooOften(seconds) => with_body(&Error::rate_limited("too many tries", Duration::from_secs(seconds)), shown),
    })
}

/// Counts one try of an address, or says for how many seconds it has none left.
pub(super) async fn count(app: &App, peer: IpAddr) -> std::result::Result<(), Notice<'static>> {
    app.account_tries.take(text::network(peer)).await.map_err(|wait| Notice::TooOften(wait.as_secs() + 1))
}

/// What to say beside a field that is wrong.
pub(super) fn wrong(fields: &Fields, name: &str, korean: bool) -> Option<String> {
    fields.contains_key(name).then(|| match (name, korean) {
        ("email", true) => "name@example.com 같은 이메일 주소를 적어 주세요.".to_owned(),
        ("email", false) => "Enter an e-mail address such as name@example.com.".to_owned(),
        ("password", true) => format!("{PASSWORD_MIN}자 이상 {PASSWORD_MAX}자 이하로 정해 주세요."),
        ("password", false) => format!("Choose {PASSWORD_MIN} to {PASSWORD_MAX} characters."),
        ("domain", true) => "shop.example.com 같은 사이트 주소를 적어 주세요.".to_owned(),
        ("domain", false) => "Enter an address of your site such as shop.example.com.".to_owned(),
        (_, true) => format!("이름을 {}자 이하로 적어 주세요.", text::NAME_MAX),
        (_, false) => format!("Enter a name of at most {} characters.", text::NAME_MAX),
    })
}

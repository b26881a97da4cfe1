//! Letters: rendered from templates/emails (text and HTML, escaped by the template engine) and sent by SMTP. Never sent from a request:
//! a rendered letter goes through the outbox of [`crate::jobs`].

mod account;

use askama::Template;
use lettre::message::{Mailbox, MultiPart, header};
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor};
use serde::{Deserialize, Serialize};

pub use account::{AccountMail, account};

/// A rendered letter.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Letter {
    /// Receiver's address.
    pub to: String,
    /// Where an answer should go, if not to us.
    pub reply_to: Option<String>,
    /// One line.
    pub subject: String,
    /// Plain text.
    pub text: String,
    /// HTML.
    pub html: String,
}

/// What a letter about an offline message tells.
pub struct OfflineMessageLetter<'a> {
    /// The site it was left on.
    pub site: &'a str,
    /// Who left it.
    pub name: &'a str,
    /// Where to answer.
    pub email: &'a str,
    /// What they wrote.
    pub text: &'a str,
    /// The page they were on.
    pub page: Option<(&'a str, &'a str)>,
    /// Where it stands in the console.
    pub link: &'a str,
    /// `ko` or `en`.
    pub language: &'a str,
}

#[derive(Template)]
#[template(path = "emails/offline_message/body.txt", escape = "none")]
struct OfflineMessageText<'a> {
    letter: &'a OfflineMessageLetter<'a>,
    korean: bool,
}

#[derive(Template)]
#[template(path = "emails/offline_message/body.html")]
struct OfflineMessageHtml<'a> {
    letter: &'a OfflineMessageLetter<'a>,
    korean: bool,
}

#[derive(Template)]
#[template(path = "emails/offline_message/subject.txt", escape = "none")]
struct OfflineMessageSubject<'a> {
    letter: &'a OfflineMessageLetter<'a>,
    korean: bool,
}

/// Why a letter did not leave.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// The template failed.
    #[error("rendering failed: {0}")]
    Render(#[from] askama::Error),
    /// An address or header is not acceptable.
    #[error("the letter is malformed: {0}")]
    Malformed(String),
    /// The SMTP server did not take it.
    #[error("the mail server did not take it: {0}")]
    Refused(String),
}

/// Renders the letter to the shop about a message left while nobody was available.
pub fn offline_message(to: &str, letter: &OfflineMessageLetter<'_>) -> Result<Letter, MailError> {
    let korean = letter.language == "ko";
    Ok(Letter {
        to: to.to_owned(),
        reply_to: Some(letter.email.to_owned()),
        // A subject is one line, whatever a visitor put into it.
        subject: crate::text::clean_line(&OfflineMessageSubject { letter, korean }.render()?),
        text: OfflineMessageText { letter, korean }.render()?,
        html: OfflineMessageHtml { letter, korean }.render()?,
    })
}

/// One message of a conversation, as a letter shows it.
pub struct TranscriptLine {
    /// Who wrote it.
    pub who: String,
    /// When, in words.
    pub at: String,
    /// What.
    pub text: String,
}

#[derive(Template)]
#[template(path = "emails/email_code/body.txt", escape = "none")]
struct EmailCodeText<'a> {
    site: &'a str,
    code: &'a str,
    korean: bool,
}

#[derive(Template)]
#[template(path = "emails/email_code/body.html")]
struct EmailCodeHtml<'a> {
    site: &'a str,
    code: &'a str,
    korean: bool,
}

/// Renders the letter that carries a visitor's code.
pub fn email_code(to: &str, site: &str, code: &str, language: &str) -> Result<Letter, MailError> {
    let korean = language == "ko";
    let subject = if korean { format!("[{site}] 인증 번호 {code}") } else { format!("[{site}] Your code is {code}") };
    let text = EmailCodeText { site, code, korean }.render()?;
    Ok(Letter {
        to: to.to_owned(),
        reply_to: None,
        subject: crate::text::clean_line(&subject),
        text,
        html: EmailCodeHtml { site, code, korean }.render()?,
    })
}

#[derive(Template)]
#[template(path = "emails/transcript/body.txt", escape = "none")]
struct TranscriptText<'a> {
    site: &'a str,
    zone: &'a str,
    lines: &'a [TranscriptLine],
    korean: bool,
}

#[derive(Template)]
#[template(path = "emails/transcript/body.html")]
struct TranscriptHtml<'a> {
    site: &'a str,
    zone: &'a str,
    lines: &'a [TranscriptLine],
    korean: bool,
}

/// Renders the letter that carries a conversation of a site, with the time zone that its times are of.
pub fn transcript(to: &str, (site, zone): (&str, &str), lines: &[TranscriptLine], language: &str) -> Result<Letter, MailError> {
    let korean = language == "ko";
    let subject = if korean { format!("[{site}] 상담 내용") } else { format!("[{site}] Your conversation") };
    let text = TranscriptText { site, zone, lines, korean }.render()?;
    let html = TranscriptHtml { site, zone, lines, korean }.render()?;
    Ok(Letter { to: to.to_owned(), reply_to: None, subject: crate::text::clean_line(&subject), text, html })
}

/// True for an address that a letter can be sent to.
pub fn is_sendable(address: &str) -> bool {
    address.parse::<Mailbox>().is_ok()
}

/// An SMTP connection pool, or none when mail is not configured.
#[derive(Clone, Debug)]
pub struct Mailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl Mailer {
    /// From `smtp://…` and the sender's address.
    pub fn new(smtp_url: &str, from: &str) -> Result<Self, MailError> {
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(smtp_url)
            .map_err(|error| MailError::Malformed(format!("SMTP_URL: {error}")))?
            .timeout(Some(std::time::Duration::from_secs(20)))
            .build();
        let from = from.parse().map_err(|error| MailError::Malformed(format!("STALK_MAIL_FROM {from:?}: {error}")))?;
        Ok(Self { transport, from })
    }

    /// Hands the letter to the SMTP server.
    pub async fn send(&self, letter: &Letter) -> Result<(), MailError> {
        let mailbox = |address: &str| address.parse::<Mailbox>().map_err(|error| MailError::Malformed(error.to_string()));
        let mut builder = Message::builder()
            .from(self.from.clone())
            .to(mailbox(&letter.to)?)
            .subject(letter.subject.clone())
            .header(header::MIME_VERSION_1_0);
        // Addresses exist that a strict parser refuses; such a letter goes out all the same, with the address in its text.
        if let Some(Ok(reply_to)) = letter.reply_to.as_deref().map(mailbox) {
            builder = builder.reply_to(reply_to);
        }
        let message = builder
            .multipart(MultiPart::alternative_plain_html(letter.text.clone(), letter.html.clone()))
            .map_err(|error| MailError::Malformed(error.to_string()))?;
        self.transport.send(message).await.map(drop).map_err(|error| MailError::Refused(error.to_string()))
    }
}

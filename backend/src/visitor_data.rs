//! What visitors may have of what is kept of them: a proven address, a conversation by mail, everything as a document, and its erasure.
//! Knows sites, visitors and the logs of conversations.

mod store;

use std::collections::{HashMap, HashSet};

use serde_json::{Value, json};

use crate::clock::{Clock, Millis};
use crate::conversations::{self, Entry, SenderKind};
use crate::db::{Db, DbResult};
use crate::error::{Error, ErrorCode, Result};
use crate::ids::{ConversationId, VisitorId};
use crate::jobs::{self, Job};
use crate::mail;
use crate::scope::SiteScope;
use crate::sites::{self, Site};
use crate::text::{self, Fields};
use crate::visitors::{self, Acting};

/// A code is good for so long.
const CODE_LIFETIME: Millis = 15 * 60 * 1000;
/// Wrong guesses of one code.
const GUESSES: i64 = 5;
/// Entries of a conversation in a letter.
const ENTRIES: i64 = 2000;

/// Six digits, each as likely as the other.
fn six_digits() -> String {
    let number = text::random_bytes(8).into_iter().fold(0_u64, |number, byte| (number << 8) | u64::from(byte));
    format!("{:06}", number % 1_000_000)
}

fn code_hash(visitor: VisitorId, email: &str, code: &str) -> Vec<u8> {
    text::sha256(format!("{visitor}\n{email}\n{code}").as_bytes())
}

/// Mails a code to the address; an earlier one is good no more.
pub async fn mail_code(db: &Db, clock: &Clock, acting: &Acting, site: &Site, email: &str) -> Result<()> {
    let code = six_digits();
    let letter = mail::email_code(email, &site.name, &code, site.language_for(acting.profile.language.as_deref()))
        .map_err(|error| Error::internal(&error))?;
    let now = clock.now();
    let mut tx = db.begin().await?;
    visitors::upsert(&mut tx, std::slice::from_ref(acting), now).await?;
    let hash = code_hash(acting.visitor, email, &code);
    store::put_code(&mut tx, acting.scope, acting.visitor, (email, &hash, now + CODE_LIFETIME)).await?;
    jobs::enqueue(&mut tx, acting.scope.wide(), clock, &Job::Mail(letter)).await?;
    Ok(tx.commit().await?)
}

/// Takes the code: the address is the visitor's, and confirmed. `invalid` after five wrong guesses, or too late.
pub async fn take_code(db: &Db, clock: &Clock, scope: SiteScope, visitor: VisitorId, email: &str, code: &str) -> Result<()> {
    let mut tx = db.begin().await?;
    // Counted before it is compared, so that guesses at once do not share a count.
    let guessed = store::guess(&mut tx, scope, visitor, GUESSES, clock.now()).await?;
    let right = guessed.is_some_and(|(known, hash)| known == email && hash == code_hash(visitor, email, code));
    if right {
        store::confirm(&mut tx, scope, visitor, email).await?;
    }
    tx.commit().await?;
    if right {
        return Ok(());
    }
    Err(Error::fields(Fields::from([("code".to_owned(), "is wrong or too old; ask for another".to_owned())])))
}

/// What a letter says of a conversation: who, when and what, as it reads after edits and without what was taken back.
fn lines(entries: &[Entry], site: &Site, korean: bool) -> Vec<mail::TranscriptLine> {
    let target = |entry: &Entry| entry.data["target"].as_i64();
    let of = |kind: &'static str| entries.iter().filter(move |entry| entry.kind == kind);
    let edited: HashMap<_, _> = of("message.edited").filter_map(|entry| Some((target(entry)?, entry.data["text"].as_str()?))).collect();
    let retracted: HashSet<_> = of("message.retracted").filter_map(target).collect();
    let line = |entry: &Entry| {
        let (kind, said) = conversations::summary(&entry.data);
        let text = match kind {
            "retracted" => return None,
            "attachment" => format!("[{said}]"),
            _ => (*edited.get(&entry.seq).unwrap_or(&said)).to_owned(),
        };
        let who = match (entry.sender_kind, &entry.sender_name) {
            (SenderKind::Visitor, _) => if korean { "나" } else { "You" }.to_owned(),
            (_, Some(name)) => name.clone(),
            (_, None) => site.name.clone(),
        };
        Some(mail::TranscriptLine { who, at: sites::written_moment(&site.time_zone, entry.at), text })
    };
    of("message.posted").filter(|entry| !retracted.contains(&entry.seq)).filter_map(line).collect()
}

/// Mails the conversation as it reads now, in the visitor's language and the times of the site.
pub async fn mail_transcript(db: &Db, clock: &Clock, acting: &Acting, site: &Site, id: ConversationId, email: &str) -> Result<()> {
    let scope = acting.scope.wide();
    let entries = conversations::since(db, scope, id, 0, ENTRIES).await?;
    let language = site.language_for(acting.profile.language.as_deref());
    let lines = lines(&entries, site, language == "ko");
    if lines.is_empty() {
        return Err(Error::new(ErrorCode::Conflict, "there is nothing in this conversation yet"));
    }
    let letter = mail::transcript(email, (&site.name, &site.time_zone), &lines, language).map_err(|error| Error::internal(&error))?;
    let mut tx = db.begin().await?;
    jobs::enqueue(&mut tx, scope, clock, &Job::Mail(letter)).await?;
    Ok(tx.commit().await?)
}

/// Everything that is kept of these visitors, who are one person.
pub async fn export(db: &Db, scope: SiteScope, selves: &[VisitorId]) -> DbResult<Value> {
    let mut conversations = Vec::new();
    for id in store::conversations(db, scope, selves).await? {
        let entries = conversations::since(db, scope.wide(), id, 0, 10_000).await?;
        conversations.push(json!({"id": id, "entries": entries.iter().map(Entry::envelope).collect::<Vec<_>>()}));
    }
    Ok(json!({
        "visitors": store::visitors(db, scope, selves).await?,
        "conversations": conversations,
        "crowd_messages": store::crowd_messages(db, scope, selves).await?,
        "offline_messages": store::offline_messages(db, scope, selves).await?,
        "visits": store::visits(db, scope, selves).await?,
        "page_views": store::page_views(db, scope, selves).await?,
    }))
}

/// Erases names, addresses, attributes, texts, files and visits of these visitors, who are one person; what stays is that somebody wrote. Answers
/// the conversations that changed.
pub async fn erase(db: &Db, scope: SiteScope, selves: &[VisitorId], now: Millis) -> DbResult<Vec<ConversationId>> {
    let conversations = store::conversations(db, scope, selves).await?;
    let mut tx = db.begin().await?;
    // As the log locks them: a post of theirs on another device may be under way.
    let ids: Vec<_> = selves.iter().map(|visitor| (scope.tenant(), *visitor)).collect();
    visitors::lock(&mut tx, &ids).await?;
    store::erase(&mut tx, scope, selves, now).await?;
    tx.commit().await?;
    Ok(conversations)
}

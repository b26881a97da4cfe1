//! How people come to a login without having one: they [sign up](sign_up) and show that the address is theirs, have
//! [forgotten their password](password_reset), or were [invited](invitations). Each is a letter with a link that is good once and not for long.
//! Whoever asks without a login learns nothing about who has one: not from an answer, and not from how long it takes.

pub mod invitations;
pub mod password_reset;
pub mod sign_up;
mod store;
mod token;

pub use store::Invitation;

use crate::clock::{Clock, DAY};
use crate::db::{DbResult, Tx};
use crate::error::Error;
use crate::mail::MailError;
use crate::scope::SystemScope;

/// Letters that people without a login may cause for one address in a day.
pub const LETTERS_A_DAY: i64 = 3;

/// Counts one letter for this address; false when it had all it may have today. Until the end of the transaction nobody else counts for it.
async fn take_letter(tx: &mut Tx, clock: &Clock, email: &str) -> DbResult<bool> {
    let system = SystemScope::of_the_system();
    let since = clock.now() - DAY;
    store::lock_letters(tx, system, email).await?;
    store::delete_letters_before(tx, system, since).await?;
    if store::count_letters(tx, system, email, since).await? >= LETTERS_A_DAY {
        return Ok(false);
    }
    store::insert_letter(tx, system, clock.new_id(), email, clock.now()).await?;
    Ok(true)
}

/// An address that a letter can be sent to, lower-case; or what is wrong with the field `email`.
fn address(fields: &mut crate::text::Fields, typed: &str) -> String {
    let email = crate::text::email(fields, "email", typed);
    if !crate::mail::is_sendable(&email) {
        fields.insert("email".to_owned(), "must be an e-mail address such as name@example.com".to_owned());
    }
    email
}

fn unrendered(error: &MailError) -> Error {
    Error::internal(error)
}

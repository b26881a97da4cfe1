//! Passwords: argon2id with the parameters OWASP names (19 MiB, 2 passes). Hashing costs a core 16-38 ms, so it runs on the blocking
//! pool and never more than two at once.

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::Semaphore;

use crate::text::Fields;

/// Fewest characters a password may have.
pub const PASSWORD_MIN: usize = 10;
/// Most characters: a longer one only costs time.
pub const PASSWORD_MAX: usize = 200;

/// Says under `field` what is wrong with a new password.
pub fn check(fields: &mut Fields, field: &str, password: &str) {
    let length = password.chars().count();
    if !(PASSWORD_MIN..=PASSWORD_MAX).contains(&length) {
        fields.insert(field.to_owned(), format!("has {length} characters; {PASSWORD_MIN} to {PASSWORD_MAX} are needed"));
    }
}

static AT_ONCE: Semaphore = Semaphore::const_new(2);

/// Why a password could not be hashed or checked: a defect or a shutdown, never a wrong password.
#[derive(Debug, thiserror::Error)]
#[error("password hashing failed: {0}")]
pub struct PasswordError(String);

fn argon2() -> Result<Argon2<'static>, PasswordError> {
    let params = Params::new(19_456, 2, 1, None).map_err(|error| PasswordError(error.to_string()))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// The PHC string to store.
pub async fn hash(password: String) -> Result<String, PasswordError> {
    blocking(move || {
        argon2()?.hash_password(password.as_bytes()).map(|hash| hash.to_string()).map_err(|error| PasswordError(error.to_string()))
    })
    .await
}

/// True when the password belongs to the hash. `None` (no such account) costs the same time and is never true.
pub async fn verify(password: String, hash: Option<String>) -> Result<bool, PasswordError> {
    blocking(move || {
        let argon2 = argon2()?;
        let Some(hash) = hash else {
            // Nobody has this address: spend the time all the same, so that the answer's delay tells nothing.
            let _ = argon2.hash_password(password.as_bytes());
            return Ok(false);
        };
        let parsed = PasswordHash::new(&hash).map_err(|error| PasswordError(error.to_string()))?;
        Ok(argon2.verify_password(password.as_bytes(), &parsed).is_ok())
    })
    .await
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T, PasswordError> + Send + 'static) -> Result<T, PasswordError> {
    let _permit = AT_ONCE.acquire().await.map_err(|error| PasswordError(error.to_string()))?;
    tokio::task::spawn_blocking(work).await.map_err(|error| PasswordError(error.to_string()))?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_right_password_opens() {
        let stored = hash("correct horse battery".to_owned()).await.unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(verify("correct horse battery".to_owned(), Some(stored.clone())).await.unwrap());
        assert!(!verify("wrong horse battery".to_owned(), Some(stored)).await.unwrap());
        assert!(!verify("correct horse battery".to_owned(), None).await.unwrap());
    }
}

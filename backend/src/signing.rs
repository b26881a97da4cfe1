//! Signed tokens: visitor tickets and operators' socket tokens are small JSON documents with an HMAC-SHA-256 under a key from the database.
//! The newest key signs, every stored key verifies, so keys can be rotated and travel with backups.

pub mod jwt;
mod store;

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::Sha256;

use crate::clock::Clock;
use crate::db::{Db, DbResult};
use crate::scope::SystemScope;
use crate::text;

/// A key that signs and verifies.
#[derive(Clone, Debug, sqlx::FromRow)]
struct SigningKey {
    kid: String,
    secret: Vec<u8>,
}

/// All keys of the installation, newest first.
#[derive(Clone, Debug)]
pub struct Signer {
    keys: Arc<Vec<SigningKey>>,
}

impl Signer {
    /// Reads the keys, and makes the first one in an empty database.
    pub async fn load(db: &Db, clock: &Clock) -> DbResult<Self> {
        let system = SystemScope::of_the_system();
        let mut keys = store::list(db, system).await?;
        if keys.is_empty() {
            let key = SigningKey { kid: text::random_word(8), secret: text::random_bytes(32) };
            // Another node may be first: what the table says counts.
            store::insert_first(db, system, &key, clock.now()).await?;
            keys = store::list(db, system).await?;
        }
        Ok(Self { keys: Arc::new(keys) })
    }

    /// A token that says `claims` for `purpose`: a token of one purpose never verifies for another.
    pub fn sign(&self, purpose: &str, claims: &impl Serialize) -> Option<String> {
        let key = self.keys.first()?;
        let body = URL_SAFE_NO_PAD.encode(serde_json::to_vec(claims).ok()?);
        let head = format!("{}.{body}", key.kid);
        let mac = mac(&key.secret, purpose, &head)?.finalize().into_bytes();
        Some(format!("{head}.{}", URL_SAFE_NO_PAD.encode(mac)))
    }

    /// The claims of an untouched token of this purpose, else `None`. Says nothing about expiry.
    pub fn verify<T: DeserializeOwned>(&self, purpose: &str, token: &str) -> Option<T> {
        if token.len() > 2048 {
            return None;
        }
        let (head, signature) = token.rsplit_once('.')?;
        let (kid, body) = head.split_once('.')?;
        let key = self.keys.iter().find(|key| key.kid == kid)?;
        mac(&key.secret, purpose, head)?.verify_slice(&URL_SAFE_NO_PAD.decode(signature).ok()?).ok()?;
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(body).ok()?).ok()
    }
}

impl Signer {
    /// Names the installation, the same on all of its nodes and for ever.
    pub fn installation(&self) -> &str {
        self.keys.last().map_or("", |first| &first.kid)
    }

    /// A short proof that we said `text` for `purpose`, for links.
    pub fn seal(&self, purpose: &str, text: &str) -> Option<String> {
        let key = self.keys.first()?;
        let mac = mac(&key.secret, purpose, text)?.finalize().into_bytes();
        Some(format!("{}.{}", key.kid, URL_SAFE_NO_PAD.encode(mac)))
    }

    /// True for a seal of exactly this text.
    pub fn is_seal(&self, purpose: &str, text: &str, seal: &str) -> bool {
        let proven = || {
            let (kid, signature) = seal.split_once('.')?;
            let key = self.keys.iter().find(|key| key.kid == kid)?;
            mac(&key.secret, purpose, text)?.verify_slice(&URL_SAFE_NO_PAD.decode(signature).ok()?).ok()
        };
        seal.len() < 200 && proven().is_some()
    }
}

fn mac(secret: &[u8], purpose: &str, head: &str) -> Option<Hmac<Sha256>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).ok()?;
    mac.update(purpose.as_bytes());
    mac.update(b"\n");
    mac.update(head.as_bytes());
    Some(mac)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signer(keys: &[(&str, u8)]) -> Signer {
        Signer { keys: Arc::new(keys.iter().map(|(kid, byte)| SigningKey { kid: (*kid).to_owned(), secret: vec![*byte; 32] }).collect()) }
    }

    #[test]
    fn a_token_verifies_for_its_own_purpose_and_untouched_only() {
        let signer = signer(&[("new", 1), ("old", 2)]);
        let token = signer.sign("ticket", &serde_json::json!({"v": 7})).unwrap();
        let claims: Option<serde_json::Value> = signer.verify("ticket", &token);
        assert_eq!(claims.unwrap()["v"], 7);
        assert!(signer.verify::<serde_json::Value>("socket", &token).is_none());
        for position in 0..token.len() {
            let mut bytes = token.clone().into_bytes();
            bytes[position] = if bytes[position] == b'A' { b'B' } else { b'A' };
            if let Ok(forged) = String::from_utf8(bytes)
                && forged != token
                && position + 1 != token.len()
            {
                assert!(signer.verify::<serde_json::Value>("ticket", &forged).is_none(), "changed at {position}");
            }
        }
    }

    #[test]
    fn a_seal_is_good_for_its_text_and_purpose_only() {
        let signer = signer(&[("new", 1), ("old", 2)]);
        let seal = signer.seal("link", "a/1").unwrap();
        assert!(signer.is_seal("link", "a/1", &seal));
        for (purpose, text, seal) in [("link", "a/2", seal.as_str()), ("other", "a/1", &seal), ("link", "a/1", "new."), ("link", "a/1", "")]
        {
            assert!(!signer.is_seal(purpose, text, seal), "{purpose} {text} {seal}");
        }
    }

    #[test]
    fn a_token_of_a_retired_key_still_verifies() {
        let old = signer(&[("old", 2)]).sign("ticket", &1).unwrap();
        assert_eq!(signer(&[("new", 1), ("old", 2)]).verify::<i32>("ticket", &old), Some(1));
        assert_eq!(signer(&[("new", 1)]).verify::<i32>("ticket", &old), None);
    }
}

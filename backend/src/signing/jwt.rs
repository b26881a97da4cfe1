//! JSON Web Tokens that a shop's server signs with its site's secret (RFC 7519, HS256 of RFC 7518). Nothing else is taken: not `none`, no key that
//! the token brings along, no extension that it calls critical.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use sha2::Sha256;

/// Longest token.
const MOST: usize = 8192;
/// Clocks of two servers may differ by so many seconds.
const LEEWAY: i64 = 60;

/// Why a token is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JwtError {
    /// Not three parts of base64url, or not JSON.
    #[error("it is not a JSON Web Token")]
    Malformed,
    /// Another algorithm than HS256.
    #[error("it must be signed with HS256")]
    Algorithm,
    /// By none of the secrets.
    #[error("its signature is not of this site's identity secret")]
    Signature,
    /// Without `exp`, or past it.
    #[error("it has expired, or has no \"exp\"")]
    Expired,
    /// Before `nbf`.
    #[error("it is not good yet")]
    Early,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    crit: Option<serde_json::Value>,
}

#[derive(Deserialize)]
struct Times {
    exp: Option<f64>,
    nbf: Option<f64>,
}

/// The claims of a token that one of these secrets signed and that is good at `now` (seconds since 1970 UTC).
pub fn claims<T: DeserializeOwned>(token: &str, secrets: &[String], now: i64) -> Result<T, JwtError> {
    let (head, signature) = token.rsplit_once('.').filter(|_| token.len() <= MOST).ok_or(JwtError::Malformed)?;
    let (header, body) = head.split_once('.').ok_or(JwtError::Malformed)?;
    let header: Header = json(header)?;
    if header.alg != "HS256" || header.crit.is_some() {
        return Err(JwtError::Algorithm);
    }
    let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| JwtError::Malformed)?;
    let signed = |secret: &String| {
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).ok()?;
        mac.update(head.as_bytes());
        mac.verify_slice(&signature).ok()
    };
    if !secrets.iter().any(|secret| signed(secret).is_some()) {
        return Err(JwtError::Signature);
    }
    let times: Times = json(body)?;
    #[expect(clippy::cast_precision_loss, reason = "seconds since 1970 fit a double for 285 million years")]
    let now = now as f64;
    if times.exp.is_none_or(|exp| exp <= now) {
        return Err(JwtError::Expired);
    }
    #[expect(clippy::cast_precision_loss, reason = "as above")]
    if times.nbf.is_some_and(|nbf| nbf > now + LEEWAY as f64) {
        return Err(JwtError::Early);
    }
    json(body)
}

fn json<T: DeserializeOwned>(part: &str) -> Result<T, JwtError> {
    let bytes = URL_SAFE_NO_PAD.decode(part).map_err(|_| JwtError::Malformed)?;
    serde_json::from_slice(&bytes).map_err(|_| JwtError::Malformed)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn token(header: &Value, claims: &Value, secret: &str) -> String {
        let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let head = format!("{}.{}", encode(header), encode(claims));
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
        mac.update(head.as_bytes());
        format!("{head}.{}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
    }

    #[test]
    fn only_hs256_by_a_known_secret_and_in_time_is_taken() {
        let secrets = ["new".to_owned(), "old".to_owned()];
        let hs256 = json!({"alg": "HS256", "typ": "JWT"});
        let good = json!({"sub": "7", "exp": 200});
        let read = |token: &str| claims::<Value>(token, &secrets, 100);
        assert_eq!(read(&token(&hs256, &good, "new")).unwrap()["sub"], "7");
        assert!(read(&token(&hs256, &good, "old")).is_ok());
        assert_eq!(read(&token(&hs256, &good, "other")), Err(JwtError::Signature));
        assert_eq!(read(&token(&hs256, &json!({"sub": "7", "exp": 100}), "new")), Err(JwtError::Expired));
        assert_eq!(read(&token(&hs256, &json!({"sub": "7"}), "new")), Err(JwtError::Expired));
        assert_eq!(read(&token(&hs256, &json!({"sub": "7", "exp": 200, "nbf": 161}), "new")), Err(JwtError::Early));
        for header in [json!({"alg": "none"}), json!({"alg": "HS512"}), json!({"alg": "hs256"}), json!({"alg": "HS256", "crit": ["b64"]})] {
            assert_eq!(read(&token(&header, &good, "new")), Err(JwtError::Algorithm), "{header}");
        }
        let unsigned = token(&json!({"alg": "none"}), &good, "new");
        assert_eq!(read(&format!("{}.", unsigned.rsplit_once('.').unwrap().0)), Err(JwtError::Algorithm));
        let signed = token(&hs256, &good, "new");
        assert_eq!(read(&format!("{}.", signed.rsplit_once('.').unwrap().0)), Err(JwtError::Signature));
        for bad in ["", "a", "a.b", "a.b.c", "..", &"x".repeat(9000)] {
            assert_eq!(read(bad), Err(JwtError::Malformed), "{bad:?}");
        }
    }
}

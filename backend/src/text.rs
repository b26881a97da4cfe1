//! What people type: cleaned and bounded, never interpreted.

use std::net::IpAddr;

use serde_json::Value;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use unicode_normalization::{IsNormalized, UnicodeNormalization as _, is_nfc_quick};

/// Longest message or note, in characters.
pub const MESSAGE_MAX: usize = 8000;
/// Longest name, in characters.
pub const NAME_MAX: usize = 120;
/// Longest address of a page, in characters; a longer one is cut.
pub const URL_MAX: usize = 2048;

/// What was wrong with which field, for the error's `fields`.
pub type Fields = BTreeMap<String, String>;

/// Composes letters (a Mac may send 한 as three), trims, drops control characters (but line breaks and tabs) and normalises line ends.
pub fn clean(text: &str) -> String {
    // Most of what people type is composed and has nothing to drop.
    if !text.contains('\r') && text.chars().all(is_kept) && is_nfc_quick(text.chars()) == IsNormalized::Yes {
        return text.trim().to_owned();
    }
    let unified = text.nfc().collect::<String>().replace("\r\n", "\n").replace('\r', "\n");
    unified.chars().filter(|c| is_kept(*c)).collect::<String>().trim().to_owned()
}

/// No control character but those that shape a text.
fn is_kept(c: char) -> bool {
    !c.is_control() || matches!(c, '\n' | '\t')
}

/// One line: as [`clean`], with line breaks turned into spaces.
pub fn clean_line(text: &str) -> String {
    clean(text).replace(['\n', '\t', '\u{2028}', '\u{2029}'], " ")
}

/// What a person or thing is called: one line of at most [`NAME_MAX`] characters, without the invisible ones that reorder or hide what stands
/// around them; or what to say about field `field`.
pub fn name(fields: &mut Fields, field: &str, text: &str) -> String {
    let visible: String = text.chars().filter(|c| !is_format(*c)).collect();
    clean_line(&required(fields, field, &visible, NAME_MAX))
}

/// The general category Cf of Unicode 16: characters without a shape of their own. Messages keep them (emoji are joined by one); names do not.
fn is_format(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{600}'..='\u{605}' | '\u{61c}' | '\u{6dd}' | '\u{70f}' | '\u{890}' | '\u{891}' | '\u{8e2}' | '\u{180e}'
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
        | '\u{110bd}' | '\u{110cd}' | '\u{13430}'..='\u{1343f}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0001}' | '\u{e0020}'..='\u{e007f}'
    )
}

/// What two spellings of one name have in common: composed, in lower case, without space around.
pub fn key(text: &str) -> String {
    clean_line(text).to_lowercase()
}

/// Cuts after `max` characters.
pub fn cut(text: &str, max: usize) -> String {
    text.chars().take(max).collect()
}

/// A cleaned, non-empty text of at most `max` characters, or what to say about field `name`.
pub fn required(fields: &mut Fields, name: &str, text: &str, max: usize) -> String {
    let text = clean(text);
    let length = text.chars().count();
    if length == 0 {
        fields.insert(name.to_owned(), "must not be empty".to_owned());
    } else if length > max {
        fields.insert(name.to_owned(), format!("has {length} characters; at most {max} are allowed"));
    }
    text
}

/// An e-mail address that a mailer will take: one `@`, a dotted domain, no white space.
pub fn email(fields: &mut Fields, name: &str, text: &str) -> String {
    let text = clean_line(text).to_lowercase();
    let well_formed = text.len() <= 254
        && text.split_once('@').is_some_and(|(local, domain)| {
            !local.is_empty()
                && domain.split('.').count() >= 2
                && domain.split('.').all(|label| !label.is_empty())
                && !domain.contains('@')
                && !text.chars().any(|c| {
                    c.is_whitespace() || is_format(c) || matches!(c, '<' | '>' | ',' | ';' | '"' | '(' | ')' | '[' | ']' | '\\' | ':')
                })
        });
    if !well_formed {
        fields.insert(name.to_owned(), "must be an e-mail address such as name@example.com".to_owned());
    }
    text
}

/// SHA-256.
pub fn sha256(bytes: &[u8]) -> Vec<u8> {
    Sha256::digest(bytes).to_vec()
}

/// A stable fingerprint of a request body: the same for the same JSON, whatever the order of its keys. A `Value` keeps them sorted.
pub fn fingerprint(body: &Value) -> Vec<u8> {
    sha256(body.to_string().as_bytes())
}

/// A web address, normalised; `None` for what is not http or https, or too long.
pub fn web_address(text: &str) -> Option<String> {
    let url = url::Url::parse(text.trim()).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())?;
    Some(url.to_string()).filter(|url| url.len() <= URL_MAX)
}

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.map(|digit| char::from(b"0123456789abcdef"[usize::from(digit)])).collect()
}

/// `bytes` random bytes of the operating system.
pub fn random_bytes(bytes: usize) -> Vec<u8> {
    let mut out = vec![0; bytes];
    // A machine without randomness must not go on with zeros.
    if getrandom::fill(&mut out).is_err() {
        std::process::abort();
    }
    out
}

/// A random word of `length` characters without look-alikes, for keys and one-time passwords (5 bits a character).
pub fn random_word(length: usize) -> String {
    const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    random_bytes(length).iter().map(|byte| char::from(LETTERS[usize::from(byte % 32)])).collect()
}

/// What one subscriber has: the address itself, or the /64 of an IPv6 address.
pub fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => v6.to_ipv4_mapped().map_or_else(|| IpAddr::V6((v6.to_bits() & (!0_u128 << 64)).into()), IpAddr::V4),
    }
}

/// The address without its last part, for logs: a /24 or /48.
pub fn blurred(address: IpAddr) -> String {
    match address {
        IpAddr::V4(v4) => format!("{}.{}.{}.0", v4.octets()[0], v4.octets()[1], v4.octets()[2]),
        IpAddr::V6(v6) => format!("{:x}:{:x}:{:x}::", v6.segments()[0], v6.segments()[1], v6.segments()[2]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_does_not_depend_on_the_order_of_keys() {
        let one: Value = serde_json::from_str(r#"{"a":1,"b":{"c":[1,2],"d":null}}"#).unwrap();
        let two: Value = serde_json::from_str(r#"{"b":{"d":null,"c":[1,2]},"a":1}"#).unwrap();
        let other: Value = serde_json::from_str(r#"{"b":{"d":null,"c":[2,1]},"a":1}"#).unwrap();
        assert_eq!(fingerprint(&one), fingerprint(&two));
        assert_ne!(fingerprint(&one), fingerprint(&other));
    }

    #[test]
    fn an_address_with_a_line_break_or_brackets_is_not_an_email() {
        for bad in [
            "",
            "a",
            "a@b",
            "a@@b.c",
            "a b@c.de",
            "<a@b.c>",
            "a@b..c",
            "a@b.c,d@e.f",
            "a\u{202e}@b.c",
            "a@b.c\u{200b}",
            "\"a\"@b.c",
            "a(b)@c.de",
        ] {
            let mut fields = Fields::new();
            email(&mut fields, "email", bad);
            assert!(!fields.is_empty(), "{bad:?} was taken");
        }
        let mut fields = Fields::new();
        assert_eq!(email(&mut fields, "email", " Mina@Example.COM "), "mina@example.com");
        assert!(fields.is_empty());
    }

    #[test]
    fn a_name_shows_all_that_it_holds() {
        let mut fields = Fields::new();
        assert_eq!(name(&mut fields, "name", "ad\u{202e}nim\u{2066}\u{200b} 미나\u{feff}\n김"), "adnim 미나 김");
        assert!(fields.is_empty());
        assert_eq!(name(&mut fields, "name", "\u{200b}\u{202e}"), "");
        assert_eq!(fields["name"], "must not be empty");
        assert_eq!(clean("\u{1f468}\u{200d}\u{1f469}"), "\u{1f468}\u{200d}\u{1f469}", "a message keeps its joined emoji");
    }

    #[test]
    fn what_a_person_typed_keeps_its_line_breaks_and_loses_control_characters() {
        assert_eq!(clean("  a\r\nb\u{0}\u{7}\tc \n"), "a\nb\tc");
    }
}

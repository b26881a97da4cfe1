//! What a shop decides about its widget: looks, words, what it asks and offers. Every field has a default, so that a stored document of an older
//! version is a whole one. No I/O.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::text::{self, Fields};

/// All settings of a site's widget.
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own on the owner's form")]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = SiteSettings)]
pub struct Settings {
    /// Light or dark.
    #[schema(required)]
    pub theme: Theme,
    /// What opens the panel.
    #[schema(required)]
    pub launcher: Launcher,
    /// Words on the launcher, where it is a pill.
    #[schema(required)]
    pub launcher_label: Label,
    /// Pixels from the side, 0 to 400.
    #[schema(required)]
    pub offset_x: u16,
    /// Pixels from the bottom, 0 to 400.
    #[schema(required)]
    pub offset_y: u16,
    /// Words of the panel; an empty one is the product's own.
    #[schema(required)]
    pub texts: TextsByLanguage,
    /// What is asked before the first message.
    #[schema(required)]
    pub prechat: Prechat,
    /// What visitors may attach.
    #[schema(required)]
    pub files: FileSettings,
    /// Operators see what a visitor types before it is sent; the panel says so.
    #[schema(required)]
    pub typing_preview: bool,
    /// The panel asks for a rating when a conversation is resolved.
    #[schema(required)]
    pub rating: bool,
    /// Visitors may have their conversation mailed to them.
    #[schema(required)]
    pub transcript: bool,
    /// Visitors may take their data along and erase it.
    #[schema(required)]
    pub visitor_data: bool,
    /// The panel may make a sound.
    #[schema(required)]
    pub sound: bool,
    /// Names and addresses of visitors count only where the shop's server has signed them.
    #[schema(required)]
    pub identity_required: bool,
    /// The panel shows who is there.
    #[schema(required)]
    pub show_operators: bool,
    /// Domain of a cookie that carries the ticket between subdomains; null: no cookie.
    #[schema(required)]
    pub cookie_domain: Option<String>,
    /// The widget speaks the visitor's language where it has it, else the site's; false: the site's with everybody.
    #[schema(required)]
    pub follow_language: bool,
    /// Pages may have a chat of all who are on them.
    #[schema(required)]
    pub community: bool,
}

/// Light or dark.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = SiteTheme)]
pub enum Theme {
    /// As the visitor's system.
    Auto,
    /// Always light.
    Light,
    /// Always dark.
    Dark,
}

/// What opens the panel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = SiteLauncher)]
pub enum Launcher {
    /// A round button.
    Circle,
    /// A button with words.
    Pill,
    /// Nothing: the page opens it.
    Hidden,
}

/// A short text for each language of the product.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = SiteLabel)]
pub struct Label {
    /// Korean.
    #[schema(required)]
    pub ko: String,
    /// English.
    #[schema(required)]
    pub en: String,
}

/// The panel's words for each language of the product.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = SiteTextsByLanguage)]
pub struct TextsByLanguage {
    /// Korean.
    #[schema(required)]
    pub ko: Texts,
    /// English.
    #[schema(required)]
    pub en: Texts,
}

/// Words of the panel in one language.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = SiteTexts)]
pub struct Texts {
    /// Header, at most 60 characters.
    #[schema(required)]
    pub title: String,
    /// First line of an empty conversation, at most 500.
    #[schema(required)]
    pub greeting: String,
    /// Of the text field, at most 120.
    #[schema(required)]
    pub placeholder: String,
    /// Above the form for offline messages, at most 500.
    #[schema(required)]
    pub offline_intro: String,
    /// Above the questions before the chat, at most 500.
    #[schema(required)]
    pub prechat_intro: String,
    /// While nobody is available, at most 500.
    #[schema(required)]
    pub away: String,
}

/// Whether a field is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = PrechatField)]
pub enum Asked {
    /// Not shown.
    Off,
    /// May be left empty.
    Optional,
    /// Must be filled.
    Required,
}

/// What is asked before the first message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = SitePrechat)]
pub struct Prechat {
    /// Asked at all.
    #[schema(required)]
    pub enabled: bool,
    /// The visitor's name.
    #[schema(required)]
    pub name: Asked,
    /// The visitor's e-mail address.
    #[schema(required)]
    pub email: Asked,
    /// The first message, on the same form.
    #[schema(required)]
    pub question: bool,
}

/// Which files are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = FileTypes)]
pub enum FileTypes {
    /// PNG, JPEG, GIF and WebP.
    Images,
    /// Any.
    All,
}

/// What visitors may attach.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = SiteFiles)]
pub struct FileSettings {
    /// Files at all.
    #[schema(required)]
    pub enabled: bool,
    /// The largest, 1 to 50 MiB.
    #[schema(required)]
    pub max_mib: u16,
    /// Which.
    #[schema(required)]
    pub types: FileTypes,
}

impl Default for Prechat {
    fn default() -> Self {
        Self { enabled: false, name: Asked::Optional, email: Asked::Optional, question: true }
    }
}

impl Default for FileSettings {
    fn default() -> Self {
        Self { enabled: true, max_mib: 10, types: FileTypes::All }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            theme: Theme::Auto,
            launcher: Launcher::Circle,
            launcher_label: Label::default(),
            offset_x: 20,
            offset_y: 20,
            texts: TextsByLanguage::default(),
            prechat: Prechat::default(),
            files: FileSettings::default(),
            typing_preview: false,
            rating: true,
            transcript: true,
            visitor_data: true,
            sound: true,
            identity_required: false,
            show_operators: true,
            cookie_domain: None,
            follow_language: true,
            community: false,
        }
    }
}

impl Label {
    fn of(&self, language: &str) -> &str {
        if language == "ko" { &self.ko } else { &self.en }
    }
}

impl TextsByLanguage {
    fn of(&self, language: &str) -> &Texts {
        if language == "ko" { &self.ko } else { &self.en }
    }
}

impl Texts {
    /// Each text with its name.
    fn named(&self) -> [(&'static str, &str); 6] {
        [
            ("title", &self.title),
            ("greeting", &self.greeting),
            ("placeholder", &self.placeholder),
            ("offline_intro", &self.offline_intro),
            ("prechat_intro", &self.prechat_intro),
            ("away", &self.away),
        ]
    }

    fn clean(&mut self, fields: &mut Fields, language: &str) {
        let lines = [(&mut self.title, "title", 60), (&mut self.placeholder, "placeholder", 120)];
        for (value, name, most) in lines {
            *value = text::clean_line(value);
            at_most(fields, &format!("settings.texts.{language}.{name}"), value, most);
        }
        let texts = [
            (&mut self.greeting, "greeting"),
            (&mut self.offline_intro, "offline_intro"),
            (&mut self.prechat_intro, "prechat_intro"),
            (&mut self.away, "away"),
        ];
        for (value, name) in texts {
            *value = text::clean(value);
            at_most(fields, &format!("settings.texts.{language}.{name}"), value, 500);
        }
    }
}

fn at_most(fields: &mut Fields, name: &str, value: &str, most: usize) {
    let length = value.chars().count();
    if length > most {
        fields.insert(name.to_owned(), format!("has {length} characters; at most {most} are allowed"));
    }
}

impl Settings {
    /// These settings with the given fields changed, cleaned and within limits, or what is wrong with which field.
    pub(super) fn merged(&self, change: &Value, domains: &[String], fields: &mut Fields) -> Self {
        if !change.is_object() {
            fields.insert("settings".to_owned(), "must be an object with the settings to change".to_owned());
            return self.clone();
        }
        let mut whole = json!(self);
        // Checked here and not by the type: a stored document of a newer version must stay readable to an older process.
        if let Some(name) = unknown(&whole, change) {
            fields.insert(format!("settings.{name}"), "is not a setting".to_owned());
            return self.clone();
        }
        merge(&mut whole, change);
        match serde_json::from_value::<Self>(whole) {
            Ok(mut settings) => {
                settings.clean(domains, fields);
                settings
            }
            Err(error) => {
                fields.insert("settings".to_owned(), format!("is not understood: {error}"));
                self.clone()
            }
        }
    }

    fn clean(&mut self, domains: &[String], fields: &mut Fields) {
        for (name, offset) in [("offset_x", self.offset_x), ("offset_y", self.offset_y)] {
            if offset > 400 {
                fields.insert(format!("settings.{name}"), format!("is {offset}; 0 to 400 pixels are allowed"));
            }
        }
        if !(1..=50).contains(&self.files.max_mib) {
            fields.insert("settings.files.max_mib".to_owned(), format!("is {}; 1 to 50 MiB are allowed", self.files.max_mib));
        }
        for (language, label) in [("ko", &mut self.launcher_label.ko), ("en", &mut self.launcher_label.en)] {
            *label = text::clean_line(label);
            at_most(fields, &format!("settings.launcher_label.{language}"), label, 40);
        }
        self.texts.ko.clean(fields, "ko");
        self.texts.en.clean(fields, "en");
        self.cookie_domain = self.cookie_domain.take().map(|domain| domain.trim().trim_start_matches('.').to_lowercase());
        if let Some(domain) = self.cookie_domain.as_deref().filter(|domain| !is_shared_domain(domain, domains)) {
            let said = format!("{domain:?} is not one of the site's domains or a parent of one, such as example.com of shop.example.com");
            fields.insert("settings.cookie_domain".to_owned(), said);
        }
    }

    /// What a loader must know before anybody opens the panel; `language` is the visitor's.
    pub fn loader_view(&self, language: &str, site_language: &str) -> Value {
        let label = [language, site_language].into_iter().map(|language| self.launcher_label.of(language)).find(|label| !label.is_empty());
        json!({"theme": self.theme, "launcher": self.launcher, "launcher_label": label, "offset_x": self.offset_x, "offset_y": self.offset_y})
    }

    /// What the panel must know beside [`Settings::loader_view`]; texts in the visitor's language, else the site's, and only those that say something.
    pub fn panel_view(&self, language: &str, site_language: &str) -> Value {
        let (own, fallback) = (self.texts.of(language).named(), self.texts.of(site_language).named());
        let texts: serde_json::Map<String, Value> = own
            .into_iter()
            .zip(fallback)
            .map(|((name, text), (_, other))| (name.to_owned(), if text.is_empty() { other } else { text }))
            .filter(|(_, text)| !text.is_empty())
            .map(|(name, text)| (name, text.into()))
            .collect();
        json!({
            "texts": texts, "prechat": self.prechat, "files": self.files, "typing_preview": self.typing_preview, "rating": self.rating,
            "transcript": self.transcript, "visitor_data": self.visitor_data, "sound": self.sound, "identity_required": self.identity_required,
            "cookie_domain": self.cookie_domain,
        })
    }
}

/// The language of the product that serves a browser's language: its own, else the site's.
pub fn language_for<'a>(asked: Option<&str>, site_language: &'a str) -> &'a str {
    match asked.map(|asked| asked.split(['-', '_']).next().unwrap_or_default().to_lowercase()).as_deref() {
        Some("ko") => "ko",
        Some("en") => "en",
        _ => site_language,
    }
}

/// The path of the first field of a change that the whole does not have.
fn unknown(whole: &Value, change: &Value) -> Option<String> {
    let (Value::Object(whole), Value::Object(change)) = (whole, change) else { return None };
    change.iter().find_map(|(name, value)| match whole.get(name) {
        None => Some(name.clone()),
        Some(known) => unknown(known, value).map(|rest| format!("{name}.{rest}")),
    })
}

/// Objects are merged field by field, everything else is replaced.
fn merge(into: &mut Value, change: &Value) {
    match (into, change) {
        (Value::Object(into), Value::Object(change)) => {
            for (name, value) in change {
                merge(into.entry(name.clone()).or_insert(Value::Null), value);
            }
        }
        (into, change) => *into = change.clone(),
    }
}

/// A cookie of this domain is the site's own to set: one of its hosts, or a parent of one that is no top-level domain.
fn is_shared_domain(domain: &str, domains: &[String]) -> bool {
    let well_formed = domain.contains('.') && domain.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-'));
    well_formed
        && domains.iter().any(|own| {
            let host = own.trim_start_matches("*.").split(':').next().unwrap_or_default();
            host == domain || host.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.'))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn merged(change: &Value) -> Result<Settings, Fields> {
        let mut fields = Fields::new();
        let settings = Settings::default().merged(change, &["www.shop.example".to_owned()], &mut fields);
        if fields.is_empty() { Ok(settings) } else { Err(fields) }
    }

    #[test]
    fn a_change_touches_the_named_fields_only() {
        let changed = merged(&json!({"texts": {"ko": {"title": " 안녕 "}}, "files": {"max_mib": 3}})).unwrap();
        let expected = Settings {
            texts: TextsByLanguage { ko: Texts { title: "안녕".to_owned(), ..Texts::default() }, en: Texts::default() },
            files: FileSettings { max_mib: 3, ..FileSettings::default() },
            ..Settings::default()
        };
        assert_eq!(changed, expected);
    }

    #[test]
    fn what_is_wrong_is_named_with_its_limit() {
        for (change, field, says) in [
            (json!({"offset_x": 401}), "settings.offset_x", "400"),
            (json!({"files": {"max_mib": 51}}), "settings.files.max_mib", "50"),
            (json!({"launcher_label": {"en": "x".repeat(41)}}), "settings.launcher_label.en", "40"),
            (json!({"texts": {"ko": {"greeting": "가".repeat(501)}}}), "settings.texts.ko.greeting", "500"),
            (json!({"cookie_domain": "other.example"}), "settings.cookie_domain", "other.example"),
            (json!({"cookie_domain": "example"}), "settings.cookie_domain", "parent"),
            (json!({"theme": "pink"}), "settings", "pink"),
            (json!({"colour": 1}), "settings.colour", "not a setting"),
            (json!({"rating": null}), "settings", "null"),
            (json!({"texts": {"ko": {"tittle": ""}}}), "settings.texts.ko.tittle", "not a setting"),
            (json!([]), "settings", "settings"),
        ] {
            let fields = merged(&change).unwrap_err();
            assert!(fields.get(field).is_some_and(|what| what.contains(says) || says == "settings"), "{change}: {fields:?}");
        }
        assert_eq!(merged(&json!({"cookie_domain": ".Shop.example"})).unwrap().cookie_domain.as_deref(), Some("shop.example"));
        assert_eq!(merged(&json!({"cookie_domain": null})).unwrap(), Settings::default());
    }

    #[test]
    fn a_text_falls_back_to_the_sites_language_and_an_empty_one_is_left_out() {
        let settings = merged(&json!({"texts": {"ko": {"title": "가게", "away": "곧 올게요"}, "en": {"title": "Shop"}}})).unwrap();
        assert_eq!(settings.panel_view("en", "ko")["texts"], json!({"title": "Shop", "away": "곧 올게요"}));
        assert_eq!(language_for(Some("ko-KR"), "en"), "ko");
        assert_eq!(language_for(Some("de"), "en"), "en");
        assert_eq!(language_for(None, "ko"), "ko");
    }

    #[test]
    fn a_document_of_an_older_version_is_whole() {
        assert_eq!(serde_json::from_str::<Settings>("{}").unwrap(), Settings::default());
    }
}

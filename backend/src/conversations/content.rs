//! What a message carries: a text, a file or a card; checked here for both sides and both ways in, the sockets and the API. No I/O.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::ids::FileId;
use crate::text::{self, Fields};

use super::model::Side;

/// A checked content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// What a person typed, with the answers that are offered to it.
    Text(String, Vec<QuickReply>),
    /// A file that its sender has uploaded and not sent yet.
    Attachment(FileId),
    /// A card of the shop.
    Card(Box<Card>),
}

/// A content as it was given: exactly one of text, attachment and card.
#[derive(Clone, Debug, Default)]
pub struct Given {
    /// Text.
    pub text: Option<String>,
    /// Id of an uploaded file.
    pub attachment: Option<Uuid>,
    /// Card.
    pub card: Option<Card>,
    /// Answers to offer.
    pub quick_replies: Option<Vec<QuickReply>>,
}

/// An answer that one click gives.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct QuickReply {
    /// 1 to 60 characters; a click posts them as the visitor's text.
    pub label: String,
}

/// A thing to show: a product, an article.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Card {
    /// 1 to 120 characters.
    pub title: String,
    /// At most 500 characters.
    pub text: Option<String>,
    /// Address of a picture, http or https.
    pub image_url: Option<String>,
    /// Where a click leads, http or https.
    pub url: Option<String>,
    /// As it should read, at most 40 characters.
    pub price: Option<String>,
    /// At most 3.
    #[serde(default)]
    pub buttons: Vec<CardButton>,
}

/// A link on a card.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CardButton {
    /// 1 to 40 characters.
    pub label: String,
    /// http or https.
    pub url: String,
}

impl Given {
    /// Cleaned and within limits, or what is wrong with which field.
    pub fn checked(self, side: Side) -> Result<Content, Fields> {
        let mut fields = Fields::new();
        if side == Side::Visitor && self.card.is_some() {
            fields.insert("card".to_owned(), "is for operators".to_owned());
        }
        if self.quick_replies.is_some() && (side == Side::Visitor || self.text.is_none()) {
            fields.insert("quick_replies".to_owned(), "go with an operator's text only".to_owned());
        }
        let content = match (self.text, self.attachment, self.card) {
            (Some(typed), None, None) => {
                let text = text::required(&mut fields, "text", &typed, text::MESSAGE_MAX);
                Some(Content::Text(text, quick_replies(&mut fields, self.quick_replies.unwrap_or_default())))
            }
            (None, Some(id), None) => Some(Content::Attachment(FileId(id))),
            (None, None, Some(card)) => Some(Content::Card(Box::new(card.checked(&mut fields)))),
            (None, None, None) => {
                fields.insert("text".to_owned(), "is missing; a message has a text, an attachment or a card".to_owned());
                None
            }
            _ => {
                fields
                    .insert("text".to_owned(), "cannot come with another content; send text, attachment or card, one a message".to_owned());
                None
            }
        };
        content.filter(|_| fields.is_empty()).ok_or(fields)
    }
}

fn quick_replies(fields: &mut Fields, given: Vec<QuickReply>) -> Vec<QuickReply> {
    if given.len() > 10 {
        fields.insert("quick_replies".to_owned(), format!("are {}; at most 10 are allowed", given.len()));
    }
    given.into_iter().map(|reply| QuickReply { label: line(fields, "quick_replies.label", &reply.label, 60) }).collect()
}

fn line(fields: &mut Fields, name: &str, value: &str, most: usize) -> String {
    text::clean_line(&text::required(fields, name, value, most))
}

fn optional(fields: &mut Fields, name: &str, value: Option<String>, most: usize) -> Option<String> {
    value.filter(|value| !text::clean(value).is_empty()).map(|value| text::required(fields, name, &value, most))
}

fn address(fields: &mut Fields, name: &str, value: &str) -> String {
    text::web_address(value).unwrap_or_else(|| {
        fields.insert(name.to_owned(), "must be an address such as https://shop.example.com/product".to_owned());
        String::new()
    })
}

impl Card {
    fn checked(self, fields: &mut Fields) -> Self {
        if self.buttons.len() > 3 {
            fields.insert("card.buttons".to_owned(), format!("are {}; at most 3 are allowed", self.buttons.len()));
        }
        let given = |value: Option<String>| value.filter(|value| !value.trim().is_empty());
        Self {
            title: line(fields, "card.title", &self.title, 120),
            text: optional(fields, "card.text", self.text, 500),
            image_url: given(self.image_url).map(|url| address(fields, "card.image_url", &url)),
            url: given(self.url).map(|url| address(fields, "card.url", &url)),
            price: optional(fields, "card.price", self.price, 40),
            buttons: self
                .buttons
                .into_iter()
                .map(|CardButton { label, url }| CardButton {
                    label: line(fields, "card.buttons.label", &label, 40),
                    url: address(fields, "card.buttons.url", &url),
                })
                .collect(),
        }
    }
}

/// The `data` of a text's entry.
pub(super) fn text_data(text: &str, quick_replies: &[QuickReply]) -> Value {
    let mut data = json!({"kind": "text", "text": text});
    if let (false, Some(map)) = (quick_replies.is_empty(), data.as_object_mut()) {
        map.insert("quick_replies".to_owned(), json!(quick_replies));
    }
    data
}

/// What a list shows of a message: its kind, and its text, its file's name or its card's title.
pub fn summary(data: &Value) -> (&str, &str) {
    let kind = data["kind"].as_str().unwrap_or("text");
    let text = match kind {
        "attachment" => &data["attachment"]["name"],
        "card" => &data["card"]["title"],
        _ => &data["text"],
    };
    (kind, text.as_str().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(value: Value) -> Given {
        let mut map = value;
        let mut take = |name: &str| map.as_object_mut().and_then(|map| map.remove(name));
        Given {
            text: take("text").map(|text| text.as_str().unwrap().to_owned()),
            attachment: take("attachment").map(|id| id.as_str().unwrap().parse().unwrap()),
            card: take("card").map(|card| serde_json::from_value(card).unwrap()),
            quick_replies: take("quick_replies").map(|replies| serde_json::from_value(replies).unwrap()),
        }
    }

    #[test]
    fn a_message_has_exactly_one_content_and_cards_are_the_shops() {
        let id = "0199aaaa-0000-7000-8000-000000000001";
        let card = json!({"title": "Socks", "buttons": [{"label": "Buy", "url": "https://shop.test/"}]});
        assert!(given(json!({"text": "x"})).checked(Side::Visitor).is_ok());
        assert!(given(json!({"attachment": id})).checked(Side::Visitor).is_ok());
        assert!(given(json!({"card": card})).checked(Side::Operator).is_ok());
        assert!(given(json!({"text": "x", "quick_replies": [{"label": "Yes"}]})).checked(Side::Operator).is_ok());
        for (bad, side, field) in [
            (json!({}), Side::Visitor, "text"),
            (json!({"text": "x", "attachment": id}), Side::Visitor, "text"),
            (json!({"card": card}), Side::Visitor, "card"),
            (json!({"text": "x", "quick_replies": [{"label": "Yes"}]}), Side::Visitor, "quick_replies"),
            (json!({"attachment": id, "quick_replies": []}), Side::Operator, "quick_replies"),
            (json!({"text": "x", "quick_replies": vec![json!({"label": "x"}); 11]}), Side::Operator, "quick_replies"),
            (json!({"card": {"title": " "}}), Side::Operator, "card.title"),
            (json!({"card": {"title": "x", "url": "javascript:alert(1)"}}), Side::Operator, "card.url"),
            (json!({"card": {"title": "x", "image_url": "data:text/html,x"}}), Side::Operator, "card.image_url"),
            (json!({"card": {"title": "x", "buttons": [{"label": "x", "url": "//shop.test"}]}}), Side::Operator, "card.buttons.url"),
            (json!({"card": {"title": "x", "text": "y".repeat(501)}}), Side::Operator, "card.text"),
        ] {
            let fields = given(bad.clone()).checked(side).unwrap_err();
            assert!(fields.contains_key(field), "{bad}: {fields:?}");
        }
    }
}

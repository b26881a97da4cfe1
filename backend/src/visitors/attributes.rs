//! What is known of a visitor beside name and address: which values there are, how many fit, how a change is merged. No I/O.

use serde_json::{Map, Value};

use crate::text::{self, Fields};

/// Attributes of one visitor at most.
const MOST: usize = 50;
/// Characters of a key, and of a value, at most.
const KEY_MAX: usize = 40;
const VALUE_MAX: usize = 500;

/// A change; `None` leaves the value, `Some(None)` clears it.
#[derive(Clone, Debug, Default)]
pub struct VisitorUpdate {
    /// New or no name.
    pub name: Option<Option<String>>,
    /// New or no address.
    pub email: Option<Option<String>>,
    /// Valid attributes to set; null removes one.
    pub attributes: Map<String, Value>,
}

impl VisitorUpdate {
    /// The attributes after the change, unless they are too many.
    pub(super) fn merged(&self, mut attributes: Map<String, Value>) -> Option<Map<String, Value>> {
        for (key, value) in &self.attributes {
            if value.is_null() {
                attributes.remove(key);
            } else {
                attributes.insert(key.clone(), value.clone());
            }
        }
        (attributes.len() <= MOST).then_some(attributes)
    }
}

/// Cleaned attributes, or what is wrong under `attributes.KEY`.
pub fn valid_attributes(fields: &mut Fields, given: Map<String, Value>) -> Map<String, Value> {
    if given.len() > MOST {
        fields.insert("attributes".to_owned(), format!("are {}; at most {MOST} are allowed", given.len()));
        return Map::new();
    }
    let mut valid = Map::new();
    for (key, value) in given {
        let clean = text::clean_line(&key);
        let field = format!("attributes.{}", text::cut(&clean, KEY_MAX));
        if clean.is_empty() || clean.chars().count() > KEY_MAX {
            fields.insert(field, format!("has a name that is not 1 to {KEY_MAX} characters long"));
            continue;
        }
        let value = match value {
            Value::String(text) if text.chars().count() > VALUE_MAX => {
                fields.insert(field, format!("has {} characters; at most {VALUE_MAX} are allowed", text.chars().count()));
                continue;
            }
            Value::String(text) => Value::String(text::clean(&text)),
            Value::Array(_) | Value::Object(_) => {
                fields.insert(field, "must be a text, a number, true, false or null".to_owned());
                continue;
            }
            other => other,
        };
        valid.insert(clean, value);
    }
    valid
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn map(value: Value) -> Map<String, Value> {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn a_change_is_merged_and_null_removes() {
        let update = VisitorUpdate { attributes: map(json!({"plan": "gold", "old": null, "age": 7})), ..VisitorUpdate::default() };
        assert_eq!(
            update.merged(map(json!({"old": true, "plan": "silver", "kept": 1}))).unwrap(),
            map(json!({"plan": "gold", "age": 7, "kept": 1}))
        );
        let many: Map<String, Value> = (0..50).map(|number| (number.to_string(), json!(1))).collect();
        assert_eq!(update.merged(many), None);
    }

    #[test]
    fn lists_long_texts_and_long_names_are_refused_by_name() {
        let mut fields = Fields::new();
        let given = json!({"list": [1], "long": "x".repeat(501), "x".repeat(41): 1, "": 1, "good": " yes ", "no": null});
        assert_eq!(valid_attributes(&mut fields, map(given)), map(json!({"good": "yes", "no": null})));
        assert_eq!(fields.len(), 4, "{fields:?}");
    }
}

//! Reads the params of a request strictly: a field that is missing, of another type or unknown is refused by its name.

use serde_json::{Map, Value};

use crate::refusal::{Code, Refusal};

/// The longest channel name that is looked at.
const LONGEST_TEXT: usize = 512;

/// Params that are taken out one by one.
pub(crate) struct Params(Map<String, Value>);

impl Params {
    pub(crate) fn new(params: Value) -> Result<Self, Refusal> {
        match params {
            Value::Object(fields) => Ok(Self(fields)),
            _ => Err(Refusal::new(Code::Invalid, "params are an object")),
        }
    }

    /// A text that must be there.
    pub(crate) fn text(&mut self, name: &str) -> Result<String, Refusal> {
        match self.0.remove(name) {
            Some(Value::String(text)) if !text.is_empty() && text.len() <= LONGEST_TEXT => Ok(text),
            Some(Value::String(_)) => Err(wrong(name, &format!("from 1 to {LONGEST_TEXT} bytes"))),
            Some(_) => Err(wrong(name, "a text")),
            None => Err(wrong(name, "required")),
        }
    }

    /// A whole number from 0 that must be there.
    pub(crate) fn number(&mut self, name: &str) -> Result<u64, Refusal> {
        self.optional_number(name)?.ok_or_else(|| wrong(name, "required"))
    }

    /// A whole number from 0 that may be missing or null.
    pub(crate) fn optional_number(&mut self, name: &str) -> Result<Option<u64>, Refusal> {
        match self.0.remove(name) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => value.as_u64().map(Some).ok_or_else(|| wrong(name, "a whole number, 0 or more")),
        }
    }

    /// Refuses what was not taken.
    pub(crate) fn finish(self) -> Result<(), Refusal> {
        let Some(first) = self.0.keys().next() else { return Ok(()) };
        let refusal = Refusal::new(Code::Invalid, format!("{first} is not a field of this request"));
        Err(self.0.keys().fold(refusal, |refusal, name| refusal.field(name, "unknown")))
    }
}

fn wrong(name: &str, rule: &str) -> Refusal {
    Refusal::new(Code::Invalid, format!("{name}: {rule}")).field(name, rule)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn named(refusal: &Refusal) -> Vec<&str> {
        refusal.fields.iter().flatten().map(|(name, _)| name.as_str()).collect()
    }

    #[test]
    fn a_wrong_field_is_refused_by_its_name() {
        let mut params = Params::new(json!({"after": -1, "limit": "many", "channel": ""})).unwrap();
        assert_eq!(named(&params.number("after").unwrap_err()), ["after"]);
        assert_eq!(named(&params.optional_number("limit").unwrap_err()), ["limit"]);
        assert_eq!(named(&params.text("channel").unwrap_err()), ["channel"]);
        assert_eq!(named(&params.text("channel").unwrap_err()), ["channel"]);
    }

    #[test]
    fn unknown_fields_are_all_named() {
        let mut params = Params::new(json!({"channel": "room", "colour": 1, "size": 2})).unwrap();
        assert_eq!(params.text("channel").unwrap(), "room");
        assert_eq!(named(&params.finish().unwrap_err()), ["colour", "size"]);
    }

    #[test]
    fn params_that_are_no_object_are_refused() {
        assert!(Params::new(json!([])).is_err());
    }
}

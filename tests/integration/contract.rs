//! Holds every JSON answer of /api/v1 against the OpenAPI document: a status, a field or a type that the document does not name fails the test in
//! which it was answered, whatever that test is about. Stricter than JSON Schema where a reader would be misled: a field that is answered and not
//! described is a mistake, and so is a word of the document that this reading does not know.

use std::collections::BTreeSet;
use std::sync::{LazyLock, Mutex};

use serde_json::{Map, Value, json};
use stalk::api::v1::openapi;

use crate::operator::Answer;

static DOCUMENT: LazyLock<Value> = LazyLock::new(openapi::document);

/// Which operations were answered as the document says, and not by a refusal.
static HELD: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

/// Words of the document that say nothing about a value's shape.
const REMARKS: [&str; 6] = ["description", "default", "title", "example", "examples", "deprecated"];

/// Fails unless the document says that this may be answered to this request.
pub(crate) fn hold(method: &str, path: &str, answer: &Answer) {
    let path = path.split('?').next().unwrap_or_default();
    let said = format!("{method} {path} answered {}", answer.status);
    let is_json = answer.header("content-type").is_some_and(|kind| kind.starts_with("application/json"));
    let Some((name, operation)) = operation(method, path) else {
        // No such route; even then a refusal has the one shape.
        if is_json && answer.status >= 400 {
            fits(&said, &json!({"$ref": "#/components/schemas/Error"}), &answer.json());
        }
        return;
    };
    let responses = &operation["responses"];
    let response = responses.get(answer.status.to_string()).or_else(|| (answer.status >= 400).then(|| responses.get("default")).flatten());
    let response = response.unwrap_or_else(|| panic!("{said}, which the document does not name: {}", answer.text));
    if answer.status < 300 {
        HELD.lock().unwrap().insert(name);
    }
    // What is not JSON is held by its kind alone.
    let kind = answer.header("content-type").and_then(|kind| kind.split(';').next()).unwrap_or_default();
    if !is_json && response["content"].get(kind).is_some() {
        return;
    }
    let Some(schema) = response.pointer("/content/application~1json/schema") else {
        assert!(answer.text.is_empty(), "{said} with a body of which the document says nothing: {}", answer.text);
        return;
    };
    assert!(is_json, "{said} with something that is not JSON: {:?}", answer.header("content-type"));
    fits(&said, schema, &answer.json());
}

fn fits(said: &str, schema: &Value, value: &Value) {
    let mut wrong = Vec::new();
    check(schema, value, "", &mut wrong);
    assert!(wrong.is_empty(), "{said} otherwise than the document says:\n{}\n{value:#}", wrong.join("\n"));
}

/// The operation of the path that is most exactly meant: fixed words before parameters.
fn operation(method: &str, path: &str) -> Option<(String, &'static Value)> {
    let asked: Vec<&str> = path.split('/').collect();
    let paths = DOCUMENT["paths"].as_object().unwrap();
    let meant = |template: &str| {
        let parts: Vec<&str> = template.split('/').collect();
        parts.len() == asked.len() && parts.iter().zip(&asked).all(|(part, word)| part.starts_with('{') || part == word)
    };
    let found = paths.iter().filter(|(template, _)| meant(template)).min_by_key(|(template, _)| template.matches('{').count());
    found.and_then(|(path, operations)| Some((format!("{method} {path}"), operations.get(method.to_lowercase())?)))
}

/// Operations of which no answer but refusals has been seen by this process.
pub(crate) fn not_held() -> Vec<String> {
    let held = HELD.lock().unwrap();
    let all = DOCUMENT["paths"].as_object().unwrap().iter().flat_map(|(path, operations)| {
        operations.as_object().unwrap().keys().map(move |method| format!("{} {path}", method.to_uppercase()))
    });
    all.filter(|operation| !held.contains(operation)).collect()
}

fn resolved(schema: &Value) -> &Value {
    schema.get("$ref").map_or(schema, |to| {
        let place = to.as_str().unwrap().trim_start_matches('#');
        DOCUMENT.pointer(place).unwrap_or_else(|| panic!("the document points at {place}, which is not in it"))
    })
}

/// Puts what does not fit into `wrong`, each with the way to it.
fn check(schema: &Value, value: &Value, at: &str, wrong: &mut Vec<String>) {
    let schema = resolved(schema).as_object().expect("a schema is an object");
    if let Some(ways) = schema.get("oneOf").or_else(|| schema.get("anyOf")) {
        return one_of(ways.as_array().unwrap(), value, at, wrong);
    }
    if let Some(parts) = schema.get("allOf") {
        return check(&joined(parts.as_array().unwrap()), value, at, wrong);
    }
    for (word, says) in schema {
        match word.as_str() {
            "type" => of_type(says, value, at, wrong),
            "enum" => must(says.as_array().unwrap().contains(value), at, || format!("{value} is none of {says}"), wrong),
            "minimum" => {
                must(
                    value.as_f64().is_none_or(|number| number >= says.as_f64().unwrap()),
                    at,
                    || format!("{value} is below {says}"),
                    wrong,
                );
            }
            "format" => of_format(says.as_str().unwrap(), value, at, wrong),
            // Read below, with what they say something of.
            "prefixItems" | "items" | "properties" | "required" | "additionalProperties" | "propertyNames" => {}
            word => must(REMARKS.contains(&word), at, || format!("the document says {word:?} of it, which is not read here"), wrong),
        }
    }
    if let Some(fields) = value.as_object() {
        check_fields(schema, fields, at, wrong);
    }
    if let Some(items) = value.as_array() {
        check_items(schema, items, at, wrong);
    }
}

/// The first ones may each have a schema of their own; `false` allows no others.
fn check_items(schema: &Map<String, Value>, items: &[Value], at: &str, wrong: &mut Vec<String>) {
    let first = schema.get("prefixItems").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    must(items.len() >= first.len(), at, || format!("{} items where {} are said", items.len(), first.len()), wrong);
    for (place, item) in items.iter().enumerate() {
        match first.get(place).or_else(|| schema.get("items")) {
            Some(Value::Bool(allowed)) => must(*allowed, at, || format!("item {place} is not in the document"), wrong),
            Some(schema) => check(schema, item, &format!("{at}/{place}"), wrong),
            None => {}
        }
    }
}

fn check_fields(schema: &Map<String, Value>, fields: &Map<String, Value>, at: &str, wrong: &mut Vec<String>) {
    for name in schema.get("required").and_then(Value::as_array).into_iter().flatten() {
        must(fields.contains_key(name.as_str().unwrap()), at, || format!("{name} is missing"), wrong);
    }
    let properties = schema.get("properties").and_then(Value::as_object);
    let others = schema.get("additionalProperties");
    for (name, value) in fields {
        let at = format!("{at}/{name}");
        match (properties.and_then(|known| known.get(name)), others) {
            (Some(schema), _) | (None, Some(schema @ Value::Object(_))) => check(schema, value, &at, wrong),
            // An object of which nothing is said may hold anything.
            (None, other) => {
                must(properties.is_none() && other != Some(&Value::Bool(false)), &at, || "is not in the document".to_owned(), wrong);
            }
        }
    }
}

/// The way that fits, or what is wrong with the one that fits best.
fn one_of(ways: &[Value], value: &Value, at: &str, wrong: &mut Vec<String>) {
    let tried = ways.iter().map(|way| {
        let mut wrong = Vec::new();
        check(way, value, at, &mut wrong);
        wrong
    });
    wrong.extend(tried.min_by_key(Vec::len).unwrap_or_default());
}

fn joined(parts: &[Value]) -> Value {
    let mut all = json!({"type": "object", "properties": {}, "required": []});
    for part in parts.iter().map(resolved) {
        for (name, schema) in part["properties"].as_object().into_iter().flatten() {
            all["properties"][name] = schema.clone();
        }
        all["required"].as_array_mut().unwrap().extend(part["required"].as_array().into_iter().flatten().cloned());
    }
    all
}

fn of_type(says: &Value, value: &Value, at: &str, wrong: &mut Vec<String>) {
    let is = |name: &str| match name {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => false,
    };
    let holds = says.as_str().map_or_else(|| says.as_array().unwrap().iter().any(|name| is(name.as_str().unwrap())), is);
    must(holds, at, || format!("{value} is not of type {says}"), wrong);
}

fn of_format(format: &str, value: &Value, at: &str, wrong: &mut Vec<String>) {
    let holds = match (format, value.as_str()) {
        ("uuid", Some(text)) => uuid::Uuid::try_parse(text).is_ok_and(|id| id.hyphenated().to_string() == text),
        ("date", Some(text)) => text.len() == 10 && text.split('-').all(|part| part.parse::<u16>().is_ok()),
        ("int32" | "int64" | "double" | "float", _) | (_, None) => true,
        _ => false,
    };
    must(holds, at, || format!("{value} is not {format}"), wrong);
}

fn must(holds: bool, at: &str, what: impl FnOnce() -> String, wrong: &mut Vec<String>) {
    if !holds {
        wrong.push(format!("{}: {}", if at.is_empty() { "the answer" } else { at }, what()));
    }
}

#[test]
fn an_answer_that_differs_from_the_document_is_found_by_its_field() {
    let of = |schema: &str, value: Value| {
        let mut wrong = Vec::new();
        check(&json!({"$ref": format!("#/components/schemas/{schema}")}), &value, "", &mut wrong);
        wrong
    };
    let counts = json!({"queued": 1, "mine": 0, "open": 1, "snoozed": 0, "resolved": 0, "offline_unread": 0});
    assert_eq!(of("Counts", counts.clone()), Vec::<String>::new());
    let changed = |change: Value| {
        let mut counts = counts.clone();
        counts.as_object_mut().unwrap().append(&mut change.as_object().unwrap().clone());
        of("Counts", counts)
    };
    assert_eq!(changed(json!({"mine": "none"})), ["/mine: \"none\" is not of type \"integer\""]);
    assert_eq!(changed(json!({"more": 1})), ["/more: is not in the document"]);
    assert_eq!(of("Counts", json!({"queued": 1})).len(), 5);
    assert_eq!(of("Role", json!("boss")).len(), 1);
}

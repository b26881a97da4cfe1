//! The reference page: the OpenAPI document as something to read. Made from the same annotations, so it cannot say anything else.

use std::sync::OnceLock;

use askama::Template;
use axum::http::{HeaderValue, header};
use axum::response::{Html, IntoResponse as _, Response};
use serde_json::{Map, Value};

use super::openapi;
use crate::api_keys::{self, Needed};
use crate::error::{Error, Result};
use crate::http::headers::PAGE_CSP;

#[derive(Template)]
#[template(path = "pages/reference.html")]
struct Page {
    groups: Vec<Group>,
    schemas: Vec<Schema>,
}

struct Group {
    name: String,
    calls: Vec<Call>,
}

struct Call {
    id: String,
    method: String,
    class: String,
    path: String,
    short: String,
    summary: String,
    needs: &'static str,
    params: Vec<Field>,
    body: Option<Shape>,
    answers: Vec<Answer>,
}

struct Answer {
    status: String,
    shape: Option<Shape>,
}

struct Schema {
    name: String,
    description: String,
    fields: Vec<Field>,
    values: Vec<String>,
    shape: Option<Shape>,
}

struct Field {
    name: String,
    place: String,
    shape: Shape,
    required: bool,
    description: String,
}

/// A type: words, and the schema they link to.
#[derive(Clone)]
struct Shape {
    before: String,
    link: Option<String>,
    after: String,
}

impl Shape {
    fn words(words: &str) -> Self {
        Self { before: words.to_owned(), link: None, after: String::new() }
    }
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_default()
}

/// Words of an annotation, which mark code as Markdown does.
fn words(value: &Value, key: &str) -> String {
    text(value, key).replace('`', "")
}

/// What a schema says in a few words.
fn shape(schema: &Value) -> Shape {
    if let Some(name) = schema["$ref"].as_str().and_then(|place| place.rsplit('/').next()) {
        return match name {
            "i64" | "Millis" => Shape::words("integer"),
            name if name.ends_with("Id") => Shape::words("uuid"),
            name => Shape { before: String::new(), link: Some(name.to_owned()), after: String::new() },
        };
    }
    if let Some(kinds) = schema["oneOf"].as_array().or(schema["anyOf"].as_array()) {
        let one = kinds.iter().find(|kind| kind["type"] != "null").map_or_else(|| Shape::words("any"), shape);
        let null = kinds.iter().any(|kind| kind["type"] == "null");
        return if null { Shape { after: format!("{} or null", one.after), ..one } } else { one };
    }
    let kinds: Vec<&str> = match &schema["type"] {
        Value::String(kind) => vec![kind],
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
        _ => vec!["any"],
    };
    let words: Vec<Shape> = kinds
        .iter()
        .map(|kind| match *kind {
            "array" => {
                let items = shape(&schema["items"]);
                Shape { before: format!("list of {}", items.before), ..items }
            }
            "string" if schema["format"] == "uuid" => Shape::words("uuid"),
            "object" if schema["additionalProperties"].is_object() => {
                let values = shape(&schema["additionalProperties"]);
                Shape { before: format!("object of {}", values.before), ..values }
            }
            kind => Shape::words(kind),
        })
        .collect();
    words
        .into_iter()
        .reduce(|one, other| Shape { after: format!("{} or {}", one.after, other.before), ..one })
        .unwrap_or_else(|| Shape::words("any"))
}

fn body_of(content: &Value) -> Option<Shape> {
    let (kind, body) = content["content"].as_object()?.iter().next()?;
    if kind == "application/json" { Some(shape(&body["schema"])) } else { Some(Shape::words(kind)) }
}

fn fields_of(schema: &Value) -> Vec<Field> {
    let required: Vec<&str> = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let none = Map::new();
    let properties = schema["properties"].as_object().unwrap_or(&none);
    let field = |(name, value): (&String, &Value)| {
        let inner = value["oneOf"].as_array().into_iter().flatten().find_map(|kind| kind["description"].as_str());
        Field {
            name: name.clone(),
            place: String::new(),
            shape: shape(value),
            required: required.contains(&name.as_str()),
            description: value["description"].as_str().or(inner).unwrap_or_default().replace('`', ""),
        }
    };
    properties.iter().map(field).collect()
}

fn param(value: &Value) -> Field {
    Field {
        name: text(value, "name").to_owned(),
        place: text(value, "in").to_owned(),
        shape: shape(&value["schema"]),
        required: value["required"] == true,
        description: words(value, "description"),
    }
}

fn call(path: &str, method: &str, operation: &Value) -> Call {
    let needs = match api_keys::needed(method == "get", path) {
        Some(Needed::Scope(scope)) => scope.name(),
        Some(Needed::Any) => "any key",
        Some(Needed::Login) | None => "a login",
    };
    let answers = operation["responses"].as_object().into_iter().flatten();
    Call {
        id: text(operation, "operationId").to_owned(),
        method: method.to_uppercase(),
        class: method.to_owned(),
        path: path.to_owned(),
        short: path.strip_prefix("/api/v1").unwrap_or(path).to_owned(),
        summary: [words(operation, "summary"), words(operation, "description")].join(" ").trim().to_owned(),
        needs,
        params: operation["parameters"].as_array().into_iter().flatten().map(param).collect(),
        body: body_of(&operation["requestBody"]),
        answers: answers.map(|(status, answer)| Answer { status: status.clone(), shape: body_of(answer) }).collect(),
    }
}

fn groups_of(document: &Value) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for (path, item) in document["paths"].as_object().into_iter().flatten() {
        for method in ["get", "post", "put", "patch", "delete"] {
            let operation = &item[method];
            if operation.is_null() {
                continue;
            }
            let name = operation["tags"][0].as_str().unwrap_or("other");
            let call = call(path, method, operation);
            match groups.iter_mut().find(|group| group.name == name) {
                Some(group) => group.calls.push(call),
                None => groups.push(Group { name: name.to_owned(), calls: vec![call] }),
            }
        }
    }
    groups.sort_by(|one, other| one.name.cmp(&other.name));
    groups
}

fn schemas_of(document: &Value) -> Vec<Schema> {
    let schemas = document["components"]["schemas"].as_object().into_iter().flatten();
    let shown = schemas.filter(|(name, _)| !name.ends_with("Id") && *name != "i64" && *name != "Millis");
    let schema = |(name, value): (&String, &Value)| {
        let alternatives: Vec<&Value> = value["oneOf"].as_array().into_iter().flatten().collect();
        let constants = value["enum"]
            .as_array()
            .into_iter()
            .flatten()
            .chain(alternatives.iter().flat_map(|kind| kind["enum"].as_array().into_iter().flatten()));
        let values: Vec<String> = constants.filter_map(Value::as_str).map(ToOwned::to_owned).collect();
        let parts = value["allOf"].as_array().into_iter().flatten().chain(alternatives.iter().copied());
        let mut fields = fields_of(value);
        fields.extend(parts.flat_map(fields_of));
        let plain = fields.is_empty() && values.is_empty();
        Schema { name: name.clone(), description: words(value, "description"), fields, values, shape: plain.then(|| shape(value)) }
    };
    shown.map(schema).collect()
}

fn rendered() -> Result<&'static str> {
    static PAGE: OnceLock<String> = OnceLock::new();
    if let Some(page) = PAGE.get() {
        return Ok(page);
    }
    let document = openapi::document();
    let page = Page { groups: groups_of(&document), schemas: schemas_of(&document) };
    let page = page.render().map_err(|error| Error::internal(&error))?;
    Ok(PAGE.get_or_init(|| page))
}

/// The page.
pub async fn show() -> Result<Response> {
    let mut response = Html(rendered()?).into_response();
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(PAGE_CSP));
    Ok(response)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_call_and_every_named_schema_stands_on_the_page() {
        let page = rendered().unwrap();
        let document = openapi::document();
        for (path, item) in document["paths"].as_object().unwrap() {
            for (method, operation) in item.as_object().unwrap() {
                let id = operation["operationId"].as_str().unwrap_or_else(|| panic!("{method} {path} has no operation id"));
                assert!(page.contains(&format!("id=\"{id}\"")), "{id}");
            }
        }
        for link in page.split("href=\"#").skip(1) {
            let target = link.split('"').next().unwrap();
            assert!(page.contains(&format!("id=\"{target}\"")), "the page links to {target}, which is not on it");
        }
    }

    #[test]
    fn types_are_told_in_a_few_words() {
        let told = |schema: Value| {
            let Shape { before, link, after } = shape(&schema);
            format!("{before}{}{after}", link.unwrap_or_default())
        };
        assert_eq!(told(json!({"type": "array", "items": {"$ref": "#/components/schemas/Tag"}})), "list of Tag");
        assert_eq!(told(json!({"oneOf": [{"$ref": "#/components/schemas/Page"}, {"type": "null"}]})), "Page or null");
        assert_eq!(told(json!({"type": ["string", "null"]})), "string or null");
        assert_eq!(told(json!({"$ref": "#/components/schemas/ConversationId"})), "uuid");
    }
}

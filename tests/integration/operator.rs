//! A browser with, or without, a login: HTTP with a cookie jar, from a page of the console.

use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::contract;

/// Somebody who asks by HTTP.
#[derive(Clone, Debug)]
pub(crate) struct Operator {
    http: reqwest::Client,
    /// The console's origin.
    pub(crate) origin: String,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) async fn of(response: reqwest::Response) -> Self {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Self { status, headers, text: response.text().await.unwrap() }
    }

    /// The body, which is JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {} {}", self.status, self.text))
    }

    /// The body of an answer that is a success.
    pub(crate) fn ok(&self) -> Value {
        assert!((200..300).contains(&self.status), "{} {}", self.status, self.text);
        if self.text.is_empty() { Value::Null } else { self.json() }
    }

    /// The error of an answer with this status.
    pub(crate) fn refused(&self, status: u16, code: &str) -> Value {
        let error = self.json();
        assert_eq!((self.status, error["code"].as_str()), (status, Some(code)), "{}", self.text);
        error
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}

impl Operator {
    /// A fresh browser on the console's sign-in page.
    pub(crate) fn nobody(origin: &str) -> Self {
        let http = reqwest::Client::builder().cookie_store(true).redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Self { http, origin: origin.to_owned() }
    }

    /// The same browser, with its cookies, on a server that has moved.
    pub(crate) fn at(&self, origin: &str) -> Self {
        Self { http: self.http.clone(), origin: origin.to_owned() }
    }

    /// Signs in by the form.
    pub(crate) async fn signed_in(origin: &str, email: &str, password: &str) -> Self {
        let browser = Self::nobody(origin);
        let answer = browser.form("/sign-in", &[("email", email), ("password", password)]).await;
        assert_eq!(answer.status, 303, "{}", answer.text);
        browser
    }

    /// A request as it is: whatever headers are named.
    pub(crate) async fn bare(&self, method: Method, address: &str, headers: &[(&str, &str)], body: Option<Vec<u8>>) -> Answer {
        let address = if address.starts_with("http") { address.to_owned() } else { format!("{}{address}", self.origin) };
        let (named, asked) = (method.clone(), address.clone());
        let mut request = self.http.request(method, address);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.body(body);
        }
        let answer = Answer::of(request.send().await.unwrap()).await;
        if let Some(path) = asked.strip_prefix(&self.origin).filter(|path| path.starts_with("/api/v1/")) {
            contract::hold(named.as_str(), path, &answer);
        }
        answer
    }

    /// A request of the console's own page, with more headers.
    pub(crate) async fn call(&self, method: Method, path: &str, headers: &[(&str, &str)], body: Option<&Value>) -> Answer {
        let mut all = vec![("origin", self.origin.as_str()), ("sec-fetch-site", "same-origin")];
        if body.is_some() {
            all.push(("content-type", "application/json"));
        }
        all.extend(headers);
        self.bare(method, path, &all, body.map(|body| body.to_string().into_bytes())).await
    }

    /// Submits a form.
    pub(crate) async fn form(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let request = self.http.post(format!("{}{path}", self.origin)).header("origin", &self.origin).form(fields);
        Answer::of(request.send().await.unwrap()).await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.call(Method::GET, path, &[], None).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.call(Method::POST, path, &[], Some(body)).await
    }

    pub(crate) async fn put(&self, path: &str, body: &Value) -> Answer {
        self.call(Method::PUT, path, &[], Some(body)).await
    }

    pub(crate) async fn patch(&self, path: &str, body: &Value) -> Answer {
        self.call(Method::PATCH, path, &[], Some(body)).await
    }

    /// Makes an API key: its id and its secret.
    pub(crate) async fn api_key(&self, scopes: &[&str]) -> (String, String) {
        let made = self.post("/api/v1/api-keys", &json!({"name": "A program", "scopes": scopes})).await.ok();
        (made["id"].as_str().unwrap().to_owned(), made["secret"].as_str().unwrap().to_owned())
    }

    /// Posts a message and gets `{message, conversation, channel}`.
    pub(crate) async fn answers(&self, conversation: &str, text: &str) -> Value {
        let body = json!({"client_message_id": fresh_id(), "text": text});
        self.post(&format!("/api/v1/conversations/{conversation}/messages"), &body).await.ok()
    }

    /// The whole log of a conversation.
    pub(crate) async fn log(&self, conversation: &str) -> Vec<Value> {
        let mut entries: Vec<Value> = Vec::new();
        loop {
            let after = entries.last().map_or(0, |entry| entry["seq"].as_i64().unwrap());
            let page = self.get(&format!("/api/v1/conversations/{conversation}/messages?after={after}&limit=200")).await.ok();
            entries.extend(page["items"].as_array().unwrap().iter().cloned());
            if entries.last().is_none_or(|entry| entry["seq"] == page["top"]) {
                return entries;
            }
        }
    }
}

/// A UUIDv7, as clients make them.
pub(crate) fn fresh_id() -> Uuid {
    stalk::clock::Clock::system().new_id()
}

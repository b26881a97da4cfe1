//! One try: where the address leads now, whether it may, and what the receiver says.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;

use super::address::{Network, is_allowed};
use super::post::{self, Request, Tls};
use super::{Due, signature};
use crate::clock::Millis;

/// A receiver has so long for everything: name, connection, answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// How names become addresses.
#[async_trait]
pub(super) trait Resolve: Send + Sync {
    async fn resolve(&self, host: &str, port: u16) -> std::io::Result<Vec<SocketAddr>>;
}

/// As the system does it.
struct System;

#[async_trait]
impl Resolve for System {
    async fn resolve(&self, host: &str, port: u16) -> std::io::Result<Vec<SocketAddr>> {
        Ok(tokio::net::lookup_host((host, port)).await?.collect())
    }
}

/// What became of a try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The HTTP status, if there was an answer.
    pub status: Option<i64>,
    /// How long it took, in milliseconds.
    pub duration_ms: i64,
    /// Why it did not arrive.
    pub error: Option<String>,
}

/// Sends deliveries.
#[derive(Clone)]
pub struct Sender {
    allowed: Arc<[Network]>,
    resolver: Arc<dyn Resolve>,
    tls: Tls,
}

impl Sender {
    /// Sends to public addresses, and to these networks.
    pub fn new(allowed: Vec<Network>) -> Self {
        Self { allowed: allowed.into(), resolver: Arc::new(System), tls: Tls::new() }
    }

    /// Tries once.
    pub async fn send(&self, due: &Due, now: Millis) -> Outcome {
        let began = Instant::now();
        let answer = tokio::time::timeout(PATIENCE, self.exchange(due, now)).await;
        let answer = answer.unwrap_or_else(|_| Err(format!("no answer within {} s", PATIENCE.as_secs())));
        let duration_ms = i64::try_from(began.elapsed().as_millis()).unwrap_or(i64::MAX);
        match answer {
            Ok(status @ 200..=299) => Outcome { status: Some(status.into()), duration_ms, error: None },
            // The place it names was not checked, and a webhook's address is easily changed.
            Ok(status @ 300..=399) => {
                let error = Some(format!("the address answers {status}, a redirect, which is not followed; enter the final address"));
                Outcome { status: Some(status.into()), duration_ms, error }
            }
            Ok(status) => Outcome { status: Some(status.into()), duration_ms, error: Some(format!("the address answers {status}")) },
            Err(error) => Outcome { status: None, duration_ms, error: Some(error) },
        }
    }

    async fn exchange(&self, due: &Due, now: Millis) -> Result<u16, String> {
        let url = url::Url::parse(&due.url).map_err(|error| format!("the address is not one: {error}"))?;
        let addresses = self.permitted(&url).await?;
        let (id, timestamp) = (due.id.to_string(), now / 1000);
        let headers = [
            ("webhook-id", id.clone()),
            ("webhook-timestamp", timestamp.to_string()),
            ("webhook-signature", signature::sign(&due.secret, &id, timestamp, &due.body)),
        ];
        post::post(&self.tls, Request { url: &url, addresses: &addresses, headers: &headers, body: &due.body }).await
    }

    /// The addresses behind a name as it resolves now; none of them may be a place that only this server reaches.
    async fn permitted(&self, url: &url::Url) -> Result<Vec<SocketAddr>, String> {
        let port = url.port_or_known_default().unwrap_or(443);
        let addresses = match url.host() {
            Some(url::Host::Ipv4(address)) => vec![SocketAddr::new(address.into(), port)],
            Some(url::Host::Ipv6(address)) => vec![SocketAddr::new(address.into(), port)],
            Some(url::Host::Domain(name)) => {
                self.resolver.resolve(name, port).await.map_err(|error| format!("the name {name} is not known: {error}"))?
            }
            None => return Err("the address has no host".to_owned()),
        };
        if let Some(inside) = addresses.iter().find(|address| !is_allowed(address.ip(), &self.allowed)) {
            return Err(format!("the address leads to {}, inside a private network, where webhooks are not sent", inside.ip()));
        }
        if addresses.is_empty() { Err("the name has no address".to_owned()) } else { Ok(addresses) }
    }

    /// What is wrong with an address before anything is sent to it; a name that does not resolve now may do so later.
    pub async fn objection(&self, url: &str) -> Option<String> {
        let Some(url) = url::Url::parse(url).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host()) else {
            return Some("must be an address such as https://shop.example/webhooks".to_owned());
        };
        if !url.username().is_empty() || url.password().is_some() {
            return Some("must not carry a password; deliveries are signed instead".to_owned());
        }
        let looked = tokio::time::timeout(Duration::from_secs(3), self.permitted(&url)).await;
        looked.ok().and_then(Result::err).filter(|why| why.contains("private network"))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;
    use uuid::Uuid;

    use super::*;

    /// A name that leads somewhere else each time it is asked for.
    struct Fickle(AtomicUsize, Vec<&'static str>);

    #[async_trait]
    impl Resolve for Fickle {
        async fn resolve(&self, _: &str, port: u16) -> std::io::Result<Vec<SocketAddr>> {
            let turn = self.0.fetch_add(1, Ordering::SeqCst).min(self.1.len() - 1);
            Ok(vec![SocketAddr::new(self.1[turn].parse().unwrap(), port)])
        }
    }

    fn due(url: String) -> Due {
        Due {
            tenant_id: Uuid::from_u128(1).into(),
            webhook_id: Uuid::from_u128(2).into(),
            id: Uuid::from_u128(3).into(),
            body: r#"{"v":1}"#.to_owned(),
            attempts: 1,
            url,
            secret: b"secret".to_vec(),
        }
    }

    /// Answers `connections` requests with this, and tells what it got.
    async fn receiver(answer: &'static str, connections: usize) -> (u16, tokio::task::JoinHandle<Vec<String>>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        #[expect(clippy::disallowed_methods, reason = "a test's own peer")]
        let got = tokio::spawn(async move {
            let mut got = Vec::new();
            for _ in 0..connections {
                let (mut stream, _) = listener.accept().await.unwrap();
                let mut text = String::new();
                let mut buffer = [0; 4096];
                while !text.contains(r#"{"v":1}"#) {
                    let read = stream.read(&mut buffer).await.unwrap();
                    text.push_str(std::str::from_utf8(&buffer[..read]).unwrap());
                }
                stream.write_all(answer.as_bytes()).await.unwrap();
                got.push(text);
            }
            got
        });
        (port, got)
    }

    fn loopback() -> Vec<Network> {
        vec!["127.0.0.0/8".parse().unwrap()]
    }

    #[tokio::test]
    async fn a_delivery_carries_its_signature_and_its_body_as_they_are() {
        let (port, got) = receiver("HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n", 1).await;
        let outcome = Sender::new(loopback()).send(&due(format!("http://127.0.0.1:{port}/hook?x=1")), 5_000).await;
        assert_eq!((outcome.status, outcome.error), (Some(204), None));
        let got = got.await.unwrap().remove(0).to_lowercase();
        assert!(got.starts_with("post /hook?x=1 http/1.1\r\n"), "{got}");
        for header in [
            format!("host: 127.0.0.1:{port}"),
            "webhook-id: 00000000-0000-0000-0000-000000000003".to_owned(),
            "webhook-timestamp: 5".to_owned(),
            "webhook-signature: v1,".to_owned(),
            "content-type: application/json".to_owned(),
        ] {
            assert!(got.contains(&header), "{header}: {got}");
        }
        assert!(got.ends_with(r#"{"v":1}"#));
    }

    #[tokio::test]
    async fn a_redirect_is_not_followed_and_a_refusal_is_told() {
        let (port, got) = receiver("HTTP/1.1 302 Found\r\nLocation: http://10.0.0.1/\r\nContent-Length: 0\r\n\r\n", 1).await;
        let outcome = Sender::new(loopback()).send(&due(format!("http://127.0.0.1:{port}/")), 0).await;
        assert_eq!(outcome.status, Some(302));
        assert!(outcome.error.unwrap().contains("redirect"));
        assert_eq!(got.await.unwrap().len(), 1);
        let (port, _got) = receiver("HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n", 1).await;
        let outcome = Sender::new(loopback()).send(&due(format!("http://127.0.0.1:{port}/")), 0).await;
        assert_eq!((outcome.status, outcome.error.as_deref()), (Some(500), Some("the address answers 500")));
    }

    #[tokio::test]
    async fn a_name_that_changes_its_mind_is_refused_when_it_does() {
        let (port, _got) = receiver("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 1).await;
        let resolver = Arc::new(Fickle(AtomicUsize::new(0), vec!["127.0.0.1", "10.0.0.7"]));
        let sender = Sender { resolver, ..Sender::new(loopback()) };
        let url = format!("http://hooks.test:{port}/");
        assert_eq!(sender.send(&due(url.clone()), 0).await.status, Some(200));
        let refused = sender.send(&due(url), 0).await;
        assert_eq!(refused.status, None);
        assert!(refused.error.unwrap().contains("10.0.0.7, inside a private network"));
    }

    #[tokio::test]
    async fn private_places_are_named_before_anything_is_sent() {
        let sender = Sender::new(Vec::new());
        for url in ["http://127.0.0.1/", "http://[::1]:99/", "https://192.168.0.1/x", "http://0x7f.1/", "http://2130706433/"] {
            assert!(sender.objection(url).await.is_some_and(|why| why.contains("private network")), "{url}");
        }
        assert!(sender.objection("ftp://shop.test/").await.is_some());
        assert!(sender.objection("https://a:b@1.1.1.1/").await.is_some());
        assert_eq!(sender.objection("https://1.1.1.1/hook").await, None);
    }

    #[tokio::test]
    async fn https_needs_a_certificate_that_browsers_would_take() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let signed = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
        let key = tokio_rustls::rustls::pki_types::PrivateKeyDer::try_from(signed.signing_key.serialize_der()).unwrap();
        let provider = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
        let config = tokio_rustls::rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![signed.cert.der().clone()], key)
            .unwrap();
        let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
        #[expect(clippy::disallowed_methods, reason = "a test's own peer")]
        let served = tokio::spawn(async move {
            let (stream, _) = listener.accept().await.unwrap();
            acceptor.accept(stream).await.is_err()
        });
        let outcome = Sender::new(loopback()).send(&due(format!("https://127.0.0.1:{port}/")), 0).await;
        assert!(outcome.error.unwrap().contains("TLS"));
        assert!(served.await.unwrap());
    }
}

//! The listeners themselves: https and wss with an authority of our own, and clients that are slow on purpose.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use stalk::clock::Clock;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore, crypto::ring};
use tokio_tungstenite::tungstenite::Message;

use crate::app::{SHOP, TestApp};

const PATIENCE: Duration = Duration::from_secs(20);

/// An authority, and a server certificate of it for `localhost` in two files.
pub(crate) struct Authority {
    pub(crate) root: CertificateDer<'static>,
    pub(crate) root_pem: String,
    pub(crate) chain: PathBuf,
    pub(crate) key: PathBuf,
    _folder: TempDir,
}

impl Authority {
    pub(crate) fn make() -> Self {
        let mut params = rcgen::CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        let authority = rcgen::CertifiedIssuer::self_signed(params, rcgen::KeyPair::generate().unwrap()).unwrap();
        let key_pair = rcgen::KeyPair::generate().unwrap();
        let server = rcgen::CertificateParams::new(["localhost".to_owned()]).unwrap().signed_by(&key_pair, &authority).unwrap();
        let folder = TempDir::new().unwrap();
        let (chain, key) = (folder.path().join("chain.pem"), folder.path().join("key.pem"));
        std::fs::write(&chain, server.pem()).unwrap();
        std::fs::write(&key, key_pair.serialize_pem()).unwrap();
        Self { root: authority.der().clone(), root_pem: authority.pem(), chain, key, _folder: folder }
    }

    async fn connect(&self, origin: &str) -> TlsStream<TcpStream> {
        connect(&self.root, origin.trim_start_matches("https://"), "localhost").await.unwrap()
    }
}

/// Shakes hands as a client that trusts this root alone.
pub(crate) async fn connect(root: &CertificateDer<'static>, address: &str, name: &'static str) -> std::io::Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    roots.add(root.clone()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let tcp = TcpStream::connect(address).await?;
    TlsConnector::from(Arc::new(config)).connect(ServerName::try_from(name).unwrap(), tcp).await
}

/// A page by https, head and body.
pub(crate) async fn get(mut stream: TlsStream<TcpStream>, path: &str) -> String {
    let request = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    timeout(PATIENCE, stream.read_to_string(&mut answer)).await.unwrap().unwrap();
    answer
}

#[tokio::test]
async fn console_and_widget_speak_https_and_wss_with_the_named_certificate() {
    let authority = Authority::make();
    let (chain, key) = (authority.chain.display().to_string(), authority.key.display().to_string());
    let app = TestApp::empty(&["--tls-certificate", &chain, "--tls-key", &key], Clock::system()).await;
    assert!(app.console.starts_with("https://") && app.widget.starts_with("https://"), "{} {}", app.console, app.widget);

    let answer = get(authority.connect(&app.console).await, "/healthz").await;
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("ok\n"), "{answer}");

    let stream = authority.connect(&app.widget).await;
    let request = http_request("wss://localhost/ws");
    let (mut socket, _) = tokio_tungstenite::client_async(request, stream).await.unwrap();
    socket.send(Message::text(json!({"t": "hello", "v": 1, "site": "no such site"}).to_string())).await.unwrap();
    let frame = timeout(PATIENCE, socket.next()).await.unwrap().unwrap().unwrap();
    let said: Value = serde_json::from_str(frame.to_text().unwrap()).unwrap();
    assert_eq!(said["t"], "bye", "the engine answers over TLS: {said}");

    // Who speaks plain http to it gets no page.
    let mut plain = TcpStream::connect(app.console.trim_start_matches("https://")).await.unwrap();
    plain.write_all(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n").await.unwrap();
    let mut answer = Vec::new();
    // A reset is as good an end as a close.
    let _ = timeout(PATIENCE, plain.read_to_end(&mut answer)).await.unwrap();
    assert!(!String::from_utf8_lossy(&answer).contains("HTTP/1.1 200"));
}

fn http_request(address: &str) -> tokio_tungstenite::tungstenite::http::Request<()> {
    use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
    let mut request = address.into_client_request().unwrap();
    request.headers_mut().insert("origin", SHOP.parse().unwrap());
    request
}

#[tokio::test]
async fn a_head_that_never_ends_is_not_waited_for() {
    let app = TestApp::empty(&["--head-timeout-ms", "200"], Clock::system()).await;
    let mut slow = TcpStream::connect(app.console.trim_start_matches("http://")).await.unwrap();
    slow.write_all(b"GET /healthz HTTP/1.1\r\nhost: loc").await.unwrap();
    let mut answer = Vec::new();
    timeout(PATIENCE, slow.read_to_end(&mut answer)).await.expect("the server hangs up").unwrap();
    assert!(!String::from_utf8_lossy(&answer).contains(" 200 "));
    assert_eq!(app.nobody().get("/healthz").await.status, 200, "others are served meanwhile");
}

#[tokio::test]
async fn a_head_beyond_the_limit_is_refused() {
    let app = TestApp::empty(&[], Clock::system()).await;
    let mut greedy = TcpStream::connect(app.console.trim_start_matches("http://")).await.unwrap();
    let head = format!("GET /healthz HTTP/1.1\r\nhost: localhost\r\nx-filler: {}\r\n\r\n", "a".repeat(64 * 1024));
    // The server may hang up before it has read everything.
    let _ = greedy.write_all(head.as_bytes()).await;
    let mut answer = Vec::new();
    let _ = timeout(PATIENCE, greedy.read_to_end(&mut answer)).await.unwrap();
    assert!(!String::from_utf8_lossy(&answer).contains(" 200 "));
}

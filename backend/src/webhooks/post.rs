//! One POST over a connection of its own, to an address that was checked: no pool, no proxy, no redirect, nothing between the check and the
//! connection that could lead elsewhere.

use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::client::conn::http1;
use hyper::header;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, RootCertStore, crypto};

/// A receiver's answer is read this far, so that it may finish; nobody looks at it.
const ANSWER_MAX: usize = 64 * 1024;

/// How https receivers prove who they are: by the authorities that browsers trust.
#[derive(Clone)]
pub(super) struct Tls(Option<TlsConnector>);

impl Tls {
    pub(super) fn new() -> Self {
        let roots: RootCertStore = webpki_roots::TLS_SERVER_ROOTS.iter().cloned().collect();
        let config = ClientConfig::builder_with_provider(Arc::new(crypto::ring::default_provider())).with_safe_default_protocol_versions();
        Self(config.ok().map(|config| TlsConnector::from(Arc::new(config.with_root_certificates(roots).with_no_client_auth()))))
    }
}

/// What is sent.
pub(super) struct Request<'a> {
    pub(super) url: &'a url::Url,
    /// Checked; the first that answers is used.
    pub(super) addresses: &'a [SocketAddr],
    pub(super) headers: &'a [(&'static str, String)],
    pub(super) body: &'a str,
}

/// The status of the answer, or why there was none.
pub(super) async fn post(tls: &Tls, request: Request<'_>) -> Result<u16, String> {
    let stream = TcpStream::connect(request.addresses).await.map_err(|error| format!("no connection: {error}"))?;
    if request.url.scheme() == "http" {
        return exchange(stream, &request).await;
    }
    let connector = tls.0.as_ref().ok_or("TLS is not available")?;
    let name = match request.url.host() {
        Some(url::Host::Domain(name)) => ServerName::try_from(name.to_owned()).map_err(|error| format!("TLS: {error}"))?,
        Some(url::Host::Ipv4(address)) => ServerName::IpAddress(std::net::IpAddr::V4(address).into()),
        Some(url::Host::Ipv6(address)) => ServerName::IpAddress(std::net::IpAddr::V6(address).into()),
        None => return Err("the address has no host".to_owned()),
    };
    let stream = connector.connect(name, stream).await.map_err(|error| format!("TLS: {error}"))?;
    exchange(stream, &request).await
}

async fn exchange(stream: impl AsyncRead + AsyncWrite + Unpin + Send, request: &Request<'_>) -> Result<u16, String> {
    let said = |error: hyper::Error| format!("the connection was lost: {error}");
    let (mut sender, connection) = http1::handshake::<_, Full<Bytes>>(TokioIo::new(stream)).await.map_err(said)?;
    let request = head(request)?.body(Full::new(Bytes::copy_from_slice(request.body.as_bytes()))).map_err(|error| error.to_string())?;
    let answered = async move {
        let response = sender.send_request(request).await.map_err(said)?;
        let status = response.status().as_u16();
        // To its end, or as far as it is bearable; what it says does not matter.
        let _ = Limited::new(response.into_body(), ANSWER_MAX).collect().await;
        Ok(status)
    };
    tokio::pin!(answered, connection);
    // The connection is driven by whoever waits for the answer; it may end first, with the answer already read.
    tokio::select! {
        biased;
        answer = &mut answered => answer,
        _ = &mut connection => answered.await,
    }
}

fn head(request: &Request<'_>) -> Result<hyper::http::request::Builder, String> {
    let url = request.url;
    let host = url.host_str().ok_or("the address has no host")?;
    let host = url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
    let path = url.query().map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path()));
    let builder = hyper::Request::post(path)
        .header(header::HOST, host)
        .header(header::USER_AGENT, concat!("stalk/", env!("CARGO_PKG_VERSION")))
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::CONNECTION, "close");
    Ok(request.headers.iter().fold(builder, |builder, (name, value)| builder.header(*name, value)))
}

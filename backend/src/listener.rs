//! Accepting connections: over TLS where a certificate is named, a limit on how long a request's head may take, and an end that lets
//! requests finish.

use std::net::SocketAddr;
use std::pin::pin;
use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt as _;

pub mod acme;
pub mod tls;

use tls::Certificate;

/// A TLS handshake that has not ended after this does not end at all.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// After an error of `accept` (no descriptors left, as a rule) it is asked again this much later.
const ACCEPT_AGAIN: Duration = Duration::from_millis(200);
/// A head larger than this is refused (431).
const HEAD_MAX: usize = 32 * 1024;

/// What one listener serves, and how.
#[derive(Clone)]
pub struct Service {
    /// The routes.
    pub routes: Router,
    /// Speaks https with it.
    pub certificate: Option<Certificate>,
    /// A request's head that has not come after this ends the connection, as does having none: waiting costs a slow client nothing, so it must
    /// not be free for ever.
    pub head_timeout: Duration,
}

/// Serves until `closing`, then lets what was begun end. Every connection is a task of this future's own set.
pub async fn serve(listener: TcpListener, service: Service, closing: CancellationToken) {
    let connections = TaskTracker::new();
    while let Some(accepted) = closing.run_until_cancelled(listener.accept()).await {
        match accepted {
            Ok((stream, from)) => {
                connections.spawn(connection(stream, from, service.clone(), closing.clone()));
            }
            Err(error) => {
                tracing::warn!(error = %error, "a connection could not be accepted");
                tokio::time::sleep(ACCEPT_AGAIN).await;
            }
        }
    }
    connections.close();
    connections.wait().await;
}

async fn connection(stream: TcpStream, from: SocketAddr, service: Service, closing: CancellationToken) {
    // Small frames must not wait for one another; that it cannot be set is no reason to refuse the client.
    let _ = stream.set_nodelay(true);
    match &service.certificate {
        None => requests(stream, from, service, closing).await,
        Some(certificate) => match tokio::time::timeout(HANDSHAKE, certificate.accept(stream)).await {
            Ok(Ok(Some(stream))) => requests(stream, from, service, closing).await,
            Ok(Ok(None)) => tracing::debug!("an authority has seen that a name is ours"),
            Ok(Err(error)) => tracing::debug!(error = %error, client.address = %from.ip(), "a TLS handshake failed"),
            Err(_) => tracing::debug!(client.address = %from.ip(), "a TLS handshake took too long"),
        },
    }
}

async fn requests<S>(stream: S, from: SocketAddr, service: Service, closing: CancellationToken)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let routes = service.routes.map_request(move |mut request: hyper::Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(from));
        request.map(axum::body::Body::new)
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(service.head_timeout)
        .max_buf_size(HEAD_MAX)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(routes))
        .with_upgrades();
    let mut connection = pin!(connection);
    tokio::select! {
        result = connection.as_mut() => ended(result),
        () = closing.cancelled() => {
            connection.as_mut().graceful_shutdown();
            ended(connection.await);
        }
    }
}

/// A client that went away in the middle is no news.
fn ended(result: hyper::Result<()>) {
    if let Err(error) = result {
        tracing::trace!(error = %error, "a connection ended early");
    }
}

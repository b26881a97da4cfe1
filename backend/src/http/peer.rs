//! The client's address: the TCP peer, or what a proxy says that we were told to trust.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::extract::{ConnectInfo, FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::Response;

use crate::app::App;
use crate::text;

/// The client's address.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub IpAddr);

impl<S: Send + Sync> FromRequestParts<S> for Peer {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(parts.extensions.get::<Self>().copied().unwrap_or(Self(IpAddr::V4(Ipv4Addr::UNSPECIFIED))))
    }
}

/// The browser, as it says, cut to what a list shows.
#[derive(Clone, Debug)]
pub struct UserAgent(pub Option<String>);

impl<S: Send + Sync> FromRequestParts<S> for UserAgent {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let said = parts.headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok());
        Ok(Self(said.map(|agent| text::cut(&text::clean_line(agent), 300)).filter(|agent| !agent.is_empty())))
    }
}

/// Puts the address where extractors and transports find it.
pub async fn find(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let tcp = request.extensions().get::<ConnectInfo<SocketAddr>>().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |info| info.0.ip());
    let address = forwarded(tcp, request.headers(), &app.listen.trusted_proxies);
    request.extensions_mut().insert(Peer(address));
    // Sockets are counted by subscriber, not by address: an IPv6 customer has 2^64 of those.
    request.extensions_mut().insert(crate::realtime::Peer(text::network(address)));
    next.run(request).await
}

/// The right-most address that no trusted proxy added.
fn forwarded(tcp: IpAddr, headers: &HeaderMap, trusted: &[IpAddr]) -> IpAddr {
    if !trusted.contains(&tcp) {
        return tcp;
    }
    let all = headers.get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok());
    let chain: Vec<IpAddr> = all.flat_map(|value| value.split(',')).filter_map(|part| part.trim().parse().ok()).collect();
    chain.into_iter().rev().find(|address| !trusted.contains(address)).unwrap_or(tcp)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_trusted_proxy_is_believed_and_only_its_own_word() {
        let address = |text: &str| text.parse::<IpAddr>().unwrap();
        let mut headers = HeaderMap::new();
        headers.insert("x-forwarded-for", "6.6.6.6, 203.0.113.9".parse().unwrap());
        assert_eq!(forwarded(address("10.0.0.2"), &headers, &[]), address("10.0.0.2"));
        assert_eq!(forwarded(address("10.0.0.2"), &headers, &[address("10.0.0.2")]), address("203.0.113.9"));
    }
}

//! A certificate that the server orders and renews itself: an authority that speaks ACME (Let's Encrypt, or one's own) connects to the names
//! on port 443 and looks for the answer in the TLS handshake (TLS-ALPN-01), so no other port and no file is needed.

use std::io::Error as IoError;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use futures_util::StreamExt as _;
use rustls_acme::caches::DirCache;
use rustls_acme::{AcmeConfig, AcmeState, EventOk};
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::{ClientConfig, RootCertStore, ServerConfig};
use tokio_util::sync::CancellationToken;

use super::tls::{Certificate, CertificateError, provider};

/// What is ordered, and where.
pub struct Order<'a> {
    /// Host names, all in one certificate.
    pub names: &'a [String],
    /// Whom the authority writes to.
    pub contact: Option<&'a str>,
    /// The authority's directory.
    pub directory: &'a str,
    /// Roots to trust beside the public ones, for an authority of one's own.
    pub roots: Option<&'a Path>,
    /// Where account and certificate are kept, so that a restart orders nothing.
    pub folder: PathBuf,
}

/// Orders, and orders again before a certificate ends.
pub struct Ordering {
    state: AcmeState<IoError>,
    names: String,
}

/// The listeners' certificate, and who looks after it. Until the first one has come, handshakes fail.
pub fn order(order: Order<'_>) -> Result<(Certificate, Ordering), CertificateError> {
    if let Some(wrong) = order.names.iter().find(|name| !is_host_name(name)) {
        return Err(CertificateError(format!("STALK_ACME_DOMAINS: {wrong:?} is not a host name; give names such as chat.example.com")));
    }
    let state = AcmeConfig::new_with_client_config(order.names, client(order.roots)?)
        .directory(order.directory)
        .contact(order.contact.map(|address| format!("mailto:{address}")))
        .cache(DirCache::new(order.folder))
        .state();
    let because = |error: &dyn std::fmt::Display| CertificateError(error.to_string());
    let mut config = ServerConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .map_err(|error| because(&error))?
        .with_no_client_auth()
        .with_cert_resolver(state.resolver());
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    let challenge = state.challenge_rustls_config_with_provider(provider());
    Ok((Certificate::ordered(Arc::new(config), challenge), Ordering { state, names: order.names.join(", ") }))
}

/// Letters, digits, hyphens and dots, with a dot inside: an authority signs neither addresses nor wildcards this way.
fn is_host_name(name: &str) -> bool {
    let is_label = |label: &str| {
        !label.is_empty() && !label.starts_with('-') && label.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '-')
    };
    name.contains('.') && name.split('.').all(is_label) && name.parse::<std::net::Ipv4Addr>().is_err()
}

/// How the authority itself is asked.
fn client(roots: Option<&Path>) -> Result<Arc<ClientConfig>, CertificateError> {
    let mut store = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    if let Some(path) = roots {
        let because = |error: &dyn std::fmt::Display| CertificateError(format!("STALK_ACME_ROOTS: {}: {error}", path.display()));
        for found in CertificateDer::pem_file_iter(path).map_err(|error| because(&error))? {
            store.add(found.map_err(|error| because(&error))?).map_err(|error| because(&error))?;
        }
    }
    let config = ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .map_err(|error| CertificateError(error.to_string()))?
        .with_root_certificates(store)
        .with_no_client_auth();
    Ok(Arc::new(config))
}

impl Ordering {
    /// Until the server stops. What fails is tried again, later and later, and the certificate before stays in use.
    pub async fn run(mut self, stop: CancellationToken) {
        while let Some(Some(event)) = stop.run_until_cancelled(self.state.next()).await {
            match event {
                Ok(EventOk::DeployedNewCert) => tracing::info!(names = self.names, "a new certificate was got and is in use"),
                Ok(EventOk::DeployedCachedCert) => tracing::info!(names = self.names, "the certificate that was kept is in use"),
                Ok(kept) => tracing::debug!(?kept, "kept for the next start"),
                Err(error) => tracing::warn!(names = self.names, error = %error, "no new certificate yet; it is ordered again"),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ordered(names: &[&str]) -> Result<(Certificate, Ordering), CertificateError> {
        let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
        let folder = PathBuf::from("/nowhere");
        order(Order { names: &names, contact: None, directory: "https://acme.test/dir", roots: None, folder })
    }

    #[test]
    fn what_no_authority_signs_is_refused_by_name() {
        assert!(ordered(&["chat.example.com", "widget.example.com"]).is_ok());
        for wrong in ["localhost", "*.example.com", "192.0.2.1", "https://chat.example.com", "chat..example.com", ""] {
            let error = ordered(&["chat.example.com", wrong]).err().unwrap().to_string();
            assert!(error.contains(&format!("{wrong:?}")), "{error}");
        }
    }

    #[test]
    fn roots_that_cannot_be_read_are_named() {
        let error = client(Some(Path::new("/nowhere/root.pem"))).err().unwrap().to_string();
        assert!(error.contains("STALK_ACME_ROOTS: /nowhere/root.pem"), "{error}");
    }
}

//! The certificate of the public listeners: from PEM files that are read again when they change (whoever renews them restarts nothing), or
//! from an authority that gives one to whoever answers at the names ([`super::acme`]).

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use rustls_acme::is_tls_alpn_challenge;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio_rustls::LazyConfigAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::{CryptoProvider, ring};
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::Acceptor;
use tokio_rustls::server::TlsStream;
use tokio_util::sync::CancellationToken;

/// How often the files are looked at.
const LOOK: Duration = Duration::from_secs(10);

/// Why a certificate cannot be used, in words for the person who named the files.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct CertificateError(pub(super) String);

/// The certificate as it is now; clones follow the same source.
#[derive(Clone)]
pub struct Certificate {
    current: watch::Receiver<Arc<ServerConfig>>,
    /// Answers an authority that looks whether a name is ours.
    challenge: Option<Arc<ServerConfig>>,
}

impl Certificate {
    /// One whose configuration looks after itself.
    pub(super) fn ordered(config: Arc<ServerConfig>, challenge: Arc<ServerConfig>) -> Self {
        Self { current: watch::channel(config).1, challenge: Some(challenge) }
    }

    /// Shakes hands with the newest certificate. `None`: an authority looked whether the name is ours, and has seen it.
    pub async fn accept(&self, stream: TcpStream) -> std::io::Result<Option<TlsStream<TcpStream>>> {
        let hello = LazyConfigAcceptor::new(Acceptor::default(), stream).await?;
        if let Some(challenge) = self.challenge.as_ref().filter(|_| is_tls_alpn_challenge(&hello.client_hello())) {
            let mut seen = hello.into_stream(challenge.clone()).await?;
            seen.shutdown().await?;
            return Ok(None);
        }
        let config = self.current.borrow().clone();
        hello.into_stream(config).await.map(Some)
    }
}

/// Keeps a [`Certificate`] as new as its files.
pub struct Renewal {
    chain: PathBuf,
    key: PathBuf,
    changed: Option<SystemTime>,
    current: watch::Sender<Arc<ServerConfig>>,
}

/// Reads both files; the chain with the server's own certificate first.
pub fn load(chain: &Path, key: &Path) -> Result<(Certificate, Renewal), CertificateError> {
    let changed = changed_at(chain, key);
    let (current, config) = watch::channel(read(chain, key)?);
    Ok((Certificate { current: config, challenge: None }, Renewal { chain: chain.to_owned(), key: key.to_owned(), changed, current }))
}

impl Renewal {
    /// Looks at the files until the server stops. A pair that cannot be used leaves the one in use, and says so.
    pub async fn run(mut self, stop: CancellationToken) {
        while stop.run_until_cancelled(tokio::time::sleep(LOOK)).await.is_some() {
            self.look();
        }
    }

    fn look(&mut self) {
        let changed = changed_at(&self.chain, &self.key);
        if changed == self.changed {
            return;
        }
        match read(&self.chain, &self.key) {
            Ok(config) => {
                self.changed = changed;
                self.current.send_replace(config);
                tracing::info!(file = %self.chain.display(), "a new certificate is in use");
            }
            Err(error) => tracing::warn!(error = %error, "the new certificate cannot be used, the one before stays"),
        }
    }
}

/// The later of both files' times; `None` while one of them is missing.
fn changed_at(chain: &Path, key: &Path) -> Option<SystemTime> {
    let of = |path: &Path| path.metadata().and_then(|found| found.modified()).ok();
    Some(of(chain)?.max(of(key)?))
}

fn read(chain: &Path, key: &Path) -> Result<Arc<ServerConfig>, CertificateError> {
    let because = |path: &Path, error: &dyn std::fmt::Display| CertificateError(format!("{}: {error}", path.display()));
    let certificates: Vec<CertificateDer> =
        CertificateDer::pem_file_iter(chain).and_then(Iterator::collect).map_err(|error| because(chain, &error))?;
    if certificates.is_empty() {
        return Err(because(chain, &"there is no certificate in PEM form in it"));
    }
    let key_der = PrivateKeyDer::from_pem_file(key).map_err(|error| because(key, &error))?;
    let provider = provider();
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .and_then(|builder| builder.with_no_client_auth().with_single_cert(certificates, key_der))
        .map_err(|error| because(chain, &error))?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

/// The cryptography of every TLS connection of ours.
pub(super) fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write_pair(folder: &Path, name: &str) -> (PathBuf, PathBuf) {
        let made = rcgen::generate_simple_self_signed([name.to_owned()]).unwrap();
        let (chain, key) = (folder.join("chain.pem"), folder.join("key.pem"));
        std::fs::write(&chain, made.cert.pem()).unwrap();
        std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
        (chain, key)
    }

    #[test]
    fn files_that_are_no_pair_are_refused_by_name() {
        let folder = tempfile::tempdir().unwrap();
        let (chain, key) = write_pair(folder.path(), "chat.example");
        let missing = load(&folder.path().join("none.pem"), &key).err().unwrap().to_string();
        assert!(missing.contains("none.pem"), "{missing}");
        std::fs::write(&chain, "not a certificate").unwrap();
        assert!(load(&chain, &key).err().unwrap().to_string().contains("no certificate"));
    }

    #[test]
    fn a_renewed_pair_is_taken_and_a_broken_one_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let (chain, key) = write_pair(folder.path(), "chat.example");
        let (certificate, mut renewal) = load(&chain, &key).unwrap();
        let first = certificate.current.borrow().clone();
        renewal.look();
        assert!(Arc::ptr_eq(&first, &certificate.current.borrow()), "nothing changed");
        renewal.changed = None;
        std::fs::write(&key, "half a k").unwrap();
        renewal.look();
        assert!(Arc::ptr_eq(&first, &certificate.current.borrow()), "a broken pair is not taken");
        write_pair(folder.path(), "chat.example");
        renewal.look();
        assert!(!Arc::ptr_eq(&first, &certificate.current.borrow()), "the renewed pair is in use");
    }
}

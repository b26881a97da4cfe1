//! A certificate that the server orders itself, from a real ACME authority (Debian's package `pebble`) that looks at our listener.

use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::json;
use stalk::clock::Clock;
use tempfile::TempDir;
use tokio::process::{Child, Command};
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;

use crate::app::TestApp;
use crate::cluster::until;
use crate::https::{Authority, connect, get};
use crate::ports::free_port;

const PATIENCE: Duration = Duration::from_secs(90);
const NAME: &str = "chat.stalk.test";

fn start(program: &str, args: &[&str]) -> Child {
    let mut command = Command::new(program);
    command.args(args).env("PEBBLE_VA_NOSLEEP", "1").env("PEBBLE_WFE_NONCEREJECT", "0");
    command.stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
    command.spawn().unwrap_or_else(|error| panic!("{program}: {error}; scripts/install-test-tools.sh installs it"))
}

/// The authority, and the name server that it asks: every name leads to this machine.
struct Pebble {
    directory: String,
    management: String,
    _servers: [Child; 2],
}

impl Pebble {
    fn start(folder: &Path, authority: &Authority, looks_at: u16) -> Self {
        let (api, management, names, steering) = (free_port(), free_port(), free_port(), free_port());
        let config = json!({"pebble": {
            "listenAddress": format!("127.0.0.1:{api}"), "managementListenAddress": format!("127.0.0.1:{management}"),
            "certificate": authority.chain, "privateKey": authority.key, "httpPort": 1, "tlsPort": looks_at,
        }});
        let path = folder.join("pebble.json");
        std::fs::write(&path, config.to_string()).unwrap();
        let (dns, steer) = (format!("127.0.0.1:{names}"), format!("127.0.0.1:{steering}"));
        let none = ["-http01", "", "-https01", "", "-tlsalpn01", "", "-defaultIPv6", ""];
        let name_server = start("pebble-challtestsrv", &[&["-dns01", &dns, "-management", &steer][..], &none].concat());
        let server = start("pebble", &["-config", path.to_str().unwrap(), "-dnsserver", &dns]);
        let (directory, management) = (format!("https://localhost:{api}/dir"), format!("127.0.0.1:{management}"));
        Self { directory, management, _servers: [name_server, server] }
    }

    /// The root of what it signs.
    async fn root(&self, authority: &Authority) -> CertificateDer<'static> {
        let stream = patiently(&authority.root, &self.management, "localhost").await;
        let answer = get(stream, "/roots/0").await;
        let (_, pem) = answer.split_once("\r\n\r\n").unwrap();
        CertificateDer::from_pem_slice(pem.as_bytes()).unwrap()
    }
}

/// A handshake, as soon as there is one.
async fn patiently(root: &CertificateDer<'static>, address: &str, name: &'static str) -> TlsStream<tokio::net::TcpStream> {
    let began = Instant::now();
    loop {
        match connect(root, address, name).await {
            Ok(stream) => return stream,
            Err(error) => assert!(began.elapsed() < PATIENCE, "{address} as {name}: {error}"),
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn a_certificate_is_ordered_and_kept_for_the_next_start() {
    let (authority, folder) = (Authority::make(), TempDir::new().unwrap());
    let listen = format!("127.0.0.1:{}", free_port());
    let pebble = Pebble::start(folder.path(), &authority, listen.rsplit_once(':').unwrap().1.parse().unwrap());
    let root = pebble.root(&authority).await;
    let roots = folder.path().join("roots.pem");
    std::fs::write(&roots, &authority.root_pem).unwrap();
    let args = [
        "--listen",
        &listen,
        "--acme-domains",
        NAME,
        "--acme-contact",
        "owner@shop.test",
        "--acme-directory",
        &pebble.directory,
        "--acme-roots",
        roots.to_str().unwrap(),
        "--public-url",
        "https://chat.stalk.test",
    ];
    let mut app = TestApp::empty(&args, Clock::system()).await;
    let began = Instant::now();
    let stream = patiently(&root, &listen, NAME).await;
    println!("from the start to a certificate of the authority: {} ms", began.elapsed().as_millis());
    let first = stream.get_ref().1.peer_certificates().unwrap()[0].clone();
    let answer = get(stream, "/healthz").await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    // The widget's listener has the same one.
    let widget = app.lines.iter().find_map(|line| line.strip_prefix("Widget")).unwrap().trim().trim_start_matches("https://").to_owned();
    patiently(&root, widget.split_once('/').unwrap().0, NAME).await;

    // It is used a moment before it is kept.
    until("the certificate is kept", async || {
        let mut kept = std::fs::read_dir(app.folder().join("certificates")).unwrap().filter_map(Result::ok);
        kept.find(|file| file.file_name().to_string_lossy().starts_with("cached_cert_") && file.metadata().is_ok_and(|file| file.len() > 0))
    })
    .await;
    app.stopped().await;
    drop(pebble);
    app.start_again().await;
    let stream = patiently(&root, &listen, NAME).await;
    assert_eq!(stream.get_ref().1.peer_certificates().unwrap()[0], first, "nothing was ordered again: the authority is gone");
    app.stopped().await;
}

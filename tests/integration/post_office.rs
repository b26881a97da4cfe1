//! An SMTP server that takes every letter, and can be closed for a while.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use crate::app::TestApp;
use crate::ports::free_port;

/// What stood between DATA and the dot, and whom it was for.
#[derive(Clone, Debug)]
pub(crate) struct Taken {
    pub(crate) to: Vec<String>,
    pub(crate) raw: String,
}

impl Taken {
    /// The header's lines.
    pub(crate) fn head(&self) -> &str {
        self.raw.split_once("\n\n").unwrap().0
    }

    /// The body with quoted-printable undone.
    pub(crate) fn body(&self) -> String {
        self.raw.split_once("\n\n").unwrap().1.replace("=\n", "").replace("=3D", "=")
    }

    /// One receiver, one subject, and no header that we did not write.
    pub(crate) fn is_whole(&self) {
        const OURS: [&str; 8] = ["From", "To", "Reply-To", "Subject", "MIME-Version", "Date", "Content-Type", "Message-ID"];
        let head = self.head();
        let names: Vec<&str> =
            head.lines().filter(|line| !line.starts_with([' ', '\t'])).map(|line| line.split_once(':').unwrap_or((line, "")).0).collect();
        for (place, name) in names.iter().enumerate() {
            assert!(OURS.iter().any(|ours| ours.eq_ignore_ascii_case(name)), "{name} is not a header of ours: {head}");
            assert!(!names[..place].contains(name), "{name} stands twice: {head}");
        }
        assert_eq!(self.to.len(), 1, "{:?}", self.to);
    }
}

/// An office at an address of its own.
pub(crate) struct PostOffice {
    address: SocketAddr,
    taken: Arc<Mutex<Vec<Taken>>>,
    open: Option<JoinHandle<()>>,
}

impl PostOffice {
    /// Takes letters from now on.
    pub(crate) async fn open() -> Self {
        let mut office = Self::closed();
        office.reopen().await;
        office
    }

    /// Has an address, and nobody answers there.
    pub(crate) fn closed() -> Self {
        let address = SocketAddr::from(([127, 0, 0, 1], free_port()));
        Self { address, taken: Arc::default(), open: None }
    }

    /// Takes letters from now on, at the same address.
    pub(crate) async fn reopen(&mut self) {
        let listener = TcpListener::bind(self.address).await.unwrap();
        let keeping = Arc::clone(&self.taken);
        #[expect(clippy::disallowed_methods, reason = "ends with the test's runtime")]
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                take_letters(stream, &keeping).await.ok();
            }
        });
        self.open = Some(task);
    }

    pub(crate) fn url(&self) -> String {
        format!("smtp://{}", self.address)
    }

    /// All letters so far.
    pub(crate) fn taken(&self) -> Vec<Taken> {
        self.taken.lock().unwrap().clone()
    }

    /// All letters, once the server knows that so many have left.
    pub(crate) async fn delivered(&self, app: &TestApp, count: i64) -> Vec<Taken> {
        let mut pace = tokio::time::interval(Duration::from_millis(50));
        while app.database.number("SELECT COUNT(*) FROM outbox WHERE done_at IS NOT NULL AND attempts > 0").await < count {
            pace.tick().await;
        }
        self.taken()
    }
}

impl Drop for PostOffice {
    fn drop(&mut self) {
        if let Some(task) = &self.open {
            task.abort();
        }
    }
}

async fn take_letters(stream: TcpStream, taken: &Mutex<Vec<Taken>>) -> std::io::Result<()> {
    let (reader, mut writer) = stream.into_split();
    let mut lines = BufReader::new(reader).lines();
    let mut to = Vec::new();
    writer.write_all(b"220 office\r\n").await?;
    while let Some(line) = lines.next_line().await? {
        let answer: &[u8] = if line == "DATA" { b"354 go on\r\n" } else { b"250 ok\r\n" };
        writer.write_all(answer).await?;
        if let Some(receiver) = line.strip_prefix("RCPT TO:") {
            to.push(receiver.to_owned());
        }
        if line == "DATA" {
            let mut raw = String::new();
            while let Some(line) = lines.next_line().await?.filter(|line| line != ".") {
                raw.push_str(&line);
                raw.push('\n');
            }
            // Kept before it is acknowledged: whoever sees it done finds it here.
            taken.lock().unwrap().push(Taken { to: std::mem::take(&mut to), raw });
            writer.write_all(b"250 taken\r\n").await?;
        }
    }
    Ok(())
}

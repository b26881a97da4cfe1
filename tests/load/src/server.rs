//! A STALK process of one's own: free ports, a data folder that disappears, killed and started again at will.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, ChildStdout, Command};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::clock::{Instant, millis_between};
use crate::fault::{Result, fault};

const START_PATIENCE: Duration = Duration::from_secs(20);

/// What to start and how.
#[derive(Debug, Clone)]
pub struct Setup {
    pub binary: PathBuf,
    /// None: `SQLite` in the data folder.
    pub database_url: Option<String>,
    pub demo: bool,
    /// Where the process's own log goes.
    pub log: PathBuf,
    /// More environment, for limits.
    pub environment: Vec<(String, String)>,
}

/// The four listeners.
#[derive(Debug, Clone, Copy)]
pub struct Ports {
    pub console: u16,
    pub widget: u16,
    pub metrics: u16,
    pub demo: u16,
}

/// A server that runs, or was killed and can be started again on the same ports and data.
#[derive(Debug)]
pub struct Server {
    setup: Setup,
    ports: Ports,
    data: TempDir,
    child: Option<Child>,
    printed: Arc<Mutex<Vec<String>>>,
    readers: JoinSet<()>,
    http: reqwest::Client,
}

impl Server {
    /// Starts a server on an empty data folder and waits until it is ready.
    pub async fn start(setup: Setup) -> Result<Self> {
        let mut server = Self {
            ports: free_ports()?,
            data: tempfile::Builder::new().prefix("stalk-data-").tempdir()?,
            child: None,
            printed: Arc::default(),
            readers: JoinSet::new(),
            http: reqwest::Client::builder().timeout(Duration::from_secs(2)).build()?,
            setup,
        };
        server.spawn()?;
        server.ready().await?;
        Ok(server)
    }

    /// `kill -9`; returns when the process is gone.
    pub async fn kill(&mut self) -> Result<()> {
        if let Some(mut child) = self.child.take() {
            child.kill().await?;
        }
        Ok(())
    }

    /// Starts the killed server again, on the same ports and data, and waits until it is ready; returns the milliseconds.
    pub async fn restart(&mut self) -> Result<u64> {
        let begun = Instant::now();
        self.spawn()?;
        self.ready().await?;
        Ok(millis_between(begun, Instant::now()))
    }

    /// SIGTERM; returns when the process has ended, or after this long without it, which is a fault.
    pub async fn stop(&mut self, patience: Duration) -> Result<u64> {
        let begun = Instant::now();
        signal(self.pid(), "TERM").await?;
        let Some(mut child) = self.child.take() else { return Ok(0) };
        if timeout(patience, child.wait()).await.is_ok() {
            return Ok(millis_between(begun, Instant::now()));
        }
        child.kill().await?;
        fault(format!("not stopped {} s after SIGTERM; its log ends:\n{}", patience.as_secs(), tail(&self.setup.log)))
    }

    /// Stops the process in time, or lets it go on.
    pub async fn freeze(&self, frozen: bool) -> Result<()> {
        signal(self.pid(), if frozen { "STOP" } else { "CONT" }).await
    }

    /// Starts the process without waiting for it.
    fn spawn(&mut self) -> Result<()> {
        if let Some(folder) = self.setup.log.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let log = std::fs::OpenOptions::new().create(true).append(true).open(&self.setup.log)?;
        let mut command = Command::new(&self.setup.binary);
        command.arg("serve").args(self.setup.demo.then_some("--demo"));
        command.env_remove("DATABASE_URL").env_remove("REDIS_URL").env_remove("SMTP_URL");
        command.envs(self.environment()).envs(self.setup.environment.clone());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log).kill_on_drop(true);
        let mut child = command.spawn().map_err(|error| format!("{} cannot be started: {error}", self.setup.binary.display()))?;
        if let Some(stdout) = child.stdout.take() {
            self.readers.spawn(keep_lines(stdout, Arc::clone(&self.printed)));
        }
        self.child = Some(child);
        Ok(())
    }

    fn environment(&self) -> Vec<(String, String)> {
        let Ports { console, widget, metrics, demo } = self.ports;
        let mut environment = vec![
            ("STALK_LISTEN".to_owned(), format!("127.0.0.1:{console}")),
            ("STALK_WIDGET_LISTEN".to_owned(), format!("127.0.0.1:{widget}")),
            ("STALK_METRICS_LISTEN".to_owned(), format!("127.0.0.1:{metrics}")),
            ("STALK_DEMO_LISTEN".to_owned(), format!("127.0.0.1:{demo}")),
            ("STALK_PUBLIC_URL".to_owned(), self.console_url()),
            ("STALK_WIDGET_URL".to_owned(), self.widget_url()),
            ("STALK_DATA".to_owned(), self.data.path().display().to_string()),
        ];
        environment.extend(self.setup.database_url.clone().map(|url| ("DATABASE_URL".to_owned(), url)));
        environment
    }

    /// Waits for the first 200 on /readyz, asking every 2 ms.
    async fn ready(&mut self) -> Result<()> {
        let url = format!("{}/readyz", self.console_url());
        let waited = timeout(START_PATIENCE, async {
            loop {
                if let Ok(answer) = self.http.get(&url).send().await
                    && answer.status() == 200
                {
                    return Ok(());
                }
                if let Some(status) = self.child.as_mut().and_then(|child| child.try_wait().ok().flatten()) {
                    return Err(format!("ended with {status}"));
                }
                sleep(Duration::from_millis(2)).await;
            }
        });
        let why = match waited.await {
            Ok(Ok(())) => return Ok(()),
            Ok(Err(ended)) => ended,
            Err(_) => format!("is not ready after {} s", START_PATIENCE.as_secs()),
        };
        fault(format!("{} {why}; its log ends:\n{}", self.setup.binary.display(), tail(&self.setup.log)))
    }

    /// The value behind a label of what `serve --demo` prints at its first start, such as `Password`.
    pub async fn printed(&self, label: &str) -> Result<String> {
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_secs(5) {
            let lines = self.printed.lock().unwrap_or_else(PoisonError::into_inner).clone();
            let value = lines.iter().find_map(|line| line.trim_start().strip_prefix(label));
            if let Some(value) = value {
                return Ok(value.trim_start_matches(':').trim().to_owned());
            }
            sleep(Duration::from_millis(5)).await;
        }
        fault(format!("the server printed no line that begins with {label:?}"))
    }

    /// The ports of console and widget.
    pub fn ports(&self) -> Ports {
        self.ports
    }

    /// Process id of the running server.
    pub fn pid(&self) -> Option<u32> {
        self.child.as_ref().and_then(Child::id)
    }

    /// `http://…` of the console and API, which is also their origin.
    pub fn console_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.ports.console)
    }

    /// `http://…` of the widget listener.
    pub fn widget_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.ports.widget)
    }

    /// The origin of the demo shop's pages, one of the demo site's domains.
    pub fn shop_origin(&self) -> String {
        format!("http://localhost:{}", self.ports.demo)
    }
}

/// Sends a signal by its name.
pub async fn signal(pid: Option<u32>, name: &str) -> Result<()> {
    let Some(pid) = pid else { return Ok(()) };
    let done = Command::new("kill").arg(format!("-{name}")).arg(pid.to_string()).status().await?;
    if done.success() { Ok(()) } else { fault(format!("process {pid} takes no {name}")) }
}

async fn keep_lines(stdout: ChildStdout, printed: Arc<Mutex<Vec<String>>>) {
    let mut lines = BufReader::new(stdout).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        printed.lock().unwrap_or_else(PoisonError::into_inner).push(line);
    }
}

/// The last lines of a log, for an error message.
fn tail(log: &Path) -> String {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(15)..].join("\n")
}

fn free_ports() -> Result<Ports> {
    Ok(Ports { console: free_port()?, widget: free_port()?, metrics: free_port()?, demo: free_port()? })
}

/// A port nobody listens on and that nobody in this process was given before, below the range that outgoing connections use: a client that knocks while
/// the server is down must not be given the server's own port.
pub fn free_port() -> Result<u16> {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    const MANY: u16 = 12_000;
    // Where this process begins; others begin elsewhere.
    let start = u16::try_from(std::process::id() % u32::from(MANY))?;
    for _ in 0..MANY {
        let port = 20_000 + (start + NEXT.fetch_add(1, Ordering::Relaxed) % MANY) % MANY;
        if std::net::TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return Ok(port);
        }
    }
    fault("no free port between 20000 and 32000")
}

//! A PostgreSQL of one's own, from Debian's packages: initialised, started on a free port, stopped at the end.

use std::fs;
use std::os::unix::fs::{MetadataExt, chown};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tempfile::TempDir;
use tokio::process::{Child, Command};
use tokio::time::{Instant, sleep};

use crate::fault::{Result, fault};
use crate::server::free_port;

const DEBIAN: &str = "/usr/lib/postgresql";

/// A running cluster with an empty database `stalk`.
#[derive(Debug)]
pub struct Postgres {
    port: u16,
    owner: Option<(u32, u32)>,
    programs: PathBuf,
    folder: TempDir,
    child: Child,
    log: PathBuf,
}

impl Postgres {
    /// Makes a cluster in a new folder under `parent` and starts it.
    pub async fn start(parent: &Path) -> Result<Self> {
        let programs = programs()?;
        fs::create_dir_all(parent)?;
        let folder = tempfile::Builder::new().prefix("pg-").tempdir_in(parent)?;
        // It refuses to run as root: then it runs as the packages' own account.
        let is_root = fs::metadata(folder.path())?.uid() == 0;
        let owner = if is_root { Some(account("postgres")?) } else { None };
        if let Some((uid, gid)) = owner {
            chown(folder.path(), Some(uid), Some(gid))?;
        }
        let mut init = command(&programs, "initdb", owner);
        init.arg("-D").arg(folder.path().join("data")).args(["-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale", "-N"]);
        run(init).await?;
        let port = free_port()?;
        let log = parent.join("postgres.log");
        let child = serve(&programs, owner, folder.path(), port, &log)?;
        let postgres = Self { port, owner, programs, folder, child, log };
        postgres.create_database().await?;
        Ok(postgres)
    }

    /// A second one beside it that has whatever the first has acknowledged, from now on before it is acknowledged.
    pub async fn standby(&self) -> Result<Self> {
        let parent = self.folder.path().parent().unwrap_or(self.folder.path());
        let folder = tempfile::Builder::new().prefix("pg-").tempdir_in(parent)?;
        if let Some((uid, gid)) = self.owner {
            chown(folder.path(), Some(uid), Some(gid))?;
        }
        let mut copy = command(&self.programs, "pg_basebackup", self.owner);
        copy.arg("-D").arg(folder.path().join("data")).args(["-h", "127.0.0.1", "-p", &self.port.to_string(), "-U", "postgres"]);
        copy.args(["-R", "-X", "stream", "-c", "fast"]);
        run(copy).await?;
        let port = free_port()?;
        let child = serve(&self.programs, self.owner, folder.path(), port, &self.log)?;
        let standby = Self { port, owner: self.owner, programs: self.programs.clone(), folder, child, log: self.log.clone() };
        self.sql("ALTER SYSTEM SET synchronous_standby_names = '*'").await?;
        self.sql("SELECT pg_reload_conf()").await?;
        let deadline = Instant::now() + Duration::from_secs(30);
        while !self.sql("SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'").await?.contains('1') {
            if Instant::now() > deadline {
                return fault("the standby does not follow");
            }
            sleep(Duration::from_millis(100)).await;
        }
        Ok(standby)
    }

    /// Makes the standby the one that takes writes.
    pub async fn promote(&self) -> Result<()> {
        let mut promote = command(&self.programs, "pg_ctl", self.owner);
        promote.arg("-D").arg(self.folder.path().join("data")).args(["-w", "promote"]);
        run(promote).await
    }

    /// Where it listens on the loopback.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Stops at once, as when somebody pulls the plug of the program.
    pub async fn stop_now(&mut self) -> Result<()> {
        let mut stop = command(&self.programs, "pg_ctl", self.owner);
        stop.arg("-D").arg(self.folder.path().join("data")).args(["-m", "immediate", "-W", "stop"]);
        run(stop).await?;
        self.child.wait().await?;
        Ok(())
    }

    /// Starts it again unless it runs, and waits until it answers.
    pub async fn start_again(&mut self) -> Result<()> {
        let deadline = Instant::now() + Duration::from_mins(1);
        loop {
            // One whose disk was full may give up a moment later.
            if self.child.try_wait()?.is_some() {
                self.child = serve(&self.programs, self.owner, self.folder.path(), self.port, &self.log)?;
            }
            match self.sql("SELECT 1").await {
                Ok(_) => return Ok(()),
                Err(error) if Instant::now() > deadline => return Err(error),
                Err(_) => sleep(Duration::from_millis(100)).await,
            }
        }
    }

    /// What a statement answers.
    pub async fn sql(&self, statement: &str) -> Result<String> {
        let mut psql = command(&self.programs, "psql", self.owner);
        psql.args(["-h", "127.0.0.1", "-p", &self.port.to_string(), "-U", "postgres", "-Atc", statement, "stalk"]);
        let output = psql.output().await?;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
        }
        fault(format!("{statement}: {}", String::from_utf8_lossy(&output.stderr)))
    }

    /// What `DATABASE_URL` should say.
    pub fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/stalk", self.port)
    }

    /// Its first process.
    pub fn pid(&self) -> Option<u32> {
        self.child.id()
    }

    /// Stops it in an orderly way and removes its folder.
    pub async fn stop(mut self) -> Result<()> {
        self.stop_now().await
    }

    async fn create_database(&self) -> Result<()> {
        let deadline = Instant::now() + Duration::from_secs(20);
        loop {
            let mut create = command(&self.programs, "createdb", self.owner);
            create.args(["-h", "127.0.0.1", "-p", &self.port.to_string(), "-U", "postgres", "stalk"]);
            match run(create).await {
                Ok(()) => return Ok(()),
                Err(error) if Instant::now() > deadline => return Err(error),
                Err(_) => sleep(Duration::from_millis(50)).await,
            }
        }
    }
}

/// Starts the server of the cluster in this folder.
fn serve(programs: &Path, owner: Option<(u32, u32)>, folder: &Path, port: u16, log: &Path) -> Result<Child> {
    let mut serve = command(programs, "postgres", owner);
    serve.arg("-D").arg(folder.join("data")).arg("-k").arg(folder).args(["-p", &port.to_string(), "-c", "listen_addresses=127.0.0.1"]);
    serve.args(["-c", "max_connections=200"]);
    let log = fs::OpenOptions::new().create(true).append(true).open(log)?;
    Ok(serve.stdout(Stdio::null()).stderr(log).spawn()?)
}

/// The newest version's folder of programs.
fn programs() -> Result<PathBuf> {
    let missing = "no PostgreSQL under /usr/lib/postgresql: apt-get install postgresql";
    let mut versions: Vec<(u32, PathBuf)> = fs::read_dir(DEBIAN)
        .map_err(|_| missing)?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter_map(|path| Some((path.file_name()?.to_str()?.parse().ok()?, path.join("bin"))))
        .filter(|(_, bin)| bin.join("initdb").exists())
        .collect();
    versions.sort();
    Ok(versions.pop().ok_or(missing)?.1)
}

/// User and group id of an account.
fn account(name: &str) -> Result<(u32, u32)> {
    let accounts = fs::read_to_string("/etc/passwd")?;
    for line in accounts.lines() {
        if let [login, _, uid, gid, ..] = line.split(':').collect::<Vec<_>>()[..]
            && login == name
        {
            return Ok((uid.parse()?, gid.parse()?));
        }
    }
    fault(format!("no account {name} in /etc/passwd"))
}

fn command(programs: &Path, name: &str, owner: Option<(u32, u32)>) -> Command {
    let mut command = Command::new(programs.join(name));
    if let Some((uid, gid)) = owner {
        command.uid(uid).gid(gid);
    }
    command.current_dir("/").stdin(Stdio::null()).kill_on_drop(true);
    command
}

async fn run(mut command: Command) -> Result<()> {
    let output = command.output().await?;
    if output.status.success() {
        return Ok(());
    }
    fault(format!("{} failed: {}", command.as_std().get_program().display(), String::from_utf8_lossy(&output.stderr)))
}

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
        let cluster = folder.path().join("data");
        let mut init = command(&programs, "initdb", owner);
        init.arg("-D").arg(&cluster).args(["-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale", "-N"]);
        run(init).await?;
        let port = free_port()?;
        let mut serve = command(&programs, "postgres", owner);
        serve.arg("-D").arg(&cluster).args(["-p", &port.to_string(), "-c", "listen_addresses=127.0.0.1"]);
        serve.arg("-k").arg(folder.path());
        let child = serve.stdout(Stdio::null()).stderr(fs::File::create(parent.join("postgres.log"))?).spawn()?;
        let postgres = Self { port, owner, programs, folder, child };
        postgres.create_database().await?;
        Ok(postgres)
    }

    /// What `DATABASE_URL` should say.
    pub fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/stalk", self.port)
    }

    /// Stops it in an orderly way and removes its folder.
    pub async fn stop(mut self) -> Result<()> {
        let mut stop = command(&self.programs, "pg_ctl", self.owner);
        stop.arg("-D").arg(self.folder.path().join("data")).args(["-m", "immediate", "-W", "stop"]);
        run(stop).await?;
        self.child.wait().await?;
        Ok(())
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

//! Cores: the server gets one, the generator another, so that neither takes the other's time. By `taskset`, which Linux distributions bring along.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::fault::Result;

/// Who runs where; `None` where there is one core only, or no `taskset`.
#[derive(Debug, Clone, Copy)]
pub struct Cores(Option<(usize, usize)>);

impl Cores {
    /// The first core that this process may use for servers, the last for the generator.
    pub fn find() -> Result<Self> {
        let about = fs::read_to_string("/proc/self/status")?;
        let list = about.lines().find_map(|line| line.strip_prefix("Cpus_allowed_list:")).unwrap_or_default();
        let cores: Vec<usize> = list.split([',', '-']).filter_map(|number| number.trim().parse().ok()).collect();
        let has_taskset = Command::new("taskset").arg("--version").output().is_ok_and(|output| output.status.success());
        Ok(Self(match cores[..] {
            [first, .., other] if has_taskset => Some((first, other)),
            _ => None,
        }))
    }

    /// Puts this process, all its threads, on the generator's core.
    pub fn pin_generator(self) -> Result<()> {
        if let Some((_, core)) = self.0 {
            Command::new("taskset").args(["-a", "-cp", &core.to_string(), &std::process::id().to_string()]).output()?;
        }
        Ok(())
    }

    /// Lets a process that inherited the generator's core run on all of them, with what it starts from now on.
    pub fn release(self, pid: Option<u32>) -> Result<()> {
        if let Some(((first, last), pid)) = self.0.zip(pid) {
            Command::new("taskset").args(["-a", "-cp", &format!("{first}-{last}"), &pid.to_string()]).output()?;
        }
        Ok(())
    }

    /// The program and first arguments with which something runs on the servers' core.
    pub fn on_server_core(self, program: &Path) -> (PathBuf, Vec<String>) {
        Self::on(self.0.map(|(core, _)| core.to_string()), program)
    }

    /// The same on all cores, for what belongs neither to server nor generator: children inherit the generator's core otherwise.
    pub fn on_all_cores(self, program: &Path) -> (PathBuf, Vec<String>) {
        Self::on(self.0.map(|(first, last)| format!("{first}-{last}")), program)
    }

    fn on(cores: Option<String>, program: &Path) -> (PathBuf, Vec<String>) {
        match cores {
            None => (program.to_owned(), Vec::new()),
            Some(cores) => ("taskset".into(), vec!["-c".to_owned(), cores, program.display().to_string()]),
        }
    }

    /// A file that starts a program on the servers' core, for those who know one path only.
    pub fn starter(self, program: &Path, folder: &Path) -> Result<PathBuf> {
        let program = fs::canonicalize(program).map_err(|error| format!("{}: {error}", program.display()))?;
        let (command, arguments) = self.on_server_core(&program);
        fs::create_dir_all(folder)?;
        let path = folder.join("pinned-server");
        fs::write(&path, format!("#!/bin/sh\nexec '{}' {} \"$@\"\n", command.display(), quoted(&arguments)))?;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755))?;
        Ok(fs::canonicalize(path)?)
    }

    /// The core of the servers.
    pub fn server(self) -> usize {
        self.0.map_or(0, |(core, _)| core)
    }

    /// For the report.
    pub fn describe(self) -> String {
        self.0.map_or_else(
            || "not pinned: one core, or no taskset".to_owned(),
            |(server, generator)| format!("servers on core {server}, generator on core {generator}"),
        )
    }
}

fn quoted(arguments: &[String]) -> String {
    arguments.iter().map(|argument| format!("'{argument}'")).collect::<Vec<_>>().join(" ")
}

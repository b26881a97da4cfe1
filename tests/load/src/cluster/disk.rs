//! A small disk in memory that can be filled, where this account may mount one.

use std::path::{Path, PathBuf};

use tokio::process::Command;

use crate::fault::{Result, fault};

/// Mounted for as long as this lives.
#[derive(Debug)]
pub struct Disk {
    path: PathBuf,
}

impl Disk {
    /// Mounts one of so many GiB in this folder.
    pub async fn mount(path: &Path, gigabytes: u32) -> Result<Self> {
        std::fs::create_dir_all(path)?;
        let path = path.canonicalize()?;
        run(Command::new("mount").args(["-t", "tmpfs", "-o", &format!("size={gigabytes}g,mode=755"), "tmpfs"]).arg(&path)).await?;
        Ok(Self { path })
    }

    /// Leaves no room.
    pub async fn fill(&self) -> Result<()> {
        for (number, size) in ["512M", "256M", "128M", "64M", "16M", "4M", "1M", "256K", "64K", "16K", "4K"].iter().enumerate() {
            for again in 0..4 {
                let file = self.path.join(format!("filler-{number}-{again}"));
                if run(Command::new("fallocate").args(["-l", size]).arg(&file)).await.is_err() {
                    std::fs::remove_file(&file).unwrap_or_default();
                    break;
                }
            }
        }
        Ok(())
    }

    /// Gives the room back.
    pub fn make_room(&self) -> Result<()> {
        for entry in std::fs::read_dir(&self.path)? {
            let path = entry?.path();
            if path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("filler-")) {
                std::fs::remove_file(path)?;
            }
        }
        Ok(())
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // What is not unmounted goes with the machine; nothing here can wait for it.
        drop(std::process::Command::new("umount").arg("-l").arg(&self.path).status());
    }
}

async fn run(command: &mut Command) -> Result<()> {
    let output = command.output().await?;
    if output.status.success() { Ok(()) } else { fault(String::from_utf8_lossy(&output.stderr).into_owned()) }
}

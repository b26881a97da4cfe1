//! The data folder: one process owns it, for as long as it holds the lock file.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};

/// An owned folder; dropping it lets go.
#[derive(Debug)]
pub struct DataFolder {
    path: PathBuf,
    files: Option<PathBuf>,
    _lock: Option<File>,
}

/// Why a folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DataFolderError {
    /// Somebody else has it.
    #[error("the data folder {0} is in use by another stalk process; stop that one, or set STALK_DATA to another folder")]
    InUse(String),
    /// It cannot be written.
    #[error("the data folder {0} cannot be used: {1}; set STALK_DATA to a folder that this account may write")]
    Unusable(String, std::io::Error),
}

impl DataFolder {
    /// Makes the folder if needed and locks it.
    pub fn own(path: &Path) -> Result<Self, DataFolderError> {
        let name = path.display().to_string();
        std::fs::create_dir_all(path).map_err(|error| DataFolderError::Unusable(name.clone(), error))?;
        let lock = OpenOptions::new().create(true).truncate(false).write(true).open(path.join("lock"));
        let lock = lock.map_err(|error| DataFolderError::Unusable(name.clone(), error))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { path: path.to_owned(), files: None, _lock: Some(lock) }),
            Err(TryLockError::WouldBlock) => Err(DataFolderError::InUse(name)),
            Err(TryLockError::Error(error)) => Err(DataFolderError::Unusable(name, error)),
        }
    }

    /// The folder beside a serving process: for reading only, as a backup does.
    pub fn beside(path: &Path) -> Self {
        Self { path: path.to_owned(), files: None, _lock: None }
    }

    /// The same, with the bytes of files elsewhere.
    #[must_use]
    pub fn with_files(self, files: Option<&Path>) -> Self {
        Self { files: files.map(Path::to_owned), ..self }
    }

    /// Where the bytes of files are.
    pub fn files(&self) -> PathBuf {
        self.files.clone().unwrap_or_else(|| self.path.join("files"))
    }

    /// Where ordered certificates are kept, with their keys: for this account's eyes alone.
    pub fn certificates(&self) -> std::io::Result<PathBuf> {
        let path = self.path.join("certificates");
        std::fs::create_dir_all(&path)?;
        #[cfg(unix)]
        std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o700))?;
        Ok(path)
    }

    /// The embedded database's file.
    pub fn database(&self) -> PathBuf {
        self.path.join("stalk.db")
    }

    /// The file of visitor events and statistics: apart, so that counting never holds the writer of chat.
    pub fn events(&self) -> PathBuf {
        self.path.join("events.db")
    }
}

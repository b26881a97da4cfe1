//! Where bytes are kept: a folder of the data folder, behind the interface of an object store. A file appears under its name whole or not at all.

use std::path::Path as Folder;
use std::pin::Pin;
use std::sync::Arc;

use futures_util::{Stream, StreamExt as _};
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt as _, PutPayload};

use crate::error::{Error, Result};
use crate::ids::{FileId, OperatorId, TenantId};

/// The bytes of a file, as they are read.
pub struct Bytes {
    /// How many.
    pub length: u64,
    /// Piece by piece.
    pub stream: Pin<Box<dyn Stream<Item = std::io::Result<bytes::Bytes>> + Send>>,
}

/// The store.
#[derive(Clone, Debug)]
pub struct Shelf(Arc<dyn ObjectStore>);

/// Where a file is.
pub(super) fn file(tenant: TenantId, id: FileId) -> Path {
    Path::from(format!("attachments/{tenant}/{id}"))
}

/// Where its thumbnail is.
pub(super) fn thumbnail(tenant: TenantId, id: FileId) -> Path {
    Path::from(format!("attachments/{tenant}/{id}.thumbnail"))
}

/// Where a photo is.
pub(super) fn photo(operator: OperatorId, hash: &str) -> Path {
    Path::from(format!("photos/{operator}/{hash}"))
}

fn failed(error: &object_store::Error) -> Error {
    tracing::error!(error = %error, "a file cannot be stored or read");
    Error::unavailable("files cannot be stored or read now; try again later")
}

impl Shelf {
    /// In this folder, which is made if needed.
    pub fn open(folder: &Folder) -> std::io::Result<Self> {
        std::fs::create_dir_all(folder)?;
        let store = LocalFileSystem::new_with_prefix(folder).map_err(std::io::Error::other)?;
        // On disk before anybody is told; empty folders of tenants go with their last file.
        Ok(Self(Arc::new(store.with_fsync(true))))
    }

    pub(super) async fn put(&self, path: &Path, bytes: Vec<u8>) -> Result<()> {
        self.0.put(path, PutPayload::from(bytes)).await.map(drop).map_err(|error| failed(&error))
    }

    pub(super) async fn get(&self, path: &Path) -> Result<Option<Vec<u8>>> {
        match self.0.get(path).await {
            Ok(found) => found.bytes().await.map(|bytes| Some(bytes.to_vec())).map_err(|error| failed(&error)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(failed(&error)),
        }
    }

    pub(super) async fn open_stream(&self, path: &Path) -> Result<Option<Bytes>> {
        match self.0.get(path).await {
            Ok(found) => {
                let length = found.meta.size;
                let stream = found.into_stream().map(|piece| piece.map_err(std::io::Error::other)).boxed();
                Ok(Some(Bytes { length, stream }))
            }
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(failed(&error)),
        }
    }

    pub(super) async fn delete(&self, path: &Path) -> Result<()> {
        match self.0.delete(path).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(failed(&error)),
        }
    }
}

//! Where bytes are kept: a folder of the data folder, behind the interface of an object store. A file appears under its name whole or not at all.

use std::path::Path as Folder;
use std::pin::Pin;
use std::sync::Arc;

use futures_util::{Stream, StreamExt as _};
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{MultipartUpload, ObjectStore, ObjectStoreExt as _, PutPayload};

use crate::error::{Error, Result};
use crate::ids::{FileId, OperatorId, TenantId};

/// The bytes of a file, as they are read.
pub struct Bytes {
    /// How many.
    pub length: u64,
    /// Piece by piece.
    pub stream: Pin<Box<dyn Stream<Item = std::io::Result<bytes::Bytes>> + Send>>,
}

/// Bytes on their way to the store; dropped before the end, they were never there.
pub struct Writing(Box<dyn MultipartUpload>);

impl Writing {
    /// The next piece.
    pub async fn piece(&mut self, bytes: Vec<u8>) -> Result<()> {
        self.0.put_part(PutPayload::from(bytes)).await.map_err(|error| failed(&error))
    }

    /// That was all.
    pub async fn end(mut self) -> Result<()> {
        self.0.complete().await.map(drop).map_err(|error| failed(&error))
    }

    /// Forgets what came.
    pub async fn give_up(mut self) -> Result<()> {
        self.0.abort().await.map_err(|error| failed(&error))
    }
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

/// What a kept file's bytes are called, and its thumbnail's if it has one: in backups, too.
pub fn names(tenant: TenantId, id: FileId, has_thumbnail: bool) -> impl Iterator<Item = String> {
    std::iter::once(file(tenant, id)).chain(has_thumbnail.then(|| thumbnail(tenant, id))).map(String::from)
}

/// What a photo's bytes are called.
pub fn photo_name(operator: OperatorId, hash: &str) -> String {
    photo(operator, hash).into()
}

/// Where a photo is.
pub(super) fn photo(operator: OperatorId, hash: &str) -> Path {
    Path::from(format!("photos/{operator}/{hash}"))
}

/// What the bytes of a picture for everybody are called.
pub fn picture_name(tenant: TenantId, name: &str) -> String {
    picture(tenant, name).into()
}

/// Where a picture for everybody is.
pub(super) fn picture(tenant: TenantId, name: &str) -> Path {
    Path::from(format!("pictures/{tenant}/{name}"))
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

    /// The bytes of this name, if there are any.
    pub async fn read(&self, name: &str) -> Result<Option<Bytes>> {
        self.open_stream(&Path::from(name)).await
    }

    /// Begins to write bytes of this name; they appear under it when all are there.
    pub async fn write(&self, name: &str) -> Result<Writing> {
        self.0.put_multipart(&Path::from(name)).await.map(Writing).map_err(|error| failed(&error))
    }

    /// Forgets the bytes of this name.
    pub async fn remove(&self, name: &str) -> Result<()> {
        self.delete(&Path::from(name)).await
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

//! `stalk check`: reads the whole database and says whether the stored logs keep their promises.

mod store;

pub use store::Finding;

use crate::app::{StartError, open_db};
use crate::config::Storage;
use crate::data_folder::DataFolder;
use crate::db::{Db, DbResult};
use crate::scope::SystemScope;

/// What is wrong, if anything.
pub async fn findings(db: &Db) -> DbResult<Vec<Finding>> {
    store::findings(db, SystemScope::of_the_system()).await
}

/// Checks the installation of this storage.
pub async fn run(storage: &Storage) -> Result<String, StartError> {
    let db = open_db(storage, &DataFolder::beside(&storage.data)).await?;
    let found = findings(&db).await.map_err(|error| StartError(error.to_string()))?;
    let conversations = store::count(&db, SystemScope::of_the_system()).await.map_err(|error| StartError(error.to_string()))?;
    db.close().await;
    if found.is_empty() {
        return Ok(format!("{conversations} conversations: every log is whole"));
    }
    let lines: Vec<String> = found.iter().map(|finding| format!("{} {}: {}", finding.kind, finding.id, finding.what)).collect();
    Err(StartError(format!("{} findings\n{}", lines.len(), lines.join("\n"))))
}

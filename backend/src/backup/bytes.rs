//! The bytes of attachments, photos and promotions' pictures in a backup: for each a line with name and size, then lines of base64. Which there are say the rows of the
//! same backup, and what no row names is not taken.

use std::collections::HashSet;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures_util::StreamExt as _;
use serde_json::Value;

use super::Line;
use crate::app::StartError;
use crate::files::shelf::{self, Writing};
use crate::files::{self, Shelf};
use crate::ids::{FileId, OperatorId, TenantId};

/// Bytes in a line: a multiple of 3, so that no line but a file's last is padded.
const PIECE: usize = 48 * 1024;

fn failed(name: &str, error: &dyn std::fmt::Display) -> StartError {
    StartError(format!("{name}: {error}"))
}

fn open(folder: &Path) -> Result<Shelf, StartError> {
    Shelf::open(folder).map_err(|error| failed(&folder.display().to_string(), &error))
}

/// What a row of a backup says of bytes: their names.
pub(super) fn names(table: &str, row: &Value) -> Vec<String> {
    let id = |name: &str| row[name].as_str().and_then(|id| id.parse().ok());
    match table {
        "files" => {
            let (Some(tenant), Some(file)) = (id("tenant_id"), id("id")) else { return Vec::new() };
            shelf::names(TenantId(tenant), FileId(file), row["thumbnail_bytes"].as_i64() > Some(0)).collect()
        }
        "operators" => {
            let (Some(operator), Some(hash)) = (id("id"), row["photo_hash"].as_str()) else { return Vec::new() };
            vec![shelf::photo_name(OperatorId(operator), hash)]
        }
        "promotions" => {
            let shown = row["definition"]["offer"]["image_url"].as_str().and_then(files::picture_in);
            // Another tenant's is another row's.
            let own = shown.filter(|(tenant, _)| Some(tenant.0) == id("tenant_id"));
            own.map(|(tenant, name)| shelf::picture_name(tenant, name)).into_iter().collect()
        }
        _ => Vec::new(),
    }
}

/// What was written.
pub(super) struct Saved {
    pub(super) files: u64,
    /// Removed since the rows were read, or lost.
    pub(super) gone: u64,
}

/// Writes the bytes of these names, a piece at a time.
pub(super) async fn save(
    folder: &Path,
    names: Vec<String>,
    line: &mut (impl FnMut(&Line) -> Result<(), StartError> + Send),
) -> Result<Saved, StartError> {
    let mut saved = Saved { files: 0, gone: 0 };
    // Not even the folder is there before the first file.
    if !folder.exists() {
        saved.gone = names.len() as u64;
        return Ok(saved);
    }
    let shelf = open(folder)?;
    for name in names {
        let Some(mut found) = shelf.read(&name).await.map_err(|error| failed(&name, &error))? else {
            saved.gone += 1;
            continue;
        };
        line(&Line::File { name: name.clone(), size: found.length })?;
        let mut waiting = Vec::with_capacity(2 * PIECE);
        while let Some(piece) = found.stream.next().await {
            waiting.extend_from_slice(&piece.map_err(|error| failed(&name, &error))?);
            while waiting.len() >= PIECE {
                line(&Line::Bytes(STANDARD.encode(waiting.drain(..PIECE).as_slice())))?;
            }
        }
        if !waiting.is_empty() {
            line(&Line::Bytes(STANDARD.encode(&waiting)))?;
        }
        saved.files += 1;
    }
    Ok(saved)
}

struct Open {
    name: String,
    lacks: u64,
    writing: Writing,
}

/// Files on their way back.
pub(super) struct Taking {
    shelf: Shelf,
    expected: HashSet<String>,
    taken: Vec<String>,
    open: Option<Open>,
}

impl Taking {
    /// Into this folder.
    pub(super) fn into(folder: &Path) -> Result<Self, StartError> {
        Ok(Self { shelf: open(folder)?, expected: HashSet::new(), taken: Vec::new(), open: None })
    }

    /// A row came, which may name files.
    pub(super) fn expect(&mut self, table: &str, row: &Value) {
        self.expected.extend(names(table, row));
    }

    /// How many came.
    pub(super) fn files(&self) -> u64 {
        (self.taken.len() + usize::from(self.open.is_some())) as u64
    }

    /// How many did not.
    pub(super) fn missing(&self) -> usize {
        self.expected.len()
    }

    pub(super) async fn begin(&mut self, name: String, size: u64) -> Result<(), StartError> {
        self.end().await?;
        if !self.expected.remove(&name) {
            return Err(StartError(format!("the backup is damaged: none of its rows names the file {name:?}")));
        }
        let writing = self.shelf.write(&name).await.map_err(|error| failed(&name, &error))?;
        self.open = Some(Open { name, lacks: size, writing });
        Ok(())
    }

    pub(super) async fn piece(&mut self, piece: &str) -> Result<(), StartError> {
        let damaged = || StartError("the backup is damaged: a file is not what it says; use another one".to_owned());
        let Some(open) = &mut self.open else { return Err(damaged()) };
        let bytes = STANDARD.decode(piece).map_err(|_| damaged())?;
        open.lacks = open.lacks.checked_sub(bytes.len() as u64).ok_or_else(damaged)?;
        open.writing.piece(bytes).await.map_err(|error| failed(&open.name, &error))
    }

    /// The file that came last is whole.
    pub(super) async fn end(&mut self) -> Result<(), StartError> {
        let Some(Open { name, lacks, writing }) = self.open.take() else { return Ok(()) };
        if lacks > 0 {
            writing.give_up().await.map_err(|error| failed(&name, &error))?;
            return Err(StartError(format!("the backup is damaged: {lacks} bytes of the file {name:?} are not in it; use another one")));
        }
        writing.end().await.map_err(|error| failed(&name, &error))?;
        self.taken.push(name);
        Ok(())
    }

    /// Nothing of it stays.
    pub(super) async fn forget(&mut self) -> Result<(), StartError> {
        if let Some(open) = self.open.take() {
            open.writing.give_up().await.map_err(|error| failed(&open.name, &error))?;
        }
        for name in self.taken.drain(..) {
            self.shelf.remove(&name).await.map_err(|error| failed(&name, &error))?;
        }
        Ok(())
    }
}

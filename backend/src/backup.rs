//! Backup and restore: one portable file for both databases, written from one moment of a serving installation.
//! The file is JSON lines: a header, then one line a row, tables in the order in which they can be restored, then the bytes of files and photos
//! ([`bytes`]); `end` with the numbers of rows and files closes it, so that a cut file is recognised.

mod bytes;
mod store;
mod tables;

use std::fs::OpenOptions;
use std::io::{BufRead as _, BufReader, BufWriter};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::app::{StartError, open_db, open_events};
use crate::config::Storage;
use crate::data_folder::DataFolder;
use crate::db::{Db, Tx};
use crate::scope::SystemScope;
use crate::visitor_events::EventsDb;

use bytes::{Saved, Taking};
use tables::{EVENT_TABLES, TABLES};

/// Version of the file format: the first had no files in it.
const FORMAT: u32 = 2;
/// Rows restored by one statement.
const BATCH: usize = 500;

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Line {
    Header {
        format: u32,
    },
    Row(String, Value),
    File {
        name: String,
        size: u64,
    },
    Bytes(String),
    End {
        rows: u64,
        #[serde(default)]
        files: u64,
    },
}

fn failed(what: &str, error: &dyn std::fmt::Display) -> StartError {
    StartError(format!("{what}: {error}"))
}

/// Writes everything into a new file, the bytes of attachments and photos `with_files` only; answers what to tell the person.
pub async fn run(storage: &Storage, file: &Path, with_files: bool) -> Result<String, StartError> {
    if file.exists() {
        return Err(StartError(format!("{} exists already; name a new file", file.display())));
    }
    let folder = DataFolder::beside(&storage.data).with_files(storage.files.as_deref());
    if storage.database_url.is_none() && !folder.database().exists() {
        return Err(StartError(format!(
            "there is no database in {}; set STALK_DATA to the folder of the installation",
            storage.data.display()
        )));
    }
    let (db, events) = (open_db(storage, &folder).await?, open_events(storage, &folder).await?);
    let mut part = file.as_os_str().to_owned();
    part.push(".part");
    let part = std::path::PathBuf::from(part);
    // It holds keys and people's words: for this account's eyes.
    let target = OpenOptions::new()
        .create(true)
        .truncate(true)
        .write(true)
        .mode(0o600)
        .open(&part)
        .map_err(|error| failed(&part.display().to_string(), &error))?;
    let mut out = BufWriter::new(target);
    let written = write_all((&db, &events), with_files.then_some(folder.files().as_path()), &mut out).await;
    db.close().await;
    events.0.close().await;
    let (rows, saved) = written?;
    // Whole and on disk before it has its name: a backup is either there or not.
    let target = out.into_inner().map_err(|error| failed("backup", &error))?;
    target.sync_all().map_err(|error| failed("backup", &error))?;
    std::fs::rename(&part, file).map_err(|error| failed("backup", &error))?;
    let told = match saved {
        Some(Saved { files, gone: 0 }) => format!("{rows} rows and {files} files"),
        Some(Saved { files, gone }) => format!("{rows} rows and {files} files; {gone} files that rows name are not there any more"),
        None => format!("{rows} rows; attachments and photos are not in it, copy the folder {} too", folder.files().display()),
    };
    Ok(format!("{told}: {}", file.display()))
}

/// Rows, and with a folder the files that they name.
async fn write_all(
    (db, events): (&Db, &EventsDb),
    files: Option<&Path>,
    out: &mut (impl std::io::Write + Send),
) -> Result<(u64, Option<Saved>), StartError> {
    let mut line = |line: &Line| -> Result<(), StartError> {
        serde_json::to_writer(&mut *out, line).map_err(|error| failed("backup", &error))?;
        out.write_all(b"\n").map_err(|error| failed("backup", &error))
    };
    line(&Line::Header { format: FORMAT })?;
    let (mut rows, mut names) = (0, Vec::new());
    // Each database as it stood at one moment; what visitors did in between is counted or not, and never twice.
    for (db, tables) in [(db, TABLES), (&events.0, EVENT_TABLES)] {
        let mut tx = db.begin_snapshot().await.map_err(|error| failed("backup", &error))?;
        for table in tables {
            let mut write = |row: String| {
                let row: Value = serde_json::from_str(&row).map_err(|error| failed(table.name, &error))?;
                rows += 1;
                names.extend(bytes::names(table.name, &row));
                line(&Line::Row(table.name.to_owned(), row))
            };
            store::read(&mut tx, SystemScope::of_the_system(), table, &mut write).await?;
        }
        tx.rollback().await.map_err(|error| failed("backup", &error))?;
    }
    // After the snapshot: bytes are there before their row is, and never change.
    let saved = match files {
        Some(folder) => Some(bytes::save(folder, names, &mut line).await?),
        None => None,
    };
    line(&Line::End { rows, files: saved.as_ref().map_or(0, |saved| saved.files) })?;
    Ok((rows, saved))
}

/// Reads a backup into an empty database, all or nothing.
pub async fn restore(storage: &Storage, file: &Path) -> Result<String, StartError> {
    let source = std::fs::File::open(file).map_err(|error| failed(&file.display().to_string(), &error))?;
    let folder = DataFolder::own(&storage.data).map_err(|error| StartError(error.to_string()))?.with_files(storage.files.as_deref());
    let (db, events) = (open_db(storage, &folder).await?, open_events(storage, &folder).await?);
    let system = SystemScope::of_the_system();
    let mut tx = db.begin().await.map_err(|error| failed("restore", &error))?;
    if store::count_tenants(&mut tx, system).await.map_err(|error| failed("restore", &error))? > 0 {
        return Err(StartError("the database is not empty; restore into a new data folder or a new PostgreSQL database".to_owned()));
    }
    store::clear_keys(&mut tx, system).await.map_err(|error| failed("restore", &error))?;
    let mut counted = events.0.begin().await.map_err(|error| failed("restore", &error))?;
    store::clear_events(&mut counted, system).await?;
    let mut taking = Taking::into(&folder.files())?;
    let done = match read_all(&mut tx, &mut counted, source, &mut taking).await {
        Ok(rows) => commit(tx, counted).await.map(|()| rows),
        Err(error) => {
            // Before they are closed, which waits for what is under way.
            drop((tx, counted));
            Err(error)
        }
    };
    db.close().await;
    events.0.close().await;
    if done.is_err() {
        taking.forget().await?;
    }
    let (rows, files, missing) = (done?, taking.files(), taking.missing());
    let beside = if missing == 0 {
        String::new()
    } else {
        format!("; {missing} files are not in it: put the folder that was kept beside it to {}", folder.files().display())
    };
    Ok(format!("{rows} rows and {files} files restored from {}{beside}", file.display()))
}

/// Events first: whatever happens in between, the restore can be begun again, for the tenants are not there yet.
async fn commit(mut tx: Tx, counted: Tx) -> Result<(), StartError> {
    store::complete(&mut tx, SystemScope::of_the_system()).await.map_err(|error| failed("restore", &error))?;
    counted.commit().await.map_err(|error| failed("restore", &error))?;
    tx.commit().await.map_err(|error| failed("restore", &error))
}

async fn read_all(tx: &mut Tx, counted: &mut Tx, source: std::fs::File, taking: &mut Taking) -> Result<u64, StartError> {
    let mut lines = BufReader::new(source).lines();
    let mut next = || -> Result<Line, StartError> {
        let line = lines.next().ok_or_else(|| StartError("the backup is cut off; use another one".to_owned()))?;
        let line = line.map_err(|error| failed("the backup cannot be read", &error))?;
        serde_json::from_str(&line).map_err(|error| failed("this is not a backup of stalk", &error))
    };
    match next()? {
        Line::Header { format: 1..=FORMAT } => {}
        Line::Header { format } => return Err(StartError(format!("the backup has format {format}; this version reads 1 to {FORMAT}"))),
        _ => return Err(StartError("this is not a backup of stalk".to_owned())),
    }
    let (mut rows, mut waiting, mut of) = (0_u64, Vec::new(), String::new());
    loop {
        let line = next()?;
        let changes = !matches!(&line, Line::Row(table, _) if *table == of);
        if (changes || waiting.len() >= BATCH) && !waiting.is_empty() {
            let target = if EVENT_TABLES.iter().any(|table| table.name == of) { &mut *counted } else { &mut *tx };
            store::insert(target, SystemScope::of_the_system(), &of, std::mem::take(&mut waiting)).await?;
        }
        match line {
            Line::Row(table, row) => {
                rows += 1;
                taking.expect(&table, &row);
                of = table;
                waiting.push(row);
            }
            Line::File { name, size } => taking.begin(name, size).await?,
            Line::Bytes(piece) => taking.piece(&piece).await?,
            Line::End { rows: said, files } if said == rows && files == taking.files() => {
                taking.end().await?;
                return Ok(rows);
            }
            _ => return Err(StartError("the backup is damaged: its number of rows is not what it says; use another one".to_owned())),
        }
    }
}

//! A disk without room: what cannot be stored is refused in words, what was acknowledged stays, and with room again everything goes on.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};
use stalk::check;
use stalk::clock::Clock;
use tempfile::TempDir;

use crate::app::{Shop, TestApp, text};
use crate::database::{Database, is_postgres};
use crate::operator::fresh_id;

/// A file system of 4 MB that lasts as long as this.
struct SmallDisk(TempDir);

impl SmallDisk {
    fn mount() -> Result<Self, String> {
        let folder = TempDir::new().unwrap();
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", "size=4m", "tmpfs"]).arg(folder.path()).output();
        let mounted = mounted.map_err(|error| error.to_string())?;
        if mounted.status.success() { Ok(Self(folder)) } else { Err(String::from_utf8_lossy(&mounted.stderr).into_owned()) }
    }

    /// Leaves no room for another page.
    fn fill(&self) {
        // From large to small, and of the smallest as many as there is room for.
        let large = (12..22).rev().map(|power| 1_usize << power);
        for (number, size) in large.chain(std::iter::repeat_n(4096, 1024)).enumerate() {
            let file = self.0.path().join(format!("filler-{number}"));
            if std::fs::write(&file, vec![0; size]).is_err() {
                std::fs::remove_file(&file).ok();
            }
        }
    }

    fn make_room(&self) {
        for entry in std::fs::read_dir(self.0.path()).unwrap() {
            let path = entry.unwrap().path();
            if path.file_name().unwrap().display().to_string().starts_with("filler-") {
                std::fs::remove_file(path).unwrap();
            }
        }
    }

    fn folder(&self) -> &Path {
        self.0.path()
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        Command::new("umount").arg("-l").arg(self.0.path()).status().ok();
    }
}

#[tokio::test]
async fn a_full_disk_refuses_posts_loses_nothing_and_heals() {
    if is_postgres() {
        println!("PostgreSQL has a disk of its own; this test is about the embedded database");
        return;
    }
    let disk = match SmallDisk::mount() {
        Ok(disk) => disk,
        Err(why) => {
            println!("no small disk can be mounted here, so a full one is not tested: {why}");
            return;
        }
    };
    let folder = TempDir::new_in(disk.folder()).unwrap();
    let database = Database::sqlite(folder.path());
    let args = ["--connections-per-address", "0", "--post-burst", "100000", "--posts-per-second", "100000"];
    let mut shop = Shop::of(TestApp::on(folder, database, &args, Clock::system()).await).await;
    let mut visitor = shop.visitor().await;
    let id = text(&visitor.post(None, "before").await["conversation"]["id"]);
    disk.fill();

    // The room inside the files is used up first.
    let mut acknowledged = vec![json!("before")];
    let refused = loop {
        let words = format!("{} {}", acknowledged.len(), "x".repeat(4000));
        let post = json!({"client_message_id": fresh_id(), "conversation": id, "text": words});
        match shop.fallback(&shop.site, visitor.ticket(), "message.post", &post).await {
            answer if answer.status == 200 => acknowledged.push(words.into()),
            answer => break (post, answer),
        }
        assert!(acknowledged.len() < 2000, "4 MB are never full");
    };
    let (post, answer) = refused;
    let error = &answer.json()["err"];
    assert_eq!((answer.status, error["code"].as_str()), (503, Some("unavailable")), "{error}");
    assert!(text(&error["message"]).contains("disk is full"), "{error}");
    assert!(error["retry_after_ms"].as_u64().unwrap() > 0);
    let note = json!({"client_message_id": fresh_id(), "text": "n".repeat(4000)});
    let notes = format!("/api/v1/conversations/{id}/notes");
    shop.owner.post(&notes, &note).await.refused(503, "unavailable");

    // Reading goes on.
    let texts = |log: Vec<Value>| log.into_iter().map(|entry| entry["data"]["text"].clone()).collect::<Vec<_>>();
    assert_eq!(texts(shop.owner.log(&id).await), acknowledged);
    shop.returning(&shop.site, visitor.ticket(), json!({})).await;

    disk.make_room();
    // The client tries the same post again, as docs/PROTOCOL.md tells it to.
    let again = visitor.request("message.post", post.clone()).await.unwrap();
    acknowledged.push(post["text"].clone());
    assert_eq!(again["message"]["seq"], acknowledged.len());
    shop.owner.post(&notes, &note).await.ok();
    assert_eq!(texts(shop.owner.log(&id).await), acknowledged);
    shop.app.stopped().await;
    check::run(&shop.storage()).await.unwrap();
    shop.app.start_again().await;
    assert_eq!(texts(shop.owner.at(&shop.console).log(&id).await), acknowledged);
}

/// What a statement changes is kept until it ends. SQLite answers that the disk is full when that outgrows a memory of more than 128 KB.
#[tokio::test]
async fn a_disk_with_room_is_not_called_full_for_one_large_statement() {
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("stalk.db"), "").unwrap();
    let database = Database::sqlite(folder.path());
    database
        .run(
            "PRAGMA journal_mode = WAL;
             CREATE TABLE large (id INTEGER PRIMARY KEY, number INTEGER UNIQUE, filler TEXT);
             INSERT INTO large WITH RECURSIVE rows(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM rows WHERE n < 4000)
               SELECT n, n, hex(zeroblob(1500)) FROM rows;
             BEGIN; UPDATE large SET number = number + 10000, filler = filler || '0'; COMMIT",
        )
        .await;
    assert_eq!(database.texts("SELECT MIN(number) || '' FROM large").await, ["10001"]);
}

//! `stalk nodes`: who serves this installation, as Redis knows it now.

use crate::app::{self, StartError};
use crate::clock::Clock;
use crate::config::{Nodes, Storage};
use crate::data_folder::DataFolder;
use crate::realtime::{Among, Node};
use crate::signing::Signer;

/// A table of the nodes.
pub async fn run(storage: &Storage, nodes: &Nodes) -> Result<String, StartError> {
    let redis_urls = nodes.redis_urls();
    if redis_urls.is_empty() || storage.database_url.is_none() {
        return Err(StartError("set DATABASE_URL and REDIS_URL as the nodes have them; a node that is alone is in no list".to_owned()));
    }
    Among::check(&redis_urls).map_err(|error| StartError(format!("REDIS_URL: {error}")))?;
    // The database says which installation this is: several may share a Redis.
    let db = app::open_db(storage, &DataFolder::beside(&storage.data)).await?;
    let signer = Signer::load(&db, &Clock::system()).await.map_err(|error| StartError(format!("signing keys: {error}")))?;
    db.close().await;
    let among = Among { redis_urls, installation: signer.installation().to_owned(), address: None };
    let mut found = among.nodes().await.map_err(|error| StartError(format!("Redis: {error}")))?;
    found.sort_by(|one, other| one.about.name.cmp(&other.about.name));
    Ok(table(&found))
}

fn table(nodes: &[Node]) -> String {
    let head = ["NODE", "ROLES", "CONNECTIONS", "CHANNELS", "SPREAD", "MESSAGES/S", "CPU", "MEMORY", "BUS", "ADDRESS"].map(str::to_owned);
    let mut rows = vec![head];
    rows.extend(nodes.iter().map(|node| {
        let about = &node.about;
        [
            about.name.clone(),
            about.roles.join(","),
            node.connections.to_string(),
            about.channels.to_string(),
            about.spread.to_string(),
            format!("{:.1}", about.messages_per_second),
            about.processors.map_or_else(|| "-".to_owned(), |busy| format!("{:.0} %", busy * 100.0)),
            about.memory.map_or_else(|| "-".to_owned(), |bytes| format!("{} MiB", bytes / 1_048_576)),
            format!("{:.1} ms", about.bus_ms),
            node.address.clone().unwrap_or_else(|| "-".to_owned()),
        ]
    }));
    let widths: Vec<usize> = (0..10).map(|column| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0)).collect();
    let line = |row: &[String; 10]| {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}")).collect::<Vec<_>>();
        cells.join("  ").trim_end().to_owned()
    };
    let lines: Vec<String> = rows.iter().map(line).collect();
    if nodes.is_empty() { "no node is known: none runs, or Redis was emptied a moment ago".to_owned() } else { lines.join("\n") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::realtime::About;

    #[test]
    fn nodes_stand_below_one_another() {
        let about = About { name: "a".to_owned(), roles: vec!["web".to_owned()], memory: Some(3 << 20), ..About::default() };
        let node = Node { id: uuid::Uuid::nil(), address: None, connections: 12, load: 0.0, about };
        let table = table(&[node.clone(), node]);
        let lines: Vec<&str> = table.lines().collect();
        assert_eq!(lines.len(), 3);
        assert!(lines[0].starts_with("NODE  ROLES  CONNECTIONS"), "{table}");
        assert!(lines[1].contains("12") && lines[1].contains("3 MiB"), "{table}");
    }
}

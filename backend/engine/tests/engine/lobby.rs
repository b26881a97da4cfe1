//! The example product, as its own process.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Stdio;

use serde_json::json;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use crate::hall::soon;
use crate::{socketio_client, websocket_client};

/// Cargo builds the examples beside the tests.
fn example() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let lobby = test.parent().unwrap().parent().unwrap().join("examples/lobby");
    assert!(lobby.exists(), "build it first: cargo build -p xpush --example lobby, in the profile of this test");
    lobby
}

async fn start() -> (Child, SocketAddr) {
    let mut lobby = Command::new(example()).args(["--port", "0"]).stdout(Stdio::piped()).kill_on_drop(true).spawn().unwrap();
    let mut lines = BufReader::new(lobby.stdout.take().unwrap()).lines();
    let line = soon(lines.next_line()).await.unwrap().unwrap();
    (lobby, line.strip_prefix("http://").unwrap().parse().unwrap())
}

#[tokio::test]
async fn two_players_meet_at_a_table_over_two_transports() {
    let (_lobby, address) = start().await;
    let mut ann = websocket_client::Client::come(address, "ann", &[]).await;
    let (mut bea, welcome) = socketio_client::Client::come(address, "bea", &[]).await;
    assert_eq!(welcome["player"], "bea");
    while ann.next_of("pub").await["d"] != json!({"type": "came", "player": "bea"}) {}
    ann.request("channel.join", json!({"channel": "table/1"})).await;
    bea.request("channel.join", json!({"channel": "table/1"})).await;
    bea.ask("dice.throw", json!({})).await;
    let thrown = ann.next_of("pub").await;
    assert_eq!((&thrown["seq"], &thrown["d"]["player"]), (&json!(1), &json!("bea")));
    assert_eq!(bea.next_of("pub").await["d"], thrown["d"]);
    drop(bea);
    let nameless = ann.request("cheat", json!({})).await;
    assert_eq!(nameless["err"]["code"], "invalid");
}

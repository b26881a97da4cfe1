//! /metrics in the Prometheus text format: what the engine counts.

use std::fmt::Write as _;

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};

use crate::app::App;
use crate::realtime::{Counts, Standing};
use crate::scope::SystemScope;
use crate::{jobs, webhooks};

fn one_if(so: bool) -> String {
    u8::from(so).to_string()
}

#[expect(clippy::cast_precision_loss, reason = "a number to look at")]
fn seconds(micros: u64) -> String {
    (micros as f64 / 1_000_000.0).to_string()
}

/// All metrics.
pub async fn show(State(app): State<App>) -> Response {
    let counts = app.realtime.counts();
    let mut out = String::with_capacity(2048);
    let mut metric = |name: &str, kind: &str, help: &str, values: &[(&str, String)]| write(&mut out, name, kind, help, values);
    let by_transport = [
        ("{transport=\"websocket\"}", counts.websocket.to_string()),
        ("{transport=\"socketio\"}", counts.socketio.to_string()),
        ("{transport=\"xpush\"}", counts.xpush.to_string()),
    ];
    metric("stalk_connections", "gauge", "Open connections of this node.", &by_transport);
    metric("stalk_channels", "gauge", "Channels with members on this node.", &[("", counts.channels.to_string())]);
    metric("stalk_channel_members", "gauge", "Memberships of this node's connections.", &[("", counts.members.to_string())]);
    metric("stalk_channels_spread", "gauge", "Channels with members here and on other nodes.", &[("", counts.spread.to_string())]);
    metric("stalk_principals_present", "gauge", "Visitors and operators with a live connection.", &[("", counts.present.to_string())]);
    metric("stalk_frames_sent_total", "counter", "Frames queued to connections.", &[("", counts.frames_out.to_string())]);
    metric(
        "stalk_slow_consumers_cut_total",
        "counter",
        "Connections cut because they did not read.",
        &[("", counts.slow_consumers_cut.to_string())],
    );
    metric("stalk_log_commands_total", "counter", "Commands committed to conversation logs.", &[("", counts.appended.to_string())]);
    metric("stalk_log_commits_total", "counter", "Transactions those commands took.", &[("", counts.batches.to_string())]);
    metric("stalk_visitor_events_waiting", "gauge", "Visitor events that wait to be stored.", &[("", app.acts.waiting().to_string())]);
    metric(
        "stalk_leads",
        "gauge",
        "Whether this node leads the workers that only one node runs.",
        &[("", one_if(app.leader.is_leading()))],
    );
    // Without an answer of the database a scrape goes without these two; that it is away says /readyz.
    if let (Ok(letters), Ok(deliveries)) =
        (jobs::count(&app.db, SystemScope::of_the_system()).await, webhooks::count_waiting(&app.db, SystemScope::of_the_system()).await)
    {
        metric("stalk_jobs_waiting", "gauge", "Letters that wait to be sent, of all nodes.", &[("", letters.to_string())]);
        metric(
            "stalk_webhooks_waiting",
            "gauge",
            "Webhook deliveries that wait to be sent, of all nodes.",
            &[("", deliveries.to_string())],
        );
    }
    if let Some(standing) = app.realtime.standing() {
        among_nodes(&mut out, standing, &counts);
    }
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], out).into_response()
}

/// Of a node that has others beside it.
fn among_nodes(out: &mut String, standing: Standing, counts: &Counts) {
    let mut metric = |name: &str, kind: &str, help: &str, values: &[(&str, String)]| write(out, name, kind, help, values);
    metric("stalk_redis_up", "gauge", "Whether this node reaches the others.", &[("", one_if(standing.redis))]);
    metric("stalk_nodes", "gauge", "Nodes that hold a lease, as far as this node knows.", &[("", standing.nodes.to_string())]);
    metric("stalk_bus_lag_seconds", "gauge", "How long the bus takes, there and back.", &[("", seconds(counts.bus_lag))]);
    metric("stalk_bus_waiting", "gauge", "Messages that wait for the bus.", &[("", counts.relay_waiting.to_string())]);
    metric("stalk_bus_lost_total", "counter", "Messages to other nodes that were given up.", &[("", counts.relay_lost.to_string())]);
    metric("stalk_bus_received_total", "counter", "Publications that came from other nodes.", &[("", counts.relayed_in.to_string())]);
    metric("stalk_log_healed_total", "counter", "Log entries read because the bus did not bring them.", &[("", counts.healed.to_string())]);
}

fn write(out: &mut String, name: &str, kind: &str, help: &str, values: &[(&str, String)]) {
    let _ = writeln!(out, "# HELP {name} {help}\n# TYPE {name} {kind}");
    for (labels, value) in values {
        let _ = writeln!(out, "{name}{labels} {value}");
    }
}

//! /metrics in the Prometheus text format: what the engine counts.

use std::fmt::Write as _;

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};

use crate::app::App;

/// All metrics.
pub async fn show(State(app): State<App>) -> Response {
    let counts = app.realtime.counts();
    let mut out = String::with_capacity(2048);
    let mut metric = |name: &str, kind: &str, help: &str, values: &[(&str, String)]| {
        let _ = writeln!(out, "# HELP {name} {help}\n# TYPE {name} {kind}");
        for (labels, value) in values {
            let _ = writeln!(out, "{name}{labels} {value}");
        }
    };
    let by_transport = [
        ("{transport=\"websocket\"}", counts.websocket.to_string()),
        ("{transport=\"socketio\"}", counts.socketio.to_string()),
        ("{transport=\"xpush\"}", counts.xpush.to_string()),
    ];
    metric("stalk_connections", "gauge", "Open connections of this node.", &by_transport);
    metric("stalk_channels", "gauge", "Channels with members on this node.", &[("", counts.channels.to_string())]);
    metric("stalk_channel_members", "gauge", "Memberships of this node's connections.", &[("", counts.members.to_string())]);
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
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], out).into_response()
}

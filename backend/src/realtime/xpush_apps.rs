//! The apps whose clients speak XPUSH's own protocol, beside everything else: their channels are no conversations, and their people are neither
//! visitors nor operators.

use serde::Serialize;
use xpush::allocation::{AllocationOptions, Level};
use xpush::xpush_wire::{self, Admitted, Apps, Knock, ServerInfo};

use super::{Realtime, WIDGET};
use crate::channel_apps::{ChannelApps, Comer};
use crate::config::Sessions;

/// A node that a session is sent to.
#[derive(Clone, Debug, Serialize)]
pub struct SessionNode {
    /// Its name.
    pub name: String,
    /// Where clients reach it.
    pub url: String,
}

/// How new sessions are spread, as the settings say.
pub(super) fn allocation(sessions: &Sessions) -> AllocationOptions {
    let mut levels: Vec<Level> = sessions.allocation_levels.iter().map(|(from, weight)| Level { from: *from, weight: *weight }).collect();
    levels.sort_by(|one, other| one.from.total_cmp(&other.from));
    AllocationOptions {
        levels,
        hysteresis: sessions.allocation_hysteresis,
        slack: sessions.allocation_slack,
        ..AllocationOptions::default()
    }
}

/// Connections at which the node is full.
pub(super) fn capacity(sessions: &Sessions) -> usize {
    usize::try_from(sessions.node_capacity).unwrap_or(usize::MAX)
}

impl Realtime {
    /// The widget's sockets, and beside them those of apps.
    pub fn with_apps(&self, sockets: axum::Router, apps: ChannelApps, widget_origin: &str) -> axum::Router {
        let url = url::Url::parse(widget_origin).ok();
        let host = url.as_ref().and_then(url::Url::host_str).unwrap_or_default().to_owned();
        let port = url.and_then(|url| url.port_or_known_default()).unwrap_or(0);
        xpush_wire::beside(sockets, self.engine.clone(), Door(apps), ServerInfo { host, port }, WIDGET)
    }

    /// The node for a new session of an app's channel: the best of those that are known, and this one when it is alone.
    pub fn session_node(&self, app: &str, channel: &str, widget_origin: &str) -> Option<SessionNode> {
        if self.engine.cluster_health().is_none() {
            return Some(SessionNode { name: self.engine.node_id().to_string(), url: widget_origin.to_owned() });
        }
        let node = self.engine.node_for(&xpush_wire::channel(app, channel))?;
        // Without addresses of their own, all nodes are behind the same one.
        Some(SessionNode { name: node.id.to_string(), url: node.address.unwrap_or_else(|| widget_origin.to_owned()) })
    }

    /// Whether this may be the name of an app, a channel, a user or a device.
    pub fn is_session_name(name: &str) -> bool {
        xpush_wire::is_name(name)
    }

    /// Disconnects everybody who is in an app.
    pub fn end_app(&self, app: &str) {
        xpush_wire::end(&self.engine, app);
    }
}

/// Judges who comes.
struct Door(ChannelApps);

impl Apps for Door {
    async fn admit(&self, knock: &Knock) -> Result<Admitted, String> {
        let Knock { app, channel, user, token, .. } = knock;
        let comer = Comer { app, channel, user: user.as_deref(), token: token.as_deref() };
        self.0.admit(comer).await.map(|user| Admitted { user })
    }

    fn admits_monitor(&self, token: &str) -> bool {
        self.0.admits_monitor(token)
    }

    fn now(&self) -> i64 {
        self.0.now()
    }
}

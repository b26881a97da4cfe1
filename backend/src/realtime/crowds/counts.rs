//! How many are in each crowd, told to its members when that changed and at most once a second. Every node tells its own.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::Duration;

use serde_json::json;
use tokio_util::sync::CancellationToken;
use xpush::ChannelId;

use super::super::Engine;
use super::super::logs::crowd_of;
use super::super::wire::{publication, soft_event};

/// Between two counts.
const GAP: Duration = Duration::from_secs(1);

/// What was told last, of every crowd that somebody of this node is in; nothing, before the first time.
#[derive(Default)]
pub(super) struct Counts(Mutex<HashMap<ChannelId, Option<usize>>>);

impl Counts {
    /// Somebody comes.
    pub(super) fn watch(&self, channel: &ChannelId) {
        if let Ok(mut known) = self.0.lock() {
            known.entry(channel.clone()).or_insert(None);
        }
    }

    /// Crowds with another number than was told; those that nobody is in are forgotten.
    fn changed(&self, members: impl Fn(&ChannelId) -> usize) -> Vec<(ChannelId, usize)> {
        let mut changed = Vec::new();
        let Ok(mut known) = self.0.lock() else { return changed };
        known.retain(|channel, told| {
            let now = members(channel);
            if now > 0 && *told != Some(now) {
                changed.push((channel.clone(), now));
                *told = Some(now);
            }
            now > 0
        });
        changed
    }
}

/// Counts until `stop`.
pub(in super::super) async fn run(engine: Engine, stop: CancellationToken) {
    loop {
        tokio::select! {
            () = tokio::time::sleep(GAP) => {}
            () = stop.cancelled() => return,
        }
        let live = engine.policy();
        for (channel, members) in live.crowds.counts.changed(|channel| engine.members(channel)) {
            let mut event = soft_event(&live.clock, "crowd.counted", None, json!({"members": members}));
            event["crowd"] = json!(crowd_of(&channel).map(|(_, crowd)| crowd));
            if let Some(publication) = publication(channel, None, &event) {
                engine.publish_here(publication);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_told_when_it_changed_and_forgotten_when_nobody_is_left() {
        let (counts, channel) = (Counts::default(), ChannelId::from("g/a/b"));
        counts.watch(&channel);
        assert_eq!(counts.changed(|_| 2), [(channel.clone(), 2)]);
        assert_eq!(counts.changed(|_| 2), []);
        counts.watch(&channel);
        assert_eq!(counts.changed(|_| 2), [], "who comes as another goes is no news");
        assert_eq!(counts.changed(|_| 0), []);
        assert_eq!(counts.changed(|_| 5), [], "it is not counted any more");
        counts.watch(&channel);
        assert_eq!(counts.changed(|_| 2), [(channel, 2)]);
    }
}

//! The promises, compared with what clients heard and what the log holds.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep};
use xpush::ChannelId;

use crate::client::Story;
use crate::plan::Fault;
use crate::run::Run;
use crate::world::note;

/// The rooms that a client is a member of, or wants to be.
fn rooms(run: &Run, story: &Story) -> BTreeSet<ChannelId> {
    let mut invited = run.nodes.store.rows().members.get(&story.name).cloned().unwrap_or_default();
    // A node that dies behind a commit takes its invitations along; who was invited hears of it when it connects the next time.
    let own = run.plan.guests.iter().filter(|guest| guest.name == story.name).flat_map(|guest| &guest.rooms).collect::<BTreeSet<_>>();
    let killed = run.plan.faults.iter().any(|fault| matches!(fault.what, Fault::Kill { .. }));
    invited.retain(|room| !killed || own.contains(room) || story.heard.contains_key(room));
    if story.resumes { invited } else { story.rooms.union(&invited).cloned().collect() }
}

/// What clients still lack.
pub(crate) fn behind(run: &Run) -> Vec<String> {
    let mut behind = Vec::new();
    for story in &run.stories {
        let story = story.lock().unwrap();
        if story.at.is_none() {
            behind.push(format!("{} is not connected", story.name));
        }
        if story.unsent > 0 {
            behind.push(format!("{} of {} are not acknowledged", story.unsent, story.name));
        }
        for room in rooms(run, &story) {
            let (have, top) = (story.heard.get(&room).map_or(0, Vec::len), run.nodes.store.top(&room));
            if have as u64 != top {
                behind.push(format!("{} has {have} of {top} in {room}", story.name));
            }
        }
    }
    behind
}

/// Nothing acknowledged is lost, nothing is there twice, everybody has heard the same, and each in the order it was written.
pub(crate) fn check_logs(run: &Run) {
    let world = &run.nodes.world;
    let rows = run.nodes.store.rows();
    let mut written: BTreeMap<Arc<str>, BTreeMap<u64, (ChannelId, u64)>> = BTreeMap::new();
    for (room, entries) in &rows.rooms {
        let mut newest: BTreeMap<&str, u64> = BTreeMap::new();
        for (entry, seq) in entries.iter().zip(1..) {
            if written.entry(Arc::clone(&entry.by)).or_default().insert(entry.id, (room.clone(), seq)).is_some() {
                world.broke(format!("{}/{} is in the log twice", entry.by, entry.id));
            }
            if newest.insert(&entry.by, entry.id).is_some_and(|before| before > entry.id) {
                world.broke(format!("{room}: {}/{} stands behind a later one of the same sender", entry.by, entry.id));
            }
        }
    }
    for story in &run.stories {
        let story = story.lock().unwrap();
        for (id, room, seq) in &story.acknowledged {
            let there = written.get(&story.name).and_then(|of| of.get(id));
            if there != Some(&(room.clone(), *seq)) {
                world.broke(format!("{}/{id} was acknowledged as {room} {seq} and is {there:?}", story.name));
            }
        }
        for (room, heard) in &story.heard {
            let log = rows.rooms.get(room).map_or(&[][..], Vec::as_slice);
            for (place, (by, id)) in heard.iter().enumerate() {
                if log.get(place).is_none_or(|entry| (&entry.by, entry.id) != (by, *id)) {
                    world.broke(format!("{} has {by}/{id} as {room} {}, where the log has another", story.name, place + 1));
                }
            }
        }
    }
}

/// How much later than the nodes know of a change it may be told: whoever should have told may have died, too.
const TOLD: Duration = Duration::from_secs(3);

/// Waits until every node says of presence and members what is, not beyond `deadline`; and until that was told.
pub(crate) async fn settles(run: &Run, deadline: Instant) {
    holds(run, deadline, wrong).await;
    holds(run, deadline + TOLD, untold).await;
    note!(run.nodes.world, "presence is right");
}

async fn holds(run: &Run, deadline: Instant, wrong: fn(&Run) -> Vec<String>) {
    loop {
        let wrong = wrong(run);
        if wrong.is_empty() {
            return;
        }
        if Instant::now() >= deadline {
            for what in wrong {
                run.nodes.world.broke(format!("presence is not right in time: {what}"));
            }
            return;
        }
        sleep(Duration::from_millis(100)).await;
    }
}

fn is_present(run: &Run, story: &Story) -> bool {
    story.at.is_some_and(|place| run.nodes.at(place).is_some())
}

fn untold(run: &Run) -> Vec<String> {
    let mut wrong = Vec::new();
    for story in &run.stories {
        let story = story.lock().unwrap();
        let present = is_present(run, &story);
        if !run.nodes.told.lock().unwrap().is_true(&story.name, present, &run.nodes.exchange) {
            wrong.push(format!("{} is present: {present}, and told was last otherwise", story.name));
        }
    }
    wrong
}

fn wrong(run: &Run) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut members: BTreeMap<ChannelId, usize> = run.plan.rooms.iter().map(|room| (room.clone(), 0)).collect();
    let live = run.nodes.live();
    for story in &run.stories {
        let story = story.lock().unwrap();
        let present = is_present(run, &story);
        for room in rooms(run, &story).into_iter().filter(|_| present) {
            *members.entry(room).or_default() += 1;
        }
        for host in live.values().filter(|host| host.engine.is_present(&story.name) != present) {
            wrong.push(format!("node {} says that {} is present: {}", host.number, story.name, !present));
        }
    }
    for (room, count) in &members {
        for host in live.values().filter(|host| host.engine.members(room) != *count) {
            wrong.push(format!("node {} counts {} members of {room}; there are {count}", host.number, host.engine.members(room)));
        }
    }
    wrong
}

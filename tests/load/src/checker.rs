//! The judgement: given every actor's history and the final logs, which promises were broken? Pure; knows nothing of
//! sockets, kills or time.
//!
//! Promises (docs/PROTOCOL.md): acknowledged means durable, exactly once, one order without holes in which every
//! sender's messages stand as written, the same for every receiver.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::history::{Entry, History, Truth};

#[cfg(test)]
mod tests;

/// The event type of a message.
pub const MESSAGE: &str = "message.posted";

/// Counts of broken promises, and a sentence for each.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verdict {
    pub asked: u64,
    pub acknowledged: u64,
    /// Acknowledged and not in the log, or in another place or with another text than was promised.
    pub lost: u64,
    /// In the logs more than once, or shown more than once to a receiver.
    pub duplicated: u64,
    /// Seqs missing in a log or in what a receiver applied.
    pub holes: u64,
    /// A sender's order not kept, or a receiver's order (or content) not that of the log.
    pub misordered: u64,
    /// Asked and never acknowledged, or refused, or otherwise against the protocol.
    pub other: u64,
    pub detail: Vec<String>,
}

impl Verdict {
    /// Whether every promise was kept.
    pub fn clean(&self) -> bool {
        self.lost + self.duplicated + self.holes + self.misordered + self.other == 0
    }

    /// Counts something against the protocol that no other rule has a word for.
    pub fn complain(&mut self, sentence: String) {
        self.other += 1;
        self.detail.push(sentence);
    }
}

/// Judges the histories against the truth.
pub fn check(histories: &[History], truth: &Truth) -> Verdict {
    let mut verdict = Verdict::default();
    let places = check_logs(truth, &mut verdict);
    for history in histories {
        check_sender(history, truth, &places, &mut verdict);
        check_receiver(history, truth, &mut verdict);
        for note in &history.notes {
            verdict.complain(format!("{}: {note}", history.actor));
        }
    }
    verdict
}

/// Where a message of a sender stands: sender and client message id → conversation, seq.
type Places<'a> = HashMap<(&'a str, &'a str), Vec<(&'a str, u64)>>;

/// Seqs 1..n without holes in every log; every message in all logs once.
fn check_logs<'a>(truth: &'a Truth, verdict: &mut Verdict) -> Places<'a> {
    let mut places = Places::new();
    for (conversation, log) in truth {
        let mut expected = 1;
        for entry in log {
            if entry.seq > expected {
                verdict.holes += entry.seq - expected;
                verdict.detail.push(format!("log of {conversation}: seq {expected}..{} missing", entry.seq));
            }
            if entry.seq < expected {
                verdict.duplicated += 1;
                verdict.detail.push(format!("log of {conversation}: seq {} stands twice", entry.seq));
            }
            expected = expected.max(entry.seq + 1);
            let Some(asked) = entry.client_message_id.as_deref() else { continue };
            let stands = places.entry((&entry.sender, asked)).or_default();
            stands.push((conversation, entry.seq));
            if let [(first, seq), .., _] = stands[..] {
                verdict.duplicated += 1;
                verdict.detail.push(format!("message {asked} stands twice: {first} seq {seq} and {conversation} seq {}", entry.seq));
            }
        }
    }
    places
}

/// Everything acknowledged is where the answer said, with the text asked, in the order asked; nothing is unanswered.
fn check_sender(history: &History, truth: &Truth, places: &Places<'_>, verdict: &mut Verdict) {
    verdict.asked += history.asked.len() as u64;
    let asked: HashMap<&str, (usize, &str)> =
        history.asked.iter().enumerate().map(|(index, asked)| (asked.client_message_id.as_str(), (index, asked.text.as_str()))).collect();
    let mut answered = BTreeSet::new();
    for promise in &history.acknowledged {
        answered.insert(promise.client_message_id.as_str());
        let key = (history.participant.as_str(), promise.client_message_id.as_str());
        let stands = places.get(&key).map(Vec::as_slice).unwrap_or_default();
        if !stands.contains(&(promise.conversation.as_str(), promise.seq)) {
            verdict.lost += 1;
            verdict.detail.push(format!(
                "{}: message {} was acknowledged as seq {} of {}, the log says {stands:?}",
                history.actor, promise.client_message_id, promise.seq, promise.conversation
            ));
        }
    }
    verdict.acknowledged += answered.len() as u64;
    for message in &history.asked {
        if !answered.contains(message.client_message_id.as_str()) {
            verdict.complain(format!("{}: message {} ({}) was never acknowledged", history.actor, message.client_message_id, message.text));
        }
    }
    for (conversation, log) in truth {
        check_senders_order(history, &asked, conversation, log, verdict);
    }
}

/// In one log, this sender's messages stand in the order they were written and read as written.
fn check_senders_order(history: &History, asked: &HashMap<&str, (usize, &str)>, conversation: &str, log: &[Entry], verdict: &mut Verdict) {
    let mut latest = None;
    for entry in log.iter().filter(|entry| entry.kind == MESSAGE && entry.sender == history.participant) {
        let known = entry.client_message_id.as_deref().and_then(|id| asked.get(id));
        let Some(&(index, text)) = known else {
            verdict.complain(format!("log of {conversation} seq {}: {} never wrote that", entry.seq, history.actor));
            continue;
        };
        if entry.text.as_deref() != Some(text) {
            verdict.lost += 1;
            verdict
                .detail
                .push(format!("log of {conversation} seq {}: {} wrote {text:?}, it reads {:?}", entry.seq, history.actor, entry.text));
        }
        // A message in the log twice is counted as duplicated, not as misordered too.
        if latest.is_some_and(|latest| index < latest) {
            verdict.misordered += 1;
            verdict.detail.push(format!(
                "log of {conversation} seq {}: message {index} of {} stands after message {latest:?}",
                entry.seq, history.actor
            ));
        }
        latest = latest.max(Some(index));
    }
}

/// What a receiver applied is the log, from 1 to its end; what it was told besides never contradicts the log.
fn check_receiver(history: &History, truth: &Truth, verdict: &mut Verdict) {
    let nothing = Vec::new();
    let promised = history.acknowledged.iter().map(|promise| &promise.conversation);
    for conversation in history.received.keys().chain(promised).collect::<BTreeSet<_>>() {
        let applied = history.received.get(conversation).unwrap_or(&nothing);
        let Some(log) = truth.get(conversation) else {
            verdict.complain(format!("{}: conversation {conversation} is gone", history.actor));
            continue;
        };
        check_applied(&history.actor, conversation, applied, log, verdict);
        let by_seq: BTreeMap<u64, &Entry> = log.iter().map(|entry| (entry.seq, entry)).collect();
        for told in history.told.get(conversation).into_iter().flatten() {
            if by_seq.get(&told.seq).is_none_or(|entry| entry.id != told.id) {
                verdict.misordered += 1;
                verdict.detail.push(format!(
                    "{}: was told {} as seq {} of {conversation}, the log says {:?}",
                    history.actor,
                    told.id,
                    told.seq,
                    by_seq.get(&told.seq).map(|entry| &entry.id)
                ));
            }
        }
    }
}

fn check_applied(actor: &str, conversation: &str, applied: &[Entry], log: &[Entry], verdict: &mut Verdict) {
    let shown: Vec<&str> = applied.iter().map(|entry| entry.id.as_str()).collect();
    let stored: Vec<&str> = log.iter().map(|entry| entry.id.as_str()).collect();
    if shown == stored {
        return;
    }
    let (seen, all): (BTreeSet<_>, BTreeSet<_>) = (shown.iter().collect(), stored.iter().collect());
    let repeats = shown.len() - seen.len();
    let missing = all.difference(&seen).count();
    verdict.duplicated += repeats as u64;
    verdict.holes += missing as u64;
    let place: HashMap<&str, usize> = stored.iter().enumerate().map(|(index, id)| (*id, index)).collect();
    let order: Vec<usize> = shown.iter().filter_map(|id| place.get(id).copied()).collect();
    let swapped = order.windows(2).filter(|pair| pair[0] > pair[1]).count() + (shown.len() - order.len());
    verdict.misordered += swapped as u64;
    verdict.detail.push(format!(
        "{actor}: of {conversation} it holds {} entries, the log {}; {missing} missing, {repeats} repeated, {swapped} out of place",
        shown.len(),
        stored.len()
    ));
}

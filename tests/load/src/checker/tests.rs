//! Hand-made histories, good and bad: the checker must tell them apart.

use super::{MESSAGE, Verdict, check};
use crate::history::{Acknowledged, Asked, Entry, History, Truth};

const TALK: &str = "talk";

fn entry(seq: u64, sender: &str, message: &str) -> Entry {
    Entry {
        seq,
        id: format!("id-{sender}-{message}"),
        kind: MESSAGE.to_owned(),
        sender: sender.to_owned(),
        client_message_id: Some(message.to_owned()),
        text: Some(format!("text of {message}")),
    }
}

/// A sender who wrote and got acknowledged these messages at these seqs.
fn sender(name: &str, messages: &[(&str, u64)]) -> History {
    let mut history = History { actor: name.to_owned(), participant: name.to_owned(), ..History::default() };
    for (message, seq) in messages {
        history.asked.push(Asked { client_message_id: (*message).to_owned(), text: format!("text of {message}") });
        history.acknowledged.push(Acknowledged {
            client_message_id: (*message).to_owned(),
            conversation: TALK.to_owned(),
            seq: *seq,
            id: format!("id-{name}-{message}"),
        });
    }
    history
}

fn log() -> Vec<Entry> {
    vec![entry(1, "mina", "a"), entry(2, "shop", "x"), entry(3, "mina", "b"), entry(4, "mina", "c")]
}

fn truth(log: Vec<Entry>) -> Truth {
    Truth::from([(TALK.to_owned(), log)])
}

fn actors() -> Vec<History> {
    let mut mina = sender("mina", &[("a", 1), ("b", 3), ("c", 4)]);
    let mut shop = sender("shop", &[("x", 2)]);
    for history in [&mut mina, &mut shop] {
        history.received.insert(TALK.to_owned(), log());
        history.told.insert(TALK.to_owned(), log());
    }
    vec![mina, shop]
}

fn counts(verdict: &Verdict) -> [u64; 5] {
    [verdict.lost, verdict.duplicated, verdict.holes, verdict.misordered, verdict.other]
}

#[test]
fn a_good_history_is_clean() {
    let verdict = check(&actors(), &truth(log()));
    assert!(verdict.clean(), "{verdict:?}");
    assert_eq!((verdict.asked, verdict.acknowledged), (4, 4));
}

#[test]
fn an_acknowledged_message_that_is_gone_is_lost() {
    let mut log = log();
    log.pop();
    let mut actors = actors();
    for history in &mut actors {
        history.received.insert(TALK.to_owned(), log.clone());
        history.told.insert(TALK.to_owned(), log.clone());
    }
    assert_eq!(counts(&check(&actors, &truth(log))), [1, 0, 0, 0, 0]);
}

#[test]
fn an_acknowledged_message_at_another_seq_is_lost() {
    let mut actors = actors();
    actors[0].acknowledged[1].seq = 9;
    assert_eq!(counts(&check(&actors, &truth(log()))), [1, 0, 0, 0, 0]);
}

#[test]
fn a_message_with_another_text_is_lost() {
    let mut log = log();
    log[2].text = Some("something else".to_owned());
    assert_eq!(counts(&check(&actors(), &truth(log))), [1, 0, 0, 0, 0]);
}

#[test]
fn a_message_that_stands_twice_is_duplicated() {
    let mut log = log();
    log.push(Entry { id: "again".to_owned(), ..entry(5, "mina", "c") });
    let mut actors = actors();
    for history in &mut actors {
        history.received.insert(TALK.to_owned(), log.clone());
    }
    let verdict = check(&actors, &truth(log));
    assert_eq!(verdict.duplicated, 1, "{verdict:?}");
    assert_eq!(verdict.misordered, 0, "{verdict:?}");
}

#[test]
fn a_seq_that_the_log_skips_is_a_hole() {
    let mut log = log();
    log[3].seq = 6;
    let mut actors = actors();
    actors[0].acknowledged[2].seq = 6;
    for history in &mut actors {
        history.received.insert(TALK.to_owned(), log.clone());
        history.told.insert(TALK.to_owned(), log.clone());
    }
    assert_eq!(counts(&check(&actors, &truth(log))), [0, 0, 2, 0, 0]);
}

#[test]
fn a_sender_whose_messages_changed_places_is_misordered() {
    let mut actors = actors();
    actors[0].asked.swap(1, 2);
    assert_eq!(counts(&check(&actors, &truth(log()))), [0, 0, 0, 1, 0]);
}

#[test]
fn a_receiver_with_another_order_is_misordered() {
    let mut actors = actors();
    actors[1].received.entry(TALK.to_owned()).or_default().swap(2, 3);
    assert_eq!(counts(&check(&actors, &truth(log()))), [0, 0, 0, 1, 0]);
}

#[test]
fn a_receiver_that_misses_one_has_a_hole_and_one_that_repeats_has_a_duplicate() {
    let mut missing = actors();
    missing[1].received.entry(TALK.to_owned()).or_default().remove(2);
    assert_eq!(counts(&check(&missing, &truth(log()))), [0, 0, 1, 0, 0]);

    let mut repeated = actors();
    repeated[1].received.entry(TALK.to_owned()).or_default().push(entry(4, "mina", "c"));
    assert_eq!(counts(&check(&repeated, &truth(log()))), [0, 1, 0, 0, 0]);
}

#[test]
fn a_publication_that_the_log_never_held_is_noticed_even_when_it_was_dropped() {
    let mut actors = actors();
    actors[1].told.entry(TALK.to_owned()).or_default().push(entry(4, "mina", "never committed"));
    assert_eq!(counts(&check(&actors, &truth(log()))), [0, 0, 0, 1, 0]);
}

#[test]
fn a_message_nobody_wrote_and_one_nobody_acknowledged_are_complaints() {
    let mut actors = actors();
    actors[0].asked.push(Asked { client_message_id: "d".to_owned(), text: "text of d".to_owned() });
    assert_eq!(counts(&check(&actors, &truth(log()))), [0, 0, 0, 0, 1]);

    let mut log = log();
    log.push(entry(5, "mina", "ghost"));
    let verdict = check(&self::actors(), &truth(log));
    assert_eq!(verdict.other, 1, "{verdict:?}");
}

#[test]
fn notes_of_the_actors_are_complaints() {
    let mut actors = actors();
    actors[0].notes.push("refused".to_owned());
    assert_eq!(counts(&check(&actors, &truth(log()))), [0, 0, 0, 0, 1]);
}

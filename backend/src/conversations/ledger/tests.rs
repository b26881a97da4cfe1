//! The ledger's promises, without a database: order, exactly-once, reopening, linking, who may what.

use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::clock::DAY;
use crate::conversations::command::{Handing, OnlyIf, Target};
use crate::conversations::content::Content;
use crate::conversations::model::Status;
use crate::ids::MessageId;
use crate::scope::SiteScope;
use crate::text;
use crate::visitors::{Acting, Profile};

const NOON: Millis = 1_795_000_000_000;

struct Desk {
    ledger: Ledger,
    clock: Clock,
    tenant: TenantId,
    site: SiteId,
    visitor: VisitorId,
    operator: OperatorId,
}

impl Desk {
    fn new() -> Self {
        let id = Uuid::from_u128;
        let desk = Self {
            ledger: Ledger::default(),
            clock: Clock::fixed(NOON),
            tenant: id(1).into(),
            site: id(2).into(),
            visitor: id(3).into(),
            operator: id(4).into(),
        };
        let mut desk = desk;
        desk.ledger.know_operator(desk.operator, "Mina".to_owned(), None);
        desk.ledger.know_reopen_days(desk.site, 14);
        desk
    }

    fn ask(&mut self, visitor: Option<VisitorId>, what: What) -> Result<Done, Refused> {
        let sender = match visitor {
            Some(id) => Sender { kind: SenderKind::Visitor, id: id.into(), name: None },
            None => Sender { kind: SenderKind::Operator, id: self.operator.into(), name: Some("Mina".to_owned()) },
        };
        let now = visitor.map(|visitor| Acting {
            scope: SiteScope::proven(self.tenant, self.site),
            visitor,
            device: Uuid::from_u128(5).into(),
            profile: Profile::default(),
        });
        let queued = Queued { command: Command { tenant: self.tenant, sender, also: Vec::new(), what }, visitor: now };
        self.ledger.apply(&queued, &self.clock)
    }

    fn visitor_says(&mut self, client_id: u128, text: &str) -> Result<Done, Refused> {
        self.ask(Some(self.visitor), post(Target::Current, client_id, text))
    }

    fn operator_says(&mut self, to: ConversationId, client_id: u128, text: &str) -> Result<Done, Refused> {
        self.ask(None, post(Target::Conversation(to), client_id, text))
    }
}

fn post(target: Target, client_id: u128, text: &str) -> What {
    let body_hash = text::fingerprint(&serde_json::json!(text));
    What::Post {
        target,
        client_message_id: Uuid::from_u128(client_id).into(),
        content: Content::Text(text.to_owned(), Vec::new()),
        body_hash,
    }
}

fn entry(done: &Done) -> (MessageId, i64, Conversation) {
    match &done.reply {
        Reply::Entry { id, seq, conversation, .. } => (*id, *seq, (**conversation).clone()),
        other => panic!("not an entry: {other:?}"),
    }
}

fn kinds(done: &Done) -> Vec<String> {
    let kind = |told: &Told| match told {
        Told::Entry(entry) | Told::Note(entry) => Some(entry.kind.clone()),
        _ => None,
    };
    done.told.iter().filter_map(kind).collect()
}

#[test]
fn the_first_message_makes_a_queued_conversation_and_the_second_goes_into_it() {
    let mut desk = Desk::new();
    let (_, seq, conversation) = entry(&desk.visitor_says(1, "hello").unwrap());
    assert_eq!((seq, conversation.status, conversation.assignee_id, conversation.waiting_since), (1, Status::Open, None, Some(NOON)));
    desk.clock.advance(1000);
    let (_, seq, again) = entry(&desk.visitor_says(2, "anyone?").unwrap());
    assert_eq!((seq, again.id, again.waiting_since), (2, conversation.id, Some(NOON)));
}

#[test]
fn the_first_operator_who_answers_becomes_the_assignee_and_the_waiting_ends() {
    let mut desk = Desk::new();
    let (.., conversation) = entry(&desk.visitor_says(1, "hello").unwrap());
    let done = desk.operator_says(conversation.id, 2, "hi").unwrap();
    assert_eq!(kinds(&done), ["conversation.assigned", "message.posted"]);
    let (_, seq, after) = entry(&done);
    assert_eq!((seq, after.assignee_id, after.waiting_since), (3, Some(desk.operator), None));
    let done = desk.operator_says(conversation.id, 3, "how can I help?").unwrap();
    assert_eq!(kinds(&done), ["message.posted"]);
}

#[test]
fn what_was_said_by_whom_the_sender_became_part_of_is_a_repeat_and_makes_them_no_member() {
    let mut desk = Desk::new();
    let signed_in: VisitorId = Uuid::from_u128(30).into();
    let first = desk.ask(Some(signed_in), post(Target::Current, 100, "hi")).unwrap();
    desk.ledger.know_merged(desk.visitor.into(), signed_in.into());
    let again = desk.visitor_says(100, "hi").unwrap();
    assert_eq!((&again.reply, again.follow), (&first.reply, None));
    assert_eq!(first.follow, Some((signed_in, first.changed.unwrap())));
    let own = desk.visitor_says(101, "another").unwrap();
    assert_ne!(own.changed, first.changed, "what was not said before goes where their own goes");
}

#[test]
fn a_repeat_gets_the_first_answer_and_another_body_is_a_conflict() {
    let mut desk = Desk::new();
    let first = entry(&desk.visitor_says(1, "hello").unwrap());
    for _ in 0..10 {
        let done = desk.visitor_says(1, "hello").unwrap();
        assert_eq!((entry(&done).0, entry(&done).1), (first.0, first.1));
        assert!(matches!(&done.told[..], [Told::Entry(told)] if told.seq == first.1));
    }
    assert_eq!(desk.visitor_says(1, "hello!").unwrap_err(), Refused::Conflict(Uuid::from_u128(1).into()));
    assert_eq!(desk.ledger.new_entries.len(), 1);
}

#[test]
fn a_late_post_reopens_within_the_days_and_starts_a_linked_conversation_afterwards() {
    let mut desk = Desk::new();
    let (.., first) = entry(&desk.visitor_says(1, "hello").unwrap());
    desk.ask(None, What::SetStatus { conversation: first.id, status: Status::Resolved, until: None }).unwrap();
    desk.clock.advance(14 * DAY);
    let done = desk.visitor_says(2, "one more thing").unwrap();
    assert_eq!(kinds(&done), ["conversation.reopened", "message.posted"]);
    assert_eq!(entry(&done).2.id, first.id);

    desk.ask(None, What::SetStatus { conversation: first.id, status: Status::Resolved, until: None }).unwrap();
    desk.clock.advance(14 * DAY + 1);
    let done = desk.ask(Some(desk.visitor), post(Target::Conversation(first.id), 3, "me again")).unwrap();
    let (_, seq, linked) = entry(&done);
    assert_eq!((seq, linked.previous_id), (1, Some(first.id)));
    assert_ne!(linked.id, first.id);
    // What else is in the outbox for the old conversation goes to the new one, not to a third.
    let done = desk.ask(Some(desk.visitor), post(Target::Conversation(first.id), 4, "and again")).unwrap();
    assert_eq!((entry(&done).1, entry(&done).2.id), (2, linked.id));
}

#[test]
fn another_visitor_or_tenant_finds_no_conversation() {
    let mut desk = Desk::new();
    let (.., conversation) = entry(&desk.visitor_says(1, "hello").unwrap());
    let stranger: VisitorId = Uuid::from_u128(99).into();
    let refused = desk.ask(Some(stranger), post(Target::Conversation(conversation.id), 2, "let me in")).unwrap_err();
    assert_eq!(refused, Refused::NotFound("conversation"));
    desk.tenant = Uuid::from_u128(77).into();
    assert_eq!(desk.operator_says(conversation.id, 3, "let me in").unwrap_err(), Refused::NotFound("conversation"));
    let refused = desk.ask(None, What::SetStatus { conversation: conversation.id, status: Status::Resolved, until: None }).unwrap_err();
    assert_eq!(refused, Refused::NotFound("conversation"));
}

#[test]
fn an_edit_and_a_retraction_are_entries_and_only_the_sender_may() {
    let mut desk = Desk::new();
    let (.., conversation) = entry(&desk.visitor_says(1, "hello").unwrap());
    let (_, seq, _) = entry(&desk.operator_says(conversation.id, 2, "helo back").unwrap());
    let edit = |client_id: u128, target: i64, text: Option<&str>| What::Edit {
        conversation: conversation.id,
        target,
        client_message_id: Uuid::from_u128(client_id).into(),
        text: text.map(ToOwned::to_owned),
        body_hash: vec![1],
    };
    assert_eq!(kinds(&desk.ask(None, edit(3, seq, Some("hello back"))).unwrap()), ["message.edited"]);
    assert!(matches!(desk.ask(None, edit(4, 1, Some("not mine"))).unwrap_err(), Refused::Forbidden(_)));
    assert_eq!(kinds(&desk.ask(None, edit(5, seq, None)).unwrap()), ["message.retracted"]);
    assert!(matches!(desk.ask(None, edit(6, seq, Some("too late"))).unwrap_err(), Refused::State(_)));
    let texts: Vec<_> = desk.ledger.new_entries.iter().map(|new| new.entry.data.to_string()).collect();
    assert!(texts.iter().all(|data| !data.contains("back")), "{texts:?}");
}

#[test]
fn a_watermark_moves_forward_only_and_never_beyond_the_log() {
    let mut desk = Desk::new();
    let (.., conversation) = entry(&desk.visitor_says(1, "hello").unwrap());
    let mut put = |delivered, read| match desk.ask(None, What::Receipt { conversation: conversation.id, delivered, read }).unwrap().reply {
        Reply::Watermark(watermark) => (watermark.delivered, watermark.read),
        other => panic!("{other:?}"),
    };
    assert_eq!(put(1, 0), (1, 0));
    assert_eq!(put(99, 99), (1, 1));
    assert_eq!(put(0, 0), (1, 1));
    assert_eq!(put(-5, -5), (1, 1));
}

#[test]
fn notes_have_a_log_of_their_own_and_visitors_cannot_write_one() {
    let mut desk = Desk::new();
    let (.., conversation) = entry(&desk.visitor_says(1, "hello").unwrap());
    let note = What::Note {
        conversation: conversation.id,
        client_message_id: Uuid::from_u128(9).into(),
        text: "careful".to_owned(),
        body_hash: vec![1],
    };
    assert!(matches!(desk.ask(Some(desk.visitor), note.clone()).unwrap_err(), Refused::Forbidden(_)));
    let (_, seq, after) = entry(&desk.ask(None, note).unwrap());
    assert_eq!((seq, after.last_note_seq, after.last_seq), (1, 1, 1));
}

#[test]
fn a_snoozed_conversation_comes_back_in_time_or_when_the_visitor_writes() {
    let mut desk = Desk::new();
    let (.., conversation) = entry(&desk.visitor_says(1, "hello").unwrap());
    let snooze = |until| What::SetStatus { conversation: conversation.id, status: Status::Snoozed, until };
    let done = desk.ask(None, snooze(Some(NOON + 1000))).unwrap();
    assert_eq!((kinds(&done), done.moved), (vec!["conversation.snoozed".to_owned()], true));
    assert!(kinds(&desk.ask(None, What::Wake { conversation: conversation.id }).unwrap()).is_empty(), "it is not time yet");
    assert_eq!(kinds(&desk.operator_says(conversation.id, 2, "I will ask").unwrap()), ["conversation.assigned", "message.posted"]);
    assert_eq!(desk.ledger.conversation(conversation.id).unwrap().status, Status::Snoozed, "a colleague's word does not wake it");
    desk.clock.advance(1000);
    let done = desk.ask(None, What::Wake { conversation: conversation.id }).unwrap();
    assert!(matches!(&done.told[0], Told::Entry(entry) if entry.kind == "conversation.reopened" && entry.data["reason"] == "snooze_over"));
    desk.ask(None, snooze(None)).unwrap();
    desk.clock.advance(400 * DAY);
    assert!(kinds(&desk.ask(None, What::Wake { conversation: conversation.id }).unwrap()).is_empty(), "it waits for the visitor alone");
    assert_eq!(kinds(&desk.visitor_says(3, "and?").unwrap()), ["conversation.reopened", "message.posted"]);
}

#[test]
fn a_transfer_and_its_note_are_one_and_a_repeat_changes_nothing() {
    let mut desk = Desk::new();
    let other: OperatorId = Uuid::from_u128(6).into();
    desk.ledger.know_operator(other, "Jun".to_owned(), None);
    let (.., conversation) = entry(&desk.visitor_says(1, "hello").unwrap());
    let give = |assignee, text: &str| What::SetAssignee {
        conversation: conversation.id,
        assignee: Some(assignee),
        note: Some(Handing {
            client_message_id: Uuid::from_u128(9).into(),
            text: text.to_owned(),
            body_hash: text::fingerprint(&text.into()),
        }),
        only_if: OnlyIf::Anyway,
    };
    let nobody: OperatorId = Uuid::from_u128(66).into();
    assert_eq!(desk.ask(None, give(nobody, "yours")).unwrap_err(), Refused::NotFound("operator"));
    assert!(desk.ledger.new_notes.is_empty(), "a transfer that fails leaves no note");
    let done = desk.ask(None, give(other, "yours")).unwrap();
    assert_eq!(kinds(&done), ["note.posted", "conversation.assigned"]);
    let entry = desk.ledger.new_entries.last().unwrap().entry.clone();
    assert_eq!(
        (&entry.data["reason"], &entry.data["by"]["name"], &entry.data["assignee"]["name"]),
        (&"transfer".into(), &"Mina".into(), &"Jun".into())
    );
    desk.ask(None, What::SetAssignee { conversation: conversation.id, assignee: None, note: None, only_if: OnlyIf::Anyway }).unwrap();
    assert!(kinds(&desk.ask(None, give(other, "yours")).unwrap()).is_empty(), "a repeat does not take it back again");
    assert!(matches!(desk.ask(None, give(other, "no, mine")).unwrap_err(), Refused::Conflict(_)));
    assert_eq!(desk.ledger.new_notes.len(), 1);
}

#[test]
fn routing_does_not_take_what_somebody_took_meanwhile() {
    let mut desk = Desk::new();
    let (.., conversation) = entry(&desk.visitor_says(1, "hello").unwrap());
    let route = |to| What::SetAssignee { conversation: conversation.id, assignee: to, note: None, only_if: OnlyIf::StillOf(None) };
    desk.operator_says(conversation.id, 2, "mine").unwrap();
    let other: OperatorId = Uuid::from_u128(6).into();
    desk.ledger.know_operator(other, "Jun".to_owned(), None);
    assert!(kinds(&desk.ask(None, route(Some(other))).unwrap()).is_empty());
    desk.ask(None, What::SetAssignee { conversation: conversation.id, assignee: None, note: None, only_if: OnlyIf::Anyway }).unwrap();
    assert_eq!(kinds(&desk.ask(None, route(Some(other))).unwrap()), ["conversation.assigned"]);
}

proptest! {
    /// Whatever is asked in whatever order: each log is 1..n, and each client id names one entry.
    #[test]
    fn no_log_ever_has_a_hole_or_a_repeat(asked in prop::collection::vec((0..8_u8, 1..12_u128, 0..20_i64), 1..60)) {
        let mut desk = Desk::new();
        for (kind, number, days) in asked {
            desk.clock.advance(days * DAY);
            let current = desk.ledger.current.get(&desk.visitor).copied();
            let visitor = desk.visitor;
            let _ = match (kind, current) {
                (0 | 1, _) => desk.visitor_says(number, "text"),
                (2, Some(id)) => desk.operator_says(id, number + 100, "text"),
                (3, Some(id)) => desk.ask(None, What::SetStatus { conversation: id, status: if number % 2 == 0 { Status::Open } else { Status::Resolved }, until: None }),
                (4, Some(id)) => desk.ask(None, What::SetAssignee { conversation: id, assignee: (number % 2 == 0).then_some(desk.operator), note: None, only_if: OnlyIf::Anyway }),
                (5, Some(id)) => desk.ask(Some(visitor), What::Receipt { conversation: id, delivered: days, read: days }),
                (6, Some(id)) => desk.ask(None, What::SetStatus { conversation: id, status: Status::Snoozed, until: (number > 6).then_some(desk.clock.now() + 1) }),
                (7, Some(id)) => desk.ask(None, What::Wake { conversation: id }),
                _ => continue,
            };
            for conversation in desk.ledger.conversations.values() {
                let queued = conversation.status == Status::Open && conversation.assignee_id.is_none();
                prop_assert_eq!(conversation.queued_since.is_some(), queued, "{:?}", conversation);
                prop_assert_eq!(conversation.assigned_at.is_some(), conversation.assignee_id.is_some());
                prop_assert!(conversation.snoozed_until.is_none() || conversation.status == Status::Snoozed);
            }
        }
        let mut by_log: HashMap<ConversationId, Vec<i64>> = HashMap::new();
        let mut ids = HashSet::new();
        for new in &desk.ledger.new_entries {
            by_log.entry(new.entry.conversation_id).or_default().push(new.entry.seq);
            if let Some(id) = new.entry.client_message_id {
                prop_assert!(ids.insert((new.entry.sender_id, id)));
            }
        }
        for (id, seqs) in by_log {
            let expected: Vec<i64> = (1..=i64::try_from(seqs.len()).unwrap()).collect();
            prop_assert_eq!(&seqs, &expected);
            prop_assert_eq!(desk.ledger.conversation(id).unwrap().last_seq, *expected.last().unwrap());
        }
    }
}

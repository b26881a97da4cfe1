use uuid::Uuid;

use super::*;
use crate::conversations::Status;
use crate::ids::{ConversationId, DeviceId, VisitId};
use crate::scope::SiteScope;
use crate::visitor_events::{Cart, Order};
use crate::visitors::Profile;

const MINUTE: Millis = 60_000;

fn tenant() -> TenantId {
    TenantId(Uuid::from_u128(1))
}

fn visitor(number: u128) -> VisitorId {
    VisitorId(Uuid::from_u128(100 + number))
}

fn arrival(number: u128) -> Arrival {
    let profile = Profile { user_agent: Some("Mozilla/5.0 (Linux; Android 14) Chrome/130 Mobile".to_owned()), ..Profile::default() };
    let scope = SiteScope::proven(tenant(), SiteId(Uuid::from_u128(2)));
    let acting = Acting { scope, visitor: visitor(number), device: DeviceId(Uuid::from_u128(3)), profile };
    Arrival { acting, merged: Vec::new(), name: None, email: None, identified: false, conversation: None }
}

fn view(number: u128, path: &str) -> PageView {
    PageView {
        scope: SiteScope::proven(tenant(), SiteId(Uuid::from_u128(2))),
        visitor: visitor(number),
        visit: VisitId(Uuid::from_u128(4)),
        at: 0,
        url: format!("https://shop.test{path}"),
        title: path.to_owned(),
        referrer: Some("https://search.test/".to_owned()),
        product: None,
    }
}

fn talk(number: u128, status: Status) -> LiveConversation {
    let id = ConversationId(Uuid::from_u128(number));
    LiveConversation { id, status, assignee_id: None, assignee_name: None }
}

#[test]
fn nothing_is_gathered_while_nobody_watches_and_a_delta_tells_what_changed_since() {
    let mut board = Board::default();
    board.arrived(arrival(1), 0);
    assert_eq!(board.delta(tenant()), None);
    let (version, all) = board.watch(tenant());
    assert_eq!((version, all.len(), all[0].device.as_deref()), (0, 1, Some("phone")));
    board.entered(&view(1, "/a"), 10);
    board.entered(&view(1, "/b"), 20);
    board.arrived(arrival(2), 30);
    let delta = board.delta(tenant()).unwrap();
    assert_eq!((delta.version, delta.put.len(), delta.gone.len()), (1, 2, 0));
    let first = &delta.put[0];
    assert_eq!((first.page.as_ref().unwrap().url.as_str(), first.trail[0].title.as_str()), ("https://shop.test/b", "/a"));
    assert_eq!(board.delta(tenant()), None, "told once");
    board.entered(&view(1, "/b"), 40);
    assert_eq!(board.delta(tenant()), None, "the page named again by a reconnect");
    board.unwatch(tenant());
    board.entered(&view(1, "/c"), 50);
    assert_eq!((board.delta(tenant()), board.watched()), (None, Vec::new()));
    assert_eq!(board.list(tenant())[1].page.as_ref().unwrap().title, "/c");
}

#[test]
fn who_leaves_is_gone_and_whose_line_is_lost_stays_for_five_minutes() {
    let mut board = Board::default();
    board.watch(tenant());
    for number in [1, 2, 3] {
        board.arrived(arrival(number), 0);
        board.entered(&view(number, "/"), 0);
    }
    // Leaves; loses the line; turns a page.
    board.leaving(tenant(), visitor(1), 1_000);
    board.leaving(tenant(), visitor(3), 1_000);
    board.arrived(arrival(3), 2_000);
    for number in [1, 2] {
        board.disconnected(tenant(), visitor(number), 6_000);
    }
    assert_eq!(board.delta(tenant()).unwrap().gone, [visitor(1)]);
    let there = board.list(tenant());
    assert_eq!(there.iter().map(|shown| shown.connected).collect::<Vec<_>>(), [true, false]);
    board.sweep(5 * MINUTE);
    assert_eq!(board.count(tenant(), None), 2);
    board.sweep(5 * MINUTE + 1);
    assert_eq!(board.delta(tenant()).unwrap().gone, [visitor(2)]);
    assert_eq!((board.count(tenant(), None), board.count(tenant(), Some(SiteId(Uuid::from_u128(9))))), (1, 0));
}

#[test]
fn carts_orders_and_conversations_show_and_go_on_under_the_name() {
    let mut board = Board::default();
    board.watch(tenant());
    board.arrived(arrival(1), 0);
    board.entered(&view(1, "/p"), 0);
    let cart = Cart { value: 12_000.0, currency: "KRW".to_owned(), items: Vec::new() };
    board.acted(tenant(), visitor(1), (&Act::CartChanged(cart.clone()), 5));
    board.talked(tenant(), visitor(1), (Some("Mina"), None), talk(7, Status::Open));
    board.talked(tenant(), visitor(1), (Some("Mina"), None), talk(6, Status::Resolved));
    let shown = board.delta(tenant()).unwrap().put.remove(0);
    assert_eq!((shown.cart, shown.name.as_deref(), shown.conversation), (Some(cart), Some("Mina"), Some(talk(7, Status::Open))));
    board.counted(tenant(), visitor(1), 3);
    assert_eq!(board.uncounted(tenant(), 100, 10), []);

    let known = Arrival { merged: vec![visitor(1)], identified: true, ..arrival(2) };
    board.arrived(known, 10);
    let delta = board.delta(tenant()).unwrap();
    assert_eq!((delta.gone, delta.put[0].id, delta.put[0].identified), (vec![visitor(1)], visitor(2), true));
    assert!(delta.put[0].cart.is_some(), "what they were doing goes on");
    let order = Order { order_id: "1".to_owned(), value: 12_000.0, currency: "KRW".to_owned(), items: Vec::new() };
    board.acted(tenant(), visitor(2), (&Act::OrderPlaced(order), 20));
    let shown = board.delta(tenant()).unwrap().put.remove(0);
    assert_eq!((shown.cart, shown.order.unwrap().at), (None, 20));
    board.acted(tenant(), visitor(9), (&Act::CartChanged(Cart::default()), 30));
    assert_eq!(board.delta(tenant()), None, "nobody");
    board.forget(tenant(), visitor(2));
    assert_eq!(board.delta(tenant()).unwrap().gone, [visitor(2)]);
}

#[test]
fn a_stay_begins_anew_after_half_an_hour() {
    let mut board = Board::default();
    board.arrived(arrival(1), 0);
    board.entered(&view(1, "/a"), 0);
    board.entered(&view(1, "/b"), 31 * MINUTE);
    let shown = board.list(tenant()).remove(0);
    assert_eq!((shown.since, shown.page.unwrap().title.as_str()), (31 * MINUTE, "/b"));
}

/// Tells the others what changed on one.
fn share(from: &mut Board, to: &mut Board) -> usize {
    let news = from.news();
    let count = news.len();
    for piece in news {
        // As it travels.
        to.merge(serde_json::from_str(&serde_json::to_string(&piece).unwrap()).unwrap());
    }
    count
}

#[test]
fn two_nodes_keep_one_board_and_the_later_state_stands() {
    let (mut one, mut two) = (Board::shared(), Board::shared());
    two.watch(tenant());
    one.arrived(arrival(1), 1_000);
    one.entered(&view(1, "/a"), 1_000);
    share(&mut one, &mut two);
    assert_eq!(one.list(tenant()), two.list(tenant()));
    assert_eq!(two.delta(tenant()).unwrap().put.len(), 1, "whoever watches there is told");
    assert_eq!(share(&mut two, &mut one), 0, "what was told is not told back");
    // The next page is on the other node; the end of the connection to the first is told late.
    one.leaving(tenant(), visitor(1), 2_000);
    let late = one.news();
    two.arrived(arrival(1), 2_100);
    two.entered(&view(1, "/b"), 2_100);
    for piece in late {
        two.merge(piece);
    }
    share(&mut two, &mut one);
    for board in [&one, &two] {
        let shown = &board.list(tenant())[0];
        assert_eq!((shown.page.as_ref().unwrap().title.as_str(), shown.trail[0].title.as_str()), ("/b", "/a"));
    }
    // Told absent by whichever node; nothing says that they left, so that they stay for a time, and then go on both.
    one.disconnected(tenant(), visitor(1), 3_000);
    share(&mut one, &mut two);
    assert_eq!((two.list(tenant())[0].connected, two.connected()), (false, Vec::new()));
    two.sweep(6 * MINUTE);
    share(&mut two, &mut one);
    assert_eq!((one.count(tenant(), None), two.count(tenant(), None)), (0, 0));
    assert_eq!(two.delta(tenant()).unwrap().gone, [visitor(1)]);
}

#[test]
fn a_node_that_joins_is_told_everybody_and_an_old_word_brings_nobody_back() {
    let (mut one, mut two) = (Board::shared(), Board::shared());
    for number in 1..=250 {
        one.arrived(arrival(number), 1_000);
    }
    let told = one.news();
    assert_eq!(told.len(), 3, "in pieces");
    for piece in one.everything() {
        two.merge(piece);
    }
    assert_eq!(two.count(tenant(), None), 250);
    two.talked(tenant(), visitor(7), (None, None), talk(1, Status::Open));
    assert_eq!((two.is_talking(tenant(), visitor(7)), two.is_talking(tenant(), visitor(999))), (Some(true), None));
    for piece in told {
        two.merge(piece);
    }
    assert_eq!(two.is_talking(tenant(), visitor(7)), Some(true), "what is older changes nothing");
    one.forget(tenant(), visitor(7));
    share(&mut one, &mut two);
    assert_eq!(two.count(tenant(), None), 249, "whoever was erased is not to be seen anywhere, whatever they did since");
    two.forget(tenant(), visitor(8));
    share(&mut two, &mut one);
    assert_eq!(one.is_talking(tenant(), visitor(8)), None);
}

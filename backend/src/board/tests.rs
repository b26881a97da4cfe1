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
    assert_eq!((version, all.len(), all[0].device), (0, 1, Some("phone")));
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

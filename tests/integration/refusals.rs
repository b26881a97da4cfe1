//! Everything that is refused says so by its code, names the limit, and leaves nothing behind.

use reqwest::Method;
use serde_json::{Value, json};
use stalk::clock::{Clock, DAY};

use crate::app::{OWNER, PASSWORD, SHOP, Shop, Site, hello, text};
use crate::operator::{Answer, Operator, fresh_id};
use crate::socket::Socket;

/// A day in 2026.
const NOW: i64 = 1_795_298_351_000;

fn post(text: &str) -> Value {
    json!({"client_message_id": fresh_id(), "conversation": null, "text": text})
}

/// The close code that this hello is answered with.
async fn turned_away(shop: &Shop, origin: Option<&str>, mut hello: Value) -> Value {
    let mut socket = Socket::open(&shop.widget, origin).await;
    hello["t"] = "hello".into();
    socket.send(&hello).await;
    socket.bye().await
}

async fn by_http(shop: &Shop, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
    let mut all = vec![("origin", SHOP), ("content-type", "application/json")];
    all.extend(headers);
    shop.nobody().bare(Method::POST, &format!("{}{path}", shop.widget), &all, Some(body.as_bytes().to_vec())).await
}

#[tokio::test]
async fn a_text_of_8001_characters_is_refused_by_its_field_and_one_of_8000_is_taken() {
    let shop = Shop::open().await;
    let mut visitor = shop.visitor().await;
    // Characters, not bytes.
    let longest = "가".repeat(8000);
    let error = visitor.request("message.post", post(&format!("{longest}가"))).await.unwrap_err();
    assert_eq!(error["code"], "invalid");
    assert!(text(&error["fields"]["text"]).contains("8000"), "{error}");
    let taken = visitor.post(None, &longest).await;
    let path = format!("/api/v1/conversations/{}/messages", text(&taken["conversation"]["id"]));
    assert_eq!(shop.owner.get(&path).await.ok()["items"][0]["data"]["text"], longest);
    let error = shop.owner.post(&path, &json!({"client_message_id": fresh_id(), "text": "x".repeat(8001)})).await.refused(422, "invalid");
    assert!(text(&error["fields"]["text"]).contains("8000"), "{error}");
    for empty in ["", " \n\t ", "\u{0}\u{7}"] {
        let error = visitor.request("message.post", post(empty)).await.unwrap_err();
        assert_eq!((error["code"].as_str(), error["fields"]["text"].as_str()), (Some("invalid"), Some("must not be empty")));
    }
}

#[tokio::test]
async fn a_frame_over_64_kib_ends_the_connection_with_4203() {
    let shop = Shop::open().await;
    let mut visitor = shop.visitor().await;
    visitor.ask("message.post", &post(&"x".repeat(70 * 1024))).await;
    let bye = visitor.bye().await;
    assert_eq!(bye["code"], 4203);
    assert!(text(&bye["message"]).contains("65536"), "{bye}");
}

#[tokio::test]
async fn a_body_over_64_kib_is_413_and_names_the_limit() {
    let shop = Shop::open().await;
    let large = json!({"client_message_id": fresh_id(), "text": "x".repeat(70 * 1024)});
    let conversation = text(&shop.visitor().await.post(None, "hi").await["conversation"]["id"]);
    let error = shop.owner.post(&format!("/api/v1/conversations/{conversation}/messages"), &large).await.refused(413, "too_large");
    assert!(text(&error["message"]).contains("64 KiB"), "{error}");
    by_http(&shop, "/widget/v1/hello", &[], &large.to_string()).await.refused(413, "too_large");
    let site = json!({"name": "x".repeat(70 * 1024), "domains": ["a.test"], "language": "en"});
    let keyed = shop.owner.call(Method::POST, "/api/v1/sites", &[("idempotency-key", "a key of mine")], Some(&site)).await;
    keyed.refused(413, "too_large");
}

#[tokio::test]
async fn wrong_types_unknown_fields_and_missing_ones_are_invalid() {
    let shop = Shop::open().await;
    let mut visitor = shop.visitor().await;
    let id = fresh_id();
    let posts = [
        json!({"client_message_id": id, "conversation": null, "text": 7}),
        json!({"client_message_id": "not an id", "conversation": null, "text": "x"}),
        json!({"client_message_id": id, "conversation": null, "text": "x", "sender": "somebody"}),
        json!({"client_message_id": id, "conversation": null}),
    ];
    for params in posts {
        let error = visitor.request("message.post", params.clone()).await.unwrap_err();
        assert_eq!(error["code"], "invalid", "{params}");
    }
    let joins = [json!({}), json!({"channel": 7}), json!({"channel": "c/x", "after": -1}), json!({"channel": "c/x", "more": 1})];
    for params in joins {
        assert_eq!(visitor.request("channel.since", params.clone()).await.unwrap_err()["code"], "invalid", "{params}");
    }
    let error = visitor.request("message.burn", json!({})).await.unwrap_err();
    assert_eq!(error["code"], "invalid");
    let events: Vec<Value> = vec![json!({"event_id": id, "name": "page.enter", "at": 0, "visit": id, "page": {"url": "u"}}); 51];
    assert_eq!(visitor.request("event.post", json!({"events": events})).await.unwrap_err()["code"], "invalid");

    let conversation = text(&visitor.post(None, "hi").await["conversation"]["id"]);
    let path = format!("/api/v1/conversations/{conversation}");
    let puts = [
        ("status", json!({"status": "burnt"})),
        ("status", json!({})),
        ("assignee", json!({"operator_id": 7})),
        ("receipt", json!({"seen": 1})),
    ];
    for (what, body) in puts {
        shop.owner.put(&format!("{path}/{what}"), &body).await.refused(422, "invalid");
    }
    for query in ["limit=0", "limit=201", "limit=x", "status=burnt", "cursor=%25", "colour=red", "assignee=somebody", "site=x"] {
        shop.owner.get(&format!("/api/v1/conversations?{query}")).await.refused(422, "invalid");
    }
    shop.owner.get("/api/v1/conversations/not-an-id").await.refused(404, "not_found");
    assert_eq!(shop.database.number("SELECT COUNT(*) FROM messages").await, 1);
}

#[tokio::test]
async fn what_is_not_json_is_refused_on_every_way_in() {
    let shop = Shop::open().await;
    let json_headers = [("origin", shop.console.as_str()), ("content-type", "application/json")];
    let sites = format!("{}/api/v1/sites", shop.console);
    let bare = |headers: Vec<(&'static str, String)>, body: &'static str| {
        let (owner, sites) = (shop.owner.clone(), sites.clone());
        async move {
            let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
            owner.bare(Method::POST, &sites, &headers, Some(body.into())).await
        }
    };
    shop.owner.bare(Method::POST, &sites, &json_headers, Some(b"{\"name\":".to_vec())).await.refused(422, "invalid");
    shop.owner.bare(Method::POST, &sites, &json_headers, Some(vec![0xff, 0xfe])).await.refused(422, "invalid");
    let plain = "{\"name\":\"N\",\"domains\":[\"n.test\"],\"language\":\"en\"}";
    bare(vec![("origin", shop.console.clone())], plain).await.refused(422, "invalid");
    bare(vec![("origin", shop.console.clone()), ("content-type", "text/plain".to_owned())], plain).await.refused(422, "invalid");
    by_http(&shop, "/widget/v1/hello", &[], "{").await.refused(422, "invalid");

    let mut frames = shop.visitor().await;
    frames.send_text("{\"t\":\"req\"".to_owned()).await;
    assert_eq!(frames.bye().await["code"], 4203);
    let frames = [
        json!({"t": "dance"}),
        json!({"t": "req", "m": "site.status", "p": {}}),
        json!({"t": "req", "id": 1, "p": {}}),
        json!({"t": "req", "id": 1, "m": "message.post", "p": ["not", "an", "object"]}),
        json!({"t": "hello", "v": 1}),
        json!([1, 2]),
    ];
    for frame in frames {
        let mut visitor = shop.visitor().await;
        visitor.send(&frame).await;
        assert_eq!(visitor.bye().await["code"], 4203, "{frame}");
    }
    let mut frames = shop.visitor().await;
    frames.send_bytes(b"{\"t\":\"hb\"}".to_vec()).await;
    assert_eq!(frames.bye().await["code"], 4203);
    let mut frames = Socket::open(&shop.widget, Some(SHOP)).await;
    frames.send_text("hello".to_owned()).await;
    assert_eq!(frames.bye().await["code"], 4203);
    assert_eq!(turned_away(&shop, Some(SHOP), json!({"v": 1, "site": shop.site.key})).await["code"], 4203, "without a device");
    let mut unknown = hello(&shop.site, None);
    unknown["admin"] = true.into();
    assert_eq!(turned_away(&shop, Some(SHOP), unknown).await["code"], 4203);
}

#[tokio::test]
async fn a_hello_of_an_unknown_site_or_a_foreign_page_is_turned_away() {
    let shop = Shop::open().await;
    let good = hello(&shop.site, None);
    let stranger = Site { key: "nobodyhasthiskey".to_owned(), ..shop.site.clone() };
    let bye = turned_away(&shop, Some(SHOP), hello(&stranger, None)).await;
    assert_eq!((bye["code"].as_u64(), bye["name"].as_str()), (Some(4201), Some("not_found")));
    for origin in [Some("http://evil.test"), Some("http://shop.test.evil.test"), Some("http://evilshop.test"), Some("null"), None] {
        let bye = turned_away(&shop, origin, good.clone()).await;
        assert_eq!((bye["code"].as_u64(), bye["name"].as_str()), (Some(4200), Some("forbidden")), "{origin:?}");
        let mut headers = vec![("content-type", "application/json")];
        headers.extend(origin.map(|origin| ("origin", origin)));
        let address = format!("{}/widget/v1/hello", shop.widget);
        let answer = shop.nobody().bare(Method::POST, &address, &headers, Some(good.to_string().into_bytes())).await;
        answer.refused(403, "forbidden");
    }
    // The panel is framed by the shop but comes from the widget's own origin.
    let mut panel = Socket::open_socketio(&shop.widget, Some(SHOP), &good).await;
    assert_eq!(panel.bye().await["code"], 4200);
    by_http(&shop, "/widget/v1/hello", &[], &hello(&stranger, None).to_string()).await.refused(404, "not_found");
}

#[tokio::test]
async fn another_version_of_the_protocol_is_4202() {
    let shop = Shop::open().await;
    let mut newer = hello(&shop.site, None);
    newer["v"] = 2.into();
    let bye = turned_away(&shop, Some(SHOP), newer.clone()).await;
    assert_eq!((bye["code"].as_u64(), bye["name"].as_str()), (Some(4202), Some("version_refused")));
    assert_eq!(Socket::open_socketio(&shop.widget, Some(&shop.widget), &newer).await.bye().await["code"], 4202);
    by_http(&shop, "/widget/v1/hello", &[], &newer.to_string()).await.refused(422, "invalid");
}

#[tokio::test]
async fn whoever_does_not_say_hello_in_time_is_dismissed() {
    let shop = Shop::open().await;
    let bye = Socket::open(&shop.widget, Some(SHOP)).await.bye().await;
    assert_eq!(bye["code"], 4203);
    assert!(text(&bye["message"]).contains("10 s"), "{bye}");
}

#[tokio::test]
async fn a_ticket_is_good_for_400_days_and_not_for_401() {
    let clock = Clock::fixed(NOW);
    let shop = Shop::open_with(&[], clock.clone()).await;
    let visitor = shop.visitor().await;
    clock.advance(199 * DAY);
    let same = shop.returning(&shop.site, visitor.ticket(), json!({})).await;
    assert_eq!(same.ticket(), visitor.ticket());
    clock.advance(2 * DAY);
    let renewed = shop.returning(&shop.site, visitor.ticket(), json!({})).await;
    assert_ne!(renewed.ticket(), visitor.ticket());
    assert_eq!(renewed.welcome["visitor"]["id"], visitor.welcome["visitor"]["id"]);
    clock.advance(200 * DAY);
    let bye = turned_away(&shop, Some(SHOP), hello(&shop.site, Some(visitor.ticket()))).await;
    assert_eq!(bye["code"], 4100);
    assert!(text(&bye["message"]).contains("expired"), "{bye}");
    shop.fallback(&shop.site, visitor.ticket(), "site.status", &json!({})).await.json()["err"]["code"]
        .as_str()
        .map_or_else(|| panic!("the fallback took it"), |code| assert_eq!(code, "unauthenticated"));
    shop.returning(&shop.site, renewed.ticket(), json!({})).await;
}

#[tokio::test]
async fn a_forged_ticket_and_one_of_another_site_are_4100() {
    let shop = Shop::open().await;
    let second = shop.second_site().await;
    let (visitor, elsewhere) = (shop.visitor().await, shop.visitor_of(&second).await);
    let ticket = visitor.ticket();
    let flipped: String = {
        let (head, last) = ticket.split_at(ticket.len() - 2);
        format!("{head}{}", if last == "AA" { "BB" } else { "AA" })
    };
    let parts: Vec<&str> = ticket.split('.').collect();
    let swapped = format!("{}.{}.{}", parts[0], elsewhere.ticket().split('.').nth(1).unwrap(), parts[2]);
    for bad in ["x", "a.b.c", &flipped, &swapped, &format!("{ticket}x"), elsewhere.ticket(), &"a.".repeat(2000)] {
        let bye = turned_away(&shop, Some(SHOP), hello(&shop.site, Some(bad))).await;
        assert_eq!((bye["code"].as_u64(), bye["name"].as_str()), (Some(4100), Some("credential_refused")), "{bad}");
        let answer = shop.fallback(&shop.site, bad, "site.status", &json!({})).await;
        assert_eq!((answer.status, answer.json()["err"]["code"].as_str()), (401, Some("unauthenticated")), "{bad}");
    }
}

#[tokio::test]
async fn a_burst_of_posts_is_slowed_after_the_thirtieth() {
    // With a slow rate behind the burst, so that a slow machine sees the same.
    let shop = Shop::open_with(&["--post-burst", "30", "--posts-per-second", "1"], Clock::system()).await;
    let mut visitor = shop.visitor().await;
    let mut asked = Vec::new();
    for number in 0..34 {
        asked.push(visitor.ask("message.post", &post(&format!("{number}"))).await);
    }
    let mut answers = Vec::new();
    for id in asked {
        answers.push(visitor.answer(id).await);
    }
    let taken = answers.iter().filter(|answer| answer.is_ok()).count();
    assert!((30..34).contains(&taken), "{taken} of 34 were taken at once");
    let error = answers.into_iter().find_map(Result::err).unwrap();
    assert_eq!(error["code"], "rate_limited");
    assert!((1..=1000).contains(&error["retry_after_ms"].as_u64().unwrap()), "{error}");
    // Another connection of the same visitor is the same visitor.
    let mut refused = None;
    for number in 0..40 {
        let answer = shop.fallback(&shop.site, visitor.ticket(), "message.post", &post(&format!("{number}"))).await;
        if answer.status != 200 {
            refused = Some(answer);
            break;
        }
    }
    let refused = refused.expect("the fallback has a limit too");
    assert_eq!((refused.status, refused.header("retry-after")), (429, Some("1")));
    assert_eq!(refused.json()["err"]["code"], "rate_limited");
    assert!(refused.json()["err"]["retry_after_ms"].as_u64().unwrap() >= 1);
}

#[tokio::test]
async fn a_sixth_offline_message_at_once_waits() {
    let shop = Shop::open().await;
    let mut visitor = shop.visitor().await;
    let left = || json!({"client_message_id": fresh_id(), "name": "Vi", "email": "vi@mail.test", "text": "call me"});
    for _ in 0..5 {
        visitor.request("offline.post", left()).await.unwrap();
    }
    let error = visitor.request("offline.post", left()).await.unwrap_err();
    assert_eq!(error["code"], "rate_limited");
    assert!(error["retry_after_ms"].as_u64().unwrap() > 50_000, "{error}");
}

#[tokio::test]
async fn requests_faster_than_the_connection_may_end_it_with_4301() {
    let shop = Shop::open().await;
    let mut visitor = shop.visitor().await;
    for _ in 0..300 {
        visitor.send(&json!({"t": "hb"})).await;
    }
    let bye = visitor.bye().await;
    assert_eq!((bye["code"].as_u64(), bye["name"].as_str()), (Some(4301), Some("too_fast")));
    assert!(bye["retry_after_ms"].as_u64().unwrap() > 0);
}

#[tokio::test]
async fn the_twenty_first_connection_of_an_address_is_4300_and_a_place_is_free_again_when_one_leaves() {
    let shop = Shop::open_strict().await;
    let mut held = Vec::new();
    for _ in 0..20 {
        held.push(shop.visitor().await);
    }
    let bye = turned_away(&shop, Some(SHOP), hello(&shop.site, None)).await;
    assert_eq!((bye["code"].as_u64(), bye["name"].as_str()), (Some(4300), Some("too_many_connections")));
    assert!(bye["retry_after_ms"].as_u64().unwrap() > 0);
    // The console's listener counts for itself.
    shop.socket_of(&shop.owner).await;
    // Told to go by a frame that is too large: its place is given back when it is gone, which its close tells.
    let mut leaving = held.pop().unwrap();
    leaving.send_text("not a frame".to_owned()).await;
    leaving.bye().await;
    drop(leaving);
    loop {
        let mut next = Socket::open(&shop.widget, Some(SHOP)).await;
        let mut words = hello(&shop.site, None);
        words["t"] = "hello".into();
        next.send(&words).await;
        let first = next.wait("a welcome or a bye", |frame| frame["t"] != "hb").await;
        if first["t"] == "welcome" {
            break;
        }
        assert_eq!(first["code"], 4300, "{first}");
    }
}

#[tokio::test]
async fn after_ten_failed_sign_ins_the_next_must_wait() {
    let shop = Shop::open_strict().await;
    let browser = shop.nobody();
    let wrong = [("email", OWNER), ("password", "not the password")];
    for _ in 0..10 {
        assert_eq!(browser.form("/sign-in", &wrong).await.status, 401);
    }
    let refused = browser.form("/sign-in", &[("email", OWNER), ("password", PASSWORD)]).await;
    assert_eq!(refused.status, 429);
    assert!(refused.header("retry-after").unwrap().parse::<u32>().unwrap() > 0);
    // From this address also for others: passwords are not tried by walking over the accounts.
    assert_eq!(browser.form("/sign-in", &[("email", "other@shop.test"), ("password", PASSWORD)]).await.status, 429);
}

#[tokio::test]
async fn sign_ins_that_succeed_do_not_use_up_an_addresss_failures() {
    let shop = Shop::open_strict().await;
    for number in 0..12 {
        let answer = shop.nobody().form("/sign-in", &[("email", OWNER), ("password", PASSWORD)]).await;
        assert_eq!(answer.status, 303, "sign-in {number} of an office behind one address");
    }
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_address_look_the_same() {
    let shop = Shop::open().await;
    let browser = shop.nobody();
    let page = async |email: &str| {
        let answer = browser.form("/sign-in", &[("email", email), ("password", "not the password")]).await;
        (answer.status, answer.text.replace(email, ""))
    };
    assert_eq!(page(OWNER).await, page("nobody@shop.test").await);
    let long = "x".repeat(100_000);
    assert!(shop.nobody().form("/sign-in", &[("email", OWNER), ("password", &long)]).await.status >= 400);
}

#[tokio::test]
async fn a_write_with_a_login_needs_the_consoles_own_origin() {
    let shop = Shop::open().await;
    let body = json!({"name": "N", "domains": ["n.test"], "language": "en"}).to_string().into_bytes();
    let own = shop.console.clone();
    let other_port = shop.widget.clone();
    let cases: Vec<(Vec<(&str, &str)>, u16)> = vec![
        (vec![], 403),
        (vec![("origin", "http://evil.test")], 403),
        (vec![("origin", "null")], 403),
        (vec![("origin", &other_port)], 403),
        (vec![("origin", &own), ("sec-fetch-site", "cross-site")], 403),
        (vec![("origin", &own), ("sec-fetch-site", "same-site")], 403),
        (vec![("origin", &own)], 201),
        (vec![("origin", &own), ("sec-fetch-site", "same-origin")], 201),
    ];
    for (mut headers, expected) in cases {
        headers.push(("content-type", "application/json"));
        let answer = shop.owner.bare(Method::POST, &format!("{own}/api/v1/sites"), &headers, Some(body.clone())).await;
        assert_eq!(answer.status, expected, "{headers:?} {}", answer.text);
    }
    let read = |headers: Vec<(&'static str, &'static str)>| {
        let (owner, address) = (shop.owner.clone(), format!("{own}/api/v1/me"));
        async move { owner.bare(Method::GET, &address, &headers, None).await.status }
    };
    assert_eq!(read(vec![("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "no-cors"), ("sec-fetch-dest", "script")]).await, 403);
    assert_eq!(read(vec![("sec-fetch-site", "none"), ("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document")]).await, 200);
    for form in ["/sign-in", "/set-up"] {
        let headers = [("origin", "http://evil.test"), ("content-type", "application/x-www-form-urlencoded")];
        let answer = shop.nobody().bare(Method::POST, &format!("{own}{form}"), &headers, Some(b"email=a&password=b".to_vec())).await;
        assert_eq!(answer.status, 403, "{form}");
    }
}

#[tokio::test]
async fn a_write_with_an_idempotency_key_happens_once_and_the_key_is_of_one_body_and_one_person() {
    let shop = Shop::open().await;
    let admin = shop.admin().await;
    let create = |who: Operator, key: &'static str, name: &'static str| async move {
        let new = json!({"name": name, "domains": ["n.test"], "language": "en"});
        who.call(Method::POST, "/api/v1/sites", &[("idempotency-key", key)], Some(&new)).await
    };
    let first = create(shop.owner.clone(), "key-number-one", "One").await;
    let again = create(shop.owner.clone(), "key-number-one", "One").await;
    assert_eq!((first.status, again.status), (201, 201));
    assert_eq!(first.ok(), again.ok());
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    create(shop.owner.clone(), "key-number-one", "Another").await.refused(409, "conflict");
    assert_ne!(create(admin, "key-number-one", "One").await.ok()["id"], first.ok()["id"], "a key belongs to who used it");
    create(shop.owner.clone(), "short", "One").await.refused(422, "invalid");
    // What was refused may be mended under a new key, and its refusal is what its own key answers.
    let bad = create(shop.owner.clone(), "key-number-two", "").await;
    assert_eq!(bad.json(), create(shop.owner.clone(), "key-number-two", "").await.refused(422, "invalid"));
    assert_eq!(shop.database.number("SELECT COUNT(*) FROM sites WHERE name = 'One'").await, 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_write_ten_times_at_once_makes_one_site() {
    let shop = Shop::open().await;
    let new = json!({"name": "Once", "domains": ["n.test"], "language": "en"});
    let create = || shop.owner.call(Method::POST, "/api/v1/sites", &[("idempotency-key", "all-at-once")], Some(&new));
    let answers = futures_util::future::join_all((0..10).map(|_| create())).await;
    for answer in answers {
        // The first answer, or "still running; try again".
        assert!(matches!(answer.status, 201 | 503), "{} {}", answer.status, answer.text);
    }
    create().await.ok();
    assert_eq!(shop.database.number("SELECT COUNT(*) FROM sites WHERE name = 'Once'").await, 1);
}

#[tokio::test]
async fn headers_of_every_kind_of_page_keep_it_out_of_foreign_frames() {
    let shop = Shop::open().await;
    for path in ["/sign-in", "/api/v1/me", "/healthz", "/no-such-page"] {
        let answer = shop.nobody().get(path).await;
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{path}");
        assert!(answer.header("content-security-policy").unwrap().contains("frame-ancestors 'none'"), "{path}");
        assert!(answer.header("x-request-id").is_some(), "{path}");
    }
    let panel = shop.nobody().get(&format!("{}/panel?site={}", shop.widget, shop.site.key)).await;
    if panel.status == 200 {
        let policy = panel.header("content-security-policy").unwrap();
        assert!(policy.contains("frame-ancestors 'self' https://shop.test http://shop.test"), "{policy}");
    }
    shop.nobody().get(&format!("{}/panel?site=unknown", shop.widget)).await.refused(404, "not_found");
}

#[tokio::test]
async fn several_nodes_without_postgresql_and_addresses_that_are_none_are_refused_in_words() {
    let folder = tempfile::TempDir::new().unwrap();
    let refused = async |url: &str, database: Option<&str>| {
        let mut args = crate::app::serve_args(folder.path(), &crate::database::Database::sqlite(folder.path()), &[]);
        (args.nodes.redis_url, args.storage.database_url) = (Some(url.to_owned()), database.map(str::to_owned));
        let started = stalk::app::serve(args, Clock::system(), tokio_util::sync::CancellationToken::new()).await;
        started.err().unwrap().to_string()
    };
    let said = refused("redis://127.0.0.1", None).await;
    assert!(said.contains("REDIS_URL") && said.contains("DATABASE_URL"), "{said}");
    for wrong in ["127.0.0.1:6379", "redis+sentinel://a,b", "http://127.0.0.1"] {
        let said = refused(wrong, Some("postgres://nobody@127.0.0.1:1/nothing")).await;
        assert!(said.starts_with("REDIS_URL: "), "{wrong}: {said}");
    }
}

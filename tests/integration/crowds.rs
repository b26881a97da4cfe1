//! Crowds: many members and one log. Whole, in order and once; and whoever keeps order is obeyed at once by everybody who is there.

use serde_json::{Value, json};

use crate::app::{Shop, text};
use crate::operator::fresh_id;
use crate::socket::Socket;

struct Hall {
    shop: Shop,
    crowd: String,
}

impl Hall {
    async fn open() -> Self {
        let shop = Shop::open().await;
        let crowd = make(&shop, &json!({"key": "live-1", "name": "Autumn sale live"})).await;
        Self { shop, crowd }
    }

    /// A visitor who is in the crowd, under a name.
    async fn member(&self, name: &str) -> Socket {
        let mut visitor = self.shop.visitor().await;
        join(&mut visitor, json!({"key": "live-1"})).await;
        visitor.request("crowd.rename", json!({"crowd": self.crowd, "name": name})).await.unwrap();
        visitor
    }

    async fn operator(&self) -> Socket {
        let mut operator = self.shop.socket_of(&self.shop.owner).await;
        join(&mut operator, json!({"crowd": self.crowd})).await;
        operator
    }

    async fn moderate(&self, operator: &mut Socket, method: &str, mut params: Value) {
        params["crowd"] = json!(self.crowd);
        operator.request(method, params).await.unwrap();
    }

    fn path(&self) -> String {
        format!("/api/v1/sites/{}/crowds/{}", self.shop.site.id, self.crowd)
    }
}

async fn make(shop: &Shop, new: &Value) -> String {
    let made = shop.owner.post(&format!("/api/v1/sites/{}/crowds", shop.site.id), new).await;
    text(&made.ok()["id"])
}

async fn join(socket: &mut Socket, params: Value) -> Value {
    socket.request("crowd.join", params).await.unwrap()
}

async fn say(socket: &mut Socket, crowd: &str, said: &str) -> Result<Value, Value> {
    socket.request("crowd.post", json!({"crowd": crowd, "client_message_id": fresh_id(), "text": said})).await
}

fn ids(welcome: &Value) -> String {
    text(&welcome["visitor"]["id"])
}

fn reason(refused: &Value) -> (&str, &str) {
    (refused["code"].as_str().unwrap(), refused["reason"].as_str().unwrap_or(""))
}

#[tokio::test]
async fn what_many_say_at_once_is_one_log_without_holes_that_all_see_in_the_same_order() {
    let hall = Hall::open().await;
    let mut members = Vec::new();
    for number in 0..20 {
        members.push(hall.member(&format!("Visitor {number}")).await);
    }
    let mut watching = hall.operator().await;
    let talking = members.into_iter().map(|mut member| {
        let crowd = hall.crowd.clone();
        async move {
            for number in 0..5 {
                say(&mut member, &crowd, &format!("message {number}")).await.unwrap();
            }
            member
        }
    });
    let mut members = futures_util::future::join_all(talking).await;
    let mut seen = Vec::new();
    for member in [&mut watching, &mut members[0]] {
        let mut heard = Vec::new();
        for _ in 0..100 {
            let event = member.event("message.posted").await["d"].clone();
            heard.push((event["seq"].as_i64().unwrap(), text(&event["id"])));
        }
        assert_eq!(heard.iter().map(|(seq, _)| *seq).collect::<Vec<_>>(), (1..=100).collect::<Vec<_>>());
        seen.push(heard);
    }
    assert_eq!(seen[0], seen[1]);
    // Whoever comes later is shown the end of it, and can have what they missed.
    let mut late = hall.shop.visitor().await;
    let joined = join(&mut late, json!({"key": "live-1"})).await;
    assert_eq!((joined["top"].as_i64(), joined["entries"].as_array().unwrap().len()), (Some(100), 30));
    assert_eq!(joined["entries"][29]["seq"], 100);
    let resumed = join(&mut late, json!({"key": "live-1", "after": 40})).await;
    assert_eq!((resumed["entries"].as_array().unwrap().len(), &resumed["entries"][0]["seq"]), (60, &json!(41)));
    stalk::check::run(&hall.shop.storage()).await.unwrap();
}

#[tokio::test]
async fn a_message_that_is_sent_again_is_one_message() {
    let hall = Hall::open().await;
    let mut member = hall.member("Mina").await;
    let post = json!({"crowd": hall.crowd, "client_message_id": fresh_id(), "text": "only once"});
    let first = member.request("crowd.post", post.clone()).await.unwrap();
    assert_eq!(member.request("crowd.post", post.clone()).await.unwrap()["message"], first["message"]);
    let mut other = post;
    other["text"] = "another".into();
    assert_eq!(member.request("crowd.post", other).await.unwrap_err()["code"], "conflict");
    let log = join(&mut member, json!({"crowd": hall.crowd, "after": 0})).await;
    assert_eq!(log["entries"].as_array().unwrap().len(), 1);
    assert_eq!(log["entries"][0]["sender"]["name"], "Mina");
}

#[tokio::test]
async fn nobody_is_heard_without_a_name_and_a_new_name_is_seen_by_all() {
    let hall = Hall::open().await;
    let mut nameless = hall.shop.visitor().await;
    let joined = join(&mut nameless, json!({"key": "live-1"})).await;
    assert_eq!(joined["me"]["name"], Value::Null);
    let refused = say(&mut nameless, &hall.crowd, "hello").await.unwrap_err();
    assert_eq!(reason(&refused), ("conflict", "name_missing"));
    let too_long = json!({"crowd": hall.crowd, "name": "x".repeat(31)});
    let refused = nameless.request("crowd.rename", too_long).await.unwrap_err();
    assert!(refused["fields"]["name"].as_str().unwrap().contains("at most 30"), "{refused}");

    let (mut mina, mut jonas) = (hall.member("Mina").await, hall.member("Jonas").await);
    say(&mut mina, &hall.crowd, "hello").await.unwrap();
    mina.request("crowd.rename", json!({"crowd": hall.crowd, "name": "Mina P."})).await.unwrap();
    let renamed = jonas.event("member.renamed").await["d"]["data"].clone();
    assert_eq!((&renamed["name"], &renamed["ids"][0]), (&json!("Mina P."), &mina.welcome["visitor"]["id"]));
    let mut late = hall.shop.visitor().await;
    let joined = join(&mut late, json!({"key": "live-1"})).await;
    assert_eq!(joined["entries"][0]["sender"]["name"], "Mina P.", "also on what was said before");
    // The name of a form or of the shop's database is another thing.
    assert_eq!(mina.welcome["visitor"]["name"], Value::Null);
}

#[tokio::test]
async fn a_frozen_crowd_is_read_and_written_by_operators_alone() {
    let hall = Hall::open().await;
    let (mut mina, mut operator) = (hall.member("Mina").await, hall.operator().await);
    hall.moderate(&mut operator, "crowd.freeze", json!({"frozen": true})).await;
    assert_eq!(mina.event("crowd.changed").await["d"]["data"]["crowd"]["frozen"], true);
    let refused = say(&mut mina, &hall.crowd, "and I?").await.unwrap_err();
    assert_eq!(reason(&refused), ("forbidden", "crowd_frozen"));
    say(&mut operator, &hall.crowd, "one moment, please").await.unwrap();
    let said = mina.event("message.posted").await["d"].clone();
    assert_eq!((&said["sender"]["kind"], &said["data"]["text"]), (&json!("operator"), &json!("one moment, please")));
    hall.moderate(&mut operator, "crowd.freeze", json!({"frozen": false})).await;
    say(&mut mina, &hall.crowd, "thank you").await.unwrap();
}

#[tokio::test]
async fn a_muted_visitor_is_told_for_how_long_on_every_connection_and_others_go_on() {
    let hall = Hall::open().await;
    let (mut mina, mut jonas, mut operator) = (hall.member("Mina").await, hall.member("Jonas").await, hall.operator().await);
    let mut second = hall.shop.returning(&hall.shop.site, mina.ticket(), json!({})).await;
    let who = ids(&mina.welcome);
    hall.moderate(&mut operator, "crowd.mute", json!({"visitor": who, "muted": true, "minutes": 5})).await;
    for tab in [&mut mina, &mut second] {
        let told = tab.event("crowd.muted").await["d"]["data"].clone();
        assert_eq!((&told["crowd"], &told["muted"]["left_ms"]), (&json!(hall.crowd), &json!(300_000)));
        let refused = say(tab, &hall.crowd, "but").await.unwrap_err();
        assert_eq!(reason(&refused), ("forbidden", "crowd_muted"));
        let left = refused["retry_after_ms"].as_u64().unwrap();
        assert!(left > 200_000 && left <= 300_000, "{left}");
    }
    let renamed = mina.request("crowd.rename", json!({"crowd": hall.crowd, "name": "BUY AT"})).await;
    assert_eq!(reason(&renamed.unwrap_err()), ("forbidden", "crowd_muted"), "a name is read as well");
    say(&mut jonas, &hall.crowd, "I may").await.unwrap();
    let list = hall.shop.owner.get(&format!("{}/mutes", hall.path())).await.ok();
    assert_eq!((&list["items"][0]["visitor_id"], &list["items"][0]["name"]), (&json!(who), &json!("Mina")));
    assert!(join(&mut second, json!({"key": "live-1"})).await["me"]["muted"]["until"].is_i64());

    // Until it is lifted, and then it is.
    hall.moderate(&mut operator, "crowd.mute", json!({"visitor": who, "muted": true})).await;
    let refused = say(&mut mina, &hall.crowd, "still?").await.unwrap_err();
    assert_eq!((reason(&refused), refused.get("retry_after_ms")), (("forbidden", "crowd_muted"), None));
    hall.moderate(&mut operator, "crowd.mute", json!({"visitor": who, "muted": false})).await;
    say(&mut mina, &hall.crowd, "thank you").await.unwrap();
    let list = hall.shop.owner.get(&format!("{}/mutes", hall.path())).await.ok();
    assert_eq!(list["items"], json!([]));
}

#[tokio::test]
async fn slow_mode_holds_over_all_connections_of_a_visitor_and_says_how_long() {
    let hall = Hall::open().await;
    let (mut mina, mut operator) = (hall.member("Mina").await, hall.operator().await);
    let mut second = hall.shop.returning(&hall.shop.site, mina.ticket(), json!({})).await;
    hall.moderate(&mut operator, "crowd.slow_mode", json!({"seconds": 600})).await;
    assert_eq!(mina.event("crowd.changed").await["d"]["data"]["crowd"]["slow_mode_s"], 600);
    let said = say(&mut mina, &hall.crowd, "one").await.unwrap();
    assert!(said["wait_ms"].as_i64().unwrap() > 500_000, "{said}");
    for tab in [&mut mina, &mut second] {
        let refused = say(tab, &hall.crowd, "two").await.unwrap_err();
        assert_eq!(reason(&refused), ("rate_limited", "slow_mode"));
        assert!(refused["retry_after_ms"].as_u64().unwrap() > 500_000, "{refused}");
    }
    assert!(join(&mut second, json!({"key": "live-1"})).await["me"]["wait_ms"].as_i64().unwrap() > 500_000);
    say(&mut operator, &hall.crowd, "operators").await.unwrap();
    say(&mut operator, &hall.crowd, "do not wait").await.unwrap();
    hall.moderate(&mut operator, "crowd.slow_mode", json!({"seconds": 0})).await;
    say(&mut mina, &hall.crowd, "two").await.unwrap();
}

#[tokio::test]
async fn one_member_cannot_flood_a_crowd() {
    let hall = Hall::open().await;
    let mut mina = hall.member("Mina").await;
    let mut refused = None;
    for number in 0..40 {
        if let Err(error) = say(&mut mina, &hall.crowd, &format!("spam {number}")).await {
            refused = Some(error);
            break;
        }
    }
    let refused = refused.expect("40 messages at once are too many");
    assert_eq!(reason(&refused), ("rate_limited", ""));
    assert!(refused["retry_after_ms"].as_u64().unwrap() <= 1_000, "{refused}");
}

#[tokio::test]
async fn guests_only_read_where_a_crowd_is_for_signed_in_visitors() {
    let hall = Hall::open().await;
    let mut guest = hall.member("Guest").await;
    hall.shop.owner.patch(&hall.path(), &json!({"writers": "identified"})).await.ok();
    assert_eq!(guest.event("crowd.changed").await["d"]["data"]["crowd"]["writers"], "identified");
    assert_eq!(reason(&say(&mut guest, &hall.crowd, "hi").await.unwrap_err()), ("forbidden", "identified_only"));
}

#[tokio::test]
async fn what_an_operator_deletes_is_gone_from_the_log() {
    let hall = Hall::open().await;
    let (mut mina, mut operator) = (hall.member("Mina").await, hall.operator().await);
    let seq = say(&mut mina, &hall.crowd, "my card is 4111").await.unwrap()["message"]["seq"].clone();
    for _ in 0..2 {
        hall.moderate(&mut operator, "crowd.retract", json!({"seq": seq})).await;
    }
    assert_eq!(mina.event("message.retracted").await["d"]["data"]["target"], seq);
    let log = join(&mut mina, json!({"key": "live-1", "after": 0})).await;
    assert_eq!(log["entries"].as_array().unwrap().len(), 2, "told once");
    assert_eq!(log["entries"][0]["data"], json!({"kind": "retracted"}));
    let missing = operator.request("crowd.retract", json!({"crowd": hall.crowd, "seq": 99})).await;
    assert_eq!(missing.unwrap_err()["code"], "not_found");
    let of_a_retraction = operator.request("crowd.retract", json!({"crowd": hall.crowd, "seq": 2})).await;
    assert_eq!(of_a_retraction.unwrap_err()["code"], "conflict");
}

#[tokio::test]
async fn members_are_counted_and_coming_and_going_is_told_as_a_number_only() {
    let hall = Hall::open().await;
    let mut first = hall.member("First").await;
    let counted = |members: usize| move |frame: &Value| frame["d"]["type"] == "crowd.counted" && frame["d"]["data"]["members"] == members;
    let second = hall.member("Second").await;
    first.wait("two are counted", counted(2)).await;
    second.leave().await;
    first.wait("one is counted", counted(1)).await;
    let others = first.heard().filter(|frame| frame["t"] == "pub" && frame["d"]["type"] != "crowd.counted").count();
    assert_eq!(others, 0, "{:?}", first.heard().collect::<Vec<_>>());
    let list = hall.shop.owner.get(&format!("/api/v1/sites/{}/crowds", hall.shop.site.id)).await.ok();
    assert_eq!((&list["items"][0]["id"], &list["items"][0]["members"]), (&json!(hall.crowd), &json!(1)));
    first.request("crowd.leave", json!({"crowd": hall.crowd})).await.unwrap();
    let mut other = hall.member("Third").await;
    say(&mut other, &hall.crowd, "is anybody here?").await.unwrap();
    assert!(first.settle().await.iter().all(|frame| frame["d"]["type"] != "message.posted"), "who left hears nothing");
}

#[tokio::test]
async fn everybody_on_one_page_is_in_one_crowd_where_the_site_wants_that() {
    let shop = Shop::open().await;
    let mut visitor = shop.visitor().await;
    let page = |path: &str| json!({"page": {"url": format!("{}{path}", shop.site.origin), "title": "Moon jar"}});
    let refused = visitor.request("crowd.join", page("/jar")).await.unwrap_err();
    assert_eq!(refused["code"], "forbidden", "it is off");
    shop.owner.patch(&format!("/api/v1/sites/{}", shop.site.id), &json!({"settings": {"community": true}})).await.ok();
    let first = join(&mut visitor, page("/jar?product_no=12&utm_source=mail#top")).await;
    assert_eq!((&first["crowd"]["name"], &first["crowd"]["key"]), (&json!("Moon jar"), &Value::Null));
    let mut other = shop.visitor().await;
    let same = join(&mut other, page("/jar?product_no=12")).await;
    assert_eq!(same["crowd"]["id"], first["crowd"]["id"]);
    let another = join(&mut other, page("/jar?product_no=13")).await;
    assert_ne!(another["crowd"]["id"], first["crowd"]["id"]);
    let foreign = json!({"page": {"url": "https://evil.test/"}});
    assert_eq!(other.request("crowd.join", foreign).await.unwrap_err()["code"], "forbidden");
    let not_one = json!({"page": {"url": "javascript:alert(1)"}});
    assert_eq!(other.request("crowd.join", not_one).await.unwrap_err()["code"], "invalid");
    // The address is a page's and nobody's key.
    let by_key = json!({"key": "shop.test/jar?product_no=12"});
    assert_eq!(other.request("crowd.join", by_key).await.unwrap_err()["code"], "not_found");
}

#[tokio::test]
async fn what_cannot_be_is_refused_by_name() {
    let hall = Hall::open().await;
    let (owner, list) = (&hall.shop.owner, format!("/api/v1/sites/{}/crowds", hall.shop.site.id));
    let refused = owner.post(&list, &json!({"key": "a b", "name": " ", "history": 101, "slow_mode_s": -1})).await;
    let fields = refused.refused(422, "invalid")["fields"].clone();
    for name in ["key", "name", "history", "slow_mode_s"] {
        assert!(fields[name].is_string(), "{name}: {fields}");
    }
    owner.post(&list, &json!({"key": "live-1", "name": "Again"})).await.refused(409, "conflict");
    let mut operator = hall.operator().await;
    let wrong = [
        ("crowd.slow_mode", json!({"crowd": hall.crowd, "seconds": 3_601}), "invalid"),
        ("crowd.mute", json!({"crowd": hall.crowd, "visitor": fresh_id(), "muted": true, "minutes": 0}), "invalid"),
        ("crowd.mute", json!({"crowd": hall.crowd, "visitor": fresh_id(), "muted": true}), "not_found"),
        ("crowd.post", json!({"crowd": hall.crowd, "client_message_id": fresh_id(), "text": " "}), "invalid"),
        ("crowd.post", json!({"crowd": fresh_id(), "client_message_id": fresh_id(), "text": "x"}), "not_found"),
        ("crowd.join", json!({"key": "live-1"}), "invalid"),
        ("crowd.freeze", json!({"crowd": hall.crowd}), "invalid"),
    ];
    for (method, params, code) in wrong {
        assert_eq!(operator.request(method, params.clone()).await.unwrap_err()["code"], code, "{method} {params}");
    }
    let mut mina = hall.member("Mina").await;
    let long = say(&mut mina, &hall.crowd, &"x".repeat(501)).await.unwrap_err();
    assert!(long["fields"]["text"].as_str().unwrap().contains("at most 500"), "{long}");
    assert_eq!(mina.request("crowd.join", json!({})).await.unwrap_err()["code"], "invalid");
    assert_eq!(mina.request("crowd.join", json!({"key": "none"})).await.unwrap_err()["code"], "not_found");
}

#[tokio::test]
async fn a_deleted_crowd_is_gone_and_its_members_are_told() {
    let hall = Hall::open().await;
    let mut mina = hall.member("Mina").await;
    say(&mut mina, &hall.crowd, "hello").await.unwrap();
    assert_eq!(hall.shop.owner.call(reqwest::Method::DELETE, &hall.path(), &[], None).await.status, 204);
    mina.event("crowd.deleted").await;
    assert_eq!(say(&mut mina, &hall.crowd, "anybody?").await.unwrap_err()["code"], "not_found");
    assert_eq!(mina.request("crowd.join", json!({"key": "live-1"})).await.unwrap_err()["code"], "not_found");
}

#[tokio::test]
async fn what_a_visitor_said_in_crowds_is_theirs_to_have_and_to_erase() {
    let hall = Hall::open().await;
    let (mut mina, mut jonas) = (hall.member("Mina").await, hall.member("Jonas").await);
    say(&mut mina, &hall.crowd, "my address is Seoul 1").await.unwrap();
    let all = mina.request("visitor.export", json!({})).await.unwrap();
    assert_eq!(all["crowd_messages"][0]["data"]["text"], "my address is Seoul 1");
    assert_eq!((&all["crowd_messages"][0]["name"], &all["crowd_messages"][0]["crowd"]), (&json!("Mina"), &json!("Autumn sale live")));
    let who = mina.welcome["visitor"]["id"].clone();
    mina.request("visitor.delete", json!({})).await.unwrap();
    assert_eq!(jonas.event("member.erased").await["d"]["data"]["ids"], json!([who]));
    let log = join(&mut jonas, json!({"key": "live-1", "after": 0})).await;
    assert_eq!((&log["entries"][0]["data"], &log["entries"][0]["sender"]["name"]), (&json!({"kind": "retracted"}), &Value::Null));
    // The log stays whole.
    stalk::check::run(&hall.shop.storage()).await.unwrap();
}

#[tokio::test]
async fn without_a_socket_a_crowd_is_read_and_written_by_single_requests() {
    let hall = Hall::open().await;
    let mina = hall.member("Mina").await;
    let ticket = mina.ticket().to_owned();
    let (shop, ticket) = (&hall.shop, ticket.as_str());
    let ask = |method: &'static str, params: Value| async move { shop.fallback(&shop.site, ticket, method, &params).await.json() };
    let posted = ask("crowd.post", json!({"crowd": hall.crowd, "client_message_id": fresh_id(), "text": "over HTTP"})).await;
    assert_eq!(posted["ok"]["message"]["seq"], 1, "{posted}");
    let joined = ask("crowd.join", json!({"key": "live-1"})).await;
    assert_eq!(joined["ok"]["entries"][0]["data"]["text"], "over HTTP", "{joined}");
    let since = ask("channel.since", json!({"channel": joined["ok"]["crowd"]["channel"], "after": 0})).await;
    assert_eq!(since["ok"]["top"], 1, "{since}");
}

//! Operators: what they may change of themselves and of one another, their logins and passwords, and how soon open sockets learn of it.

use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};
use stalk::clock::{Clock, DAY};

use crate::app::{OWNER, PASSWORD, Shop, text};
use crate::operator::{Operator, fresh_id};

const OTHER_PASSWORD: &str = "quite another password";
/// What ends or changes is felt on open sockets within this.
const AT_ONCE: Duration = Duration::from_secs(3);

async fn id_of(operator: &Operator) -> String {
    text(&operator.get("/api/v1/me").await.ok()["operator"]["id"])
}

async fn path_of(operator: &Operator) -> String {
    format!("/api/v1/operators/{}", id_of(operator).await)
}

#[tokio::test]
async fn a_deactivated_operator_is_out_everywhere_at_once_and_can_come_back() {
    let shop = Shop::open().await;
    let leaving = shop.operator().await;
    let path = path_of(&leaving).await;
    let (mut socket, mut colleague) = (shop.socket_of(&leaving).await, shop.socket_of(&shop.owner).await);
    let email = text(&leaving.get("/api/v1/me").await.ok()["operator"]["email"]);

    let before = Instant::now();
    let told = shop.owner.patch(&path, &json!({"deactivated": true})).await.ok();
    assert!(told["deactivated_at"].is_i64(), "{told}");
    assert_eq!(socket.bye().await["code"], 4101);
    assert!(before.elapsed() < AT_ONCE, "{:?}", before.elapsed());
    assert_eq!(colleague.event("operator.changed").await["d"]["data"]["operator"], told);
    leaving.get("/api/v1/me").await.refused(401, "unauthenticated");
    let refused = shop.nobody().form("/sign-in", &[("email", &email), ("password", PASSWORD)]).await;
    assert_eq!(refused.status, 401);

    let names = |all: Value| all["items"].as_array().unwrap().iter().map(|one| text(&one["email"])).collect::<Vec<_>>();
    assert_eq!(names(shop.owner.get("/api/v1/operators").await.ok()), [OWNER]);
    assert!(names(shop.owner.get("/api/v1/operators?all=true").await.ok()).contains(&email));
    assert_eq!(shop.owner.patch(&path, &json!({"deactivated": false})).await.ok()["deactivated_at"], Value::Null);
    Operator::signed_in(&shop.console, &email, PASSWORD).await.get("/api/v1/me").await.ok();
}

#[tokio::test]
async fn a_role_counts_from_the_next_request_and_open_consoles_are_told() {
    let shop = Shop::open().await;
    let operator = shop.operator().await;
    let path = path_of(&operator).await;
    let mut socket = shop.socket_of(&operator).await;
    let new = json!({"name": "N", "domains": ["n.test"], "language": "en"});
    operator.post("/api/v1/sites", &new).await.refused(403, "forbidden");
    let before = Instant::now();
    shop.owner.patch(&path, &json!({"role": "admin", "capacity": 9})).await.ok();
    operator.post("/api/v1/sites", &new).await.ok();
    let told = socket.event("operator.changed").await["d"]["data"]["operator"].clone();
    assert!(before.elapsed() < AT_ONCE, "{:?}", before.elapsed());
    assert_eq!((&told["role"], &told["capacity"]), (&json!("admin"), &json!(9)));
    shop.owner.patch(&path, &json!({"role": "operator", "capacity": null})).await.ok();
    operator.post("/api/v1/sites", &new).await.refused(403, "forbidden");
    assert_eq!(operator.get("/api/v1/me").await.ok()["operator"]["capacity"], Value::Null);
}

#[tokio::test]
async fn whoever_is_renamed_writes_under_the_new_name_at_once_on_sockets_that_were_open() {
    let shop = Shop::open().await;
    let operator = shop.operator().await;
    let mut socket = shop.socket_of(&operator).await;
    let mut visitor = shop.visitor().await;
    let conversation = visitor.post(None, "hello").await["conversation"]["id"].clone();
    operator.patch("/api/v1/me", &json!({"name": "A new name"})).await.ok();
    let said = json!({"client_message_id": fresh_id(), "conversation": conversation, "text": "hello, too"});
    socket.request("message.post", said).await.unwrap();
    let of_operator = |frame: &Value| frame["d"]["type"] == "message.posted" && frame["d"]["sender"]["kind"] == "operator";
    let heard = visitor.wait("the operator's message", of_operator).await;
    assert_eq!(heard["d"]["sender"]["name"], "A new name", "{heard}");
}

#[tokio::test]
async fn owners_are_changed_by_owners_only_and_the_last_one_stays() {
    let shop = Shop::open().await;
    let (admin, second) = (shop.admin().await, shop.operator().await);
    let (first_path, second_path) = (path_of(&shop.owner).await, path_of(&second).await);
    for change in [json!({"role": "operator"}), json!({"deactivated": true}), json!({"capacity": 3})] {
        admin.patch(&first_path, &change).await.refused(403, "forbidden");
    }
    admin.patch(&second_path, &json!({"role": "owner"})).await.refused(403, "forbidden");
    for change in [json!({"role": "operator"}), json!({"deactivated": true})] {
        shop.owner.patch(&first_path, &change).await.refused(409, "conflict");
    }
    shop.owner.patch(&second_path, &json!({"role": "owner"})).await.ok();
    second.patch(&first_path, &json!({"role": "admin"})).await.ok();
    second.patch(&second_path, &json!({"deactivated": true})).await.refused(409, "conflict");
    for (change, field) in [(json!({"capacity": 0}), "capacity"), (json!({"capacity": 101}), "capacity")] {
        let refused = second.patch(&first_path, &change).await.refused(422, "invalid");
        assert!(refused["fields"][field].is_string(), "{refused}");
    }
    second.patch(&first_path, &json!({"name": "X"})).await.refused(422, "invalid");
}

#[tokio::test]
async fn two_owners_who_demote_each_other_at_once_leave_one() {
    let shop = Shop::open().await;
    let second = shop.operator().await;
    let (first_path, second_path) = (path_of(&shop.owner).await, path_of(&second).await);
    shop.owner.patch(&second_path, &json!({"role": "owner"})).await.ok();
    let demote = json!({"role": "admin"});
    tokio::join!(shop.owner.patch(&second_path, &demote), second.patch(&first_path, &demote));
    assert_eq!(shop.database.number("SELECT COUNT(*) FROM operators WHERE role = 'owner'").await, 1);
}

#[tokio::test]
async fn a_profile_is_kept_field_by_field() {
    let shop = Shop::open().await;
    let mut colleague = shop.socket_of(&shop.owner).await;
    let me = shop.operator().await;
    let mine = me.get("/api/v1/me").await.ok()["operator"].clone();
    assert_eq!((&mine["theme"], &mine["density"], &mine["time_zone"]), (&json!("auto"), &json!("comfortable"), &Value::Null));
    assert_eq!(mine["notifications"], json!({"sound": true, "sound_repeat": false, "desktop": false}));

    me.patch("/api/v1/me", &json!({"theme": "dark", "notifications": {"sound_repeat": true}})).await.ok();
    me.patch("/api/v1/me", &json!({"density": "compact", "time_zone": "asia/seoul", "name": "Ad\u{202e}a\u{200b} 미나"})).await.ok();
    let mine = me.patch("/api/v1/me", &json!({"language": "ko"})).await.ok()["operator"].clone();
    assert_eq!((&mine["theme"], &mine["density"]), (&json!("dark"), &json!("compact")));
    assert_eq!((&mine["time_zone"], &mine["language"], &mine["name"]), (&json!("Asia/Seoul"), &json!("ko"), &json!("Ada 미나")));
    assert_eq!(mine["notifications"], json!({"sound": true, "sound_repeat": true, "desktop": false}));
    assert_eq!(colleague.event("operator.changed").await["d"]["data"]["operator"]["name"], "Ada 미나");
    assert_eq!(me.patch("/api/v1/me", &json!({"time_zone": null})).await.ok()["operator"]["time_zone"], Value::Null);

    for (change, field) in [
        (json!({"time_zone": "Mars/Olympus"}), "time_zone"),
        (json!({"name": "\u{200b}"}), "name"),
        (json!({"language": "de"}), "language"),
    ] {
        let refused = me.patch("/api/v1/me", &change).await.refused(422, "invalid");
        assert!(refused["fields"][field].is_string(), "{refused}");
    }
    for change in
        [json!({"theme": "pink"}), json!({"notifications": {"noise": true}}), json!({"role": "owner"}), json!({"email": "a@b.test"})]
    {
        me.patch("/api/v1/me", &change).await.refused(422, "invalid");
    }
}

#[tokio::test]
async fn a_new_password_ends_every_other_login_and_its_sockets() {
    let shop = Shop::open().await;
    let elsewhere = Operator::signed_in(&shop.console, OWNER, PASSWORD).await;
    let colleague = shop.operator().await;
    let (mut here, mut there) = (shop.socket_of(&shop.owner).await, shop.socket_of(&elsewhere).await);
    let mut beside = shop.socket_of(&colleague).await;
    let change = |current: &str, new: &str| json!({"current_password": current, "new_password": new});
    let refused = shop.owner.put("/api/v1/me/password", &change("not my password", OTHER_PASSWORD)).await.refused(422, "invalid");
    assert!(refused["fields"]["current_password"].is_string(), "{refused}");
    let refused = shop.owner.put("/api/v1/me/password", &change(PASSWORD, "short")).await.refused(422, "invalid");
    assert!(refused["fields"]["new_password"].as_str().unwrap().contains("10 to 200"), "{refused}");
    there.settle().await;

    let before = Instant::now();
    assert_eq!(shop.owner.put("/api/v1/me/password", &change(PASSWORD, OTHER_PASSWORD)).await.status, 204);
    assert_eq!(there.bye().await["code"], 4101);
    assert!(before.elapsed() < AT_ONCE, "{:?}", before.elapsed());
    elsewhere.get("/api/v1/me").await.refused(401, "unauthenticated");
    here.settle().await;
    beside.settle().await;
    shop.owner.get("/api/v1/me").await.ok();
    assert_eq!(shop.nobody().form("/sign-in", &[("email", OWNER), ("password", PASSWORD)]).await.status, 401);
    Operator::signed_in(&shop.console, OWNER, OTHER_PASSWORD).await;
}

#[tokio::test]
async fn guesses_of_the_current_password_count_as_failed_sign_ins() {
    let shop = Shop::open_with(&["--sign-in-failures", "3"], Clock::system()).await;
    let guess = json!({"current_password": "a guess at it", "new_password": OTHER_PASSWORD});
    for _ in 0..3 {
        shop.owner.put("/api/v1/me/password", &guess).await.refused(422, "invalid");
    }
    let refused = shop.owner.put("/api/v1/me/password", &guess).await.refused(429, "rate_limited");
    assert!(refused["retry_after_ms"].is_u64(), "{refused}");
}

#[tokio::test]
async fn a_person_sees_their_logins_and_ends_one() {
    let shop = Shop::open_with(&[], Clock::fixed(1_795_298_351_000)).await;
    let agent = [("user-agent", "Phone/1.0"), ("origin", shop.console.as_str()), ("content-type", "application/x-www-form-urlencoded")];
    let phone = shop.nobody();
    let form = format!("email={OWNER}&password={}", PASSWORD.replace(' ', "+"));
    assert_eq!(phone.bare(Method::POST, "/sign-in", &agent, Some(form.into_bytes())).await.status, 303);
    let mut socket = shop.socket_of(&phone).await;
    shop.clock.advance(5 * 60_000);
    phone.get("/api/v1/me").await.ok();

    let logins = phone.get("/api/v1/me/login-sessions").await.ok()["items"].clone();
    assert_eq!(logins.as_array().unwrap().len(), 2, "{logins}");
    let (mine, other) = (&logins[0], &logins[1]);
    assert_eq!((&mine["current"], &mine["user_agent"], &mine["address"]), (&json!(true), &json!("Phone/1.0"), &json!("127.0.0.1")));
    assert_eq!(mine["last_seen_at"].as_i64().unwrap() - mine["created_at"].as_i64().unwrap(), 5 * 60_000);
    assert_eq!(other["current"], false);
    let stored = shop.database.texts("SELECT id FROM login_sessions").await;
    assert!(stored.iter().all(|id| !logins.to_string().contains(id)), "a cookie is shown");

    let path = format!("/api/v1/me/login-sessions/{}", text(&mine["id"]));
    shop.operator().await.call(Method::DELETE, &path, &[], None).await.refused(404, "not_found");
    assert_eq!(shop.owner.call(Method::DELETE, &path, &[], None).await.status, 204);
    assert_eq!(socket.bye().await["code"], 4101);
    phone.get("/api/v1/me").await.refused(401, "unauthenticated");
    shop.owner.call(Method::DELETE, &path, &[], None).await.refused(404, "not_found");
    assert_eq!(shop.owner.get("/api/v1/me/login-sessions").await.ok()["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_login_lasts_while_it_is_used_and_ends_after_thirty_idle_days() {
    let shop = Shop::open_with(&[], Clock::fixed(1_795_298_351_000)).await;
    for _ in 0..3 {
        shop.clock.advance(20 * DAY);
        let answer = shop.owner.get("/api/v1/me").await;
        answer.ok();
        assert!(answer.header("set-cookie").is_some(), "the cookie is renewed");
    }
    assert!(shop.owner.get("/api/v1/me").await.header("set-cookie").is_none(), "once a day is enough");
    shop.clock.advance(30 * DAY + 1);
    shop.owner.get("/api/v1/me").await.refused(401, "unauthenticated");
}

#[tokio::test]
async fn whoever_was_there_first_sees_the_nodes_and_a_later_tenant_does_not() {
    let shop = Shop::open().await;
    let said = shop.owner.get("/api/v1/nodes").await.ok();
    let nodes = said["items"].as_array().unwrap();
    assert_eq!((nodes.len(), &nodes[0]["here"], &said["redis"]), (1, &json!(true), &Value::Null), "one node, alone by choice: {said}");
    shop.other_tenant().await.owner.get("/api/v1/nodes").await.refused(403, "forbidden");
}

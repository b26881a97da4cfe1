//! Coming to a login: signing up, a forgotten password, an invitation. What strangers learn (nothing), what letters hold, and how long links are good.

use serde_json::{Value, json};
use stalk::clock::{Clock, DAY};

use crate::app::{OWNER, PASSWORD, Shop, TestApp, text};
use crate::operator::{Answer, Operator};
use crate::post_office::PostOffice;

const NEW: &str = "new@shop.test";
const NOW: i64 = 1_795_298_351_000;
const HOUR: i64 = 3_600_000;

fn sign_up<'a>(email: &'a str, shop: &'a str, name: &'a str) -> [(&'a str, &'a str); 6] {
    [("shop", shop), ("name", name), ("email", email), ("password", PASSWORD), ("language", "en"), ("time_zone", "Asia/Seoul")]
}

/// Letters that wait, oldest first.
async fn letters(app: &TestApp) -> Vec<Value> {
    let sql = "SELECT CAST(payload AS TEXT) FROM outbox WHERE done_at IS NULL ORDER BY created_at, id";
    app.database.texts(sql).await.iter().map(|payload| serde_json::from_str(payload).unwrap()).collect()
}

/// The path of the link in a letter's text.
fn link(app: &TestApp, body: &str) -> String {
    let from = body.find("token=").unwrap_or_else(|| panic!("no link: {body}"));
    let start = body[..from].rfind(&app.console).unwrap() + app.console.len();
    let end = body[from..].find(|letter: char| letter.is_whitespace() || letter == '"').map_or(body.len(), |length| from + length);
    body[start..end].to_owned()
}

fn token(link: &str) -> &str {
    link.split_once("token=").unwrap().1
}

async fn newest_link(app: &TestApp) -> String {
    link(app, letters(app).await.last().unwrap()["text"].as_str().unwrap())
}

/// Where an answer leads.
fn led_to(answer: &Answer) -> (u16, Option<&str>) {
    (answer.status, answer.header("location"))
}

#[tokio::test]
async fn whoever_signs_up_and_opens_the_letter_has_a_shop_of_their_own() {
    let office = PostOffice::open().await;
    let shop = Shop::open_with(&["--smtp-url", &office.url()], Clock::system()).await;
    let browser = shop.nobody();
    assert_eq!(browser.get("/sign-up").await.status, 200);
    let sent = browser.form("/sign-up", &sign_up(" New@Shop.test ", "Second Shop", "Nora")).await;
    assert!(sent.status == 200 && sent.text.contains(NEW), "{}", sent.text);

    let taken = office.delivered(&shop, 1).await;
    taken[0].is_whole();
    assert_eq!(taken[0].to, [format!("<{NEW}>")]);
    let link = link(&shop, &taken[0].body());
    // Mail programs open links: that alone does nothing.
    for _ in 0..2 {
        let shown = browser.get(&link).await;
        assert!(shown.status == 200 && shown.text.contains("Second Shop"), "{}", shown.text);
    }
    browser.get("/api/v1/me").await.refused(401, "unauthenticated");
    let confirmed = browser.form("/confirm", &[("token", token(&link))]).await;
    assert_eq!(led_to(&confirmed), (303, Some("/console/")), "{}", confirmed.text);
    let me = browser.get("/api/v1/me").await.ok();
    assert_eq!(
        (&me["operator"]["role"], &me["operator"]["name"], &me["tenant"]["name"]),
        (&json!("owner"), &json!("Nora"), &json!("Second Shop"))
    );
    assert_eq!(me["operator"]["time_zone"], "Asia/Seoul");
    assert_ne!(me["tenant"]["id"], shop.tenant.as_str());
    assert_eq!(browser.get("/api/v1/sites").await.ok()["items"], json!([]));
    let site = browser.post("/api/v1/sites", &json!({"name": "S", "domains": ["s.test"], "language": "en"})).await.ok();
    assert_eq!(site["time_zone"], "Asia/Seoul", "a new site is where its owner is");
    Operator::signed_in(&shop.console, NEW, PASSWORD).await;
    // Once.
    assert_eq!(shop.nobody().form("/confirm", &[("token", token(&link))]).await.status, 404);
    assert_eq!(shop.nobody().get(&link).await.status, 404);
}

#[tokio::test]
async fn a_stranger_cannot_tell_who_has_an_account() {
    let shop = Shop::open().await;
    let rows = || async {
        let mut counts = Vec::new();
        for table in ["outbox", "anonymous_letters", "sign_ups", "password_resets"] {
            counts.push(shop.database.number(&format!("SELECT COUNT(*) FROM {table}")).await);
        }
        counts
    };
    let mut pages = Vec::new();
    for email in [OWNER, "olive@nowhere.test"] {
        let before = rows().await;
        let signed_up = shop.nobody().form("/sign-up", &sign_up(email, "S", "N")).await;
        let forgotten = shop.nobody().form("/forgot-password", &[("email", email)]).await;
        let written: Vec<i64> = rows().await.iter().zip(before).map(|(after, before)| after - before).collect();
        let said = |answer: &Answer| (answer.status, answer.text.replace(email, "ADDRESS"));
        pages.push((said(&signed_up), said(&forgotten), written));
    }
    assert_eq!(pages[0], pages[1], "the same is said, and as much is written");
    let letters = letters(&shop).await;
    let to: Vec<&str> = letters.iter().map(|letter| letter["to"].as_str().unwrap()).collect();
    assert_eq!(to, [OWNER, OWNER, "olive@nowhere.test"]);
    let known = letters[0]["text"].as_str().unwrap();
    assert!(known.contains("has an account already") && known.contains("/forgot-password") && !known.contains("token="), "{known}");
    assert!(letters[2]["text"].as_str().unwrap().contains("/confirm?token="));
    // The token for the taken address was told to nobody, and only hashes are stored.
    let stored = shop.database.texts("SELECT email || password_hash FROM sign_ups").await.join(" ");
    assert!(!stored.contains(PASSWORD) && !stored.contains(token(&newest_link(&shop).await)));
}

#[tokio::test]
async fn an_address_gets_three_letters_a_day_from_strangers() {
    let shop = Shop::open_with(&[], Clock::fixed(NOW)).await;
    let mut said = Vec::new();
    for round in 0..6 {
        let answer = match round % 2 {
            0 => shop.nobody().form("/sign-up", &sign_up(OWNER, "S", "N")).await,
            _ => shop.nobody().form("/forgot-password", &[("email", OWNER)]).await,
        };
        said.push((answer.status, answer.text));
    }
    assert!(said.iter().all(|one| *one == said[0]), "the page is the same, letter or not");
    assert_eq!(letters(&shop).await.len(), 3);
    shop.nobody().form("/forgot-password", &[("email", NEW)]).await;
    shop.clock.advance(DAY - 1);
    shop.nobody().form("/forgot-password", &[("email", OWNER)]).await;
    assert_eq!(letters(&shop).await.len(), 3);
    shop.clock.advance(2);
    shop.nobody().form("/forgot-password", &[("email", OWNER)]).await;
    assert_eq!(letters(&shop).await.len(), 4);
}

#[tokio::test]
async fn what_strangers_type_is_in_no_letter_and_what_colleagues_type_is_text() {
    const EVIL: &str = "Eve\r\nBcc: evil@mail.test\r\n\r\n<b onclick=alert(1)>\u{202e}\"'&</b>";
    let office = PostOffice::open().await;
    let shop = Shop::open_with(&["--smtp-url", &office.url()], Clock::system()).await;
    shop.nobody().form("/sign-up", &sign_up(NEW, EVIL, EVIL)).await;
    shop.owner.patch("/api/v1/me", &json!({"name": EVIL})).await.ok();
    shop.owner.post("/api/v1/invitations", &json!({"email": "guest@shop.test", "role": "operator"})).await.ok();
    let taken = office.delivered(&shop, 2).await;
    for letter in &taken {
        letter.is_whole();
        let body = letter.body();
        let (_, html) = body.split_once("text/html").unwrap();
        assert!(!html.contains("<b onclick"), "{}", letter.raw);
    }
    let to_stranger = taken.iter().find(|letter| letter.to[0].contains(NEW)).unwrap();
    assert!(!to_stranger.raw.contains("onclick") && !to_stranger.raw.contains("evil@"), "{}", to_stranger.raw);
    for email in
        ["a@b.test\r\nBcc: c@d.test", "a@b.test,c@d.test", "<a@b.test>", "a b@c.test", "\"a\"@b.test", "a@b.test\u{202e}", "a@", ""]
    {
        let refused = shop.nobody().form("/sign-up", &sign_up(email, "S", "N")).await;
        assert!(refused.status == 422 && refused.text.contains("id=\"email-wrong\""), "{email:?}: {}", refused.status);
        assert_eq!(shop.nobody().form("/forgot-password", &[("email", email)]).await.status, 422, "{email:?}");
        shop.owner.post("/api/v1/invitations", &json!({"email": email, "role": "operator"})).await.refused(422, "invalid");
    }
    let refused = shop.nobody().form("/sign-up", &sign_up(NEW, "<script>alert(1)</script>", "\u{200b}")).await;
    assert!(refused.status == 422 && !refused.text.contains("<script>alert") && refused.text.contains("id=\"name-wrong\""));
}

#[tokio::test]
async fn a_new_password_by_letter_works_once_within_the_hour_and_ends_every_login() {
    let shop = Shop::open_with(&[], Clock::fixed(NOW)).await;
    let mut socket = shop.socket_of(&shop.owner).await;
    for _ in 0..2 {
        shop.nobody().form("/forgot-password", &[("email", "OWNER@shop.test")]).await;
    }
    let all = letters(&shop).await;
    let (first, second) = (link(&shop, all[0]["text"].as_str().unwrap()), link(&shop, all[1]["text"].as_str().unwrap()));
    assert_eq!(shop.nobody().get(&second).await.status, 200);
    let reset = |link: String, password: &'static str| {
        let browser = shop.nobody();
        async move { browser.form("/reset-password", &[("token", token(&link)), ("password", password)]).await }
    };
    let refused = reset(second.clone(), "short").await;
    assert!(refused.status == 422 && refused.text.contains("id=\"password-wrong\"") && refused.text.contains(token(&second)));
    shop.clock.advance(1);
    let before = std::time::Instant::now();
    assert_eq!(reset(second.clone(), "another long password").await.status, 200);
    assert_eq!(socket.bye().await["code"], 4101);
    assert!(before.elapsed() < std::time::Duration::from_secs(1));
    shop.owner.get("/api/v1/me").await.refused(401, "unauthenticated");
    // Neither again, nor the other one.
    assert_eq!(reset(second, "a third long password").await.status, 404);
    assert_eq!(reset(first, "a third long password").await.status, 404);
    assert_eq!(shop.nobody().form("/sign-in", &[("email", OWNER), ("password", PASSWORD)]).await.status, 401);
    Operator::signed_in(&shop.console, OWNER, "another long password").await;
    assert!(letters(&shop).await.last().unwrap()["subject"].as_str().unwrap().contains("was changed"), "the person is told");

    shop.clock.advance(1);
    shop.nobody().form("/forgot-password", &[("email", OWNER)]).await;
    let late = newest_link(&shop).await;
    shop.clock.advance(HOUR);
    assert_eq!(shop.nobody().get(&late).await.status, 404);
    assert_eq!(reset(late, "a third long password").await.status, 404);
}

#[tokio::test]
async fn a_deactivated_operator_gets_no_letter_and_an_old_link_does_not_let_them_in() {
    let shop = Shop::open().await;
    let leaving = shop.operator().await;
    let email = text(&leaving.get("/api/v1/me").await.ok()["operator"]["email"]);
    shop.nobody().form("/forgot-password", &[("email", &email)]).await;
    let link = newest_link(&shop).await;
    shop.deactivate(&leaving).await;
    let reset = shop.nobody().form("/reset-password", &[("token", token(&link)), ("password", "another long password")]).await;
    assert_eq!(reset.status, 404);
    shop.nobody().form("/forgot-password", &[("email", &email)]).await;
    assert_eq!(letters(&shop).await.len(), 1);
}

#[tokio::test]
async fn an_invitation_is_sent_listed_sent_again_followed_and_gone() {
    let shop = Shop::open_with(&[], Clock::fixed(NOW)).await;
    let mut console = shop.socket_of(&shop.owner).await;
    let admin = shop.admin().await;
    let new = json!({"email": "Guest@Shop.test", "role": "operator", "language": "en"});
    let invitation = admin.post("/api/v1/invitations", &new).await.ok();
    assert_eq!(
        (&invitation["email"], &invitation["role"], &invitation["invited_by"]["name"]),
        (&json!("guest@shop.test"), &json!("operator"), &json!("Some admin"))
    );
    assert_eq!(invitation["expires_at"], NOW + 7 * DAY);
    assert_eq!(shop.owner.get("/api/v1/invitations").await.ok()["items"], json!([invitation]));
    admin.post("/api/v1/invitations", &new).await.refused(409, "conflict");
    let first = newest_link(&shop).await;

    shop.clock.advance(7 * DAY);
    assert_eq!(shop.nobody().get(&first).await.status, 404, "a week is over");
    let again = admin.post(&format!("/api/v1/invitations/{}/resend", text(&invitation["id"])), &json!({})).await.ok();
    assert_eq!(again["expires_at"], NOW + 14 * DAY);
    let second = newest_link(&shop).await;
    assert_ne!(first, second);
    let browser = shop.nobody();
    let shown = browser.get(&second).await;
    assert!(shown.status == 200 && shown.text.contains("guest@shop.test") && shown.text.contains("Shop"), "{}", shown.text);
    let fields = [("token", token(&second)), ("name", "Gus"), ("password", PASSWORD)];
    assert_eq!(led_to(&browser.form("/invitation", &fields).await), (303, Some("/console/")));
    let me = browser.get("/api/v1/me").await.ok();
    assert_eq!(
        (&me["operator"]["name"], &me["operator"]["role"], &me["tenant"]["id"]),
        (&json!("Gus"), &json!("operator"), &json!(shop.tenant))
    );
    assert_eq!(console.event("operator.changed").await["d"]["data"]["operator"]["name"], "Gus");
    assert_eq!(shop.nobody().form("/invitation", &fields).await.status, 404, "once");
    assert_eq!(admin.get("/api/v1/invitations").await.ok()["items"], json!([]));
    admin.post("/api/v1/invitations", &new).await.refused(409, "conflict");
}

#[tokio::test]
async fn who_may_invite_whom() {
    let shop = Shop::open().await;
    let (admin, operator) = (shop.admin().await, shop.operator().await);
    let new = |email: &str, role: &str| json!({"email": email, "role": role});
    operator.post("/api/v1/invitations", &new("a@s.test", "operator")).await.refused(403, "forbidden");
    admin.post("/api/v1/invitations", &new("a@s.test", "owner")).await.refused(403, "forbidden");
    admin.post("/api/v1/invitations", &new("b@s.test", "admin")).await.ok();
    let owner = text(&shop.owner.post("/api/v1/invitations", &new("c@s.test", "owner")).await.ok()["id"]);
    let path = format!("/api/v1/invitations/{owner}");
    admin.call(reqwest::Method::DELETE, &path, &[], None).await.refused(403, "forbidden");
    admin.post(&format!("{path}/resend"), &json!({})).await.refused(403, "forbidden");
    let link = newest_link(&shop).await;
    assert_eq!(shop.owner.call(reqwest::Method::DELETE, &path, &[], None).await.status, 204);
    assert_eq!(shop.nobody().get(&link).await.status, 404, "withdrawn");
    for (bad, field) in [
        (json!({"email": "nobody", "role": "admin"}), "email"),
        (json!({"email": "d@s.test", "role": "admin", "language": "de"}), "language"),
    ] {
        assert!(shop.owner.post("/api/v1/invitations", &bad).await.refused(422, "invalid")["fields"][field].is_string());
    }
    shop.owner.post("/api/v1/invitations", &new("d@s.test", "boss")).await.refused(422, "invalid");
}

#[tokio::test]
async fn an_address_with_an_account_elsewhere_is_invited_like_any_other_and_told_in_its_letter() {
    let shop = Shop::open().await;
    let other = shop.other_tenant().await;
    let theirs = text(&other.owner.get("/api/v1/me").await.ok()["operator"]["email"]);
    let answers = |email: String| {
        let owner = shop.owner.clone();
        async move {
            let answer = owner.post("/api/v1/invitations", &json!({"email": email, "role": "operator"})).await;
            (answer.status, answer.json().as_object().unwrap().keys().cloned().collect::<Vec<_>>())
        }
    };
    assert_eq!(answers(theirs.clone()).await, answers("unknown@s.test".to_owned()).await);
    let letters = letters(&shop).await;
    let told = letters.iter().find(|letter| letter["to"] == theirs.as_str()).unwrap()["text"].as_str().unwrap();
    assert!(told.contains("account already") && !told.contains("token="), "{told}");
}

#[tokio::test]
async fn a_letter_waits_an_hour_for_the_mail_server_and_is_sent_once() {
    let mut office = PostOffice::closed();
    let shop = Shop::open_with(&["--smtp-url", &office.url()], Clock::fixed(NOW)).await;
    shop.nobody().form("/sign-up", &sign_up(NEW, "S", "N")).await;
    let mut pace = tokio::time::interval(std::time::Duration::from_millis(50));
    for tries in 1..=6 {
        while shop.database.number("SELECT COALESCE(MAX(attempts), -1) FROM outbox WHERE leased_until IS NULL").await < tries {
            pace.tick().await;
        }
        shop.clock.advance(HOUR / 6);
    }
    assert_eq!(shop.database.number("SELECT COUNT(*) FROM outbox WHERE done_at IS NULL AND failed_at IS NULL").await, 1);
    office.reopen().await;
    shop.clock.advance(HOUR / 2);
    assert_eq!(office.delivered(&shop, 1).await.len(), 1);
    let link = link(&shop, &office.taken()[0].body());
    shop.clock.advance(DAY - 2 * HOUR);
    for _ in 0..40 {
        pace.tick().await;
    }
    assert_eq!(office.taken().len(), 1, "once");
    assert_eq!(shop.nobody().form("/confirm", &[("token", token(&link))]).await.status, 303);
}

#[tokio::test]
async fn nobody_signs_up_where_it_is_closed_or_nothing_is_set_up() {
    let shop = Shop::open_with(&["--sign-up", "closed"], Clock::system()).await;
    assert_eq!(shop.nobody().get("/sign-up").await.status, 403);
    assert_eq!(shop.nobody().form("/sign-up", &sign_up(NEW, "S", "N")).await.status, 403);
    assert_eq!(letters(&shop).await.len(), 0);
    let page = shop.nobody().get("/sign-in").await.text;
    assert!(page.contains("/forgot-password") && !page.contains("/sign-up"));
    shop.owner.post("/api/v1/invitations", &json!({"email": NEW, "role": "operator"})).await.ok();

    let empty = TestApp::empty(&[], Clock::system()).await;
    assert_eq!(led_to(&empty.nobody().get("/sign-up").await), (303, Some("/set-up")));
    assert_eq!(empty.nobody().form("/sign-up", &sign_up(NEW, "S", "N")).await.status, 403);
    assert!(shop_page(&empty).await.contains("/set-up"));
}

async fn shop_page(app: &TestApp) -> String {
    app.nobody().get("/sign-in").await.header("location").unwrap_or_default().to_owned()
}

#[tokio::test]
async fn an_address_tries_so_often_and_then_waits() {
    let shop = Shop::open_with(&["--account-tries-per-hour", "3"], Clock::system()).await;
    for _ in 0..3 {
        assert_eq!(shop.nobody().form("/confirm", &[("token", "made up")]).await.status, 404);
    }
    for path in ["/confirm", "/sign-up", "/forgot-password", "/reset-password", "/invitation"] {
        let mut fields = sign_up(NEW, "S", "N").to_vec();
        fields.push(("token", "made up"));
        let refused = shop.nobody().form(path, &fields).await;
        assert_eq!(refused.status, 429, "{path}");
        assert!(refused.header("retry-after").is_some());
    }
    assert_eq!(letters(&shop).await.len(), 0);
}

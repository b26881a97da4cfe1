//! The life of an installation: the first set-up, the stop that loses nothing, the second process, the demo.

use serde_json::json;
use stalk::clock::Clock;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use crate::app::{OWNER, PASSWORD, Shop, TestApp, serve_args, text};
use crate::database::Database;
use crate::operator::{Operator, fresh_id};

async fn refused_to_start(args: stalk::config::ServeArgs) -> String {
    match stalk::app::serve(args, Clock::system(), CancellationToken::new()).await {
        Ok(_) => panic!("it started"),
        Err(error) => error.to_string(),
    }
}

#[tokio::test]
async fn a_second_process_on_the_same_data_folder_is_refused_and_told_what_to_do() {
    let app = TestApp::empty(&[], Clock::system()).await;
    let refused = refused_to_start(serve_args(app.folder(), &app.database, &[])).await;
    assert!(refused.contains("in use by another stalk process") && refused.contains("STALK_DATA"), "{refused}");
    let restore = stalk::backup::restore(&app.storage(), &app.folder().join("lock")).await.unwrap_err();
    assert!(restore.to_string().contains("in use"), "{restore}");
    assert_eq!(app.nobody().get("/healthz").await.status, 200, "the first goes on");
}

#[tokio::test]
async fn an_address_in_use_and_an_unknown_database_are_refused_in_words() {
    let app = TestApp::empty(&[], Clock::system()).await;
    let folder = TempDir::new().unwrap();
    let taken = app.console.trim_start_matches("http://").to_owned();
    let here = Database::sqlite(folder.path());
    let refused = refused_to_start(serve_args(folder.path(), &here, &["--listen".to_owned(), taken.clone()])).await;
    assert!(refused.contains(&taken) && refused.contains("STALK_LISTEN"), "{refused}");
    let mut args = serve_args(folder.path(), &here, &[]);
    args.storage.database_url = Some("mysql://somewhere".to_owned());
    assert!(refused_to_start(args).await.contains("postgres://"));
}

#[tokio::test]
async fn a_stop_says_4000_to_everybody_and_keeps_everything() {
    let mut shop = Shop::open().await;
    let (mut visitor, mut operator) = (shop.visitor().await, shop.socket_of(&shop.owner).await);
    let mut panel = shop.panel(&shop.site, Some(visitor.ticket())).await;
    let id = text(&visitor.post(None, "before").await["conversation"]["id"]);
    shop.owner.answers(&id, "answered").await;
    shop.app.ask_to_stop();
    for socket in [&mut visitor, &mut panel, &mut operator] {
        let bye = socket.bye().await;
        assert_eq!((bye["code"].as_u64(), bye["name"].as_str()), (Some(4000), Some("going_away")));
        assert!(bye["retry_after_ms"].as_u64().unwrap() < 1_500, "{bye}");
    }
    shop.app.stopped().await;
    assert!(!shop.folder().join("stalk.db-wal").exists(), "the database is left as one file");
    shop.app.start_again().await;
    assert!(shop.lines.iter().all(|line| !line.contains("set-up")), "{:?}", shop.lines);
    let back = shop.returning(&shop.site, visitor.ticket(), json!({})).await;
    assert_eq!(back.welcome["entries"].as_array().unwrap().len(), 3);
    let owner = shop.owner.at(&shop.console);
    assert_eq!(owner.log(&id).await.len(), 3, "a login outlives a restart");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_before_a_stop_is_there_after_it_and_a_retry_adds_nothing() {
    let mut shop = Shop::open().await;
    let mut visitor = shop.visitor().await;
    let id = text(&visitor.post(None, "0").await["conversation"]["id"]);
    let mut asked = Vec::new();
    for number in 1..=100 {
        let post = json!({"client_message_id": fresh_id(), "conversation": id, "text": format!("{number}")});
        asked.push((visitor.ask("message.post", &post).await, post));
    }
    visitor.answer(asked[10].0).await.unwrap();
    shop.app.ask_to_stop();
    visitor.wait("the bye", |frame| frame["t"] == "bye").await;
    let acknowledged: Vec<i64> =
        visitor.heard().filter(|frame| frame["t"] == "res").filter_map(|frame| frame["ok"]["message"]["seq"].as_i64()).collect();
    shop.app.stopped().await;
    shop.app.start_again().await;
    let owner = shop.owner.at(&shop.console);
    let stored = owner.log(&id).await;
    assert!(acknowledged.len() >= 9, "{acknowledged:?}");
    assert!(acknowledged.iter().all(|seq| usize::try_from(*seq).unwrap() <= stored.len()), "{acknowledged:?} of {}", stored.len());
    let mut back = shop.returning(&shop.site, visitor.ticket(), json!({})).await;
    for (_, post) in asked {
        back.request("message.post", post).await.unwrap();
    }
    let texts: Vec<String> = owner.log(&id).await.iter().map(|entry| text(&entry["data"]["text"])).collect();
    assert_eq!(texts, (0..=100).map(|number| number.to_string()).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_first_set_up_needs_the_printed_code_and_happens_once() {
    let app = TestApp::empty(&[], Clock::system()).await;
    let code = app.setup_code();
    assert!(app.nobody().get("/sign-in").await.header("location").is_some_and(|to| to == "/set-up"));
    for wrong in ["", "wrong", &code[1..]] {
        assert_eq!(app.set_up(&app.nobody(), wrong).await.status, 403);
    }
    assert_eq!(app.database.number("SELECT COUNT(*) FROM tenants").await, 0);
    let (one, two) = (app.nobody(), app.nobody());
    let (first, second) = tokio::join!(app.set_up(&one, &code), app.set_up(&two, &code));
    let mut statuses = [first.status, second.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 409]);
    assert_eq!(app.set_up(&app.nobody(), &code).await.status, 409);
    assert_eq!(app.nobody().get("/set-up").await.header("location"), Some("/sign-in"));
    assert_eq!(app.database.number("SELECT COUNT(*) FROM tenants").await, 1);
    assert_eq!(app.database.number("SELECT COUNT(*) FROM operators").await, 1);
    Operator::signed_in(&app.console, OWNER, PASSWORD).await.get("/api/v1/me").await.ok();
}

#[tokio::test]
async fn a_set_up_with_mistakes_names_them_and_makes_nothing() {
    let app = TestApp::empty(&[], Clock::system()).await;
    let code = app.setup_code();
    let fields = [
        ("code", code.as_str()),
        ("shop", "Shop <b>"),
        ("domain", "not a domain'"),
        ("name", "Olive"),
        ("email", "nowhere"),
        ("password", "short"),
        ("language", "en"),
    ];
    let answer = app.nobody().form("/set-up", &fields).await;
    assert_eq!(answer.status, 422);
    assert!(answer.text.contains("10 to 200") && answer.text.contains("e-mail address"), "{}", answer.text);
    assert!(!answer.text.contains("Shop <b>"), "what was typed comes back escaped");
    assert_eq!(app.database.number("SELECT COUNT(*) FROM tenants").await, 0);
}

#[tokio::test]
async fn the_demo_seeds_once_and_shows_its_password_once() {
    let mut app = TestApp::empty(&["--demo"], Clock::system()).await;
    let printed = |app: &TestApp, name: &str| app.lines.iter().find_map(|line| line.strip_prefix(name)).map(|rest| rest.trim().to_owned());
    let (email, password) = (printed(&app, "Sign in as").unwrap(), printed(&app, "Password").unwrap());
    let password = password.split_whitespace().next().unwrap().to_owned();
    Operator::signed_in(&app.console, &email, &password).await;
    let shop = printed(&app, "Demo shop").unwrap();
    let page = app.nobody().get(&shop.replace("localhost", "127.0.0.1")).await;
    assert_eq!(page.status, 200);
    assert!(page.text.contains(&format!("{}/w.js", app.widget)), "the demo shop carries the widget");
    app.stopped().await;
    app.start_again().await;
    assert_eq!(printed(&app, "Password"), None, "{:?}", app.lines);
    assert_eq!(app.database.number("SELECT COUNT(*) FROM tenants").await, 1);
    assert_eq!(app.database.number("SELECT COUNT(*) FROM sites").await, 1);
    Operator::signed_in(&app.console, &email, &password).await;
}

#[tokio::test]
async fn the_demo_keeps_out_of_a_real_installation() {
    let mut shop = Shop::open().await;
    shop.app.stopped().await;
    let refused = refused_to_start(serve_args(shop.folder(), &shop.database, &["--demo".to_owned()])).await;
    assert!(refused.contains("real installation"), "{refused}");
    assert_eq!(shop.database.number("SELECT COUNT(*) FROM tenants").await, 1);
}

//! Files over time: what is removed, what a backup carries, photos, and what only the shop may send.

use std::io::Cursor;

use image::{ImageFormat, ImageReader};
use reqwest::Method;
use serde_json::{Value, json};
use stalk::backup;
use stalk::clock::{Clock, DAY};
use tempfile::TempDir;

use crate::app::{Shop, TestApp, serve_args, text};
use crate::database::Database;
use crate::files::{carrying, files_of, get, picture, sent, stored, uploaded};
use crate::operator::{Answer, Operator, fresh_id};
use crate::promotions::{on_page, promote};

#[tokio::test]
async fn what_nobody_sent_or_what_was_taken_back_is_removed_with_its_bytes() {
    let clock = Clock::fixed(1_795_298_351_000);
    let shop = Shop::open_with(&[], clock.clone()).await;
    let mut visitor = shop.visitor().await;
    let unsent = uploaded(&shop, &visitor, "unsent.png", picture(600, 20, ImageFormat::Png)).await;
    let (conversation, _) = sent(&shop, &mut visitor, "kept.txt", b"kept".to_vec()).await;
    let kept = uploaded(&shop, &visitor, "back.txt", b"back".to_vec()).await;
    visitor.request("message.post", carrying(&kept)).await.unwrap();
    let theirs = {
        let headers = [("origin", shop.console.as_str())];
        let address = format!("{}/api/v1/files?name=mine.txt&conversation={conversation}", shop.console);
        shop.owner.bare(Method::POST, &address, &headers, Some(b"mine".to_vec())).await.ok()
    };
    let path = format!("/api/v1/conversations/{conversation}/messages");
    let body = json!({"client_message_id": fresh_id(), "attachment": theirs["attachment"]["id"]});
    let seq = shop.owner.post(&path, &body).await.ok()["message"]["seq"].clone();
    let edit = json!({"client_message_id": fresh_id(), "text": "words"});
    shop.owner.put(&format!("{path}/{seq}"), &edit).await.refused(409, "conflict");
    assert_eq!(stored(&shop).len(), 5, "one of them a thumbnail");
    let files = files_of(&shop, clock.clone()).await;
    assert_eq!(files.remove_unsent().await.unwrap(), 0);
    let key = fresh_id().to_string();
    let taken = shop.owner.call(Method::DELETE, &format!("{path}/{seq}"), &[("idempotency-key", &key)], None).await;
    taken.ok();
    assert_eq!(files.remove_unsent().await.unwrap(), 1, "taken back");
    clock.advance(DAY + 2 * 60 * 60 * 1000);
    assert_eq!(visitor.request("message.post", carrying(&unsent)).await.unwrap_err()["code"], "not_found", "too late");
    assert_eq!(files.remove_unsent().await.unwrap(), 1);
    assert_eq!(stored(&shop).len(), 2);
    assert_eq!(shop.database.number("SELECT COUNT(*) FROM files").await, 2);
}

async fn put_photo(shop: &Shop, who: &Operator, bytes: Vec<u8>) -> Answer {
    let headers = [("origin", shop.console.as_str()), ("content-type", "image/png")];
    who.bare(Method::PUT, &format!("{}/api/v1/me/photo", shop.console), &headers, Some(bytes)).await
}

#[tokio::test]
async fn a_photo_is_a_small_square_that_visitors_see() {
    let shop = Shop::open().await;
    let _online = shop.socket_of(&shop.owner).await;
    put_photo(&shop, &shop.owner, b"<svg onload='alert(1)'/>".to_vec()).await.refused(422, "invalid");
    assert_eq!(put_photo(&shop, &shop.owner, picture(640, 480, ImageFormat::Jpeg)).await.status, 204);
    let shown = shop.visitor().await.welcome["site"]["operators"][0]["photo_url"].clone();
    let served = get(&shown).await;
    assert_eq!(served.headers()["content-type"], "image/webp");
    assert!(served.headers()["cache-control"].to_str().unwrap().contains("immutable"));
    let drawn = ImageReader::with_format(Cursor::new(served.bytes().await.unwrap()), ImageFormat::WebP).decode().unwrap();
    assert_eq!((drawn.width(), drawn.height()), (256, 256));
    assert_eq!(shop.owner.call(Method::DELETE, "/api/v1/me/photo", &[], None).await.status, 204);
    assert_eq!(get(&shown).await.status(), 404);
    assert_eq!(shop.visitor().await.welcome["site"]["operators"][0]["photo_url"], Value::Null);
}

/// Uploads a promotion's picture.
async fn put_picture(shop: &Shop, bytes: Vec<u8>) -> Answer {
    let headers = [("origin", shop.console.as_str()), ("content-type", "image/jpeg")];
    shop.owner.bare(Method::POST, &format!("{}/api/v1/promotions/pictures", shop.console), &headers, Some(bytes)).await
}

#[tokio::test]
async fn a_promotions_picture_is_public_and_at_most_1200_pixels() {
    let shop = Shop::open().await;
    put_picture(&shop, b"<svg onload='alert(1)'/>".to_vec()).await.refused(422, "invalid");
    let too_large = put_picture(&shop, vec![0; 5 * 1024 * 1024 + 1]).await;
    too_large.refused(413, "too_large");
    let kept = put_picture(&shop, picture(2000, 1000, ImageFormat::Jpeg)).await;
    assert_eq!(kept.status, 201, "{}", kept.text);
    let url = kept.json()["url"].clone();
    assert!(text(&url).starts_with(&format!("{}/pictures/", shop.widget)), "{url}");
    let served = get(&url).await;
    assert_eq!((served.status().as_u16(), served.headers()["content-type"].to_str().unwrap()), (200, "image/jpeg"));
    assert!(served.headers()["cache-control"].to_str().unwrap().contains("immutable"));
    let drawn = ImageReader::with_format(Cursor::new(served.bytes().await.unwrap()), ImageFormat::Jpeg).decode().unwrap();
    assert_eq!((drawn.width(), drawn.height()), (1200, 600));
    let again = put_picture(&shop, picture(2000, 1000, ImageFormat::Jpeg)).await;
    assert_eq!(again.json()["url"], url, "the same picture has the same address");
    assert_eq!(get(&json!(text(&url).replace(".jpg", ".png"))).await.status(), 404);
    let small = put_picture(&shop, picture(40, 30, ImageFormat::Png)).await.json()["url"].clone();
    let small = ImageReader::with_format(Cursor::new(get(&small).await.bytes().await.unwrap()), ImageFormat::Png).decode().unwrap();
    assert_eq!((small.width(), small.height()), (40, 30), "never made larger");
}

#[tokio::test]
async fn an_assignees_photo_is_shown_to_colleagues_and_to_the_visitor() {
    let shop = Shop::open().await;
    assert_eq!(put_photo(&shop, &shop.owner, picture(300, 300, ImageFormat::Png)).await.status, 204);
    let mine = shop.owner.get("/api/v1/me").await.ok()["operator"]["photo_url"].clone();
    assert_eq!(get(&mine).await.status(), 200);
    assert_eq!(shop.owner.get("/api/v1/operators").await.ok()["items"][0]["photo_url"], mine);
    let mut visitor = shop.visitor().await;
    let conversation = text(&visitor.post(None, "who are you?").await["conversation"]["id"]);
    // By answering, by being chosen, and at the next hello.
    shop.owner.answers(&conversation, "me").await;
    let told = visitor.wait("the assignee", |frame| frame["d"]["data"]["conversation"]["assignee"].is_object()).await;
    assert_eq!(told["d"]["data"]["conversation"]["assignee"]["photo_url"], mine);
    let colleague = shop.operator().await;
    let path = format!("/api/v1/conversations/{conversation}/assignee");
    let id = |of: &Value| of["operator"]["id"].clone();
    shop.owner.put(&path, &json!({"operator_id": id(&colleague.get("/api/v1/me").await.ok())})).await.ok();
    shop.owner.put(&path, &json!({"operator_id": id(&shop.owner.get("/api/v1/me").await.ok())})).await.ok();
    let without = visitor.wait("a face without a photo", |frame| frame["d"]["data"]["conversation"]["assignee"]["name"] == "Some operator");
    assert_eq!(without.await["d"]["data"]["conversation"]["assignee"]["photo_url"], Value::Null);
    let back = shop.returning(&shop.site, visitor.ticket(), json!({})).await;
    assert_eq!(back.welcome["conversation"]["assignee"]["photo_url"], mine);
    assert_eq!(visitor.request("conversations.list", json!({})).await.unwrap()["items"][0]["assignee"]["photo_url"], mine);
}

#[tokio::test]
async fn a_backup_carries_attachments_and_photos_into_a_new_installation() {
    let mut shop = Shop::open().await;
    assert_eq!(put_photo(&shop, &shop.owner, picture(300, 300, ImageFormat::Png)).await.status, 204);
    let mut visitor = shop.visitor().await;
    let (conversation, _) = sent(&shop, &mut visitor, "big.png", picture(900, 700, ImageFormat::Png)).await;
    let words: Vec<u8> = (0..200_000_u32).flat_map(u32::to_le_bytes).collect();
    let (_, pdf) = sent(&shop, &mut visitor, "words.bin", words.clone()).await;
    let shown = put_picture(&shop, picture(700, 300, ImageFormat::Jpeg)).await.json()["url"].clone();
    let mut definition = on_page("/products/");
    definition["offer"]["image_url"] = shown.clone();
    promote(&shop, definition).await;
    let names = stored(&shop);
    assert_eq!(names.len(), 5, "a picture, its thumbnail, a file, a photo and a promotion's picture: {names:?}");
    let file = shop.folder().join("backup");
    backup::run(&shop.storage(), &file, true).await.unwrap();
    let whole = std::fs::read_to_string(&file).unwrap();
    assert!(whole.lines().all(|line| line.len() < 100 * 1024), "no line is longer than a piece");

    let (folder, damaged) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let last_piece = whole.lines().rfind(|line| line.starts_with("{\"bytes\"")).unwrap();
    let cut = shop.folder().join("cut");
    for (why, content) in [
        ("are not in it", whole.replacen(&format!("{last_piece}\n"), "", 1)),
        ("not what it says", whole.replacen(last_piece, "{\"bytes\":\"!\"}", 1)),
        ("none of its rows", whole.replacen("{\"file\":{\"name\":\"attachments/", "{\"file\":{\"name\":\"../attachments/", 1)),
    ] {
        std::fs::write(&cut, content).unwrap();
        let database = Database::create(damaged.path()).await;
        let refused = backup::restore(&serve_args(damaged.path(), &database, &[]).storage, &cut).await.unwrap_err();
        assert!(refused.to_string().contains(why), "{refused}");
        assert_eq!(below(damaged.path()), 0, "nothing of it stays");
        database.forget();
    }

    let database = Database::create(folder.path()).await;
    let told = backup::restore(&serve_args(folder.path(), &database, &[]).storage, &file).await.unwrap();
    assert!(told.contains("5 files"), "{told}");
    shop.app.stopped().await;
    let restored = TestApp::on(folder, database, &[], Clock::system()).await;
    let mut back = restored.returning(&shop.site, visitor.ticket(), json!({})).await;
    let asked = json!({"conversation": conversation, "ids": [pdf["id"]]});
    let link = back.request("attachment.links", asked).await.unwrap()["links"][0].clone();
    assert_eq!(get(&link["url"]).await.bytes().await.unwrap(), words);
    assert_eq!(get(&shop.owner.at(&restored.console).get("/api/v1/me").await.ok()["operator"]["photo_url"]).await.status(), 200);
    assert_eq!(get(&json!(text(&shown).replace(&shop.widget, &restored.widget))).await.status(), 200);
}

#[tokio::test]
async fn a_backup_without_files_says_where_they_are() {
    let shop = Shop::open().await;
    let mut visitor = shop.visitor().await;
    sent(&shop, &mut visitor, "a.bin", b"some bytes".to_vec()).await;
    let file = shop.folder().join("backup");
    let told = backup::run(&shop.storage(), &file, false).await.unwrap();
    assert!(told.contains("copy the folder"), "{told}");
    assert!(!std::fs::read_to_string(&file).unwrap().contains("{\"file\""));
    let folder = TempDir::new().unwrap();
    let database = Database::create(folder.path()).await;
    let told = backup::restore(&serve_args(folder.path(), &database, &[]).storage, &file).await.unwrap();
    assert!(told.contains("1 files are not in it"), "{told}");
    database.forget();
}

/// How many files are below the folder of files.
fn below(folder: &std::path::Path) -> usize {
    let mut folders = vec![folder.join("files")];
    let mut found = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            if entry.path().is_dir() { folders.push(entry.path()) } else { found += 1 }
        }
    }
    found
}

#[tokio::test]
async fn cards_and_quick_replies_come_from_the_shop_only() {
    let shop = Shop::open().await;
    let mut visitor = shop.visitor().await;
    let conversation = text(&visitor.post(None, "which socks?").await["conversation"]["id"]);
    let path = format!("/api/v1/conversations/{conversation}/messages");
    let card = json!({"title": " Socks ", "text": "warm", "image_url": null, "url": "https://shop.test/socks", "price": "₩9,000",
        "buttons": [{"label": "Buy", "url": "https://shop.test/cart"}]});
    shop.owner.post(&path, &json!({"client_message_id": fresh_id(), "card": card})).await.ok();
    let arrived = visitor.wait("the card", |frame| frame["d"]["data"]["kind"] == "card").await;
    assert_eq!((&arrived["d"]["data"]["card"]["title"], &arrived["d"]["data"]["card"]["price"]), (&json!("Socks"), &json!("₩9,000")));
    let row = shop.owner.get(&format!("/api/v1/conversations/{conversation}")).await.ok();
    assert_eq!((&row["last_message"]["kind"], &row["last_message"]["text"]), (&json!("card"), &json!("Socks")));
    let asks = json!({"client_message_id": fresh_id(), "text": "Which size?", "quick_replies": [{"label": "S"}, {"label": "L"}]});
    shop.owner.post(&path, &asks).await.ok();
    let mut socket = shop.socket_of(&shop.owner).await;
    let again = socket.request("message.post", {
        let mut same = asks.clone();
        same["conversation"] = conversation.clone().into();
        same
    });
    assert_eq!(
        again.await.unwrap()["message"]["seq"],
        shop.owner.log(&conversation).await.len(),
        "by the other way in it is the same message"
    );
    let refused = [
        json!({"client_message_id": fresh_id(), "conversation": null, "card": card}),
        json!({"client_message_id": fresh_id(), "conversation": null, "text": "x", "quick_replies": [{"label": "x"}]}),
        json!({"client_message_id": fresh_id(), "conversation": null, "text": "x", "attachment": fresh_id()}),
        json!({"client_message_id": fresh_id(), "conversation": null}),
    ];
    for post in refused {
        assert_eq!(visitor.request("message.post", post.clone()).await.unwrap_err()["code"], "invalid", "{post}");
    }
    let runs = json!({"client_message_id": fresh_id(), "card": {"title": "x", "url": "javascript:alert(1)"}});
    let error = shop.owner.post(&path, &runs).await.refused(422, "invalid");
    assert!(error["fields"]["card.url"].is_string(), "{error}");
}

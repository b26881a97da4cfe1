//! What people attach: taken within limits, made harmless, given out by links that expire, and gone when nobody sent it.

use std::collections::BTreeSet;
use std::io::Cursor;

use image::{DynamicImage, ImageFormat, ImageReader, Rgb, RgbImage, Rgba, RgbaImage};
use reqwest::Method;
use serde_json::{Value, json};
use stalk::clock::Clock;
use stalk::data_folder::DataFolder;
use stalk::files::{Files, Shelf};
use tokio::io::AsyncWriteExt as _;

use crate::app::{Shop, text};
use crate::operator::{Answer, fresh_id};
use crate::socket::Socket;

/// A picture of these dimensions in this format.
pub(crate) fn picture(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
    let drawn = match format {
        ImageFormat::Gif | ImageFormat::WebP => {
            DynamicImage::ImageRgba8(RgbaImage::from_fn(width, height, |x, _| Rgba([x.to_le_bytes()[0], 9, 9, 128])))
        }
        _ => DynamicImage::ImageRgb8(RgbImage::from_fn(width, height, |x, y| Rgb([x.to_le_bytes()[0], y.to_le_bytes()[0], 9]))),
    };
    let mut out = Vec::new();
    drawn.write_to(&mut Cursor::new(&mut out), format).unwrap();
    out
}

/// A JPEG whose EXIF says where it was taken and that it lies on its side.
fn photograph() -> Vec<u8> {
    let plain = picture(60, 40, ImageFormat::Jpeg);
    let mut exif = b"Exif\0\0II\x2a\0\x08\0\0\0\x02\0".to_vec();
    // Orientation: 6, a quarter turn; GPSInfo: at offset 38.
    exif.extend([0x12, 0x01, 3, 0, 1, 0, 0, 0, 6, 0, 0, 0]);
    exif.extend([0x25, 0x88, 4, 0, 1, 0, 0, 0, 38, 0, 0, 0]);
    exif.extend([0, 0, 0, 0]);
    exif.extend(b"37.5665N 126.9780E, my home");
    let length = u16::try_from(exif.len() + 2).unwrap().to_be_bytes();
    [&plain[..2], &[0xff, 0xe1], &length, &exif, &plain[2..]].concat()
}

fn contains(bytes: &[u8], part: &str) -> bool {
    bytes.windows(part.len()).any(|window| window == part.as_bytes())
}

async fn upload(shop: &Shop, ticket: &str, name: &str, kind: &str, bytes: Vec<u8>) -> Answer {
    let name = url::form_urlencoded::byte_serialize(name.as_bytes()).collect::<String>().replace('+', "%20");
    let bearer = format!("Bearer {ticket}");
    let headers = [
        ("origin", shop.site.origin.as_str()),
        ("authorization", bearer.as_str()),
        ("x-stalk-site", shop.site.key.as_str()),
        ("content-type", kind),
    ];
    shop.nobody().bare(Method::POST, &format!("{}/widget/v1/files?name={name}", shop.widget), &headers, Some(bytes)).await
}

pub(crate) async fn uploaded(shop: &Shop, visitor: &Socket, name: &str, bytes: Vec<u8>) -> Value {
    let answer = upload(shop, visitor.ticket(), name, "application/octet-stream", bytes).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    answer.json()["attachment"].clone()
}

pub(crate) fn carrying(attachment: &Value) -> Value {
    json!({"client_message_id": fresh_id(), "conversation": null, "attachment": attachment["id"]})
}

pub(crate) async fn links(visitor: &mut Socket, conversation: &str, ids: &[&Value]) -> Value {
    visitor.request("attachment.links", json!({"conversation": conversation, "ids": ids})).await.unwrap()["links"].clone()
}

/// Sends a file and answers its conversation and its link.
pub(crate) async fn sent(shop: &Shop, visitor: &mut Socket, name: &str, bytes: Vec<u8>) -> (String, Value) {
    let attachment = uploaded(shop, visitor, name, bytes).await;
    let posted = visitor.request("message.post", carrying(&attachment)).await.unwrap();
    let conversation = text(&posted["conversation"]["id"]);
    let link = links(visitor, &conversation, &[&attachment["id"]]).await[0].clone();
    (conversation, link)
}

pub(crate) async fn get(address: &Value) -> reqwest::Response {
    reqwest::get(address.as_str().unwrap()).await.unwrap()
}

/// Files below the folder of files.
pub(crate) fn stored(shop: &Shop) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut folders = vec![shop.folder().join("files")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            if entry.path().is_dir() { folders.push(entry.path()) } else { found.extend(entry.file_name().into_string()) }
        }
    }
    found
}

/// The same files as the server's, for what it does once an hour.
pub(crate) async fn files_of(shop: &Shop, clock: Clock) -> Files {
    let folder = DataFolder::beside(shop.folder());
    let db = stalk::app::open_db(&shop.storage(), &folder).await.unwrap();
    Files::new(db, clock, Shelf::open(&folder.files()).unwrap(), 1024)
}

#[tokio::test]
async fn a_picture_goes_from_the_visitor_to_both_screens() {
    let shop = Shop::open().await;
    let mut visitor = shop.visitor().await;
    let attachment = uploaded(&shop, &visitor, "양말 사진.png", picture(900, 300, ImageFormat::Png)).await;
    assert_eq!((&attachment["name"], &attachment["media_type"]), (&json!("양말 사진.png"), &json!("image/png")));
    assert_eq!((&attachment["width"], &attachment["height"]), (&json!(900), &json!(300)));
    let posted = visitor.request("message.post", carrying(&attachment)).await.unwrap();
    let conversation = text(&posted["conversation"]["id"]);
    let entry = shop.owner.log(&conversation).await.remove(0);
    assert_eq!(entry["data"], json!({"kind": "attachment", "attachment": attachment}));
    let inbox = shop.owner.get(&format!("/api/v1/conversations/{conversation}")).await.ok();
    let shown = &inbox["last_message"];
    assert_eq!((&shown["kind"], &shown["text"], &shown["side"]), (&json!("attachment"), &json!("양말 사진.png"), &json!("visitor")));

    let link = links(&mut visitor, &conversation, &[&attachment["id"]]).await[0].clone();
    let path = format!("/api/v1/conversations/{conversation}");
    let same = shop.owner.post(&format!("{path}/attachment-links"), &json!({"ids": [attachment["id"]]})).await.ok();
    assert_eq!(same["links"][0]["id"], link["id"]);
    let whole = get(&link["url"]).await;
    assert_eq!((whole.status(), whole.headers()["content-type"].to_str().unwrap()), (reqwest::StatusCode::OK, "image/png"));
    let drawn = ImageReader::with_format(Cursor::new(whole.bytes().await.unwrap()), ImageFormat::Png).decode().unwrap();
    assert_eq!((drawn.width(), drawn.height()), (900, 300));
    let small = get(&link["thumbnail_url"]).await.bytes().await.unwrap();
    let drawn = ImageReader::with_format(Cursor::new(small), ImageFormat::Png).decode().unwrap();
    assert_eq!((drawn.width(), drawn.height()), (480, 160));
    let carried = shop.owner.get(&format!("{path}/attachments")).await.ok();
    assert_eq!(
        (&carried["items"][0]["id"], &carried["items"][0]["seq"], &carried["items"][0]["side"]),
        (&attachment["id"], &json!(1), &json!("visitor"))
    );
}

#[tokio::test]
async fn an_operators_file_reaches_the_visitor() {
    let shop = Shop::open().await;
    let mut visitor = shop.visitor().await;
    let conversation = text(&visitor.post(None, "the invoice?").await["conversation"]["id"]);
    let headers = [("origin", shop.console.as_str()), ("content-type", "application/pdf")];
    let address = format!("{}/api/v1/files?name=invoice.pdf&conversation={conversation}", shop.console);
    let kept = shop.owner.bare(Method::POST, &address, &headers, Some(b"%PDF-1.7 \0".to_vec())).await.ok();
    let body = json!({"client_message_id": fresh_id(), "attachment": kept["attachment"]["id"]});
    shop.owner.post(&format!("/api/v1/conversations/{conversation}/messages"), &body).await.ok();
    let arrived = visitor.wait("the file", |frame| frame["t"] == "pub" && frame["d"]["data"]["kind"] == "attachment").await;
    assert_eq!(arrived["d"]["data"]["attachment"], kept["attachment"]);
    let link = links(&mut visitor, &conversation, &[&kept["attachment"]["id"]]).await[0].clone();
    assert_eq!(get(&link["url"]).await.bytes().await.unwrap(), b"%PDF-1.7 \0".as_slice());
    let elsewhere = format!("{}/api/v1/files?name=x&conversation={}", shop.console, fresh_id());
    shop.owner.bare(Method::POST, &elsewhere, &headers, Some(b"x".to_vec())).await.refused(404, "not_found");
}

/// Things that would run, or be more than they say, with the name and type that a liar gives them.
fn disguised() -> Vec<(&'static str, &'static str, Vec<u8>)> {
    let text = |source: &str| source.as_bytes().to_vec();
    let script = "<script>alert(document.domain)</script>";
    vec![
        ("page.html", "text/html", text(&format!("<!doctype html><html>{script}</html>"))),
        ("page.png", "image/png", text(&format!("<html>{script}"))),
        ("logo.svg", "image/svg+xml", text("<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>")),
        ("logo.jpg", "image/jpeg", text("<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>")),
        ("logo.svgz", "image/svg+xml", vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3]),
        ("page.xhtml", "application/xhtml+xml", text(&format!("<html xmlns='http://www.w3.org/1999/xhtml'>{script}</html>"))),
        ("feed.xml", "text/xml", text("<?xml-stylesheet href='javascript:alert(1)'?><a/>")),
        ("style.xsl", "text/xsl", text("<xsl:stylesheet version='1.0'/>")),
        ("code.js", "text/javascript", text("alert(1)")),
        ("code.mjs", "image/webp", text("export default alert(1)")),
        ("style.css", "text/css", text("*{background:url(javascript:alert(1))}")),
        ("frame.mht", "multipart/related", text("MIME-Version: 1.0\nContent-Type: text/html\n\n<script>alert(1)</script>")),
        ("utf16.txt", "text/plain; charset=utf-16", b"\xff\xfe<\0s\0c\0r\0i\0p\0t\0>\0".to_vec()),
        ("bom.txt", "text/plain", text(&format!("\u{feff}{script}"))),
        ("utf7.txt", "text/html; charset=utf-7", text("+ADw-script+AD4-alert(1)+ADw-/script+AD4-")),
        ("paper.pdf", "text/html", text(&format!("%PDF-1.7\n{script}"))),
        ("book.epub", "application/epub+zip", text(&format!("PK\u{3}\u{4}{script}"))),
        ("tool.exe", "image/gif", text("MZ\u{0}")),
        ("run.sh", "image/png", text("#!/bin/sh\nrm -rf ~\n")),
        ("note.txt", "text/html", text("just words")),
        ("film.mp4", "text/html", text(&format!("\0\0\0\u{18}ftypmp42{script}"))),
        ("manifest.json", "application/manifest+json", text("{\"start_url\":\"javascript:alert(1)\"}")),
    ]
}

#[tokio::test]
async fn whatever_could_run_is_bytes_to_be_saved_whatever_it_says_it_is() {
    let shop = Shop::open().await;
    let mut visitor = shop.visitor().await;
    assert!(disguised().len() >= 20);
    for (name, kind, bytes) in disguised() {
        let answer = upload(&shop, visitor.ticket(), name, kind, bytes.clone()).await;
        assert_eq!(answer.status, 201, "{name}: {}", answer.text);
        let attachment = answer.json()["attachment"].clone();
        assert_eq!(attachment["width"], Value::Null, "{name}");
        let posted = visitor.request("message.post", carrying(&attachment)).await.unwrap();
        let link = links(&mut visitor, &text(&posted["conversation"]["id"]), &[&attachment["id"]]).await[0].clone();
        assert_eq!(link["thumbnail_url"], Value::Null);
        let served = get(&link["url"]).await;
        let header = |name: &str| served.headers()[name].to_str().unwrap().to_owned();
        assert_eq!(header("content-type"), "application/octet-stream", "{name}");
        assert!(header("content-disposition").starts_with("attachment; filename*=UTF-8''"), "{name}");
        assert_eq!(header("x-content-type-options"), "nosniff");
        assert!(header("content-security-policy").starts_with("sandbox; default-src 'none'"), "{name}");
        assert_eq!(header("cross-origin-resource-policy"), "cross-origin");
        assert!(header("cache-control").starts_with("private"));
        assert_eq!(served.bytes().await.unwrap(), bytes, "{name}");
    }
    let only_pictures = json!({"settings": {"files": {"types": "images"}}});
    shop.owner.patch(&format!("/api/v1/sites/{}", shop.site.id), &only_pictures).await.ok();
    for (name, kind, bytes) in disguised() {
        let error = upload(&shop, visitor.ticket(), name, kind, bytes).await.refused(422, "invalid");
        assert!(text(&error["message"]).contains("PNG, JPEG, GIF or WebP"), "{name}: {error}");
    }
}

#[tokio::test]
async fn a_picture_that_carries_more_than_pixels_is_drawn_anew_without_it() {
    let shop = Shop::open().await;
    let mut visitor = shop.visitor().await;
    let (_, link) = sent(&shop, &mut visitor, "home.jpg", photograph()).await;
    let served = get(&link["url"]).await.bytes().await.unwrap();
    assert!(!contains(&served, "Exif") && !contains(&served, "my home"), "the place stayed");
    let drawn = ImageReader::with_format(Cursor::new(&served), ImageFormat::Jpeg).decode().unwrap();
    assert_eq!((drawn.width(), drawn.height()), (40, 60), "it stands upright");
    // A picture and a page at once.
    let script = "<script>alert(1)</script>";
    for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::Gif, ImageFormat::WebP] {
        let polyglot = [picture(30, 20, format), script.as_bytes().to_vec()].concat();
        let (_, link) = sent(&shop, &mut visitor, "x.html", polyglot).await;
        let served = get(&link["url"]).await;
        assert!(served.headers()["content-type"].to_str().unwrap().starts_with("image/"));
        assert!(served.headers()["content-security-policy"].to_str().unwrap().starts_with("sandbox"));
        assert!(!contains(&served.bytes().await.unwrap(), script), "{format:?}");
        assert!(!text(&link["url"]).contains("html?"), "the name ends as the file does: {link}");
    }
    // A beginning alone does not make a picture.
    for start in [b"\x89PNG\r\n\x1a\n".to_vec(), b"\xff\xd8\xff\xe0".to_vec(), b"GIF89a<script>".to_vec(), b"RIFF\0\0\0\0WEBPVP8 ".to_vec()]
    {
        upload(&shop, visitor.ticket(), "x.png", "image/png", start).await.refused(422, "invalid");
    }
}

fn crc(bytes: &[u8]) -> u32 {
    let step =
        |crc: u32, byte: &u8| (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 });
    !bytes.iter().fold(!0, step)
}

/// A PNG whose header says 50,000 × 50,000, and nothing more than a header.
fn enormous() -> Vec<u8> {
    let chunk = |kind: &[u8], body: &[u8]| {
        let named = [kind, body].concat();
        [&u32::try_from(body.len()).unwrap().to_be_bytes()[..], &named, &crc(&named).to_be_bytes()].concat()
    };
    let size = 50_000_u32.to_be_bytes();
    let header = [&size[..], &size, &[8, 6, 0, 0, 0]].concat();
    [b"\x89PNG\r\n\x1a\n".to_vec(), chunk(b"IHDR", &header), chunk(b"IDAT", &[0x78, 0x9c, 3, 0, 0, 0, 0, 1]), chunk(b"IEND", &[])].concat()
}

/// The most memory this process ever had, in KiB.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[tokio::test]
async fn a_picture_of_50000_by_50000_pixels_is_refused_by_its_header_alone() {
    let shop = Shop::open().await;
    let visitor = shop.visitor().await;
    let before = peak();
    let error = upload(&shop, visitor.ticket(), "bomb.png", "image/png", enormous()).await.refused(413, "too_large");
    assert!(text(&error["message"]).contains("40 million"), "{error}");
    assert!(peak() - before < 1_000_000, "10 GB of pixels were asked for");
    assert!(stored(&shop).is_empty());
}

#[tokio::test]
async fn limits_are_refused_by_name() {
    let shop = Shop::open_with(&["--files-per-tenant-mib", "1"], Clock::system()).await;
    let visitor = shop.visitor().await;
    let path = format!("/api/v1/sites/{}", shop.site.id);
    shop.owner.patch(&path, &json!({"settings": {"files": {"max_mib": 1}}})).await.ok();
    let error = upload(&shop, visitor.ticket(), "a.bin", "x/y", vec![0; 1024 * 1024 + 1]).await.refused(413, "too_large");
    assert!(text(&error["message"]).contains("1 MiB"), "{error}");
    uploaded(&shop, &visitor, "a.bin", vec![0; 700 * 1024]).await;
    let error = upload(&shop, visitor.ticket(), "b.bin", "x/y", vec![0; 700 * 1024]).await.refused(413, "too_large");
    assert!(text(&error["message"]).contains("used up"), "{error}");
    upload(&shop, visitor.ticket(), "a.bin", "x/y", Vec::new()).await.refused(422, "invalid");
    upload(&shop, "made up", "a.bin", "x/y", vec![1]).await.refused(401, "unauthenticated");
    shop.owner.patch(&path, &json!({"settings": {"files": {"enabled": false}}})).await.ok();
    upload(&shop, visitor.ticket(), "a.bin", "x/y", vec![1]).await.refused(403, "forbidden");
    assert_eq!(shop.database.number("SELECT COUNT(*) FROM files").await, 1);
    assert_eq!(stored(&shop).len(), 1);
}

#[tokio::test]
async fn an_upload_that_breaks_off_leaves_nothing() {
    let mut shop = Shop::open().await;
    let visitor = shop.visitor().await;
    let address = shop.widget.trim_start_matches("http://").to_owned();
    let mut line = tokio::net::TcpStream::connect(&address).await.unwrap();
    let head = format!(
        "POST /widget/v1/files?name=a.png HTTP/1.1\r\nhost: {address}\r\norigin: {}\r\nauthorization: Bearer {}\r\nx-stalk-site: {}\r\ncontent-length: 500000\r\n\r\n",
        shop.site.origin,
        visitor.ticket(),
        shop.site.key
    );
    line.write_all(head.as_bytes()).await.unwrap();
    line.write_all(&picture(300, 200, ImageFormat::Png)).await.unwrap();
    line.shutdown().await.unwrap();
    drop((line, visitor));
    // A stop waits for every request.
    shop.app.stopped().await;
    assert!(stored(&shop).is_empty(), "{:?}", stored(&shop));
    assert_eq!(shop.database.number("SELECT COUNT(*) FROM files").await, 0);
}

#[tokio::test]
async fn a_file_is_its_senders_to_send_once_and_its_conversations_to_see() {
    let shop = Shop::open().await;
    let (mut visitor, mut other) = (shop.visitor().await, shop.visitor().await);
    let attachment = uploaded(&shop, &visitor, "a.txt", b"words".to_vec()).await;
    assert_eq!(other.request("message.post", carrying(&attachment)).await.unwrap_err()["code"], "not_found");
    let post = carrying(&attachment);
    let first = visitor.request("message.post", post.clone()).await.unwrap();
    assert_eq!(visitor.request("message.post", post).await.unwrap()["message"], first["message"], "a retry is the same message");
    assert_eq!(visitor.request("message.post", carrying(&attachment)).await.unwrap_err()["code"], "not_found", "it was sent");

    let conversation = text(&first["conversation"]["id"]);
    let theirs = text(&other.post(None, "mine").await["conversation"]["id"]);
    for (socket, conversation) in [(&mut other, &conversation), (&mut visitor, &theirs)] {
        let asked = json!({"conversation": conversation, "ids": [attachment["id"]]});
        assert_eq!(socket.request("attachment.links", asked).await.unwrap_err()["code"], "not_found");
    }
    let asked = json!({"conversation": theirs, "ids": [attachment["id"]]});
    assert_eq!(other.request("attachment.links", asked).await.unwrap_err()["code"], "not_found", "of another conversation");
    let links = format!("/api/v1/conversations/{theirs}/attachment-links");
    shop.owner.post(&links, &json!({"ids": [attachment["id"]]})).await.refused(404, "not_found");
    let many: Vec<_> = (0..51).map(|_| fresh_id()).collect();
    shop.owner.post(&links, &json!({"ids": many})).await.refused(422, "invalid");
}

#[tokio::test]
async fn a_link_opens_its_own_file_until_it_expires() {
    let clock = Clock::fixed(1_795_298_351_000);
    let shop = Shop::open_with(&[], clock.clone()).await;
    let mut visitor = shop.visitor().await;
    let (_, one) = sent(&shop, &mut visitor, "one.txt", b"one".to_vec()).await;
    let (_, two) = sent(&shop, &mut visitor, "two.txt", b"two".to_vec()).await;
    let (one, two) = (text(&one["url"]), text(&two["url"]));
    let status = |address: String| async move { reqwest::get(address).await.unwrap().status().as_u16() };
    assert_eq!(status(one.clone()).await, 200);
    let id = |address: &str| address.split("/files/").nth(1).unwrap().split('/').next().unwrap().to_owned();
    assert_eq!(status(one.replace(&id(&one), &id(&two))).await, 403, "another file's id");
    assert_eq!(status(one.replace("&e=", "&e=9")).await, 403, "a later expiry");
    assert_eq!(status(one.replace(&shop.tenant, &fresh_id().to_string())).await, 403, "another tenant");
    assert_eq!(status(one.split('?').next().unwrap().to_owned()).await, 403, "no seal");
    shop.database.run(&format!("DELETE FROM files WHERE id = {}", shop.database.id(id(&two).parse().unwrap()))).await;
    assert_eq!(status(two).await, 404);
    clock.advance(62 * 60 * 1000);
    assert_eq!(status(one).await, 403, "expired");
}

//! Every route of the product, on one page. A route without a row in the access matrix test fails the build.

use std::time::Duration;

use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::StatusCode;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, patch, post, put};
use axum::{Json, Router};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer};
use tower_http::timeout::TimeoutLayer;
use tower_http::trace::TraceLayer;

use crate::api::v1;
use crate::app::App;
use crate::config::Role;
use crate::error::{Error, ErrorCode, Result};
use crate::http::extract::BODY_MAX;
use crate::http::{api_key, csrf, headers, idempotency, login, peer};
use crate::metrics as metrics_page;
use crate::pages::{assets, console as console_pages, invitation, password, set_up, sign_in, sign_up};
use crate::realtime::{CONSOLE, WIDGET};
use crate::widget::{fallback, files, sessions, uploads};

/// No request hangs longer than 10 s, its way here and the answer's way back included.
const TIMEOUT: Duration = Duration::from_secs(8);
/// An upload may take so long.
const UPLOAD_TIMEOUT: Duration = Duration::from_mins(3);

/// The first listener: console, API, operators' sockets.
#[expect(clippy::too_many_lines, reason = "every route of the listener, one beside the other")]
pub fn console(app: &App) -> Router {
    let pages = Router::new()
        .route("/", get(console_pages::root))
        .route("/sign-in", get(sign_in::show).post(sign_in::create))
        .route("/set-up", get(set_up::show).post(set_up::create))
        .route("/sign-up", get(sign_up::show).post(sign_up::create))
        .route("/confirm", get(sign_up::show_confirmation).post(sign_up::confirm))
        .route("/forgot-password", get(password::show_forgotten).post(password::forgotten))
        .route("/reset-password", get(password::show_reset).post(password::reset))
        .route("/invitation", get(invitation::show).post(invitation::create))
        .route("/console/", get(console_pages::index))
        .route("/console/{*path}", get(console_pages::any))
        .route("/reference", get(v1::reference::show))
        .route("/assets/pages.css", get(assets::pages_css))
        .route("/assets/pages.js", get(assets::pages_js))
        .route("/assets/mark.svg", get(assets::mark_svg));
    let api = Router::new()
        .route("/api/v1/me", get(v1::me::show).patch(v1::me::update))
        .route("/api/v1/me/socket-tokens", post(v1::me::create_socket_token))
        .route("/api/v1/me/login-session", delete(v1::me::delete_login))
        .route("/api/v1/me/login-sessions", get(v1::login_sessions::list))
        .route("/api/v1/me/login-sessions/{id}", delete(v1::login_sessions::delete))
        .route("/api/v1/me/password", put(v1::login_sessions::update_password))
        .route("/api/v1/me/drafts", get(v1::drafts::list))
        .route("/api/v1/nodes", get(v1::nodes::list))
        .route("/api/v1/operators", get(v1::operators::list))
        .route("/api/v1/operators/{id}", patch(v1::operators::update))
        .route("/api/v1/invitations", get(v1::invitations::list).post(v1::invitations::create))
        .route("/api/v1/invitations/{id}", delete(v1::invitations::delete))
        .route("/api/v1/invitations/{id}/resend", post(v1::invitations::resend))
        .route("/api/v1/sites", get(v1::sites::list).post(v1::sites::create))
        .route("/api/v1/sites/{id}", get(v1::sites::show).patch(v1::sites::update))
        .route("/api/v1/sites/{id}/identity-secret", get(v1::sites::show_identity_secret).post(v1::sites::rotate_identity_secret))
        .route("/api/v1/sites/{id}/crowds", get(v1::crowds::list).post(v1::crowds::create))
        .route("/api/v1/sites/{id}/crowds/{crowd}", get(v1::crowds::show).patch(v1::crowds::update).delete(v1::crowds::delete))
        .route("/api/v1/sites/{id}/crowds/{crowd}/mutes", get(v1::crowds::list_muted))
        .route("/api/v1/conversations", get(v1::conversations::list))
        .route("/api/v1/conversations/counts", get(v1::conversations::counts))
        .route("/api/v1/conversations/{id}", get(v1::conversations::show))
        .route("/api/v1/conversations/{id}/status", put(v1::conversations::update_status))
        .route("/api/v1/conversations/{id}/assignee", put(v1::conversations::update_assignee))
        .route("/api/v1/conversations/{id}/receipt", put(v1::conversations::update_receipt))
        .route("/api/v1/conversations/{id}/tags", put(v1::tags::update_conversation))
        .route("/api/v1/conversations/{id}/draft", get(v1::drafts::show).put(v1::drafts::update))
        .route("/api/v1/conversations/{id}/messages", get(v1::messages::list).post(v1::messages::create))
        .route("/api/v1/conversations/{id}/messages/{seq}", put(v1::messages::update).delete(v1::messages::delete))
        .route("/api/v1/conversations/{id}/attachments", get(v1::files::list))
        .route("/api/v1/conversations/{id}/attachment-links", post(v1::files::create_links))
        .route("/api/v1/conversations/{id}/notes", get(v1::messages::list_notes).post(v1::messages::create_note))
        .route("/api/v1/visitors/{id}", get(v1::visitors::show).patch(v1::visitors::update))
        .route("/api/v1/visitors/{id}/conversations", get(v1::visitors::list_conversations))
        .route("/api/v1/visitors/{id}/page-views", get(v1::visitors::list_page_views))
        .route("/api/v1/visitors/{id}/greetings", post(v1::live_visitors::create_greeting))
        .route("/api/v1/live-visitors", get(v1::live_visitors::list))
        .route("/api/v1/statistics", get(v1::statistics::show))
        .route("/api/v1/statistics/tops", get(v1::statistics::list_tops))
        .route("/api/v1/statistics/export", get(v1::statistics::export))
        .route("/api/v1/search", get(v1::search::list))
        .route("/api/v1/tags", get(v1::tags::list).post(v1::tags::create))
        .route("/api/v1/tags/{id}", patch(v1::tags::update).delete(v1::tags::delete))
        .route("/api/v1/canned-responses", get(v1::canned_responses::list).post(v1::canned_responses::create))
        .route("/api/v1/canned-responses/{id}", patch(v1::canned_responses::update).delete(v1::canned_responses::delete))
        .route("/api/v1/conversations/{id}/suggestion", get(v1::virtual_agent::suggest))
        .route("/api/v1/virtual-agent", get(v1::virtual_agent::list))
        .route("/api/v1/virtual-agent/tries", post(v1::virtual_agent::try_out))
        .route("/api/v1/virtual-agent/{id}", patch(v1::virtual_agent::update))
        .route("/api/v1/faq", get(v1::virtual_agent::list_pairs).post(v1::virtual_agent::create_pair))
        .route("/api/v1/faq/{id}", patch(v1::virtual_agent::update_pair).delete(v1::virtual_agent::delete_pair))
        .route("/api/v1/unanswered", get(v1::virtual_agent::list_unanswered))
        .route("/api/v1/unanswered/{id}", delete(v1::virtual_agent::delete_unanswered))
        .route("/api/v1/unanswered/{id}/faq", post(v1::virtual_agent::answer_unanswered))
        .route("/api/v1/promotions", get(v1::promotions::list).post(v1::promotions::create))
        .route("/api/v1/promotions/schema", get(v1::promotions::schema))
        .route("/api/v1/promotions/audience", get(v1::promotions::audience))
        .route("/api/v1/promotions/dry-runs", post(v1::promotions::dry_run))
        .route("/api/v1/promotions/{id}", get(v1::promotions::show).patch(v1::promotions::update).delete(v1::promotions::delete))
        .route("/api/v1/promotions/{id}/versions", get(v1::promotions::list_versions))
        .route("/api/v1/promotions/{id}/sends", post(v1::promotions::send))
        .route("/api/v1/offline-messages", get(v1::offline_messages::list))
        .route("/api/v1/offline-messages/{id}/read", put(v1::offline_messages::update_read))
        .route("/api/v1/api-keys", get(v1::api_keys::list).post(v1::api_keys::create))
        .route("/api/v1/api-keys/{id}", delete(v1::api_keys::delete))
        .route("/api/v1/apps", get(v1::apps::list).post(v1::apps::create))
        .route("/api/v1/apps/{id}", patch(v1::apps::update).delete(v1::apps::delete))
        .route("/api/v1/apps/{id}/secret", post(v1::apps::rotate_secret))
        .route("/api/v1/webhooks", get(v1::webhooks::list).post(v1::webhooks::create))
        .route("/api/v1/webhooks/{id}", patch(v1::webhooks::update).delete(v1::webhooks::delete))
        .route("/api/v1/webhooks/{id}/secret", post(v1::webhooks::rotate_secret))
        .route("/api/v1/webhooks/{id}/test", post(v1::webhooks::test))
        .route("/api/v1/webhooks/{id}/deliveries", get(v1::webhooks::list_deliveries))
        .route("/api/v1/webhooks/{id}/deliveries/{delivery}/replay", post(v1::webhooks::replay))
        .route("/api/v1/openapi.json", get(v1::openapi::show))
        .layer(from_fn_with_state(app.clone(), idempotency::guard));
    let web = app.has(Role::Web);
    let guarded = if web { guard(app, pages.merge(api)) } else { Router::new() };
    // Bodies that take their time, and are limited by their handlers.
    let uploads = Router::new()
        .route("/api/v1/files", post(v1::files::create))
        .route("/api/v1/me/photo", put(v1::files::update_photo).delete(v1::files::delete_photo))
        .route("/api/v1/promotions/pictures", post(v1::promotions::create_picture));
    let uploads = if web { guard(app, uploads.layer(slow())) } else { Router::new() };
    let health = Router::new().route("/healthz", get(healthz)).route("/readyz", get(readyz)).with_state(app.clone());
    // Sockets prove themselves by token and never look at a cookie; they outlive every time-out.
    let sockets = sockets(app, CONSOLE).merge(uploads);
    finish(app, guarded.merge(health).fallback(not_found), sockets).layer(from_fn(headers::console))
}

/// Who asks: by an API key, or else by the console's cookie and from its own pages.
fn guard(app: &App, routes: Router<App>) -> Router {
    routes
        .layer(login::layer(app))
        .layer(from_fn_with_state(app.clone(), csrf::guard))
        .layer(from_fn_with_state(app.clone(), api_key::guard))
        .with_state(app.clone())
}

/// The sockets of a listener, on a node that serves them.
fn sockets(app: &App, listener: &'static str) -> Router {
    if !app.has(Role::Channel) {
        return Router::new();
    }
    let sockets = app.realtime.router(listener);
    if listener == WIDGET { app.realtime.with_apps(sockets, app.channel_apps.clone(), &app.listen.widget_origin()) } else { sockets }
}

/// The second listener: what visitors' browsers load and call.
pub fn widget(app: &App) -> Router {
    let web = Router::new()
        .route("/w.js", get(files::loader))
        .route("/widget.js", get(files::loader))
        .route("/panel", get(files::panel))
        .route("/community", get(files::community))
        .route("/chat/{site_key}", get(files::chat))
        .route("/panel/assets/{*path}", get(files::asset));
    let channel = Router::new()
        .route("/widget/v1/hello", post(fallback::hello).options(fallback::preflight))
        .route("/widget/v1/requests", post(fallback::request).options(fallback::preflight));
    let session = Router::new().route("/node/{app}/{channel}", get(sessions::show).options(sessions::preflight));
    let every = Router::new().route("/status/ping", get(sessions::ping).options(sessions::preflight));
    // What each role of a node answers.
    let served = [(Role::Web, web), (Role::Channel, channel), (Role::Session, session)].into_iter().filter(|(role, _)| app.has(*role));
    let routes = served.fold(every, |routes, (_, more)| routes.merge(more)).fallback(not_found).with_state(app.clone());
    // Uncompressed: what people attach is compressed already, and its length tells how far a download is.
    let files = Router::new()
        .route("/widget/v1/files", post(uploads::create).options(fallback::preflight))
        .route("/files/{id}/{name}", get(uploads::show))
        .route("/photos/{operator}/{hash}", get(uploads::photo))
        .route("/pictures/{tenant}/{name}", get(uploads::picture))
        .layer(slow())
        .with_state(app.clone());
    let files = if app.has(Role::Web) { files } else { Router::new() };
    finish(app, routes, sockets(app, WIDGET).merge(files)).layer(from_fn(headers::widget))
}

/// For uploads: as long as a slow line needs for the largest file.
fn slow() -> TimeoutLayer {
    TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, UPLOAD_TIMEOUT)
}

/// The third: metrics for Prometheus.
pub fn metrics(app: &App) -> Router {
    Router::new().route("/metrics", get(metrics_page::show)).with_state(app.clone())
}

/// What all routes have, and what sockets have.
fn finish(app: &App, routes: Router, sockets: Router) -> Router {
    routes
        .layer(DefaultBodyLimit::max(BODY_MAX))
        .layer(CompressionLayer::new())
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, TIMEOUT))
        .merge(sockets)
        .layer(CatchPanicLayer::custom(|_| Error::new(ErrorCode::Internal, "something went wrong on our side; try again").into_response()))
        .layer(TraceLayer::new_for_http().make_span_with(request_span).on_request(()).on_response(()).on_failure(()))
        .layer(PropagateRequestIdLayer::x_request_id())
        .layer(SetRequestIdLayer::x_request_id(MakeRequestUuid))
        .layer(from_fn_with_state(app.clone(), peer::find))
}

/// What is logged while a request is answered carries the id that its answer shows; the path without its query, where a ticket could be.
fn request_span(request: &Request) -> tracing::Span {
    let id = request.headers().get("x-request-id").and_then(|id| id.to_str().ok()).unwrap_or_default();
    tracing::info_span!("request", request.id = id, http.method = %request.method(), http.path = request.uri().path())
}

async fn not_found() -> Error {
    Error::not_found("page")
}

/// The process answers.
async fn healthz() -> &'static str {
    "ok\n"
}

/// The process can do its work: the database answers.
async fn readyz(State(app): State<App>) -> Result<Response> {
    // A balancer is to send new clients elsewhere, while those that are here are told to move.
    if app.stopping.is_cancelled() {
        return Err(Error::unavailable("this node is stopping; another one serves you"));
    }
    app.db.ping().await?;
    let mut said = serde_json::json!({"ready": true, "database": app.db.engine()});
    // With Redis away a node serves whoever is on it, and what the others missed is healed: it is to be sent visitors.
    if let Some(standing) = app.realtime.standing() {
        said["redis"] = if standing.redis { "up" } else { "away" }.into();
        said["nodes"] = standing.nodes.into();
    }
    Ok(Json(said).into_response())
}

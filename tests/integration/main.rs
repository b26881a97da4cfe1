//! The product from outside: a real server with a real database for each test, real HTTP and real sockets.
//!
//! * The stage: [`app`] (a server and its actors), [`database`] (what is really stored), [`operator`] (a signed-in browser), [`socket`] (a client
//!   of either transport), [`ports`] (where they listen), [`tree`] (the repository's own sources, for the tests that read them), [`contract`] (whatever is answered is as the OpenAPI document says).
//! * People and their logins: [`people`], how they come to one: [`accounts`], what they are mailed: [`post_office`], and when a site is staffed: [`staffing`].
//! * What may be asked by whom: [`access_matrix`], [`refusals`], [`abuse`]; over what: [`https`], with whose certificate: [`acme`]. What is promised about messages: [`exactly_once`], [`resume`], [`offline`].
//! * What a shop decides: [`settings`]; what people attach: [`files`], [`files_kept`]; whom the shop signs: [`identity`].
//! * What visitors do, and what is counted of it: [`events`], [`statistics`]; who is there now: [`live`].
//! * Where many talk: [`crowds`], and on several nodes: [`crowd_nodes`].
//! * What visitors are offered: [`promotions`], and what is answered by rules: [`virtual_agent`].
//! * Who gets which conversation: [`desk`]. What operators put on it, and see beside it: [`panel`].
//! * What tenants' programs ask and are told: [`programs`].
//! * Several nodes: [`cluster`] and what they remember, [`cluster_state`], what the product does over them, [`several_nodes`], on a [`redis_server`].
//! * What is stored and how it survives: [`storage`], [`disk_full`], [`postgres_away`], [`lifecycle`]; what is measured of it: [`scrape`]. How the sources are cut: [`sources`].
//!
//! `STALK_TEST_DATABASE` is `sqlite` (the default) or `postgres`; the latter needs a superuser's address in `STALK_TEST_POSTGRES`.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test that is surprised fails, and one that cannot run says why"
)]

mod abuse;
mod access_matrix;
mod accounts;
mod acme;
mod app;
mod cluster;
mod cluster_state;
mod contract;
mod crowd_nodes;
mod crowds;
mod database;
mod desk;
mod disk_full;
mod events;
mod exactly_once;
mod files;
mod files_kept;
mod https;
mod identity;
mod lifecycle;
mod live;
mod offline;
mod operator;
mod panel;
mod people;
mod plans;
mod ports;
mod post_office;
mod postgres_away;
mod programs;
mod promotions;
mod redis_server;
mod refusals;
mod resume;
mod scrape;
mod settings;
mod several_nodes;
mod several_writers;
mod socket;
mod sources;
mod staffing;
mod statistics;
mod storage;
mod tree;
mod virtual_agent;
mod xpush;

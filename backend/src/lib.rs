//! STALK: live chat for shops and blogs. A map, from the outside in:
//! * [`router`]: every route. [`app`]: what handlers get, and the life of the process. [`config`]: every setting.
//! * Edges: [`api`] (JSON for console and programs), [`widget`] (what a visitor's browser calls), [`pages`] (server-rendered), [`http`] (their kit).
//! * [`realtime`]: the product's side of the engine (crate `xpush`): who a connection is, what it may ask, where the log is kept.
//! * Features: [`tenants`], [`operators`], [`accounts`], [`sites`], [`visitors`], [`visits`], [`visitor_events`], [`board`], [`statistics`], [`conversations`], [`crowds`], [`routing`], [`tags`],
//!   [`promotions`], [`virtual_agent`], [`drafts`], [`canned_responses`], [`search`], [`files`], [`visitor_data`], [`offline`], [`api_keys`], [`webhooks`], [`channel_apps`]; each has its SQL
//!   in `store.rs`.
//! * Support: [`db`], [`scope`], [`events`], [`jobs`], [`mail`], [`signing`], [`rate`], [`leader`], [`process`], [`error`], [`ids`], [`clock`], [`text`].
//!
//! docs/ARCHITECTURE.md tells who may import whom, and a test checks it.

pub mod accounts;
pub mod api;
pub mod api_keys;
pub mod app;
pub mod backup;
pub mod board;
pub mod canned_responses;
pub mod channel_apps;
pub mod check;
pub mod clock;
pub mod config;
pub mod conversations;
pub mod crowds;
pub mod data_folder;
pub mod db;
pub mod demo;
pub mod drafts;
pub mod error;
pub mod events;
pub mod files;
pub mod http;
pub mod ids;
pub mod jobs;
pub mod leader;
pub mod listener;
pub mod mail;
pub mod mail_worker;
pub mod metrics;
pub mod nodes;
pub mod offline;
pub mod operators;
pub mod pages;
pub mod process;
pub mod promotion_worker;
pub mod promotions;
pub mod rate;
pub mod realtime;
pub mod router;
pub mod routing;
pub mod routing_worker;
pub mod rules;
pub mod scope;
pub mod search;
pub mod setup;
pub mod signing;
pub mod sites;
pub mod snooze_worker;
pub mod statistics;
pub mod tags;
pub mod tenants;
pub mod text;
pub mod virtual_agent;
pub mod virtual_agent_worker;
pub mod visitor_data;
pub mod visitor_events;
pub mod visitors;
pub mod visits;
pub mod webhook_worker;
pub mod webhooks;
pub mod widget;

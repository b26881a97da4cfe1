//! /api/v1. A handler takes what the extractors have proven, asks a feature, and answers a type of [`model`].

pub mod api_keys;
pub mod apps;
pub mod canned_responses;
pub mod conversations;
pub mod crowds;
pub mod drafts;
pub mod files;
pub mod invitations;
pub mod live_visitors;
pub mod login_sessions;
pub mod me;
pub mod messages;
pub mod model;
pub mod nodes;
pub mod offline_messages;
pub mod openapi;
pub mod operators;
pub mod promotions;
pub mod reference;
pub mod search;
pub mod sites;
pub mod statistics;
pub mod tags;
pub mod virtual_agent;
pub mod visitors;
pub mod webhooks;

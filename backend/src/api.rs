//! One JSON API for the console and for tenants' own programs, described by OpenAPI.

pub mod v1;

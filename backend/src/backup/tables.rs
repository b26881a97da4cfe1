//! What a backup holds: every table, in the order in which it can be restored, with each column's portable type. A test compares this list with
//! the migrated schemas, so that a new column cannot be forgotten.

/// How a column travels in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// UUID, as 32 hexadecimal digits.
    Id,
    /// 64-bit integer.
    Int,
    /// Text.
    Text,
    /// JSON, as itself.
    Json,
    /// Bytes, as hexadecimal.
    Bytes,
}

/// A table of a backup.
#[derive(Debug)]
pub(super) struct Table {
    /// Its name.
    pub(super) name: &'static str,
    /// Its columns.
    pub(super) columns: &'static [(&'static str, Kind)],
}

use Kind::{Bytes, Id, Int, Json, Text};

/// All tables.
pub(super) const TABLES: &[Table] = &[
    Table { name: "signing_keys", columns: &[("kid", Text), ("secret", Bytes), ("created_at", Int)] },
    Table { name: "tenants", columns: &[("id", Id), ("name", Text), ("created_at", Int)] },
    Table {
        name: "operators",
        columns: &[
            ("tenant_id", Id),
            ("id", Id),
            ("email", Text),
            ("name", Text),
            ("role", Text),
            ("password_hash", Text),
            ("availability", Text),
            ("language", Text),
            ("deactivated_at", Int),
            ("created_at", Int),
            ("photo_hash", Text),
        ],
    },
    Table { name: "login_sessions", columns: &[("id", Text), ("tenant_id", Id), ("operator_id", Id), ("data", Text), ("expires_at", Int)] },
    Table {
        name: "sites",
        columns: &[
            ("tenant_id", Id),
            ("id", Id),
            ("site_key", Text),
            ("name", Text),
            ("language", Text),
            ("domains", Json),
            ("color", Text),
            ("side", Text),
            ("greeting", Text),
            ("reopen_days", Int),
            ("offline_email", Text),
            ("identity_secret", Text),
            ("last_seen_at", Int),
            ("created_at", Int),
            ("settings", Json),
            ("last_seen_url", Text),
            ("previous_identity_secret", Text),
            ("identity_rotated_at", Int),
        ],
    },
    Table {
        name: "visitors",
        columns: &[
            ("tenant_id", Id),
            ("id", Id),
            ("site_id", Id),
            ("name", Text),
            ("email", Text),
            ("external_id", Text),
            ("merged_into", Id),
            ("attributes", Json),
            ("language", Text),
            ("user_agent", Text),
            ("first_seen_at", Int),
            ("last_seen_at", Int),
            ("prechat_at", Int),
            ("confirmed_email", Text),
            ("erased_at", Int),
        ],
    },
    Table {
        name: "devices",
        columns: &[
            ("tenant_id", Id),
            ("participant_id", Id),
            ("id", Id),
            ("user_agent", Text),
            ("first_seen_at", Int),
            ("last_seen_at", Int),
        ],
    },
    Table {
        name: "visits",
        columns: &[
            ("tenant_id", Id),
            ("visitor_id", Id),
            ("id", Id),
            ("site_id", Id),
            ("started_at", Int),
            ("last_seen_at", Int),
            ("page_views", Int),
            ("entry_url", Text),
            ("referrer", Text),
            ("page_url", Text),
            ("page_title", Text),
        ],
    },
    Table {
        name: "conversations",
        columns: &[
            ("tenant_id", Id),
            ("id", Id),
            ("site_id", Id),
            ("visitor_id", Id),
            ("status", Text),
            ("assignee_id", Id),
            ("last_seq", Int),
            ("last_note_seq", Int),
            ("last_message_seq", Int),
            ("waiting_since", Int),
            ("resolved_at", Int),
            ("previous_id", Id),
            ("created_at", Int),
            ("updated_at", Int),
        ],
    },
    Table {
        name: "messages",
        columns: &[
            ("tenant_id", Id),
            ("conversation_id", Id),
            ("seq", Int),
            ("id", Id),
            ("type", Text),
            ("sender_kind", Text),
            ("sender_id", Id),
            ("sender_name", Text),
            ("client_message_id", Id),
            ("body_hash", Bytes),
            ("data", Json),
            ("at", Int),
        ],
    },
    Table {
        name: "notes",
        columns: &[
            ("tenant_id", Id),
            ("conversation_id", Id),
            ("seq", Int),
            ("id", Id),
            ("sender_id", Id),
            ("sender_name", Text),
            ("client_message_id", Id),
            ("body_hash", Bytes),
            ("data", Json),
            ("at", Int),
        ],
    },
    Table {
        name: "receipts",
        columns: &[
            ("tenant_id", Id),
            ("conversation_id", Id),
            ("participant_id", Id),
            ("side", Text),
            ("delivered_seq", Int),
            ("read_seq", Int),
            ("updated_at", Int),
        ],
    },
    Table {
        name: "files",
        columns: &[
            ("tenant_id", Id),
            ("id", Id),
            ("site_id", Id),
            ("uploader_id", Id),
            ("name", Text),
            ("media_type", Text),
            ("size_bytes", Int),
            ("width", Int),
            ("height", Int),
            ("thumbnail_bytes", Int),
            ("conversation_id", Id),
            ("seq", Int),
            ("created_at", Int),
        ],
    },
    Table { name: "ratings", columns: &[("tenant_id", Id), ("conversation_id", Id), ("score", Int), ("comment", Text), ("at", Int)] },
    Table {
        name: "email_codes",
        columns: &[("tenant_id", Id), ("visitor_id", Id), ("email", Text), ("code_hash", Bytes), ("attempts", Int), ("expires_at", Int)],
    },
    Table {
        name: "offline_messages",
        columns: &[
            ("tenant_id", Id),
            ("id", Id),
            ("site_id", Id),
            ("visitor_id", Id),
            ("client_message_id", Id),
            ("body_hash", Bytes),
            ("name", Text),
            ("email", Text),
            ("text", Text),
            ("page_url", Text),
            ("page_title", Text),
            ("at", Int),
            ("read_at", Int),
        ],
    },
    Table {
        name: "outbox",
        columns: &[
            ("id", Id),
            ("tenant_id", Id),
            ("kind", Text),
            ("payload", Json),
            ("attempts", Int),
            ("run_at", Int),
            ("leased_until", Int),
            ("done_at", Int),
            ("failed_at", Int),
            ("last_error", Text),
            ("created_at", Int),
        ],
    },
    Table {
        name: "idempotency_keys",
        columns: &[
            ("tenant_id", Id),
            ("principal_id", Id),
            ("idempotency_key", Text),
            ("request_hash", Bytes),
            ("status", Int),
            ("body", Text),
            ("created_at", Int),
        ],
    },
];

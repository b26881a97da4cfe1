-- The same tables and columns as migrations/sqlite; types in each engine's own words. tenant_id leads every key of a tenant-owned table,
-- so that rows can later be distributed by tenant. Ids are UUIDv7, times milliseconds since 1970 UTC.

-- The paying customer: the wall between data.
CREATE TABLE tenants (
  id UUID NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  created_at BIGINT NOT NULL
);

-- A tenant's people who answer. E-mail is how one signs in, so it is unique over all tenants.
CREATE TABLE operators (
  tenant_id UUID NOT NULL REFERENCES tenants (id),
  id UUID NOT NULL,
  email TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  role TEXT NOT NULL CHECK (role IN ('owner', 'admin', 'operator')),
  password_hash TEXT NOT NULL,
  availability TEXT NOT NULL DEFAULT 'online' CHECK (availability IN ('online', 'away', 'offline')),
  language TEXT,
  deactivated_at BIGINT,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, id)
);

-- Operators' logins; kept here and not in memory so that a restart signs nobody out. The tenant is inside: the row is found by its random id alone.
CREATE TABLE login_sessions (
  id TEXT NOT NULL PRIMARY KEY,
  tenant_id UUID,
  operator_id UUID,
  data TEXT NOT NULL,
  expires_at BIGINT NOT NULL
);
CREATE INDEX login_sessions_by_operator ON login_sessions (tenant_id, operator_id);

-- One website with a widget. The key is public and unique over all tenants; the identity secret never leaves the server but to its owner.
CREATE TABLE sites (
  tenant_id UUID NOT NULL REFERENCES tenants (id),
  id UUID NOT NULL,
  site_key TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  language TEXT NOT NULL,
  domains JSONB NOT NULL,
  color TEXT NOT NULL,
  side TEXT NOT NULL CHECK (side IN ('left', 'right')),
  greeting TEXT,
  reopen_days BIGINT NOT NULL,
  offline_email TEXT,
  identity_secret TEXT NOT NULL,
  last_seen_at BIGINT,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, id)
);

-- A person on a site. A row is made when the visitor first does something worth keeping; until then the signed ticket is the visitor.
-- The id is also the participant id in the log and never changes: merging sets merged_into and rewrites nothing.
CREATE TABLE visitors (
  tenant_id UUID NOT NULL,
  id UUID NOT NULL,
  site_id UUID NOT NULL,
  name TEXT,
  email TEXT,
  external_id TEXT,
  merged_into UUID,
  attributes JSONB NOT NULL,
  language TEXT,
  user_agent TEXT,
  first_seen_at BIGINT NOT NULL,
  last_seen_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, site_id) REFERENCES sites (tenant_id, id)
);
CREATE UNIQUE INDEX visitors_by_external_id ON visitors (tenant_id, site_id, external_id) WHERE external_id IS NOT NULL;

-- A visitor's or operator's browser profile: receipts, drafts, push and "log out there" speak of it.
CREATE TABLE devices (
  tenant_id UUID NOT NULL,
  participant_id UUID NOT NULL,
  id UUID NOT NULL,
  user_agent TEXT,
  first_seen_at BIGINT NOT NULL,
  last_seen_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, participant_id, id)
);

-- A stay with gaps of at most 30 minutes, and the page the visitor is on.
CREATE TABLE visits (
  tenant_id UUID NOT NULL,
  visitor_id UUID NOT NULL,
  id UUID NOT NULL,
  site_id UUID NOT NULL,
  started_at BIGINT NOT NULL,
  last_seen_at BIGINT NOT NULL,
  page_views BIGINT NOT NULL,
  entry_url TEXT,
  referrer TEXT,
  page_url TEXT,
  page_title TEXT,
  PRIMARY KEY (tenant_id, visitor_id, id),
  FOREIGN KEY (tenant_id, site_id) REFERENCES sites (tenant_id, id)
);

-- last_seq and last_note_seq are the tops of the two logs; they move in the transaction that inserts the row.
CREATE TABLE conversations (
  tenant_id UUID NOT NULL,
  id UUID NOT NULL,
  site_id UUID NOT NULL,
  visitor_id UUID NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('open', 'snoozed', 'resolved')),
  assignee_id UUID,
  last_seq BIGINT NOT NULL,
  last_note_seq BIGINT NOT NULL,
  last_message_seq BIGINT NOT NULL,
  waiting_since BIGINT,
  resolved_at BIGINT,
  previous_id UUID,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, site_id) REFERENCES sites (tenant_id, id),
  FOREIGN KEY (tenant_id, visitor_id) REFERENCES visitors (tenant_id, id),
  FOREIGN KEY (tenant_id, assignee_id) REFERENCES operators (tenant_id, id)
);
-- The lists of the inbox, newest first.
CREATE INDEX conversations_by_status ON conversations (tenant_id, status, updated_at DESC, id DESC);
-- "My current conversation" of a visitor, asked at every hello.
CREATE INDEX conversations_by_visitor ON conversations (tenant_id, visitor_id, created_at DESC);

-- The log of a conversation: every change a visitor can see, seq 1..n without holes. type is message.posted, message.edited, …
CREATE TABLE messages (
  tenant_id UUID NOT NULL,
  conversation_id UUID NOT NULL,
  seq BIGINT NOT NULL,
  id UUID NOT NULL,
  type TEXT NOT NULL,
  sender_kind TEXT NOT NULL,
  sender_id UUID NOT NULL,
  sender_name TEXT,
  client_message_id UUID,
  body_hash BYTEA,
  data JSONB NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, conversation_id, seq),
  FOREIGN KEY (tenant_id, conversation_id) REFERENCES conversations (tenant_id, id)
);
-- Exactly once, for ever: a sender's client id names one row over all conversations, also when a late post went to a linked one.
CREATE UNIQUE INDEX messages_by_client_id ON messages (tenant_id, sender_id, client_message_id) WHERE client_message_id IS NOT NULL;

-- The second log of a conversation, seen by operators only.
CREATE TABLE notes (
  tenant_id UUID NOT NULL,
  conversation_id UUID NOT NULL,
  seq BIGINT NOT NULL,
  id UUID NOT NULL,
  sender_id UUID NOT NULL,
  sender_name TEXT,
  client_message_id UUID NOT NULL,
  body_hash BYTEA NOT NULL,
  data JSONB NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, conversation_id, seq),
  FOREIGN KEY (tenant_id, conversation_id) REFERENCES conversations (tenant_id, id)
);
CREATE UNIQUE INDEX notes_by_client_id ON notes (tenant_id, sender_id, client_message_id);

-- One watermark per participant: everything up to here was delivered to, or read by, them.
CREATE TABLE receipts (
  tenant_id UUID NOT NULL,
  conversation_id UUID NOT NULL,
  participant_id UUID NOT NULL,
  side TEXT NOT NULL CHECK (side IN ('visitor', 'operator')),
  delivered_seq BIGINT NOT NULL,
  read_seq BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, conversation_id, participant_id),
  FOREIGN KEY (tenant_id, conversation_id) REFERENCES conversations (tenant_id, id)
);

-- A file of a conversation; the bytes lie in the data folder under this id.
CREATE TABLE attachments (
  tenant_id UUID NOT NULL,
  id UUID NOT NULL,
  conversation_id UUID NOT NULL,
  name TEXT NOT NULL,
  media_type TEXT NOT NULL,
  size_bytes BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, conversation_id) REFERENCES conversations (tenant_id, id)
);

-- What a visitor left while nobody was available.
CREATE TABLE offline_messages (
  tenant_id UUID NOT NULL,
  id UUID NOT NULL,
  site_id UUID NOT NULL,
  visitor_id UUID NOT NULL,
  client_message_id UUID NOT NULL,
  body_hash BYTEA NOT NULL,
  name TEXT NOT NULL,
  email TEXT NOT NULL,
  text TEXT NOT NULL,
  page_url TEXT,
  page_title TEXT,
  at BIGINT NOT NULL,
  read_at BIGINT,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, site_id) REFERENCES sites (tenant_id, id)
);
CREATE UNIQUE INDEX offline_messages_by_client_id ON offline_messages (tenant_id, visitor_id, client_message_id);

-- Side effects (mail now, webhooks and push later), written by the transaction that causes them and worked off by leased, retried jobs.
-- Claimed over all tenants in order of run_at, hence the key.
CREATE TABLE outbox (
  id UUID NOT NULL PRIMARY KEY,
  tenant_id UUID NOT NULL,
  kind TEXT NOT NULL,
  payload JSONB NOT NULL,
  attempts BIGINT NOT NULL,
  run_at BIGINT NOT NULL,
  leased_until BIGINT,
  done_at BIGINT,
  failed_at BIGINT,
  last_error TEXT,
  created_at BIGINT NOT NULL
);
CREATE INDEX outbox_due ON outbox (run_at) WHERE done_at IS NULL AND failed_at IS NULL;

-- Answers of API writes by Idempotency-Key, so that a retry gets the first answer. Kept a day.
CREATE TABLE idempotency_keys (
  tenant_id UUID NOT NULL,
  principal_id UUID NOT NULL,
  idempotency_key TEXT NOT NULL,
  request_hash BYTEA NOT NULL,
  status BIGINT,
  body TEXT,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, principal_id, idempotency_key)
);

-- Secrets that sign visitor tickets and socket tokens. The newest signs, all verify; part of every backup so that visitors stay who they are.
CREATE TABLE signing_keys (
  kid TEXT NOT NULL PRIMARY KEY,
  secret BYTEA NOT NULL,
  created_at BIGINT NOT NULL
);

-- What tenants' programs need: keys to ask with, and webhooks to be told by.

-- A key asks in its operator's name, and may no more than they may. Only the hash of its secret is kept.
CREATE TABLE api_keys (
  tenant_id BLOB NOT NULL REFERENCES tenants (id),
  id BLOB NOT NULL,
  operator_id BLOB NOT NULL,
  name TEXT NOT NULL,
  scopes TEXT NOT NULL,
  hint TEXT NOT NULL,
  secret_hash BLOB NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER,
  last_used_at INTEGER,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, operator_id) REFERENCES operators (tenant_id, id)
) STRICT;
-- A request comes with the secret alone.
CREATE UNIQUE INDEX api_keys_by_secret ON api_keys (secret_hash);

-- Where a tenant's program wants to be told. An empty list of events means all, no site means all.
CREATE TABLE webhooks (
  tenant_id BLOB NOT NULL REFERENCES tenants (id),
  id BLOB NOT NULL,
  url TEXT NOT NULL,
  name TEXT NOT NULL,
  secret BLOB NOT NULL,
  events TEXT NOT NULL,
  site_id BLOB,
  created_at INTEGER NOT NULL,
  paused_at INTEGER,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, site_id) REFERENCES sites (tenant_id, id)
) STRICT;

-- One event for one webhook, written by the transaction in which it happened. Its id is the event's, the same for every webhook. The body is
-- kept as it is sent, so that a retry and a replay are signed over the same bytes.
CREATE TABLE webhook_deliveries (
  tenant_id BLOB NOT NULL,
  webhook_id BLOB NOT NULL,
  id BLOB NOT NULL,
  event TEXT NOT NULL,
  body TEXT NOT NULL,
  visitor_id BLOB,
  conversation_id BLOB,
  message_seq INTEGER,
  created_at INTEGER NOT NULL,
  run_at INTEGER NOT NULL,
  leased_until INTEGER,
  attempts INTEGER NOT NULL,
  attempted_at INTEGER,
  response_status INTEGER,
  duration_ms INTEGER,
  last_error TEXT,
  delivered_at INTEGER,
  failed_at INTEGER,
  PRIMARY KEY (tenant_id, webhook_id, id),
  FOREIGN KEY (tenant_id, webhook_id) REFERENCES webhooks (tenant_id, id)
) STRICT;
-- What is due, over all tenants.
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (run_at) WHERE delivered_at IS NULL AND failed_at IS NULL;
-- The log of a webhook, newest first.
CREATE INDEX webhook_deliveries_by_time ON webhook_deliveries (tenant_id, webhook_id, created_at, id);
-- What a visitor erases, and what the author of a message takes back.
CREATE INDEX webhook_deliveries_by_visitor ON webhook_deliveries (tenant_id, visitor_id) WHERE visitor_id IS NOT NULL;
CREATE INDEX webhook_deliveries_by_message ON webhook_deliveries (tenant_id, conversation_id, message_seq) WHERE message_seq IS NOT NULL;
-- What is old enough to be forgotten.
CREATE INDEX webhook_deliveries_by_age ON webhook_deliveries (created_at);

-- Apps: realms of channels for clients that speak XPUSH's own protocol. Clients name the key; who asks for tokens has them signed with the secret.
CREATE TABLE channel_apps (
  tenant_id UUID NOT NULL REFERENCES tenants (id),
  id UUID NOT NULL,
  app_key TEXT NOT NULL,
  name TEXT NOT NULL,
  mode TEXT NOT NULL,
  secret TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, id)
);
-- A client comes with the key alone.
CREATE UNIQUE INDEX channel_apps_by_key ON channel_apps (app_key);

-- People: how operators work and sign in, who may join, and when a site is staffed. The same tables and columns as migrations/sqlite.

-- How many conversations routing gives an operator at once (null: the default), their time zone (null: the browser's), and what only they see of
-- the console: theme, density, notifications.
ALTER TABLE operators ADD COLUMN capacity BIGINT;
ALTER TABLE operators ADD COLUMN time_zone TEXT;
ALTER TABLE operators ADD COLUMN preferences JSONB NOT NULL DEFAULT '{}';

-- Where a login comes from, so that a person can tell their own apart and end the others.
ALTER TABLE login_sessions ADD COLUMN user_agent TEXT;
ALTER TABLE login_sessions ADD COLUMN address TEXT;
ALTER TABLE login_sessions ADD COLUMN created_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE login_sessions ADD COLUMN last_seen_at BIGINT NOT NULL DEFAULT 0;

-- When a site is staffed, in its own time zone, and by whom (null: by everybody).
ALTER TABLE sites ADD COLUMN time_zone TEXT NOT NULL DEFAULT 'UTC';
ALTER TABLE sites ADD COLUMN business_hours JSONB NOT NULL DEFAULT '{"always":true}';
ALTER TABLE sites ADD COLUMN members JSONB;

-- Somebody who asked to sign up and has not yet shown that the address is theirs. Of no tenant yet; the token is in the letter alone, here is its
-- hash. Several rows of one address are several people who say it is theirs, so that none can overwrite another's password.
CREATE TABLE sign_ups (
  token_hash BYTEA NOT NULL PRIMARY KEY,
  email TEXT NOT NULL,
  name TEXT NOT NULL,
  shop TEXT NOT NULL,
  language TEXT NOT NULL,
  time_zone TEXT NOT NULL,
  password_hash TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL
);
-- A confirmation ends the other tries of the same address.
CREATE INDEX sign_ups_by_email ON sign_ups (email);

-- A letter that lets somebody choose a new password. Found by the token before a tenant is known. The operator is null where nobody has the
-- address that was asked for: both cases leave a row, so that neither takes longer.
CREATE TABLE password_resets (
  token_hash BYTEA NOT NULL PRIMARY KEY,
  tenant_id UUID,
  operator_id UUID,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL
);
CREATE INDEX password_resets_by_operator ON password_resets (tenant_id, operator_id);

-- A person who was asked to join a tenant. The token is in the letter alone.
CREATE TABLE invitations (
  tenant_id UUID NOT NULL REFERENCES tenants (id),
  id UUID NOT NULL,
  email TEXT NOT NULL,
  role TEXT NOT NULL CHECK (role IN ('owner', 'admin', 'operator')),
  language TEXT NOT NULL,
  invited_by UUID NOT NULL,
  token_hash BYTEA NOT NULL UNIQUE,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, email),
  FOREIGN KEY (tenant_id, invited_by) REFERENCES operators (tenant_id, id)
);

-- Letters that somebody without a login caused, kept a day: an address gets few of them, whoever asks and however often the server restarts.
CREATE TABLE anonymous_letters (
  id UUID NOT NULL PRIMARY KEY,
  email TEXT NOT NULL,
  created_at BIGINT NOT NULL
);
CREATE INDEX anonymous_letters_by_email ON anonymous_letters (email, created_at);

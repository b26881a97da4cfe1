-- What a shop decides about its widget, what visitors may attach, prove, rate and take away.

-- All settings of the widget in one document: they are read together at every hello and changed together by one form. NULL: all defaults.
ALTER TABLE sites ADD COLUMN settings TEXT;
-- The page on which a widget last said hello: the owner sees that the snippet works, and where.
ALTER TABLE sites ADD COLUMN last_seen_url TEXT;
-- The secret before the last rotation, still good for a day.
ALTER TABLE sites ADD COLUMN previous_identity_secret TEXT;
ALTER TABLE sites ADD COLUMN identity_rotated_at INTEGER;
-- Names the picture in the data folder; another picture has another name, so that browsers may keep it for ever.
ALTER TABLE operators ADD COLUMN photo_hash TEXT;
-- When the visitor answered the questions before the chat.
ALTER TABLE visitors ADD COLUMN prechat_at INTEGER;
-- The address that the visitor proved to read, or the shop's server signed: letters go to no other.
ALTER TABLE visitors ADD COLUMN confirmed_email TEXT;
-- Since when everything of them is gone; their tickets end with it.
ALTER TABLE visitors ADD COLUMN erased_at INTEGER;
-- Who became this visitor: asked wherever an identified visitor's conversations are.
CREATE INDEX visitors_by_merged_into ON visitors (tenant_id, merged_into) WHERE merged_into IS NOT NULL;
-- How fast a site answers: its newest conversations.
CREATE INDEX conversations_by_site ON conversations (tenant_id, site_id, created_at);

-- Replaced by files, which exist before a message carries them. Nothing was ever written to it.
DROP TABLE attachments;

-- What people attach; the bytes lie in the data folder under this id. conversation_id and seq are those of the message that carries it; a file
-- without one is removed after a day.
CREATE TABLE files (
  tenant_id BLOB NOT NULL REFERENCES tenants (id),
  id BLOB NOT NULL,
  site_id BLOB NOT NULL,
  uploader_id BLOB NOT NULL,
  name TEXT NOT NULL,
  media_type TEXT NOT NULL,
  size_bytes INTEGER NOT NULL,
  width INTEGER,
  height INTEGER,
  thumbnail_bytes INTEGER NOT NULL,
  conversation_id BLOB,
  seq INTEGER,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, site_id) REFERENCES sites (tenant_id, id),
  FOREIGN KEY (tenant_id, conversation_id) REFERENCES conversations (tenant_id, id)
) STRICT;
CREATE INDEX files_by_conversation ON files (tenant_id, conversation_id, seq) WHERE conversation_id IS NOT NULL;
-- What the removal of unsent files looks for, over all tenants.
CREATE INDEX files_unsent ON files (created_at) WHERE conversation_id IS NULL;

-- What the visitor thought of a conversation; a second rating replaces the first. The log has both.
CREATE TABLE ratings (
  tenant_id BLOB NOT NULL,
  conversation_id BLOB NOT NULL,
  score INTEGER NOT NULL CHECK (score BETWEEN 1 AND 5),
  comment TEXT,
  at INTEGER NOT NULL,
  PRIMARY KEY (tenant_id, conversation_id),
  FOREIGN KEY (tenant_id, conversation_id) REFERENCES conversations (tenant_id, id)
) STRICT;

-- The six digits mailed to an address that a visitor claims; the newest only, as a fingerprint only.
CREATE TABLE email_codes (
  tenant_id BLOB NOT NULL,
  visitor_id BLOB NOT NULL,
  email TEXT NOT NULL,
  code_hash BLOB NOT NULL,
  attempts INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  PRIMARY KEY (tenant_id, visitor_id),
  FOREIGN KEY (tenant_id, visitor_id) REFERENCES visitors (tenant_id, id)
) STRICT;

-- Talk of many: a site's crowds, what is said in them, and who may not speak.

-- A crowd is made by an operator, under a key that stands in the shop's pages, or by the first who opens a page: then the key is the page's
-- address as addresses are compared, which has a slash and so is nobody's chosen key.
CREATE TABLE crowds (
  tenant_id UUID NOT NULL,
  id UUID NOT NULL,
  site_id UUID NOT NULL,
  key TEXT NOT NULL,
  page_url TEXT,
  name TEXT NOT NULL,
  history BIGINT NOT NULL,
  writers TEXT NOT NULL CHECK (writers IN ('everybody', 'identified')),
  slow_mode_s BIGINT NOT NULL,
  frozen_at BIGINT,
  last_seq BIGINT NOT NULL,
  posted_at BIGINT,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, site_id) REFERENCES sites (tenant_id, id)
);
-- A page comes with the key.
CREATE UNIQUE INDEX crowds_by_key ON crowds (tenant_id, site_id, key);

-- The log of each crowd, 1..n without holes; the text of what was taken back is gone from it.
CREATE TABLE crowd_messages (
  tenant_id UUID NOT NULL,
  crowd_id UUID NOT NULL,
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
  PRIMARY KEY (tenant_id, crowd_id, seq),
  FOREIGN KEY (tenant_id, crowd_id) REFERENCES crowds (tenant_id, id)
);
-- Exactly once; and what one visitor said, to be exported or erased.
CREATE UNIQUE INDEX crowd_messages_by_client_id ON crowd_messages (tenant_id, sender_id, client_message_id) WHERE client_message_id IS NOT NULL;

-- What a visitor is called in the crowds of their site: asked once, and never their name elsewhere.
CREATE TABLE crowd_names (
  tenant_id UUID NOT NULL,
  visitor_id UUID NOT NULL,
  site_id UUID NOT NULL,
  name TEXT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, visitor_id),
  FOREIGN KEY (tenant_id, visitor_id) REFERENCES visitors (tenant_id, id),
  FOREIGN KEY (tenant_id, site_id) REFERENCES sites (tenant_id, id)
);

-- What is known of one visitor in one crowd: when they posted last, where the crowd is slow, and since and until when they are muted
-- (muted_until null: until somebody lifts it).
CREATE TABLE crowd_members (
  tenant_id UUID NOT NULL,
  crowd_id UUID NOT NULL,
  visitor_id UUID NOT NULL,
  posted_at BIGINT,
  muted_at BIGINT,
  muted_until BIGINT,
  muted_by UUID,
  PRIMARY KEY (tenant_id, crowd_id, visitor_id),
  FOREIGN KEY (tenant_id, crowd_id) REFERENCES crowds (tenant_id, id),
  FOREIGN KEY (tenant_id, visitor_id) REFERENCES visitors (tenant_id, id)
);
-- The list of the muted.
CREATE INDEX crowd_members_muted ON crowd_members (tenant_id, crowd_id, muted_at) WHERE muted_at IS NOT NULL;

-- How conversations find their operator, wait, and come back; what operators put on them; what is known of a visitor's stay.

-- How a site's queue is given to operators, and after how many seconds without an answer another one gets the conversation.
ALTER TABLE sites ADD COLUMN routing_mode TEXT NOT NULL DEFAULT 'least_busy' CHECK (routing_mode IN ('least_busy', 'fewest_today', 'round_robin', 'manual'));
ALTER TABLE sites ADD COLUMN reassign_after_s BIGINT;

-- When a snoozed conversation comes back by itself; null while it waits for its visitor.
ALTER TABLE conversations ADD COLUMN snoozed_until BIGINT;
-- When the assignee got it.
ALTER TABLE conversations ADD COLUMN assigned_at BIGINT;
-- Its place in the queue: since when the visitor waits, or since it came back to the queue. Null unless it is queued.
ALTER TABLE conversations ADD COLUMN queued_since BIGINT;
UPDATE conversations SET queued_since = COALESCE(waiting_since, updated_at) WHERE status = 'open' AND assignee_id IS NULL;
UPDATE conversations SET assigned_at = updated_at WHERE assignee_id IS NOT NULL;
-- The queue of a site, in its order: asked at every change of it, and small.
CREATE INDEX conversations_queued ON conversations (tenant_id, site_id, queued_since, id) WHERE queued_since IS NOT NULL;
-- What each operator has now and had today.
CREATE INDEX conversations_by_assignee ON conversations (tenant_id, assignee_id, status, assigned_at);
-- Snoozes that are over, and visitors who wait for their assignee: looked for every second over all tenants.
CREATE INDEX conversations_snoozed ON conversations (snoozed_until) WHERE snoozed_until IS NOT NULL;
CREATE INDEX conversations_waiting ON conversations (tenant_id, site_id, waiting_since) WHERE waiting_since IS NOT NULL;
-- All conversations by their last change, for the list of all and for searching the newest first.
CREATE INDEX conversations_by_change ON conversations (tenant_id, updated_at DESC, id DESC);

-- A tenant's words for conversations. The key is the name in lower case, so that Refund and refund are one tag.
CREATE TABLE tags (
  tenant_id UUID NOT NULL REFERENCES tenants (id),
  id UUID NOT NULL,
  name TEXT NOT NULL,
  name_key TEXT NOT NULL,
  color BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX tags_by_name ON tags (tenant_id, name_key);

-- Which conversation has which tag.
CREATE TABLE conversation_tags (
  tenant_id UUID NOT NULL,
  conversation_id UUID NOT NULL,
  tag_id UUID NOT NULL,
  PRIMARY KEY (tenant_id, conversation_id, tag_id),
  FOREIGN KEY (tenant_id, conversation_id) REFERENCES conversations (tenant_id, id),
  FOREIGN KEY (tenant_id, tag_id) REFERENCES tags (tenant_id, id)
);
CREATE INDEX conversation_tags_by_tag ON conversation_tags (tenant_id, tag_id);

-- Texts that operators say often, found by their shortcut.
CREATE TABLE canned_responses (
  tenant_id UUID NOT NULL REFERENCES tenants (id),
  id UUID NOT NULL,
  shortcut TEXT NOT NULL,
  text TEXT NOT NULL,
  site_id UUID,
  created_by UUID NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, site_id) REFERENCES sites (tenant_id, id),
  FOREIGN KEY (tenant_id, created_by) REFERENCES operators (tenant_id, id)
);
CREATE UNIQUE INDEX canned_responses_by_shortcut ON canned_responses (tenant_id, shortcut);

-- What an operator has begun to write: on the server, so that it goes on at another desk.
CREATE TABLE drafts (
  tenant_id UUID NOT NULL,
  operator_id UUID NOT NULL,
  conversation_id UUID NOT NULL,
  text TEXT NOT NULL,
  note BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, operator_id, conversation_id),
  FOREIGN KEY (tenant_id, operator_id) REFERENCES operators (tenant_id, id),
  FOREIGN KEY (tenant_id, conversation_id) REFERENCES conversations (tenant_id, id)
);

-- Where a visitor's clock stands, as the browser says.
ALTER TABLE visitors ADD COLUMN time_zone TEXT;

-- Since when the visitor is on the visit's page, and the product it shows, as the page itself says.
ALTER TABLE visits ADD COLUMN page_since BIGINT;
ALTER TABLE visits ADD COLUMN product JSONB;
-- The latest visit of a visitor, asked for every row of the inbox.
CREATE INDEX visits_latest ON visits (tenant_id, visitor_id, last_seen_at DESC, id DESC);

-- The trail: one row for each page a visitor was on. Kept 90 days.
CREATE TABLE page_views (
  tenant_id UUID NOT NULL,
  visitor_id UUID NOT NULL,
  id UUID NOT NULL,
  site_id UUID NOT NULL,
  visit_id UUID NOT NULL,
  at BIGINT NOT NULL,
  left_at BIGINT,
  url TEXT NOT NULL,
  title TEXT NOT NULL,
  PRIMARY KEY (tenant_id, visitor_id, id),
  FOREIGN KEY (tenant_id, site_id) REFERENCES sites (tenant_id, id)
);
CREATE INDEX page_views_by_time ON page_views (tenant_id, visitor_id, at DESC, id DESC);
-- What has become too old, over all tenants.
CREATE INDEX page_views_old ON page_views (at);

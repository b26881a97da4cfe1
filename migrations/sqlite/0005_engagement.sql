-- Rules in use: promotions with what came of them, and the virtual agent with what it was taught and could not answer.

-- A promotion: a rule that offers something. site_id null: on all sites. The definition is one document, changed together by one form.
CREATE TABLE promotions (
  tenant_id BLOB NOT NULL REFERENCES tenants (id),
  id BLOB NOT NULL,
  site_id BLOB,
  name TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('active', 'paused')),
  version INTEGER NOT NULL,
  definition TEXT NOT NULL,
  starts_at INTEGER,
  ends_at INTEGER,
  created_by BLOB NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, site_id) REFERENCES sites (tenant_id, id),
  FOREIGN KEY (tenant_id, created_by) REFERENCES operators (tenant_id, id)
) STRICT;

-- Every version that was ever active: each offer names the one it was made by.
CREATE TABLE promotion_versions (
  tenant_id BLOB NOT NULL,
  promotion_id BLOB NOT NULL,
  version INTEGER NOT NULL,
  definition TEXT NOT NULL,
  changed_by BLOB NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (tenant_id, promotion_id, version),
  FOREIGN KEY (tenant_id, promotion_id) REFERENCES promotions (tenant_id, id) ON DELETE CASCADE
) STRICT;

-- One firing for one visitor, shown or held out. The occasion (a page of a visit, or one press of "send") keeps it from firing twice.
CREATE TABLE promotion_offers (
  tenant_id BLOB NOT NULL,
  visitor_id BLOB NOT NULL,
  id BLOB NOT NULL,
  promotion_id BLOB NOT NULL,
  site_id BLOB NOT NULL,
  version INTEGER NOT NULL,
  occasion BLOB NOT NULL,
  visit_id BLOB NOT NULL,
  page_view_id BLOB NOT NULL,
  held_out INTEGER NOT NULL,
  by_hand INTEGER NOT NULL,
  at INTEGER NOT NULL,
  shown_at INTEGER,
  clicked_at INTEGER,
  dismissed_at INTEGER,
  PRIMARY KEY (tenant_id, visitor_id, id),
  FOREIGN KEY (tenant_id, promotion_id) REFERENCES promotions (tenant_id, id) ON DELETE CASCADE,
  FOREIGN KEY (tenant_id, site_id) REFERENCES sites (tenant_id, id)
) STRICT;
CREATE UNIQUE INDEX promotion_offers_once ON promotion_offers (tenant_id, promotion_id, visitor_id, occasion);
-- What may still be on screens when a promotion is paused.
CREATE INDEX promotion_offers_by_time ON promotion_offers (tenant_id, promotion_id, at);

-- One visitor of a promotion: their group, which never changes, and the first time of everything, so that nothing counts twice.
CREATE TABLE promotion_assignments (
  tenant_id BLOB NOT NULL,
  promotion_id BLOB NOT NULL,
  visitor_id BLOB NOT NULL,
  held_out INTEGER NOT NULL,
  first_at INTEGER NOT NULL,
  last_at INTEGER NOT NULL,
  shown_at INTEGER,
  clicked_at INTEGER,
  dismissed_at INTEGER,
  goal_at INTEGER,
  PRIMARY KEY (tenant_id, promotion_id, visitor_id),
  FOREIGN KEY (tenant_id, promotion_id) REFERENCES promotions (tenant_id, id) ON DELETE CASCADE
) STRICT;
-- What a visitor was offered, asked when they reach a goal.
CREATE INDEX promotion_assignments_by_visitor ON promotion_assignments (tenant_id, visitor_id, last_at);

-- Orders that a promotion is credited with; an order that is told twice counts once. Amounts in thousandths of the currency.
CREATE TABLE promotion_orders (
  tenant_id BLOB NOT NULL,
  promotion_id BLOB NOT NULL,
  visitor_id BLOB NOT NULL,
  order_id TEXT NOT NULL,
  amount INTEGER NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (tenant_id, promotion_id, visitor_id, order_id),
  FOREIGN KEY (tenant_id, promotion_id) REFERENCES promotions (tenant_id, id) ON DELETE CASCADE
) STRICT;

-- Sums of the two tables above, moved in the same transactions.
CREATE TABLE promotion_counters (
  tenant_id BLOB NOT NULL,
  promotion_id BLOB NOT NULL,
  held_out INTEGER NOT NULL,
  visitors INTEGER NOT NULL,
  shown INTEGER NOT NULL,
  clicked INTEGER NOT NULL,
  dismissed INTEGER NOT NULL,
  goals INTEGER NOT NULL,
  orders INTEGER NOT NULL,
  revenue INTEGER NOT NULL,
  PRIMARY KEY (tenant_id, promotion_id, held_out),
  FOREIGN KEY (tenant_id, promotion_id) REFERENCES promotions (tenant_id, id) ON DELETE CASCADE
) STRICT;

-- What the virtual agent of a site does, in one document; no row: it is off.
CREATE TABLE virtual_agents (
  tenant_id BLOB NOT NULL,
  site_id BLOB NOT NULL,
  enabled INTEGER NOT NULL,
  settings TEXT NOT NULL,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (tenant_id, site_id),
  FOREIGN KEY (tenant_id, site_id) REFERENCES sites (tenant_id, id)
) STRICT;

-- Questions with their answers: phrases and texts per language. site_id null: on all sites.
CREATE TABLE faq_pairs (
  tenant_id BLOB NOT NULL REFERENCES tenants (id),
  id BLOB NOT NULL,
  site_id BLOB,
  enabled INTEGER NOT NULL,
  phrases TEXT NOT NULL,
  answers TEXT NOT NULL,
  answered INTEGER NOT NULL,
  created_by BLOB NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, site_id) REFERENCES sites (tenant_id, id),
  FOREIGN KEY (tenant_id, created_by) REFERENCES operators (tenant_id, id)
) STRICT;

-- Questions that no pair answered, in the visitor's words; the same question counts up.
CREATE TABLE unanswered_questions (
  tenant_id BLOB NOT NULL,
  id BLOB NOT NULL,
  site_id BLOB NOT NULL,
  question_key TEXT NOT NULL,
  text TEXT NOT NULL,
  language TEXT,
  times INTEGER NOT NULL,
  conversation_id BLOB NOT NULL,
  visitor_id BLOB NOT NULL,
  first_at INTEGER NOT NULL,
  last_at INTEGER NOT NULL,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, site_id) REFERENCES sites (tenant_id, id),
  FOREIGN KEY (tenant_id, conversation_id) REFERENCES conversations (tenant_id, id)
) STRICT;
CREATE UNIQUE INDEX unanswered_questions_by_key ON unanswered_questions (tenant_id, site_id, question_key);
CREATE INDEX unanswered_questions_by_time ON unanswered_questions (tenant_id, last_at DESC, id DESC);

-- Since when the virtual agent answers a conversation instead of a person; such a one is not queued. Null once a person has it.
ALTER TABLE conversations ADD COLUMN agent_since INTEGER;
-- Those that it answers now, looked for over all tenants after a start.
CREATE INDEX conversations_with_agent ON conversations (agent_since) WHERE agent_since IS NOT NULL;

-- How far the virtual agent has come in a conversation: written after its answer, which has a derived id and is therefore never given twice.
CREATE TABLE virtual_agent_turns (
  tenant_id BLOB NOT NULL,
  conversation_id BLOB NOT NULL,
  seen_seq INTEGER NOT NULL,
  misses INTEGER NOT NULL,
  asked_contact INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (tenant_id, conversation_id),
  FOREIGN KEY (tenant_id, conversation_id) REFERENCES conversations (tenant_id, id)
) STRICT;

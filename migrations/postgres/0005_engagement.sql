-- Rules in use: promotions with what came of them, and the virtual agent with what it was taught and could not answer.

-- A promotion: a rule that offers something. site_id null: on all sites. The definition is one document, changed together by one form.
CREATE TABLE promotions (
  tenant_id UUID NOT NULL REFERENCES tenants (id),
  id UUID NOT NULL,
  site_id UUID,
  name TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('active', 'paused')),
  version BIGINT NOT NULL,
  definition JSONB NOT NULL,
  starts_at BIGINT,
  ends_at BIGINT,
  created_by UUID NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, site_id) REFERENCES sites (tenant_id, id),
  FOREIGN KEY (tenant_id, created_by) REFERENCES operators (tenant_id, id)
);

-- Every version that was ever active: each offer names the one it was made by.
CREATE TABLE promotion_versions (
  tenant_id UUID NOT NULL,
  promotion_id UUID NOT NULL,
  version BIGINT NOT NULL,
  definition JSONB NOT NULL,
  changed_by UUID NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, promotion_id, version),
  FOREIGN KEY (tenant_id, promotion_id) REFERENCES promotions (tenant_id, id) ON DELETE CASCADE
);

-- One firing for one visitor, shown or held out. The occasion (a page of a visit, or one press of "send") keeps it from firing twice.
CREATE TABLE promotion_offers (
  tenant_id UUID NOT NULL,
  visitor_id UUID NOT NULL,
  id UUID NOT NULL,
  promotion_id UUID NOT NULL,
  site_id UUID NOT NULL,
  version BIGINT NOT NULL,
  occasion UUID NOT NULL,
  visit_id UUID NOT NULL,
  page_view_id UUID NOT NULL,
  held_out BIGINT NOT NULL,
  by_hand BIGINT NOT NULL,
  at BIGINT NOT NULL,
  shown_at BIGINT,
  clicked_at BIGINT,
  dismissed_at BIGINT,
  PRIMARY KEY (tenant_id, visitor_id, id),
  FOREIGN KEY (tenant_id, promotion_id) REFERENCES promotions (tenant_id, id) ON DELETE CASCADE,
  FOREIGN KEY (tenant_id, site_id) REFERENCES sites (tenant_id, id)
);
CREATE UNIQUE INDEX promotion_offers_once ON promotion_offers (tenant_id, promotion_id, visitor_id, occasion);
-- What may still be on screens when a promotion is paused.
CREATE INDEX promotion_offers_by_time ON promotion_offers (tenant_id, promotion_id, at);

-- One visitor of a promotion: their group, which never changes, and the first time of everything, so that nothing counts twice.
CREATE TABLE promotion_assignments (
  tenant_id UUID NOT NULL,
  promotion_id UUID NOT NULL,
  visitor_id UUID NOT NULL,
  held_out BIGINT NOT NULL,
  first_at BIGINT NOT NULL,
  last_at BIGINT NOT NULL,
  shown_at BIGINT,
  clicked_at BIGINT,
  dismissed_at BIGINT,
  goal_at BIGINT,
  PRIMARY KEY (tenant_id, promotion_id, visitor_id),
  FOREIGN KEY (tenant_id, promotion_id) REFERENCES promotions (tenant_id, id) ON DELETE CASCADE
);
-- What a visitor was offered, asked when they reach a goal.
CREATE INDEX promotion_assignments_by_visitor ON promotion_assignments (tenant_id, visitor_id, last_at);

-- Orders that a promotion is credited with; an order that is told twice counts once. Amounts in thousandths of the currency.
CREATE TABLE promotion_orders (
  tenant_id UUID NOT NULL,
  promotion_id UUID NOT NULL,
  visitor_id UUID NOT NULL,
  order_id TEXT NOT NULL,
  amount BIGINT NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, promotion_id, visitor_id, order_id),
  FOREIGN KEY (tenant_id, promotion_id) REFERENCES promotions (tenant_id, id) ON DELETE CASCADE
);

-- Sums of the two tables above, moved in the same transactions.
CREATE TABLE promotion_counters (
  tenant_id UUID NOT NULL,
  promotion_id UUID NOT NULL,
  held_out BIGINT NOT NULL,
  visitors BIGINT NOT NULL,
  shown BIGINT NOT NULL,
  clicked BIGINT NOT NULL,
  dismissed BIGINT NOT NULL,
  goals BIGINT NOT NULL,
  orders BIGINT NOT NULL,
  revenue BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, promotion_id, held_out),
  FOREIGN KEY (tenant_id, promotion_id) REFERENCES promotions (tenant_id, id) ON DELETE CASCADE
);

-- What the virtual agent of a site does, in one document; no row: it is off.
CREATE TABLE virtual_agents (
  tenant_id UUID NOT NULL,
  site_id UUID NOT NULL,
  enabled BIGINT NOT NULL,
  settings JSONB NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, site_id),
  FOREIGN KEY (tenant_id, site_id) REFERENCES sites (tenant_id, id)
);

-- Questions with their answers: phrases and texts per language. site_id null: on all sites.
CREATE TABLE faq_pairs (
  tenant_id UUID NOT NULL REFERENCES tenants (id),
  id UUID NOT NULL,
  site_id UUID,
  enabled BIGINT NOT NULL,
  phrases JSONB NOT NULL,
  answers JSONB NOT NULL,
  answered BIGINT NOT NULL,
  created_by UUID NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, site_id) REFERENCES sites (tenant_id, id),
  FOREIGN KEY (tenant_id, created_by) REFERENCES operators (tenant_id, id)
);

-- Questions that no pair answered, in the visitor's words; the same question counts up.
CREATE TABLE unanswered_questions (
  tenant_id UUID NOT NULL,
  id UUID NOT NULL,
  site_id UUID NOT NULL,
  question_key TEXT NOT NULL,
  text TEXT NOT NULL,
  language TEXT,
  times BIGINT NOT NULL,
  conversation_id UUID NOT NULL,
  visitor_id UUID NOT NULL,
  first_at BIGINT NOT NULL,
  last_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, site_id) REFERENCES sites (tenant_id, id),
  FOREIGN KEY (tenant_id, conversation_id) REFERENCES conversations (tenant_id, id)
);
CREATE UNIQUE INDEX unanswered_questions_by_key ON unanswered_questions (tenant_id, site_id, question_key);
CREATE INDEX unanswered_questions_by_time ON unanswered_questions (tenant_id, last_at DESC, id DESC);

-- Since when the virtual agent answers a conversation instead of a person; such a one is not queued. Null once a person has it.
ALTER TABLE conversations ADD COLUMN agent_since BIGINT;
-- Those that it answers now, looked for over all tenants after a start.
CREATE INDEX conversations_with_agent ON conversations (agent_since) WHERE agent_since IS NOT NULL;

-- How far the virtual agent has come in a conversation: written after its answer, which has a derived id and is therefore never given twice.
CREATE TABLE virtual_agent_turns (
  tenant_id UUID NOT NULL,
  conversation_id UUID NOT NULL,
  seen_seq BIGINT NOT NULL,
  misses BIGINT NOT NULL,
  asked_contact BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, conversation_id),
  FOREIGN KEY (tenant_id, conversation_id) REFERENCES conversations (tenant_id, id)
);

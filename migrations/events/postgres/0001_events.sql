-- What visitors did, and what is counted of it. A database of its own where the rest is SQLite, so that counting never holds the writer of chat:
-- hence no foreign keys into it. tenant_id and site_id lead every key all the same. Days are numbers such as 20260131, on the site's own calendar.

-- Each event as it came, for a while: its id is what makes a repeat of it count once. A message of a visitor is one too, without a visit.
CREATE TABLE visitor_events (
  tenant_id UUID NOT NULL,
  site_id UUID NOT NULL,
  id UUID NOT NULL,
  visitor_id UUID NOT NULL,
  visit_id UUID,
  kind TEXT NOT NULL,
  name TEXT,
  at BIGINT NOT NULL,
  stored_at BIGINT NOT NULL,
  url TEXT,
  props JSONB,
  PRIMARY KEY (tenant_id, site_id, id)
);
-- What is old is deleted over all tenants.
CREATE INDEX visitor_events_by_storing ON visitor_events (stored_at);
-- What is kept of one visitor, for those who want it or want it gone.
CREATE INDEX visitor_events_by_visitor ON visitor_events (tenant_id, visitor_id, at);

-- A shop's order counts once, however often its thank-you page is opened.
CREATE TABLE visitor_orders (
  tenant_id UUID NOT NULL,
  site_id UUID NOT NULL,
  order_id TEXT NOT NULL,
  visitor_id UUID NOT NULL,
  visit_id UUID NOT NULL,
  day BIGINT NOT NULL,
  at BIGINT NOT NULL,
  value_milli BIGINT NOT NULL,
  currency TEXT NOT NULL,
  PRIMARY KEY (tenant_id, site_id, order_id)
);

-- Stays as far as counting needs them: the page a visit is on (the same address in a row is one page view), and whether they chatted and ordered.
CREATE TABLE counted_visits (
  tenant_id UUID NOT NULL,
  site_id UUID NOT NULL,
  id UUID NOT NULL,
  visitor_id UUID NOT NULL,
  day BIGINT NOT NULL,
  last_day BIGINT NOT NULL,
  started_at BIGINT NOT NULL,
  last_at BIGINT NOT NULL,
  page_views BIGINT NOT NULL,
  url TEXT,
  chatted BIGINT NOT NULL,
  ordered BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, site_id, id)
);
-- The visit a message belongs to is its visitor's latest.
CREATE INDEX counted_visits_by_visitor ON counted_visits (tenant_id, site_id, visitor_id, last_at);
CREATE INDEX counted_visits_by_time ON counted_visits (last_at);

-- Who was there on a day, while they are few enough to be told apart. person_id is who was counted first of those who turned out to be one person.
CREATE TABLE day_visitors (
  tenant_id UUID NOT NULL,
  site_id UUID NOT NULL,
  visitor_id UUID NOT NULL,
  day BIGINT NOT NULL,
  person_id UUID NOT NULL,
  counted BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, site_id, visitor_id, day)
);
CREATE INDEX day_visitors_by_day ON day_visitors (tenant_id, site_id, day);
CREATE INDEX day_visitors_by_age ON day_visitors (day);

-- By the minute, for the hours of the present day in whatever time zone.
CREATE TABLE site_minutes (
  tenant_id UUID NOT NULL,
  site_id UUID NOT NULL,
  minute BIGINT NOT NULL,
  page_views BIGINT NOT NULL,
  visits BIGINT NOT NULL,
  orders BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, site_id, minute)
);
CREATE INDEX site_minutes_by_age ON site_minutes (minute);

-- By the day. The sketch (HyperLogLog) takes over counting visitors where there are too many for day_visitors.
CREATE TABLE site_days (
  tenant_id UUID NOT NULL,
  site_id UUID NOT NULL,
  day BIGINT NOT NULL,
  page_views BIGINT NOT NULL,
  visitors BIGINT NOT NULL,
  visits BIGINT NOT NULL,
  orders BIGINT NOT NULL,
  visits_ordered BIGINT NOT NULL,
  visits_chatted BIGINT NOT NULL,
  visits_chatted_ordered BIGINT NOT NULL,
  sketch BYTEA,
  PRIMARY KEY (tenant_id, site_id, day)
);

-- Pages, products and referrers of a day; count is page views (of referrers: visits), quantity what was ordered.
CREATE TABLE day_tops (
  tenant_id UUID NOT NULL,
  site_id UUID NOT NULL,
  kind TEXT NOT NULL,
  day BIGINT NOT NULL,
  name TEXT NOT NULL,
  label TEXT NOT NULL,
  count BIGINT NOT NULL,
  quantity BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, site_id, kind, day, name)
);

-- What orders of a day were worth, in thousandths of each currency.
CREATE TABLE day_revenue (
  tenant_id UUID NOT NULL,
  site_id UUID NOT NULL,
  day BIGINT NOT NULL,
  currency TEXT NOT NULL,
  orders BIGINT NOT NULL,
  value_milli BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, site_id, day, currency)
);

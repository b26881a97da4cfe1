-- What visitors did, and what is counted of it. A database of its own where the rest is SQLite, so that counting never holds the writer of chat:
-- hence no foreign keys into it. tenant_id and site_id lead every key all the same. Days are numbers such as 20260131, on the site's own calendar.

-- Each event as it came, for a while: its id is what makes a repeat of it count once. A message of a visitor is one too, without a visit.
CREATE TABLE visitor_events (
  tenant_id BLOB NOT NULL,
  site_id BLOB NOT NULL,
  id BLOB NOT NULL,
  visitor_id BLOB NOT NULL,
  visit_id BLOB,
  kind TEXT NOT NULL,
  name TEXT,
  at INTEGER NOT NULL,
  stored_at INTEGER NOT NULL,
  url TEXT,
  props TEXT,
  PRIMARY KEY (tenant_id, site_id, id)
) WITHOUT ROWID;
-- What is old is deleted over all tenants.
CREATE INDEX visitor_events_by_storing ON visitor_events (stored_at);
-- What is kept of one visitor, for those who want it or want it gone.
CREATE INDEX visitor_events_by_visitor ON visitor_events (tenant_id, visitor_id, at);

-- A shop's order counts once, however often its thank-you page is opened.
CREATE TABLE visitor_orders (
  tenant_id BLOB NOT NULL,
  site_id BLOB NOT NULL,
  order_id TEXT NOT NULL,
  visitor_id BLOB NOT NULL,
  visit_id BLOB NOT NULL,
  day INTEGER NOT NULL,
  at INTEGER NOT NULL,
  value_milli INTEGER NOT NULL,
  currency TEXT NOT NULL,
  PRIMARY KEY (tenant_id, site_id, order_id)
) WITHOUT ROWID;

-- Stays as far as counting needs them: the page a visit is on (the same address in a row is one page view), and whether they chatted and ordered.
CREATE TABLE counted_visits (
  tenant_id BLOB NOT NULL,
  site_id BLOB NOT NULL,
  id BLOB NOT NULL,
  visitor_id BLOB NOT NULL,
  day INTEGER NOT NULL,
  last_day INTEGER NOT NULL,
  started_at INTEGER NOT NULL,
  last_at INTEGER NOT NULL,
  page_views INTEGER NOT NULL,
  url TEXT,
  chatted INTEGER NOT NULL,
  ordered INTEGER NOT NULL,
  PRIMARY KEY (tenant_id, site_id, id)
) WITHOUT ROWID;
-- The visit a message belongs to is its visitor's latest.
CREATE INDEX counted_visits_by_visitor ON counted_visits (tenant_id, site_id, visitor_id, last_at);
CREATE INDEX counted_visits_by_time ON counted_visits (last_at);

-- Who was there on a day, while they are few enough to be told apart. person_id is who was counted first of those who turned out to be one person.
CREATE TABLE day_visitors (
  tenant_id BLOB NOT NULL,
  site_id BLOB NOT NULL,
  visitor_id BLOB NOT NULL,
  day INTEGER NOT NULL,
  person_id BLOB NOT NULL,
  counted INTEGER NOT NULL,
  PRIMARY KEY (tenant_id, site_id, visitor_id, day)
) WITHOUT ROWID;
CREATE INDEX day_visitors_by_day ON day_visitors (tenant_id, site_id, day);
CREATE INDEX day_visitors_by_age ON day_visitors (day);

-- By the minute, for the hours of the present day in whatever time zone.
CREATE TABLE site_minutes (
  tenant_id BLOB NOT NULL,
  site_id BLOB NOT NULL,
  minute INTEGER NOT NULL,
  page_views INTEGER NOT NULL,
  visits INTEGER NOT NULL,
  orders INTEGER NOT NULL,
  PRIMARY KEY (tenant_id, site_id, minute)
) WITHOUT ROWID;
CREATE INDEX site_minutes_by_age ON site_minutes (minute);

-- By the day. The sketch (HyperLogLog) takes over counting visitors where there are too many for day_visitors.
CREATE TABLE site_days (
  tenant_id BLOB NOT NULL,
  site_id BLOB NOT NULL,
  day INTEGER NOT NULL,
  page_views INTEGER NOT NULL,
  visitors INTEGER NOT NULL,
  visits INTEGER NOT NULL,
  orders INTEGER NOT NULL,
  visits_ordered INTEGER NOT NULL,
  visits_chatted INTEGER NOT NULL,
  visits_chatted_ordered INTEGER NOT NULL,
  sketch BLOB,
  PRIMARY KEY (tenant_id, site_id, day)
);

-- Pages, products and referrers of a day; count is page views (of referrers: visits), quantity what was ordered.
CREATE TABLE day_tops (
  tenant_id BLOB NOT NULL,
  site_id BLOB NOT NULL,
  kind TEXT NOT NULL,
  day INTEGER NOT NULL,
  name TEXT NOT NULL,
  label TEXT NOT NULL,
  count INTEGER NOT NULL,
  quantity INTEGER NOT NULL,
  PRIMARY KEY (tenant_id, site_id, kind, day, name)
) WITHOUT ROWID;

-- What orders of a day were worth, in thousandths of each currency.
CREATE TABLE day_revenue (
  tenant_id BLOB NOT NULL,
  site_id BLOB NOT NULL,
  day INTEGER NOT NULL,
  currency TEXT NOT NULL,
  orders INTEGER NOT NULL,
  value_milli INTEGER NOT NULL,
  PRIMARY KEY (tenant_id, site_id, day, currency)
) WITHOUT ROWID;

-- What orders credited to a promotion are worth, in thousandths of each currency. Until now currencies were added together: what was counted so far is
-- kept under XXX, the code for no currency.
ALTER TABLE promotion_orders ADD COLUMN currency TEXT NOT NULL DEFAULT 'XXX';

CREATE TABLE promotion_revenue (
  tenant_id BLOB NOT NULL,
  promotion_id BLOB NOT NULL,
  held_out INTEGER NOT NULL,
  currency TEXT NOT NULL,
  orders INTEGER NOT NULL,
  value_milli INTEGER NOT NULL,
  PRIMARY KEY (tenant_id, promotion_id, held_out, currency),
  FOREIGN KEY (tenant_id, promotion_id) REFERENCES promotions (tenant_id, id) ON DELETE CASCADE
) STRICT;
INSERT INTO promotion_revenue (tenant_id, promotion_id, held_out, currency, orders, value_milli)
SELECT tenant_id, promotion_id, held_out, 'XXX', orders, revenue FROM promotion_counters WHERE orders > 0;
ALTER TABLE promotion_counters DROP COLUMN revenue;

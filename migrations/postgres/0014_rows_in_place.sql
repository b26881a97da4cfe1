-- Rows that are changed in place. Rewrites the table of conversations: nodes of before wait for it. Both tables at once and in the order in which
-- readers take them, so that none of them waits in a circle.
LOCK TABLE conversations, messages IN ACCESS EXCLUSIVE MODE;
-- The lists of the inbox are in the order of the last change, which moves with every message. PostgreSQL changes a row
-- in place only where no index holds what changed: so the index holds the ten seconds in which the change fell, and a list sorts what is within them.
-- The database keeps the column itself, for nodes that do not know of it as well.
ALTER TABLE conversations ADD COLUMN updated_slot BIGINT NOT NULL GENERATED ALWAYS AS (updated_at / 10000) STORED;
DROP INDEX conversations_by_change;
CREATE INDEX conversations_by_change ON conversations (tenant_id, updated_slot DESC);
-- Room for the next version beside each row.
ALTER TABLE conversations SET (fillfactor = 80);
-- Each message was looked up twice: its transaction holds the conversation's row (or has made it) before it writes any, and here the database looked
-- again, which was a third of what a message cost it. SQLite goes on looking.
ALTER TABLE messages DROP CONSTRAINT messages_tenant_id_conversation_id_fkey;

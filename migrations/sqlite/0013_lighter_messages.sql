-- What a message costs the indexes.
-- Clients give their messages ids that begin with the time (UUIDv7). Ordered by it, new ones lie beside each other at the end of the index instead of
-- one page apart for each sender.
DROP INDEX messages_by_client_id;
CREATE UNIQUE INDEX messages_by_client_id ON messages (tenant_id, client_message_id, sender_id) WHERE client_message_id IS NOT NULL;
-- Nothing of this one moves with a message any more; the lists of the inbox follow conversations_by_change.
DROP INDEX conversations_by_status;
CREATE INDEX conversations_by_status ON conversations (tenant_id, status);

/** Receipts of this operator: what has been in front of their eyes is read, and the server is told. */
import { useEffect, useRef, useState } from "react";
import { useQueryClient } from "@tanstack/react-query";
import { changeConversation } from "../api/conversation-cache";
import { read } from "../live/receipts";
import type { Conversation } from "../api/types";
import { useMe } from "../session";

const SETTLE = 350;

/** Whether this page is in front and has the focus. */
function useFocused(): boolean {
  const now = (): boolean => !document.hidden && document.hasFocus();
  const [focused, setFocused] = useState(now);
  useEffect(() => {
    const look = (): void => setFocused(now());
    const events = ["focus", "blur"] as const;
    for (const event of events) addEventListener(event, look);
    document.addEventListener("visibilitychange", look);
    return () => {
      for (const event of events) removeEventListener(event, look);
      document.removeEventListener("visibilitychange", look);
    };
  }, []);
  return focused;
}

export interface Reading {
  /** The divider stands above the first visitor message after this seq; null for none. */
  unreadAfter: number | null;
}

/** `seen` is the seq of the visitor's latest message on the screen, 0 while there is none; `atEnd` whether the latest message is in sight. */
export function useReading(conversation: Conversation, seen: number, atEnd: boolean, sent: number): Reading {
  const client = useQueryClient();
  const { operator: me } = useMe();
  const reading = useFocused() && atEnd && seen > 0;
  const told = useRef(conversation.receipts.operator.read);
  const [unreadAfter, setUnreadAfter] = useState<number | null>(conversation.unread > 0 ? conversation.receipts.operator.read : null);

  useEffect(() => {
    // Looked away: whatever comes from here on is new.
    if (!reading && seen > 0) setUnreadAfter((now) => (now === null || told.current > now ? told.current : now));
  }, [reading]);
  useEffect(() => { if (sent > 0) setUnreadAfter(null); }, [sent]);

  const { id } = conversation;
  useEffect(() => {
    if (!reading || seen <= told.current) return undefined;
    const timer = setTimeout(() => {
      told.current = seen;
      read(conversation, seen);
      changeConversation(client, id, me.id, (held) => ({
        ...held, unread: held.last_message?.sender.kind === "visitor" && held.last_message.seq > seen ? held.unread : 0,
        receipts: { ...held.receipts, operator: { read: Math.max(held.receipts.operator.read, seen), delivered: Math.max(held.receipts.operator.delivered, seen) } },
      }));
    }, SETTLE);
    return () => clearTimeout(timer);
  }, [reading, seen, client, id, me.id]);

  return { unreadAfter };
}

/** What an operator does to a conversation: shown at once, taken back with a word when the server refuses. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import { call } from "../api/client";
import { coverConversation } from "../api/conversation-cache";
import type { Conversation, Id, Millis, Person, Posted } from "../api/types";
import { newId } from "../ids";
import { dropChange, showChange, type PendingChange } from "../log/changes";
import { openedLog } from "../log/log-store";
import { problemText } from "../problem";
import { useMe } from "../session";
import { toast } from "../shell/Toasts";

export interface ConversationActions {
  setStatus: (status: "open" | "resolved") => void;
  /** Until a time, or until the visitor writes. */
  snooze: (until: Millis | null) => void;
  /** With a note for whoever gets it, in one step; null gives it back to the queue. */
  assign: (to: Person | null, note?: string) => void;
  setTags: (tags: string[]) => void;
  edit: (seq: number, text: string) => void;
  retract: (seq: number) => void;
}

interface Change { path: "status" | "assignee" | "tags"; body: unknown; shown: Partial<Conversation> }

export function useConversationActions(conversation: Conversation): ConversationActions {
  const { t } = useTranslation();
  const client = useQueryClient();
  const { operator: me } = useMe();
  const { id } = conversation;

  const { mutate } = useMutation({
    mutationFn: ({ path, body }: Change) => call<Conversation>("PUT", `/conversations/${id}/${path}`, { body }),
    onMutate: ({ shown }: Change) => coverConversation(client, conversation, me.id, shown),
    onSuccess: (saved, { path }, settle) => {
      settle(saved);
      if (path === "assignee") void openedLog(id, "notes")?.catchUp();
      if (path === "tags") void client.invalidateQueries({ queryKey: ["tags"] });
    },
    onError: (error, _change, settle) => {
      settle?.(null);
      toast(t("conversation.change_failed", { reason: problemText(t, error) }));
    },
  });

  const setStatus = useCallback((status: "open" | "resolved") => mutate({ path: "status", body: { status }, shown: { status, snoozed_until: null } }), [mutate]);
  const snooze = useCallback((until: Millis | null) =>
    mutate({ path: "status", body: { status: "snoozed", snoozed_until: until }, shown: { status: "snoozed", snoozed_until: until } }), [mutate]);
  const assign = useCallback((to: Person | null, note?: string) => mutate({
    path: "assignee", shown: { assignee: to },
    body: { operator_id: to?.id ?? null, ...(note ? { note: { client_message_id: newId(), text: note } } : {}) },
  }), [mutate]);
  const setTags = useCallback((tags: string[]) => mutate({ path: "tags", body: { tags }, shown: { tags } }), [mutate]);

  const edit = useCallback((seq: number, text: string) => {
    const body = { client_message_id: newId(), text };
    changeMessage(id, seq, { text }, () => call<Posted>("PUT", `/conversations/${id}/messages/${seq}`, { body }))
      .catch((error: unknown) => toast(t("message.edit_failed", { reason: problemText(t, error) })));
  }, [id, t]);
  const retract = useCallback((seq: number) => {
    changeMessage(id, seq, { retracted: true }, () => call<Posted>("DELETE", `/conversations/${id}/messages/${seq}`))
      .catch((error: unknown) => toast(t("message.retract_failed", { reason: problemText(t, error) })));
  }, [id, t]);
  return { setStatus, snooze, assign, setTags, edit, retract };
}

/** Shows the change, asks for it, and lets the log take over. */
async function changeMessage(id: Id, seq: number, what: PendingChange, ask: () => Promise<Posted>): Promise<void> {
  showChange(id, seq, what);
  try {
    await ask();
    await openedLog(id, "messages")?.catchUp();
  } finally {
    dropChange(id, seq, what);
  }
}

/** What an operator does to a conversation: shown at once, undone with a word when the server refuses. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import { call } from "../api/client";
import { changeConversation, upsertConversation } from "../api/conversation-cache";
import { refreshCounts } from "../live/events";
import type { Conversation, Id, Person, Posted } from "../api/types";
import { newId } from "../ids";
import { openedLog } from "../log/log-store";
import { problemText } from "../problem";
import { useMe } from "../session";
import { toast } from "../shell/Toasts";

export interface ConversationActions {
  setStatus: (status: "open" | "resolved") => void;
  assign: (to: Person | null) => void;
  edit: (seq: number, text: string) => void;
  retract: (seq: number) => void;
}

export function useConversationActions(conversation: Conversation): ConversationActions {
  const { t } = useTranslation();
  const client = useQueryClient();
  const { operator: me } = useMe();
  const { id } = conversation;

  const change = useMutation({
    mutationFn: ({ path, body }: Change) => call<Conversation>("PUT", `/conversations/${id}/${path}`, { body }),
    onMutate: ({ shown }: Change) => {
      const undo = { status: conversation.status, assignee: conversation.assignee };
      changeConversation(client, id, me.id, (held) => ({ ...held, ...shown }));
      return undo;
    },
    onSuccess: (saved) => {
      upsertConversation(client, saved, me.id);
      refreshCounts(client);
    },
    onError: (error, _change, undo) => {
      if (undo) changeConversation(client, id, me.id, (held) => ({ ...held, ...undo }));
      void client.invalidateQueries({ queryKey: ["conversation", id] });
      toast(t("conversation.change_failed", { reason: problemText(t, error) }));
    },
  });
  const { mutate } = change;

  const setStatus = useCallback((status: "open" | "resolved") => mutate({ path: "status", body: { status }, shown: { status } }), [mutate]);
  const assign = useCallback((to: Person | null) => mutate({ path: "assignee", body: { operator_id: to?.id ?? null }, shown: { assignee: to } }), [mutate]);
  const edit = useCallback((seq: number, text: string) => {
    call<Posted>("PUT", `/conversations/${id}/messages/${seq}`, { body: { client_message_id: newId(), text } })
      .then(() => openedLog(id, "messages")?.catchUp())
      .catch((error: unknown) => toast(t("message.edit_failed", { reason: problemText(t, error) })));
  }, [id, t]);
  const retract = useCallback((seq: number) => {
    call<Posted>("DELETE", `/conversations/${id}/messages/${seq}`)
      .then(() => openedLog(id, "messages")?.catchUp())
      .catch((error: unknown) => toast(t("message.retract_failed", { reason: problemText(t, error) })));
  }, [id, t]);
  return { setStatus, assign, edit, retract };
}

interface Change { path: "status" | "assignee"; body: { status: string } | { operator_id: Id | null }; shown: Partial<Conversation> }

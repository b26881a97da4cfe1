/** Changes what is known of a visitor: shown at once wherever they are named, taken back with a word when refused. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { call } from "../api/client";
import { changeConversation } from "../api/conversation-cache";
import type { AttributeValue, Id, Visitor, VisitorChange } from "../api/types";
import { conversationsOf } from "../live/events";
import { problemText } from "../problem";
import { useMe } from "../session";
import { toast } from "../shell/Toasts";

export function useVisitorChange(id: Id): (change: VisitorChange) => void {
  const { t } = useTranslation();
  const client = useQueryClient();
  const { operator: me } = useMe();
  const show = (visitor: Pick<Visitor, "name" | "email">): void => {
    for (const conversation of conversationsOf(client, id)) {
      changeConversation(client, conversation, me.id, (held) => ({ ...held, visitor: { ...held.visitor, name: visitor.name, email: visitor.email } }));
    }
  };
  const { mutate } = useMutation({
    mutationFn: (change: VisitorChange) => call<Visitor>("PATCH", `/visitors/${id}`, { body: change }),
    onMutate: (change) => {
      const before = client.getQueryData<Visitor>(["visitor", id]);
      if (!before) return undefined;
      const after = changed(before, change);
      client.setQueryData(["visitor", id], after);
      show(after);
      return before;
    },
    onSuccess: (saved) => {
      client.setQueryData(["visitor", id], saved);
      show(saved);
    },
    onError: (error, _change, before) => {
      if (before) {
        client.setQueryData(["visitor", id], before);
        show(before);
      }
      toast(t("visitor.change_failed", { reason: problemText(t, error) }));
    },
  });
  return mutate;
}

/** As the server merges: what is absent stays, null removes. Pure. */
export function changed(visitor: Visitor, { name, email, attributes }: VisitorChange): Visitor {
  const merged: Record<string, AttributeValue> = { ...visitor.attributes };
  for (const [key, value] of Object.entries(attributes ?? {})) {
    if (value === null) delete merged[key];
    else merged[key] = value;
  }
  return { ...visitor, name: name === undefined ? visitor.name : name, email: email === undefined ? visitor.email : email, attributes: merged };
}

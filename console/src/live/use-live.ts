/** Starts the socket for the signed-in operator and keeps the caches true while it comes and goes. */
import { useEffect } from "react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { draftsQuery } from "../api/queries";
import type { Id } from "../api/types";
import { openDrafts, takeDrafts } from "../outbox/drafts";
import { openOutbox } from "../outbox/outbox-store";
import { handleSignal, refreshCounts } from "./events";
import { live } from "./live";
import { armSound } from "./sound";

let opened: Id | null = null;

export function useLive(me: Id): void {
  const client = useQueryClient();
  useEffect(() => {
    if (opened !== me) {
      opened = me;
      openOutbox(me);
      openDrafts(me);
      armSound();
    }
    const offSignal = live.onSignal((signal) => handleSignal(client, me, signal));
    const offResume = live.onResume(() => {
      for (const key of ["conversations", "conversation", "operators", "me", "offline-messages", "visitor", "drafts", "tags"]) {
        void client.invalidateQueries({ queryKey: [key] });
      }
      refreshCounts(client);
    });
    live.start();
    return () => {
      offSignal();
      offResume();
      live.stop();
    };
  }, [client, me]);
  const { data: drafts } = useQuery(draftsQuery);
  useEffect(() => { if (drafts) takeDrafts(me, drafts); }, [drafts, me]);
}

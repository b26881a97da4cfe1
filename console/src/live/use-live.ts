/** Starts the socket for the signed-in operator and keeps the caches true while it comes and goes. */
import { useEffect } from "react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { keepHeard } from "../api/heard";
import { draftsQuery } from "../api/queries";
import { pageStands } from "../api/query-client";
import type { Id } from "../api/types";
import { openDrafts, takeDrafts } from "../outbox/drafts";
import { openOutbox } from "../outbox/outbox-store";
import { askAgain, handleSignal, refreshCounts } from "./events";
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
    const heard = keepHeard(client, me, () => refreshCounts(client, 2000));
    const offSignal = live.onSignal((signal) => handleSignal(client, me, signal, heard.hear));
    const offWelcome = live.onWelcome(() => askAgain(client, me));
    let over = false;
    // Its code and its greeting must not hold up what somebody came to see.
    void pageStands().then(() => { if (!over) live.start(); });
    return () => {
      over = true;
      offSignal();
      offWelcome();
      heard.stop();
      live.stop();
    };
  }, [client, me]);
  const { data: drafts } = useQuery(draftsQuery);
  useEffect(() => { if (drafts) takeDrafts(me, drafts); }, [drafts, me]);
}

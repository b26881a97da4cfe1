/** Keeps the first pages of "queued" and "mine" loaded, for the number in the title and for receipts of delivery. */
import { useEffect } from "react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useRouterState } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { listQuery } from "../api/queries";
import { showAttention } from "../live/attention";
import { delivered } from "../live/delivery";
import { isSettings } from "./areas";

function usePageName(): string {
  const { t } = useTranslation();
  const path = useRouterState({ select: (state) => state.location.pathname });
  if (path.startsWith("/offline")) return t("nav.offline");
  if (isSettings(path)) return t("nav.settings");
  return t("nav.inbox");
}

export function AttentionKeeper() {
  const page = usePageName();
  const { data: queued } = useInfiniteQuery(listQuery("queued", null));
  const { data: mine } = useInfiniteQuery(listQuery("mine", null));
  const all = [...(queued?.pages ?? []), ...(mine?.pages ?? [])].flatMap((one) => one.items);
  const waiting = all.filter((one) => one.unread > 0).length;

  useEffect(() => showAttention(waiting, page), [waiting, page]);
  useEffect(() => {
    for (const one of all) delivered(one);
    // The lists change as a whole.
  }, [queued, mine]);
  return null;
}

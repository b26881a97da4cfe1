/** Keeps the first pages of "queued" and "mine" loaded, for the number in the title, for the sound that repeats, and for receipts of delivery. */
import { useEffect, useMemo } from "react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useNavigate, useRouterState } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { listQuery } from "../api/queries";
import { hearTaps, onNotificationClick, openConversation, showAttention, stillRinging } from "../live/attention";
import { delivered } from "../live/receipts";
import { useMe } from "../session";
import { useStore } from "../store";
import { isSettings } from "./areas";

function usePageName(): string {
  const { t } = useTranslation();
  const path = useRouterState({ select: (state) => state.location.pathname });
  if (path.startsWith("/offline")) return t("nav.offline");
  if (path.startsWith("/live")) return t("nav.live");
  if (path.startsWith("/crowds")) return t("nav.crowds");
  if (path.startsWith("/statistics")) return t("nav.statistics");
  if (isSettings(path)) return t("nav.settings");
  return t("nav.inbox");
}

export function AttentionKeeper() {
  const page = usePageName();
  const navigate = useNavigate();
  const { operator: me } = useMe();
  const open = useStore(openConversation);
  const { data: queued } = useInfiniteQuery(listQuery("queued"));
  const { data: mine } = useInfiniteQuery(listQuery("mine"));
  const all = useMemo(() => [...(queued?.pages ?? []), ...(mine?.pages ?? [])].flatMap((one) => one.items), [queued, mine]);
  const waiting = all.filter((one) => one.unread > 0).length;

  useEffect(() => showAttention(waiting, page), [waiting, page]);
  useEffect(() => { for (const one of all) delivered(one); }, [all]);
  useEffect(() => {
    const look = (): void => stillRinging(new Map(all.map((one) => [one.id, one])), me.id);
    look();
    addEventListener("focus", look);
    return () => removeEventListener("focus", look);
  }, [all, me.id, open]);
  useEffect(() => onNotificationClick((id) => void navigate({ to: "/inbox/$view/$conversationId", params: { view: "all", conversationId: id } })), [navigate]);
  useEffect(hearTaps, []);
  return null;
}

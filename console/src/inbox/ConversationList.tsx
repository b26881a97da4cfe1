/** A virtual, live, paged list that does not move under the reader's eyes. */
import { useEffect, useMemo, useRef, useState } from "react";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useVirtualizer } from "@tanstack/react-virtual";
import { IconArrowUp } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { conversationQuery, listQuery, type Filter, type View } from "../api/queries";
import type { Conversation, Id, Site } from "../api/types";
import { useCommands } from "../commands/commands";
import { useMe } from "../session";
import { useStore } from "../store";
import { Failure } from "../ui/Failure";
import { loadConversation } from "./ahead";
import { ConversationRow } from "./ConversationRow";
import { density } from "./density";
import { EmptyList } from "./EmptyList";
import { goalsOf } from "./goal";
import { arranged, withStaying } from "./list-order";
import { ListSkeleton } from "./ListSkeleton";
import styles from "./ConversationList.module.css";

const HEIGHT = { comfortable: 92, compact: 64 };
interface Props { view: View; filter: Filter; openId: Id | null; sites: readonly Site[] | undefined }
const NO_SITES: readonly Site[] = [];

export function ConversationList({ view, filter, openId, sites = NO_SITES }: Props) {
  const { t, i18n } = useTranslation();
  const { operator: me } = useMe();
  const words = useMemo(() => ({ t, language: i18n.language, me: me.id }), [t, i18n.language, me.id]);
  const toClicked = useOpenClicked(view);
  const goals = useMemo(() => goalsOf(sites), [sites]);
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetching, isFetchingNextPage } = useInfiniteQuery(listQuery(view, filter));
  const dense = useStore(density);
  const scroller = useRef<HTMLDivElement>(null);
  const [held, setHeld] = useState<readonly Id[] | null>(null);
  const { fresh, stayingId } = useStaying(useMemo(() => data?.pages.flatMap((page) => page.items) ?? [], [data]), openId);
  const { shown, above } = useMemo(() => arranged(fresh, held), [fresh, held]);

  const standing = data !== undefined;
  useEffect(() => {
    if (!standing) return undefined;
    const timer = setTimeout(() => void loadConversation(), 300);
    return () => clearTimeout(timer);
  }, [standing]);
  useEffect(() => {
    // Rows of a page that came while reading are part of what is being read.
    if (held && shown.length > held.length) setHeld(shown.map((one) => one.id));
  }, [held, shown]);

  const rows = useVirtualizer({
    count: shown.length, getScrollElement: () => scroller.current, estimateSize: () => HEIGHT[dense], overscan: 6,
    getItemKey: (index) => shown[index]?.id ?? index,
  });
  useEffect(() => rows.measure(), [dense, rows]);
  const lastVisible = rows.getVirtualItems().at(-1)?.index ?? 0;
  useEffect(() => {
    // Asking for more would end an asking for all of it anew, and leave out what that was for.
    if (hasNextPage && !isFetching && lastVisible >= shown.length - 8) void fetchNextPage();
  }, [lastVisible, shown.length, hasNextPage, isFetching, fetchNextPage]);

  const onScroll = (): void => {
    const reading = (scroller.current?.scrollTop ?? 0) > 12;
    if (reading && held === null) setHeld(fresh.map((one) => one.id));
    if (!reading && held !== null) setHeld(null);
  };
  const toTop = (): void => {
    setHeld(null);
    scroller.current?.scrollTo({ top: 0 });
  };
  const { focusRow } = useListKeys(shown.map((one) => one.id), view, openId, (index) => rows.scrollToIndex(index));

  if (error && !data) return <Failure text={t("inbox.failed")} onRetry={() => void refetch()} />;
  if (!data) return <ListSkeleton />;
  if (shown.length === 0 && above === 0) return <EmptyList view={view} filtered={filter.site !== null || filter.tag !== null} />;
  return (
    <div className={styles["frame"]}>
      {above > 0 && (
        <button type="button" className={styles["above"]} onClick={toTop}><IconArrowUp size={14} stroke={2} />{t("inbox.new_above", { count: above })}</button>
      )}
      <div ref={scroller} className={styles["scroller"]} onScroll={onScroll}>
        <ul className={styles["rows"]} onClick={toClicked} style={{ height: rows.getTotalSize() }}>
          {rows.getVirtualItems().map((item) => {
            const conversation = shown[item.index];
            return conversation && (
              <li key={item.key} className={styles["place"]} style={{ height: item.size, transform: `translateY(${item.start}px)` }}>
                <ConversationRow conversation={conversation} words={words} view={view} open={conversation.id === openId} focused={conversation.id === focusRow}
                  compact={dense === "compact"} severalSites={sites.length > 1} goal={goals.get(conversation.site.id) ?? null} moved={conversation.id === stayingId} />
              </li>
            );
          })}
        </ul>
        {isFetchingNextPage && <p className={styles["more"]} role="status">{t("inbox.loading_more")}</p>}
      </div>
    </div>
  );
}

/** What one answers, gives away or resolves leaves the list only when another conversation is chosen, not under one's eyes. */
function useStaying(listed: readonly Conversation[], openId: Id | null): { fresh: readonly Conversation[]; stayingId: Id | null } {
  const [seen, setSeen] = useState<Conversation | null>(null);
  const here = listed.find((one) => one.id === (openId ?? seen?.id));
  if (here && openId !== null && here !== seen) setSeen(here);
  // Nothing to hold any more: it is still listed and closed, or another one is open.
  if (seen && (openId === null ? here : !here && openId !== seen.id)) setSeen(null);
  const { data: now } = useQuery({ ...conversationQuery(seen?.id ?? ""), enabled: false });
  const staying = seen && !here && (openId === null || openId === seen.id) ? (now ?? seen) : null;
  const fresh = useMemo(() => (staying && seen ? withStaying(listed, staying, seen.updated_at) : listed), [listed, staying, seen]);
  return { fresh, stayingId: staying?.id ?? null };
}

/** A plain click on a row opens it here; with a modifier the browser does what it does with links. */
function useOpenClicked(view: View): (event: React.MouseEvent) => void {
  const navigate = useNavigate();
  return (event) => {
    const row = event.target instanceof Element ? event.target.closest<HTMLElement>("a[data-conversation-id]") : null;
    if (!row || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    void navigate({ to: "/inbox/$view/$conversationId", params: { view, conversationId: row.dataset["conversationId"] ?? "" } });
  };
}

/** j/k and arrows move a mark through the list, Enter opens the marked row; from the palette the neighbour opens at once. */
function useListKeys(ids: readonly Id[], view: View, openId: Id | null, reveal: (index: number) => void): { focusRow: Id | null } {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const [focusRow, setFocusRow] = useState<Id | null>(null);
  const last = useRef(-1);
  const current = focusRow ?? openId;
  const at = current ? ids.indexOf(current) : -1;
  if (at >= 0) last.current = at;
  useEffect(() => setFocusRow(null), [openId]);

  const neighbour = (by: number): number => {
    // The row that was here may have left the list; then its neighbour took its place.
    const from = at >= 0 ? at + by : by > 0 ? Math.max(0, last.current) : last.current - 1;
    return Math.min(ids.length - 1, Math.max(0, from));
  };
  const move = (by: number) => (event: KeyboardEvent): void => {
    const index = neighbour(by);
    const id = ids[index];
    if (!id) return;
    event.preventDefault();
    setFocusRow(id);
    reveal(index);
  };
  const go = (index: number): void => {
    const id = ids[index];
    if (!id) return;
    reveal(index);
    void navigate({ to: "/inbox/$view/$conversationId", params: { view, conversationId: id } });
  };
  const open = (event: KeyboardEvent): void => {
    if (!(event.target instanceof HTMLElement && event.target.closest("a, button"))) go(at);
  };
  useCommands([
    { id: "next", group: "go", keys: "next", label: t("shortcuts.next"), run: () => go(neighbour(1)), press: move(1) },
    { id: "previous", group: "go", keys: "previous", label: t("shortcuts.previous"), run: () => go(neighbour(-1)), press: move(-1) },
    ...(focusRow ? [{ id: "open", group: "go" as const, keys: "open" as const, label: t("shortcuts.open"), run: () => go(at), press: open }] : []),
  ]);
  return { focusRow };
}

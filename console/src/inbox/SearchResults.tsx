/** What the search found, with the words marked; the arrow keys go through it from the field. */
import { Button } from "@mantine/core";
import { IconLock, IconSearchOff } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { searchQuery, type View } from "../api/queries";
import type { Conversation, Id, SearchHit } from "../api/types";
import { found } from "../conversation/use-found";
import { Avatar } from "../ui/Avatar";
import { EmptyState } from "../ui/EmptyState";
import { Failure } from "../ui/Failure";
import { TimeAgo } from "../ui/TimeAgo";
import { useVisitorName } from "../ui/visitor-name";
import { ListSkeleton } from "./ListSkeleton";
import { marked, rangesOf, type MarkedPiece } from "./marked";
import styles from "./SearchResults.module.css";

interface Props { words: string; openId: Id | null; view: View }
interface Place { conversation: Conversation; hit: SearchHit | null }

const SETTLE = 180;

export default function SearchResults({ words, openId, view }: Props) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const [settled, setSettled] = useState(words);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(words), SETTLE);
    return () => clearTimeout(timer);
  }, [words]);
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery(searchQuery(settled));
  const results = data?.pages.flatMap((page) => page.items) ?? [];
  // Every line one can go to: a conversation that was found by its visitor, else each message found in it.
  const places: Place[] = results.flatMap(({ conversation, hits }): Place[] => (hits.length === 0 ? [{ conversation, hit: null }] : hits.map((hit) => ({ conversation, hit }))));
  const [at, setAt] = useState(-1);
  useEffect(() => setAt(-1), [settled]);

  const go = ({ conversation, hit }: Place): void => {
    if (hit && !hit.note) found.set({ conversation: conversation.id, seq: hit.seq });
    void navigate({ to: "/inbox/$view/$conversationId", params: { view, conversationId: conversation.id } });
  };
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const field = event.target instanceof HTMLInputElement && event.target.id === "inbox-search";
      if (!field || event.isComposing || places.length === 0) return;
      const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
      if (step !== 0) {
        event.preventDefault();
        setAt((now) => Math.max(0, Math.min(places.length - 1, now + step)));
      }
      const place = places[Math.max(0, at)];
      if (event.key === "Enter" && place) go(place);
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  });
  useEffect(() => { document.querySelector(`[data-place="${at}"]`)?.scrollIntoView({ block: "nearest" }); }, [at]);

  if (error && !data) return <Failure text={t("search.failed")} onRetry={() => void refetch()} />;
  if (!data) return <ListSkeleton />;
  if (results.length === 0) return <EmptyState small icon={<IconSearchOff size={24} stroke={1.75} />} title={t("search.nothing", { words: settled })} hint={t("search.nothing_hint")} />;
  let index = -1;
  return (
    <div className={styles["scroller"]} data-testid="search-results">
      <p className="sr" role="status">{t("search.count", { count: results.length })}</p>
      {results.map(({ conversation, hits, visitor_match }) => (
        <section key={conversation.id} className={styles["result"]} data-open={conversation.id === openId || undefined}>
          <Who conversation={conversation} words={visitor_match ? settled : null} place={hits.length === 0 ? (index += 1) : null} active={hits.length === 0 && index === at} onGo={() => go({ conversation, hit: null })} />
          {hits.map((hit) => {
            index += 1;
            return <Hit key={`${hit.note} ${hit.seq}`} hit={hit} place={index} active={index === at} onGo={() => go({ conversation, hit })} />;
          })}
        </section>
      ))}
      {hasNextPage && <div className={styles["more"]}><Button variant="default" size="compact-md" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>{t("search.more")}</Button></div>}
    </div>
  );
}

function Who({ conversation, words, place, active, onGo }: { conversation: Conversation; words: string | null; place: number | null; active: boolean; onGo: () => void }) {
  const { t } = useTranslation();
  const { visitor } = conversation;
  const name = useVisitorName(visitor);
  const email = visitor.email !== null && words !== null && rangesOf(visitor.email, words).length > 0 ? visitor.email : null;
  return (
    <button type="button" className={styles["who"]} data-testid="search-conversation" data-conversation-id={conversation.id} data-place={place ?? undefined} data-active={active || undefined} onClick={onGo}>
      <Avatar id={visitor.id} name={name} size={28} dot={visitor.present ? "online" : null} />
      <span className={styles["names"]}>
        <b className="cut"><Marked pieces={marked(name, words === null ? [] : rangesOf(name, words))} /></b>
        {email && <span className="cut"><Marked pieces={marked(email, rangesOf(email, words ?? ""))} /></span>}
      </span>
      <span className={styles["status"]}>{t(`inbox.${conversation.status}`)}</span>
    </button>
  );
}

function Hit({ hit, place, active, onGo }: { hit: SearchHit; place: number; active: boolean; onGo: () => void }) {
  return (
    <button type="button" className={styles["hit"]} data-testid="search-hit" data-place={place} data-active={active || undefined} data-note={hit.note || undefined} onClick={onGo}>
      <span className={styles["text"]}>{hit.note && <IconLock size={12} stroke={1.75} aria-hidden="true" />}<Marked pieces={marked(hit.text, hit.ranges)} /></span>
      <span className={styles["meta"]}><span className="cut">{hit.sender_name}</span><TimeAgo at={hit.at} /></span>
    </button>
  );
}

function Marked({ pieces }: { pieces: readonly MarkedPiece[] }) {
  return <>{pieces.map((piece, index) => (piece.hit ? <mark key={index} className={styles["mark"]}>{piece.text}</mark> : <span key={index}>{piece.text}</span>))}</>;
}

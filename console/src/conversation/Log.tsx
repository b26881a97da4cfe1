/** The conversation's log on the screen: entries, notes and the outbox as one timeline, and who is typing. */
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { Link, useParams } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { Conversation } from "../api/types";
import { useCommands } from "../commands/commands";
import { pendingChanges, pendingOf } from "../log/changes";
import { folded, notesOf, plainText, type Folded, type Message } from "../log/fold";
import { useLog } from "../log/use-log";
import { forget } from "../live/signals";
import { tray, uploadingIn } from "../files/tray";
import { settle, outbox } from "../outbox/outbox-store";
import { useMe } from "../session";
import { useStore } from "../store";
import { date } from "../time/format";
import { Failure } from "../ui/Failure";
import { BubbleMenu } from "./BubbleMenu";
import { LogSkeleton } from "./LogSkeleton";
import { LogLine } from "./LogLine";
import { Timeline } from "./Timeline";
import { timeline, type OutgoingLine } from "./timeline";
import { TypingLine } from "./TypingLine";
import { useFound } from "./use-found";
import { useReading } from "./use-reading";
import { useVisitorName } from "../ui/visitor-name";
import styles from "./Timeline.module.css";

interface Props {
  conversation: Conversation; sent: number;
  onEdit: (seq: number, text: string) => void; onRetract: (seq: number) => void; onEditOutgoing: (line: OutgoingLine) => void;
}

export function Log({ conversation, sent, onEdit, onRetract, onEditOutgoing }: Props) {
  const { t } = useTranslation();
  const { operator: me } = useMe();
  const messages = useLog(conversation, "messages");
  const notes = useLog(conversation, "notes");
  const box = useStore(outbox);
  const pending = pendingOf(useStore(pendingChanges), conversation.id);
  const scroller = useRef<HTMLDivElement>(null);
  const [atEnd, setAtEnd] = useState(true);
  const { id, receipts } = conversation;
  const name = useVisitorName(conversation.visitor);

  const entries = useMemo(() => folded(messages.window.entries, pending), [messages.window, pending]);
  const noted = useMemo(() => notesOf(notes.window.entries), [notes.window]);
  const outgoing = useMemo(() => box.filter((item) => item.conversation === id), [box, id]);
  const uploading = uploadingIn(useStore(tray), id);
  const reading = useReading(conversation, newestOf(entries), atEnd, sent);
  const lines = useMemo(() => timeline({
    folded: entries, notes: noted, outgoing, visitor: receipts.visitor, unreadAfter: reading.unreadAfter, me: me.id, uploading,
  }), [entries, noted, outgoing, receipts.visitor, reading.unreadAfter, me.id, uploading]);

  useEffect(() => settle(id, "messages", clientIds(messages.window.entries)), [id, messages.window]);
  useEffect(() => settle(id, "notes", clientIds(notes.window.entries)), [id, notes.window]);
  useForgetTypist(id, entries);
  const below = useBelow(entries, atEnd);
  const latest = useRef(entries);
  latest.current = entries;
  const messageAt = useCallback((seq: number) => latest.current.find((one): one is Message => one.kind === "message" && one.seq === seq), []);
  useFound(conversation.id, messages, scroller);
  const own = entries.findLast((one): one is Message => one.kind === "message" && one.sender.id === me.id && !one.retracted);
  useCommands(!own ? [] : [
    ...(own.content.kind === "text" ? [{ id: "edit_last", group: "conversation" as const, run: () => onEdit(own.seq, plainText(own.content)) }] : []),
    { id: "retract_last", group: "conversation", run: () => onRetract(own.seq) },
  ]);

  if (messages.status === "failed") return <Failure text={t("conversation.failed")} onRetry={messages.retry} />;
  if (messages.status === "loading") return <LogSkeleton />;
  return (
    <Timeline label={t("conversation.log")} scroller={scroller} topKey={messages.window.first} below={below} loadingOlder={messages.loadingOlder} onNearTop={messages.loadOlder}
      onAtEnd={setAtEnd} sent={sent}>
      {messages.window.first <= 1 && <Beginning conversation={conversation} />}
      {lines.map((line) => <LogLine key={line.key} line={line} conversation={id} me={me.id} visitorName={name} onEditOutgoing={onEditOutgoing} />)}
      <TypingLine conversation={conversation} />
      <BubbleMenu log={scroller} messageAt={messageAt} me={me.id} onEdit={onEdit} onRetract={onRetract} />
    </Timeline>
  );
}

const clientIds = (entries: readonly { client_message_id: string | null }[]): ReadonlySet<string> =>
  new Set(entries.flatMap((one) => one.client_message_id ?? []));

/** The seq of the visitor's latest message, 0 where there is none. */
const newestOf = (entries: readonly Folded[]): number => entries.findLast((one) => one.kind === "message" && one.sender.kind === "visitor")?.seq ?? 0;

/** A message ends its writer's typing. */
function useForgetTypist(conversation: string, entries: readonly Folded[]): void {
  const last = entries.at(-1);
  useEffect(() => { if (last?.kind === "message") forget(conversation, last.sender.id); }, [conversation, last]);
}

/** Visitor's messages that came while the reader was further up. */
function useBelow(entries: readonly Folded[], atEnd: boolean): number {
  const newest = entries.at(-1)?.seq ?? 0;
  const [left, setLeft] = useState<number | null>(null);
  useEffect(() => setLeft(atEnd ? null : newest), [atEnd]);
  if (atEnd || left === null) return 0;
  return entries.filter((one) => one.kind === "message" && one.sender.kind === "visitor" && one.seq > left).length;
}

function Beginning({ conversation }: { conversation: Conversation }) {
  const { t, i18n } = useTranslation();
  const { view = "all" } = useParams({ strict: false });
  return (
    <div className={styles["begin"]}>
      <span>{t("conversation.beginning", { date: date(conversation.created_at, Date.now(), i18n.language) })} · {conversation.site.name}</span>
      {conversation.previous_id && (
        <Link to="/inbox/$view/$conversationId" params={{ view, conversationId: conversation.previous_id }}>{t("conversation.earlier")}</Link>
      )}
    </div>
  );
}

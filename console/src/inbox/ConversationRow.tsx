/** One conversation in the list: who, what was said last, when, and whether somebody waits. */
import { memo, type ReactNode } from "react";
import type { TFunction } from "i18next";
import { IconArrowRight, IconClock, IconClockPause, IconMessageChatbot, IconPackage, IconPaperclip, IconUser } from "@tabler/icons-react";
import type { View } from "../api/queries";
import type { Conversation, Id } from "../api/types";
import { useDraft } from "../outbox/drafts";
import { absolute, exactly, relative, soon, wait } from "../time/format";
import { useNow } from "../time/now";
import { Avatar } from "../ui/Avatar";
import { visitorName } from "../ui/visitor-name";
import { isUrgent } from "./goal";
import styles from "./ConversationRow.module.css";

/** Rows come and go by the dozen while one scrolls, so they ask for their words once, and their list handles their clicks. */
export interface Words { t: TFunction; language: string; me: Id }
interface Props {
  conversation: Conversation; words: Words; view: View; open: boolean; focused: boolean; compact: boolean; severalSites: boolean;
  /** Milliseconds within which its site wants it answered. */
  goal: number | null;
  /** It left this list while one was at it. */
  moved: boolean;
}

export const ConversationRow = memo(function ConversationRow({ conversation, words, view, open, focused, compact, severalSites, goal, moved }: Props) {
  const { t } = words;
  const { visitor, last_message: last } = conversation;
  const name = visitorName(t, visitor);
  // What is being read in the pane beside is not announced here for the moment until its receipt is out.
  const unread = open && document.hasFocus() ? 0 : conversation.unread;
  return (
    <a href={`${import.meta.env.BASE_URL}inbox/${view}/${conversation.id}`} className={styles["row"]}
      data-testid="conversation-row" data-conversation-id={conversation.id} data-open={open || undefined} data-focused={focused || undefined}
      data-unread={unread > 0 || undefined} data-compact={compact || undefined} aria-current={open ? "true" : undefined}>
      <Avatar id={visitor.id} name={name} size={compact ? 32 : 40} dot={visitor.present ? "online" : null} />
      <div className={styles["body"]}>
        <div className={styles["line"]}>
          <span className={`${styles["name"]} cut`} title={name}>{name}</span>
          {visitor.present && <span className="sr">{t("inbox.on_site")}</span>}
          <Ago at={last?.at ?? conversation.updated_at} language={words.language} />
        </div>
        <div className={styles["line"]}>
          <LastLine conversation={conversation} words={words} />
          {unread > 0 && <span className={styles["badge"]}><span aria-hidden="true">{unread > 99 ? "99+" : unread}</span><span className="sr">{t("inbox.unread", { count: unread })}</span></span>}
          {compact && !moved && conversation.status === "open" && conversation.waiting_since !== null && <Waiting since={conversation.waiting_since} goal={goal} words={words} onlyUrgent />}
          {compact && moved && <Moved conversation={conversation} view={view} words={words} />}
        </div>
        {!compact && <MetaLine conversation={conversation} words={words} severalSites={severalSites} goal={goal} end={moved ? <Moved conversation={conversation} view={view} words={words} /> : null} />}
      </div>
    </a>
  );
});

function Ago({ at, language }: { at: number; language: string }) {
  return <time className={styles["time"]} dateTime={new Date(at).toISOString()} title={absolute(at, language)}>{relative(at, useNow(), language)}</time>;
}

function LastLine({ conversation, words: { t, me } }: { conversation: Conversation; words: Words }) {
  const draft = useDraft(conversation.id, "messages").trim();
  const last = conversation.last_message;
  if (draft !== "") return <span className={`${styles["last"]} cut`}><b className={styles["draft"]}>{t("inbox.draft")}</b> {draft.replace(/\s+/g, " ")}</span>;
  if (!last) return <span className={`${styles["last"]} cut`}>{t("inbox.no_message")}</span>;
  const text = last.text.replace(/\s+/g, " ") || t("conversation.retracted");
  const who = last.sender.kind === "operator" ? (last.sender.id === me ? t("inbox.you", { text }) : t("inbox.from", { name: last.sender.name ?? "", text })) : text;
  const Icon = last.kind === "attachment" ? IconPaperclip : last.kind === "card" ? IconPackage : null;
  return <span className={`${styles["last"]} cut`}>{Icon && <Icon size={13} stroke={1.75} aria-hidden="true" />}{who}</span>;
}

function MetaLine({ conversation, words, severalSites, goal, end }: Pick<Props, "conversation" | "words" | "severalSites" | "goal"> & { end: ReactNode }) {
  const { site, page, assignee, waiting_since: waiting, status } = conversation;
  const { tags } = conversation;
  const where = page?.title || page?.url;
  return (
    <div className={styles["line"]}>
      <span className={styles["meta"]}>
        {tags.slice(0, 2).map((tag) => <span key={tag} className={`${styles["tag"]} cut`} title={tag}>{tag}</span>)}
        {tags.length > 2 && <span className={styles["tag"]}>+{tags.length - 2}</span>}
        {assignee && assignee.id !== words.me && !end && <span className={`${styles["assignee"]} cut`}><IconUser size={12} stroke={1.75} />{assignee.name}</span>}
        {conversation.agent_since !== null && !end && <span className={`${styles["assignee"]} cut`} data-testid="with-agent"><IconMessageChatbot size={12} stroke={1.75} aria-hidden="true" />{words.t("conversation.virtual_agent")}</span>}
        <span className="cut">{[...(severalSites || !where ? [site.name] : []), ...(where ? [where] : [])].join(" · ")}</span>
      </span>
      {end ?? (status === "snoozed" ? <Snoozed until={conversation.snoozed_until} words={words} /> : waiting !== null && status === "open" && <Waiting since={waiting} goal={goal} words={words} />)}
    </div>
  );
}

interface WaitingProps { since: number; goal: number | null; words: Words; onlyUrgent?: boolean }

function Waiting({ since, goal, words: { t, language }, onlyUrgent = false }: WaitingProps) {
  const waited = Math.max(0, useNow() - since);
  const text = wait(waited, language);
  const urgent = isUrgent(waited, goal);
  if (text === "none" || (onlyUrgent && !urgent)) return null;
  return (
    <span className={styles["waiting"]} data-testid="waiting" data-urgent={urgent || undefined} title={goal === null ? undefined : t("inbox.goal", { duration: exactly(goal, language) })}>
      <IconClock size={12} stroke={2} aria-hidden="true" />{text === "new" ? t("inbox.waiting_new") : t("inbox.waiting", text)}{urgent && <span className="sr">{t("inbox.past_goal")}</span>}
    </span>
  );
}

function Snoozed({ until, words: { t, language } }: { until: number | null; words: Words }) {
  return (
    <span className={styles["waiting"]}>
      <IconClockPause size={12} stroke={2} />{until === null ? t("snooze.short_reply") : soon(until, Date.now(), language)}
    </span>
  );
}

/** Why a row that does not belong here any more is still here. */
function Moved({ conversation, view, words: { t, me } }: { conversation: Conversation; view: View; words: Words }) {
  const { status, assignee } = conversation;
  const text = status === "resolved" ? t("inbox.moved_resolved")
    : status === "snoozed" ? t("inbox.moved_snoozed")
    : view === "resolved" || view === "snoozed" ? t("inbox.moved_open")
      : assignee === null ? t("inbox.moved_queued")
        : assignee.id === me ? t("inbox.moved_mine") : t("inbox.moved_assigned", { name: assignee.name });
  return <span className={styles["moved"]} data-testid="row-moved"><IconArrowRight size={12} stroke={2} /><span className="cut">{text}</span></span>;
}

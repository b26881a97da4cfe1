/** Chooses how a line of the timeline is drawn. */
import { memo } from "react";
import { useTranslation } from "react-i18next";
import type { Id } from "../api/types";
import { daysAgo, longDay } from "../time/format";
import { ActivityNote } from "./ActivityNote";
import { Bubble } from "./Bubble";
import { NoteCard } from "./NoteCard";
import { OutgoingBubble } from "./OutgoingBubble";
import { sameLine, type Line, type OutgoingLine } from "./timeline";
import styles from "./Timeline.module.css";

interface Props {
  line: Line; conversation: Id; me: Id; visitorName: string; onEditOutgoing: (line: OutgoingLine) => void;
}

export const LogLine = memo(function LogLine({ line, conversation, me, visitorName, onEditOutgoing }: Props) {
  const { t } = useTranslation();
  switch (line.kind) {
    case "bubble": return <Bubble line={line} conversation={conversation} mine={line.message.sender.id === me} visitorName={visitorName} />;
    case "outgoing": return <OutgoingBubble line={line} onEdit={onEditOutgoing} />;
    case "note": return <NoteCard author={line.note.sender.name ?? ""} at={line.note.at} text={line.note.text} joined={!line.first} />;
    case "activity": return <ActivityNote activity={line.activity} visitorName={visitorName} />;
    case "day": return <DaySeparator at={line.at} />;
    case "divider": return <div className={styles["divider"]}>{t("conversation.new_messages")}</div>;
  }
}, (before, after) => sameLine(before.line, after.line) && before.me === after.me && before.visitorName === after.visitorName
  && before.conversation === after.conversation && before.onEditOutgoing === after.onEditOutgoing);

function DaySeparator({ at }: { at: number }) {
  const { t, i18n } = useTranslation();
  const now = Date.now();
  const ago = daysAgo(at, now);
  const text = ago === 0 ? t("conversation.today") : ago === 1 ? t("conversation.yesterday") : longDay(at, now, i18n.language);
  return <div className={styles["day"]}>{text}</div>;
}

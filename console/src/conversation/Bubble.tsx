/** One message of the log. */
import { memo } from "react";
import { IconSparkles } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import type { Id } from "../api/types";
import type { Content } from "../log/fold";
import { absolute, clock } from "../time/format";
import { AttachmentView } from "./AttachmentView";
import { CardView } from "./CardView";
import { LinkedText } from "./LinkedText";
import { Ticks } from "./Ticks";
import type { BubbleLine } from "./timeline";
import styles from "./Bubble.module.css";

interface Props { line: BubbleLine; conversation: Id; mine: boolean; visitorName: string }

export const Bubble = memo(function Bubble({ line, conversation, mine, visitorName }: Props) {
  const { t, i18n } = useTranslation();
  const { message, side, state, first, last } = line;
  const virtual = message.sender.kind === "virtual_agent";
  const name = side === "visitor" ? visitorName : virtual ? t("conversation.virtual_agent") : (message.sender.name ?? "");
  return (
    <div className={styles["line"]} data-side={side} data-first={first || undefined} data-line-seq={message.seq}>
      {first && side === "operator" && !mine && (
        <div className={styles["who"]} aria-hidden="true">{virtual && <IconSparkles size={13} stroke={1.75} aria-hidden="true" />}{name}</div>
      )}
      <span className="sr">{name}: </span>
      <div className={styles["holder"]} data-menu-for={message.retracted ? undefined : message.seq}>
        <div className={styles["bubble"]} data-testid="message" data-seq={message.seq} data-state={state} data-side={side} data-first={first || undefined}
          data-kind={message.content.kind} data-last={last || undefined} data-retracted={message.retracted || undefined} title={absolute(message.at, i18n.language)}>
          {message.retracted ? t("conversation.retracted") : <ContentView content={message.content} conversation={conversation} />}
        </div>
      </div>
      {(last || message.edited) && (
        <div className={styles["foot"]}>
          {message.edited && <span>{t("conversation.edited")}</span>}
          {last && <time dateTime={new Date(message.at).toISOString()}>{clock(message.at, i18n.language)}</time>}
          {last && side === "operator" && !message.retracted && <Ticks state={state} />}
        </div>
      )}
    </div>
  );
});

export function ContentView({ content, conversation }: { content: Content; conversation: Id }) {
  if (content.kind === "attachment") return <AttachmentView attachment={content.attachment} conversation={conversation} />;
  if (content.kind === "card") return <CardView card={content.card} />;
  return <LinkedText text={content.text} />;
}

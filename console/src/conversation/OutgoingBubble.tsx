/** Something written that is not in the log yet: on its way, waiting, or refused. */
import { Button } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Content } from "../log/fold";
import type { Outgoing } from "../outbox/outbox";
import { drop, resend } from "../outbox/outbox-store";
import { useMe } from "../session";
import { ContentView } from "./Bubble";
import { NoteCard } from "./NoteCard";
import { Ticks } from "./Ticks";
import type { OutgoingLine } from "./timeline";
import styles from "./Bubble.module.css";

const contentOf = ({ text, attachment, card }: Outgoing): Content =>
  (attachment ? { kind: "attachment", attachment } : card ? { kind: "card", card } : { kind: "text", text });

export function OutgoingBubble({ line, onEdit }: { line: OutgoingLine; onEdit: (line: OutgoingLine) => void }) {
  const { item, first, last } = line;
  const { operator } = useMe();
  if (item.lane === "notes") {
    return <NoteCard author={operator.name} at={item.at} text={item.text} joined={!first}><State line={line} onEdit={onEdit} /></NoteCard>;
  }
  return (
    <div className={styles["line"]} data-side="operator" data-first={first || undefined}>
      <div className={styles["holder"]}>
        <div className={styles["bubble"]} data-testid="message" data-seq={item.seq ?? ""} data-state={item.state} data-kind={contentOf(item).kind} data-side="operator" data-first={first || undefined}>
          <ContentView content={contentOf(item)} conversation={item.conversation} />
        </div>
      </div>
      {(last || item.state === "failed") && <State line={line} onEdit={onEdit} />}
    </div>
  );
}

function State({ line, onEdit }: { line: OutgoingLine; onEdit: (line: OutgoingLine) => void }) {
  const { t } = useTranslation();
  const { item } = line;
  if (item.state !== "failed") {
    return <div className={styles["foot"]}>{line.held ? t("failed.holds") : line.behind ? t("files.before_this") : t(`receipt.${item.state}`)}<Ticks state={item.state} /></div>;
  }
  return (
    <div className={styles["problem"]} role="alert">
      <span>{t("failed.text", { reason: item.problem ?? "" })}</span>
      <Button size="compact-xs" variant="light" onClick={() => resend(item)}>{t("failed.resend")}</Button>
      {item.text !== "" && <Button size="compact-xs" variant="default" onClick={() => onEdit(line)}>{t("failed.edit")}</Button>}
      <Button size="compact-xs" variant="default" onClick={() => drop(item)}>{t("failed.drop")}</Button>
    </div>
  );
}

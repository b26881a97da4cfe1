/** A note: warm paper and a lock, for operators' eyes. */
import { IconLock } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { absolute, clock } from "../time/format";
import { LinkedText } from "./LinkedText";
import styles from "./Bubble.module.css";

interface Props { author: string; at: number; text: string; joined?: boolean; children?: React.ReactNode }

export function NoteCard({ author, at, text, joined = false, children }: Props) {
  const { t, i18n } = useTranslation();
  return (
    <div className={styles["noteLine"]} data-joined={joined || undefined}>
      <div className={styles["note"]} data-testid="note">
        <div className={styles["noteHead"]}>
          <IconLock size={13} stroke={1.75} aria-hidden="true" />
          <span>{t("conversation.note")} · {author}</span>
          <time dateTime={new Date(at).toISOString()} title={absolute(at, i18n.language)}>{clock(at, i18n.language)}</time>
        </div>
        <div><LinkedText text={text} /></div>
        {children}
      </div>
    </div>
  );
}

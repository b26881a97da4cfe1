/** Tells that a colleague is writing here, or answered while one wrote, before two answers go out. */
import { IconUsers } from "@tabler/icons-react";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import type { Conversation } from "../api/types";
import { useDraft } from "../outbox/drafts";
import { useMe } from "../session";
import { useTypists } from "./TypingLine";
import styles from "./CollisionNotice.module.css";

export function CollisionNotice({ conversation }: { conversation: Conversation }) {
  const { t, i18n } = useTranslation();
  const { operator: me } = useMe();
  const writing = useTypists(conversation.id).filter((one) => one.kind === "operator" && one.id !== me.id).map((one) => one.name ?? "");
  const answered = useAnsweredMeanwhile(conversation, me.id);
  if (writing.length === 0 && answered === null) return null;
  return (
    <div className={styles["notice"]} role="status" data-testid="collision">
      <IconUsers size={16} stroke={1.75} aria-hidden="true" />
      <span>{writing.length > 0 ? t("collision.writing", { names: new Intl.ListFormat(i18n.language).format(writing), count: writing.length }) : t("collision.answered", { name: answered })}</span>
    </div>
  );
}

/** Who answered since the text on the screen was begun. */
function useAnsweredMeanwhile({ id, last_message: last }: Conversation, me: string): string | null {
  const typed = useDraft(id, "messages") !== "";
  const begunAt = useRef<number | null>(null);
  const lastSeq = last?.seq ?? 0;
  useEffect(() => { begunAt.current = typed ? (begunAt.current ?? lastSeq) : null; }, [typed, lastSeq]);
  if (!typed || begunAt.current === null || !last || last.seq <= begunAt.current) return null;
  return last.sender.kind === "operator" && last.sender.id !== me ? (last.sender.name ?? "") : null;
}

/** The visitor typing: dots, or the words themselves where the shop has that on. Colleagues are named above the composer. */
import { useTranslation } from "react-i18next";
import type { Conversation, Id } from "../api/types";
import { typists, type Typist } from "../live/signals";
import { useMe } from "../session";
import { useStore } from "../store";
import { useVisitorName } from "../ui/visitor-name";
import styles from "./Timeline.module.css";

const NOBODY: readonly Typist[] = [];
export const useTypists = (conversation: Id): readonly Typist[] => useStore(typists)[conversation] ?? NOBODY;

export function TypingLine({ conversation }: { conversation: Conversation }) {
  const { t, i18n } = useTranslation();
  const { operator: me } = useMe();
  const others = useTypists(conversation.id).filter((one) => one.kind !== "operator" && one.id !== me.id);
  const visitorName = useVisitorName(conversation.visitor);
  if (others.length === 0) return <div aria-live="polite" />;
  const names = others.map((one) => (one.kind === "visitor" ? visitorName : (one.name ?? "")));
  const text = names.length === 1 ? t("conversation.typing_single", { name: names[0] })
    : t("conversation.typing_many", { names: new Intl.ListFormat(i18n.language).format(names) });
  const preview = others.find((one) => one.kind === "visitor")?.text ?? null;
  return (
    <div className={styles["typing"]} data-testid="typing-indicator" data-preview={preview !== null || undefined}>
      {preview === null
        ? <span className={styles["dots"]} aria-hidden="true"><i /><i /><i /></span>
        : <span className={styles["preview"]} data-testid="typing-preview" title={t("conversation.preview")}>{preview}<span className={styles["caret"]} aria-hidden="true" /></span>}
      <span aria-live="polite">{text}</span>
    </div>
  );
}

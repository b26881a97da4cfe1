/** What the virtual agent would answer to the visitor's last message; nothing where it knows nothing, or a draft has begun. */
import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { suggestionQuery } from "../api/engage";
import type { Conversation } from "../api/types";
import { useCommands } from "../commands/commands";
import { keepDraft, useDraft } from "../outbox/drafts";
import styles from "./Suggestion.module.css";

export function Suggestion({ conversation }: { conversation: Conversation }) {
  const { t } = useTranslation();
  const asks = conversation.status === "open" && conversation.last_message?.sender.kind === "visitor";
  const { data } = useQuery({ ...suggestionQuery(conversation.id, conversation.last_seq), enabled: asks });
  const draft = useDraft(conversation.id, "messages");
  const text = asks && draft === "" ? data?.text : undefined;
  const use = (): void => { if (text) keepDraft(conversation.id, "messages", text); };
  useCommands(text ? [{ id: "suggestion", group: "conversation", run: use }] : []);
  if (!text) return null;
  return (
    <section className={styles["suggestion"]} aria-label={t("conversation.suggestion")} data-testid="suggestion">
      <div><b>{t("conversation.suggestion")}</b><p>{text}</p></div>
      <Button size="xs" variant="default" onClick={use} data-testid="suggestion-use">{t("conversation.use_suggestion")}</Button>
    </section>
  );
}

/** What the colleague should know before they answer; kept as a note, and nothing has to be written. */
import "@mantine/core/styles/Input.layer.css";
import { Button, Textarea } from "@mantine/core";
import { useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import type { Person } from "../api/types";
import styles from "./ConversationView.module.css";

const LIMIT = 8000;

export default function TransferForm({ to, onTransfer, onBack }: { to: Person; onTransfer: (note?: string) => void; onBack: () => void }) {
  const { t } = useTranslation();
  const [note, setNote] = useState("");
  const submit = (event?: FormEvent): void => {
    event?.preventDefault();
    onTransfer(note.trim() === "" ? undefined : note.trim());
  };
  return (
    <form className={styles["own"]} onSubmit={submit}>
      <Textarea data-autofocus data-testid="transfer-note" label={t("transfer.title", { name: to.name })} description={t("transfer.hint")} rows={3} maxLength={LIMIT} value={note}
        onChange={(event) => setNote(event.currentTarget.value)}
        onKeyDown={(event) => { if (event.key === "Enter" && !event.shiftKey && !event.nativeEvent.isComposing) { event.preventDefault(); submit(); } }} />
      <div className={styles["ownButtons"]}>
        <Button size="compact-md" variant="default" onClick={onBack}>{t("snooze.back")}</Button>
        <Button size="compact-md" type="submit" data-testid="transfer">{note.trim() === "" ? t("transfer.plain") : t("transfer.with_note")}</Button>
      </div>
    </form>
  );
}

/** A day and time of one's own choice. */
import "@mantine/core/styles/Input.layer.css";
import { Button, TextInput } from "@mantine/core";
import { useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { inputInstant, localInput, snoozeTimes } from "../time/snooze";
import styles from "./ConversationView.module.css";

export default function OwnTime({ onChoose, onBack }: { onChoose: (at: number) => void; onBack: () => void }) {
  const { t } = useTranslation();
  const [value, setValue] = useState(() => localInput(snoozeTimes(Date.now()).find((one) => one.choice === "tomorrow")?.at ?? Date.now()));
  const at = inputInstant(value);
  const past = !(at > Date.now());
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (!past) onChoose(at);
  };
  return (
    <form className={styles["own"]} onSubmit={submit}>
      <TextInput data-autofocus type="datetime-local" label={t("snooze.own_label")} data-testid="snooze-time" value={value} min={localInput(Date.now())} error={past && t("snooze.past")}
        onChange={(event) => setValue(event.currentTarget.value)} />
      <div className={styles["ownButtons"]}>
        <Button size="compact-md" variant="default" onClick={onBack}>{t("snooze.back")}</Button>
        <Button size="compact-md" type="submit" disabled={past} data-testid="snooze-time-save">{t("snooze.title")}</Button>
      </div>
    </form>
  );
}

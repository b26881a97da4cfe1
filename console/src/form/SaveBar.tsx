/** Rises when something was changed, says what, and goes again once it is saved. */
import { Button } from "@mantine/core";
import { IconAlertCircle, IconCheck } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { refusal } from "../problem";
import { ApiError } from "../api/client";
import { useCommands } from "../commands/commands";
import { Kbd } from "../ui/Kbd";
import type { Form } from "./use-form";
import styles from "./Form.module.css";

const MOD = /Mac|iPhone|iPad/.test(navigator.userAgent) ? "⌘" : "Ctrl";

interface Props { form: Pick<Form<unknown>, "dirty" | "saving" | "saved" | "error" | "problems" | "save" | "discard" | "locked">; where?: string }

export function SaveBar({ form, where }: Props) {
  const { t } = useTranslation();
  const shown = form.dirty && !form.locked;
  useCommands(shown && !form.saving ? [
    { id: "save", group: "page", label: t("form.save"), run: () => void form.save() },
    { id: "discard", group: "page", label: t("form.discard"), run: form.discard },
  ] : []);
  const beside = form.error instanceof ApiError && Object.keys(form.error.fields).length > 0;
  const problem = form.error ? (beside ? t("form.refused_fields") : t("form.failed", { reason: refusal(t, form.error) })) : Object.keys(form.problems).length > 0 ? t("form.invalid") : null;
  return (
    <div className={styles["bar"]} data-shown={shown || undefined} data-testid="save-bar">
      <span className={styles["barState"]} role="status" data-bad={problem ? true : undefined}>
        {shown && (problem ? <><IconAlertCircle size={18} stroke={1.75} aria-hidden="true" />{problem}</> : where ? t("form.unsaved_in", { where }) : t("form.unsaved"))}
        {!shown && form.saved && <span className={styles["saved"]}><IconCheck size={16} stroke={2} aria-hidden="true" />{t("form.saved")}</span>}
      </span>
      {shown && (
        <span className={styles["barButtons"]}>
          <Button variant="default" onClick={form.discard} disabled={form.saving} data-testid="discard">{t("form.discard")}</Button>
          <Button onClick={() => void form.save()} loading={form.saving} data-testid="site-save" aria-keyshortcuts="Control+S Meta+S"
            rightSection={<span className={styles["keys"]} aria-hidden="true"><Kbd>{MOD}</Kbd><Kbd>S</Kbd></span>}>{t("form.save")}</Button>
        </span>
      )}
    </div>
  );
}

/** A line that becomes a field where it stands: Enter or leaving it saves, Escape does not. */
import { ActionIcon } from "@mantine/core";
import { IconCheck, IconCopy, IconPencil, IconPlus } from "@tabler/icons-react";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useCommands } from "../commands/commands";
import { copyText } from "../ui/clipboard";
import styles from "./EditableLine.module.css";

interface Props {
  value: string | null; shown: string | null; label: string; add?: string; testId: string; limit: number; type?: "text" | "email"; copy?: boolean;
  /** Null empties it. */
  onSave: (value: string | null) => void;
}

export function EditableLine({ value, shown, label, add, testId, limit, type = "text", copy = false, onSave }: Props) {
  const { t } = useTranslation();
  const [typed, setTyped] = useState<string | null>(null);
  const left = useRef(false);
  const end = (save: boolean): void => {
    if (left.current || typed === null) return;
    left.current = true;
    setTyped(null);
    const next = typed.trim() === "" ? null : typed.trim();
    if (save && next !== value) onSave(next);
  };
  const begin = (): void => {
    left.current = false;
    setTyped(value ?? "");
  };
  useCommands(typed === null ? [{ id: `edit_${testId}_${label}`, group: "conversation", label: shown === null ? (add ?? label) : t("visitor.edit", { what: label }), run: begin }] : []);
  if (typed !== null) {
    return (
      <input autoFocus className={styles["field"]} data-testid={`${testId}-field`} type={type} aria-label={label} value={typed} maxLength={limit} onFocus={(event) => event.currentTarget.select()}
        onChange={(event) => setTyped(event.currentTarget.value)} onBlur={() => end(true)} onKeyDown={(event) => {
          if (event.nativeEvent.isComposing) return;
          if (event.key === "Enter") end(true);
          if (event.key === "Escape") {
            event.stopPropagation();
            end(false);
          }
        }} />
    );
  }
  if (shown === null) return <button type="button" className={styles["add"]} data-testid={`${testId}-edit`} onClick={begin}><IconPlus size={14} stroke={1.75} aria-hidden="true" />{add ?? label}</button>;
  return (
    <span className={styles["line"]}>
      <span className={styles["text"]} title={shown}>{shown}</span>
      {copy && value !== null && <CopyIcon text={value} />}
      <ActionIcon className={styles["edit"]} size={26} data-testid={`${testId}-edit`} aria-label={t("visitor.edit", { what: label })} title={t("visitor.edit", { what: label })} onClick={begin}><IconPencil size={14} stroke={1.75} /></ActionIcon>
    </span>
  );
}

function CopyIcon({ text }: { text: string }) {
  const { t } = useTranslation();
  const [copied, setCopied] = useState(false);
  const label = copied ? t("site.copied") : t("visitor.copy_email");
  const copy = async (): Promise<void> => {
    if (!(await copyText(text))) return;
    setCopied(true);
    setTimeout(() => setCopied(false), 1600);
  };
  return <ActionIcon size={26} aria-label={label} title={label} onClick={() => void copy()}>{copied ? <IconCheck size={14} stroke={1.75} /> : <IconCopy size={14} stroke={1.75} />}</ActionIcon>;
}

/** Short messages about what happened elsewhere or was undone; they leave by themselves. */
import { ActionIcon } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { createStore, useStore } from "../store";
import styles from "./Toasts.module.css";

/** What can be done about it, while it is shown. */
interface Action { label: string; run: () => void }
interface Toast { id: number; text: string; action?: Action }
const toasts = createStore<readonly Toast[]>([]);
let last = 0;
/** How long one is shown. */
export const STAYS = 7000;

const dismiss = (id: number): void => toasts.set((list) => list.filter((one) => one.id !== id));

export function toast(text: string, action?: Action): void {
  last += 1;
  const id = last;
  toasts.set((list) => [...list.slice(-2), { id, text, action }]);
  setTimeout(() => dismiss(id), STAYS);
}

export function Toasts() {
  const { t } = useTranslation();
  const list = useStore(toasts);
  return (
    <div className={styles["toasts"]} role="status" aria-live="polite">
      {list.map((one) => (
        <div key={one.id} className={styles["toast"]}>
          <span>{one.text}</span>
          {one.action && <button type="button" className={styles["action"]} data-testid="toast-action" onClick={() => { one.action?.run(); dismiss(one.id); }}>{one.action.label}</button>}
          <ActionIcon size={24} aria-label={t("common.dismiss")} onClick={() => dismiss(one.id)}><IconX size={16} stroke={1.75} /></ActionIcon>
        </div>
      ))}
    </div>
  );
}

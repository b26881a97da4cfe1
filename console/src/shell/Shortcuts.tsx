/** The sheet behind `?`. */
import { Modal } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { createStore, useStore } from "../store";
import { useHotkeys } from "../ui/hotkeys";
import { Kbd } from "../ui/Kbd";
import styles from "./Shortcuts.module.css";

const opened = createStore(false);
export const openShortcuts = (): void => opened.set(true);

const ROWS = [
  ["next", "j", "↓"], ["previous", "k", "↑"], ["open", "Enter"], ["reply", "r"], ["resolve", "e"],
  ["send", "Enter"], ["line", "Shift + Enter"], ["leave", "Esc"], ["help", "?"],
] as const;

export function Shortcuts() {
  const { t } = useTranslation();
  const open = useStore(opened);
  useHotkeys({ "?": openShortcuts });
  return (
    <Modal opened={open} onClose={() => opened.set(false)} title={t("shortcuts.title")} closeButtonProps={{ "aria-label": t("common.close") }}>
      <dl className={styles["list"]}>
        {ROWS.map(([what, ...keys]) => (
          <div key={what} className={styles["row"]}>
            <dt>{t(`shortcuts.${what}`)}</dt>
            <dd>{keys.map((key, index) => <span key={key}>{index > 0 && <span className={styles["or"]}>{t("shortcuts.or")}</span>}<Kbd>{key}</Kbd></span>)}</dd>
          </div>
        ))}
      </dl>
    </Modal>
  );
}

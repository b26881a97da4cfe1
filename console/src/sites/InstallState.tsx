/** Whether the snippet has been seen on a page. */
import { IconCircleCheck, IconCircleDashed } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { useTimeAgo } from "../ui/TimeAgo";
import styles from "./Sites.module.css";

export function InstallState({ lastSeen }: { lastSeen: number | null }) {
  const { t } = useTranslation();
  const when = useTimeAgo(lastSeen ?? 0);
  return lastSeen === null
    ? <span className={styles["state"]}><IconCircleDashed size={16} stroke={1.75} aria-hidden="true" />{t("sites.not_installed")}</span>
    : <span className={styles["state"]} data-good><IconCircleCheck size={16} stroke={1.75} aria-hidden="true" />{t("sites.installed", { when })}</span>;
}

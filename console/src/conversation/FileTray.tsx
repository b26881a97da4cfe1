/** The files that go with the next message: how far each is up, and stopping or trying one again. */
import { ActionIcon, Button } from "@mantine/core";
import { IconFile, IconX } from "@tabler/icons-react";
import type { TFunction } from "i18next";
import { useTranslation } from "react-i18next";
import { sizeText } from "../files/size";
import { removeFile, retryFile, type TrayItem } from "../files/tray";
import { problemText } from "../problem";
import styles from "./FileTray.module.css";

export function FileTray({ items }: { items: readonly TrayItem[] }) {
  const { t } = useTranslation();
  return <ul className={styles["tray"]} aria-label={t("files.tray")}>{items.map((one) => <FileChip key={one.id} item={one} />)}</ul>;
}

function FileChip({ item }: { item: TrayItem }) {
  const { t, i18n } = useTranslation();
  const failed = item.state === "failed";
  return (
    <li className={styles["chip"]} data-state={item.state} data-testid="tray-file">
      {item.preview ? <img className={styles["picture"]} src={item.preview} alt="" /> : <span className={styles["icon"]}><IconFile size={20} stroke={1.5} /></span>}
      <div className={styles["body"]}>
        <span className="cut" title={item.name}>{item.name}</span>
        <span className={styles["state"]} role={failed ? "alert" : undefined}>{words(t, item, i18n.language)}</span>
        {item.state === "uploading" && <progress className={styles["progress"]} max={1} value={item.progress} aria-label={t("files.uploading", { name: item.name })} />}
      </div>
      {failed && mayWork(item) && <Button size="compact-xs" variant="light" data-testid="retry-file" onClick={() => retryFile(item.id)}>{t("common.retry")}</Button>}
      <ActionIcon size={24} data-testid="cancel-file" aria-label={t("files.remove", { name: item.name })} onClick={() => removeFile(item.id)}><IconX size={14} stroke={2} /></ActionIcon>
    </li>
  );
}

/** What was refused for what it is will be refused again. */
const mayWork = ({ problem }: TrayItem): boolean => problem?.code !== "too_large" && (!problem?.reason || problem.reason === "file_cut");

function words(t: TFunction, { state, problem, size, progress, wanted }: TrayItem, language: string): string {
  if (state === "failed" && problem) return problem.reason === "file_too_large" || problem.code === "too_large" ? t("files.too_large", { size: sizeText(size, language) }) : problem.code === "network" ? t("files.waits") : t("files.failed", { reason: problemText(t, problem) });
  if (state === "uploading") return wanted ? t("files.sends") : new Intl.NumberFormat(language, { style: "percent" }).format(progress);
  return sizeText(size, language);
}

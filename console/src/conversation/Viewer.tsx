/** A picture over the whole window: fits, or its own size; closes with Escape or a click beside it. */
import { ActionIcon, Loader } from "@mantine/core";
import { IconDownload, IconX, IconZoomIn, IconZoomOut } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Attachment, AttachmentLink } from "../api/types";
import { Modal } from "../ui/Modal";
import styles from "./Viewer.module.css";

interface Props { attachment: Attachment; link: AttachmentLink | null; onClose: () => void }

export default function Viewer({ attachment, link, onClose }: Props) {
  const { t } = useTranslation();
  const [large, setLarge] = useState(false);
  const [state, setState] = useState<"loading" | "shown" | "failed">("loading");
  const zoom = large ? t("files.fit") : t("files.full_size");
  return (
    <Modal opened fullScreen onClose={onClose} withCloseButton={false} padding={0} radius={0} classNames={{ body: styles["body"], content: styles["content"] }} attributes={{ content: { "aria-label": attachment.name } }}>
      <div className={styles["bar"]}>
        <b className="cut">{attachment.name}</b>
        <ActionIcon className={styles["button"]} aria-label={zoom} title={zoom} onClick={() => setLarge((now) => !now)}>{large ? <IconZoomOut size={20} stroke={1.75} /> : <IconZoomIn size={20} stroke={1.75} />}</ActionIcon>
        <ActionIcon component="a" className={styles["button"]} href={link?.url} download={attachment.name} target="_blank" rel="noopener" aria-label={t("files.download", { name: attachment.name })} title={t("files.download_short")}><IconDownload size={20} stroke={1.75} /></ActionIcon>
        <ActionIcon className={styles["button"]} data-testid="viewer-close" data-autofocus aria-label={t("common.close")} title={t("common.close")} onClick={onClose}><IconX size={20} stroke={1.75} /></ActionIcon>
      </div>
      <div className={styles["stage"]} data-large={large || undefined} onClick={(event) => { if (event.target === event.currentTarget) onClose(); }}>
        {state === "loading" && <Loader className={styles["wait"]} size={28} color="#fff" />}
        {state === "failed" && <p className={styles["wait"]} role="alert">{t("files.not_shown")}</p>}
        {link && <img src={link.url} alt={attachment.name} hidden={state === "failed"} onLoad={() => setState("shown")} onError={() => setState("failed")} onClick={() => setLarge((now) => !now)} />}
      </div>
    </Modal>
  );
}

/** A file in the log: a picture one can open large, or a name with its size to download. */
import { IconDownload, IconFile } from "@tabler/icons-react";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Attachment, Id } from "../api/types";
import { useLink } from "../files/links";
import { sizeText } from "../files/size";
import styles from "./AttachmentView.module.css";

const Viewer = lazy(() => import("./Viewer"));
const LONGEST = 280;

export const isPicture = ({ media_type, width, height }: Attachment): boolean => /^image\/(png|jpeg|gif|webp)$/.test(media_type) && width !== null && height !== null;

export function AttachmentView({ attachment, conversation }: { attachment: Attachment; conversation: Id }) {
  return isPicture(attachment) ? <Picture attachment={attachment} conversation={conversation} /> : <FileLine attachment={attachment} conversation={conversation} />;
}

/** As large as it will be before it is there, so that nothing jumps. */
function Picture({ attachment, conversation }: { attachment: Attachment; conversation: Id }) {
  const { t } = useTranslation();
  const link = useLink(conversation, attachment.id);
  const [open, setOpen] = useState(false);
  const [width, height] = [attachment.width ?? 1, attachment.height ?? 1];
  const scale = Math.min(1, LONGEST / Math.max(width, height));
  return (
    <>
      <button type="button" className={styles["picture"]} data-testid="attachment-picture" aria-label={t("files.open", { name: attachment.name })} onClick={() => setOpen(true)}
        style={{ width: Math.max(64, Math.round(width * scale)), aspectRatio: `${width} / ${height}` }}>
        {link && <img src={link.thumbnail_url ?? link.url} alt="" draggable={false} />}
      </button>
      {open && <Suspense fallback={null}><Viewer attachment={attachment} link={link} onClose={() => setOpen(false)} /></Suspense>}
    </>
  );
}

export function FileLine({ attachment, conversation }: { attachment: Attachment; conversation: Id }) {
  const { t, i18n } = useTranslation();
  const link = useLink(conversation, attachment.id);
  return (
    <a className={styles["file"]} data-testid="attachment-file" href={link?.url} download={attachment.name} target="_blank" rel="noopener" aria-label={t("files.download", { name: attachment.name })}>
      <span className={styles["icon"]}><IconFile size={20} stroke={1.5} /></span>
      <span className={styles["names"]}><b className="cut" title={attachment.name}>{attachment.name}</b><span>{sizeText(attachment.size, i18n.language)}</span></span>
      <IconDownload size={18} stroke={1.75} />
    </a>
  );
}

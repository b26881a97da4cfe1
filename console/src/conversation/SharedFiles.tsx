/** The files of the conversation, newest first. */
import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { attachmentsQuery } from "../api/queries";
import type { Id } from "../api/types";
import { AttachmentView, FileLine, isPicture } from "./AttachmentView";
import styles from "./VisitorPanel.module.css";

/** `last` is the seq of the file that came last, as far as the inbox knows; 0 where the last message is none. */
export function SharedFiles({ conversation, last }: { conversation: Id; last: number }) {
  const { t } = useTranslation();
  const { data, refetch } = useQuery(attachmentsQuery(conversation));
  const seen = useRef(last);
  useEffect(() => {
    if (last === 0 || seen.current === last) return;
    seen.current = last;
    void refetch();
  }, [last, refetch]);
  if (!data || data.length === 0) return null;
  const files = [...data].sort((a, b) => b.seq - a.seq);
  const pictures = files.filter(isPicture);
  return (
    <section className={styles["section"]} data-testid="shared-files">
      <h4>{t("files.title")}</h4>
      {pictures.length > 0 && <div className={styles["pictures"]}>{pictures.map((one) => <AttachmentView key={one.id} attachment={one} conversation={conversation} />)}</div>}
      {files.filter((one) => !isPicture(one)).map((one) => <FileLine key={one.id} attachment={one} conversation={conversation} />)}
    </section>
  );
}

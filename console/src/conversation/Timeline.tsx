/** The scrolling log: sticks to the latest while one is there, stays put while one reads above, loads older upwards. */
import { useEffect, useLayoutEffect, useRef, useState, type ReactNode, type RefObject } from "react";
import { ActionIcon, Loader } from "@mantine/core";
import { IconArrowDown } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { useCommands } from "../commands/commands";
import styles from "./Timeline.module.css";

interface Props {
  label: string;
  scroller: RefObject<HTMLDivElement | null>;
  /** Changes when something is put above what is shown. */
  topKey: number;
  /** Visitor's messages below the reader's eyes. */
  below: number;
  loadingOlder: boolean;
  onNearTop: () => void;
  /** Tells whether the latest message is in sight. */
  onAtEnd: (atEnd: boolean) => void;
  /** Changes when this operator sends, which goes to the end. */
  sent: number;
  children: ReactNode;
}

const NEAR = 48;

export function Timeline({ label, scroller, topKey, below, loadingOlder, onNearTop, onAtEnd, sent, children }: Props) {
  const { t } = useTranslation();
  const content = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  const before = useRef({ topKey, height: 0 });
  const [away, setAway] = useState(false);

  const toEnd = (): void => {
    const box = scroller.current;
    if (box) box.scrollTop = box.scrollHeight;
  };
  const look = (): void => {
    const box = scroller.current;
    if (!box) return;
    const end = box.scrollHeight - box.scrollTop - box.clientHeight < NEAR;
    if (end !== atEnd.current) onAtEnd(end);
    atEnd.current = end;
    setAway(box.scrollHeight - box.scrollTop - box.clientHeight > 240);
    if (box.scrollTop < 320) onNearTop();
  };

  useLayoutEffect(() => {
    const box = scroller.current;
    if (!box) return;
    const was = before.current;
    // Older messages came above: what was in sight stays where it was.
    if (was.topKey !== topKey && was.height > 0 && !atEnd.current) box.scrollTop += box.scrollHeight - was.height;
    else if (atEnd.current) toEnd();
    before.current = { topKey, height: box.scrollHeight };
  });
  useLayoutEffect(() => {
    atEnd.current = true;
    toEnd();
    onAtEnd(true);
  }, [sent]);
  useEffect(() => {
    const watch = new ResizeObserver(() => {
      if (atEnd.current) toEnd();
      before.current.height = scroller.current?.scrollHeight ?? 0;
    });
    if (scroller.current) watch.observe(scroller.current);
    if (content.current) watch.observe(content.current);
    look();
    return () => watch.disconnect();
  }, []);

  useCommands(away || below > 0 ? [{ id: "jump", group: "conversation", label: t("conversation.jump"), run: toEnd }] : []);

  return (
    <div className={styles["frame"]}>
      <div ref={scroller} className={styles["scroller"]} onScroll={look} tabIndex={0} role="log" aria-label={label} aria-live="polite" aria-relevant="additions">
        <div ref={content} className={styles["content"]}>
          {loadingOlder && <div className={styles["older"]} role="status"><Loader size={16} /><span className="sr">{t("conversation.loading_older")}</span></div>}
          {children}
        </div>
      </div>
      {(away || below > 0) && (
        below > 0
          ? <button type="button" className={styles["jump"]} onClick={toEnd}><IconArrowDown size={14} stroke={2} />{t("conversation.jump_new", { count: below })}</button>
          : <ActionIcon className={styles["jumpIcon"]} variant="default" radius="xl" size={40} onClick={toEnd} aria-label={t("conversation.jump")}><IconArrowDown size={18} stroke={1.75} /></ActionIcon>
      )}
    </div>
  );
}

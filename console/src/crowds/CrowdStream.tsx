/** What is said in a crowd, and what to do about it. */
import { ActionIcon, Button, Menu } from "@mantine/core";
import { IconArrowDown, IconDots, IconMessages, IconTrash, IconVolumeOff } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { useLayoutEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Crowd } from "../api/crowds";
import { live } from "../live/live";
import { refusal } from "../problem";
import { toast } from "../shell/Toasts";
import { clock } from "../time/format";
import { Avatar } from "../ui/Avatar";
import { EmptyState } from "../ui/EmptyState";
import type { Line, Stream } from "./stream";
import styles from "./Crowds.module.css";

/** Nearer to the end than this counts as reading the end. */
const NEAR = 60;
/** The same person within so long is named once. */
const TOGETHER = 3 * 60_000;
const MUTES = [5, 60, 1440, null] as const;

export function CrowdStream({ crowd, stream }: { crowd: Crowd; stream: Stream }) {
  const { t } = useTranslation();
  const list = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  const [seen, setSeen] = useState(0);
  const { lines, have } = stream;
  const fresh = atEnd.current ? 0 : lines.filter((line) => line.seq > seen).length;
  const toEnd = (): void => {
    if (!list.current) return;
    list.current.scrollTop = list.current.scrollHeight;
    atEnd.current = true;
    setSeen(have);
  };
  useLayoutEffect(() => { if (atEnd.current) toEnd(); }, [have, lines.length]);
  const scrolled = (): void => {
    const element = list.current;
    if (!element) return;
    const now = element.scrollHeight - element.scrollTop - element.clientHeight < NEAR;
    if (now === atEnd.current) return;
    atEnd.current = now;
    setSeen(have);
  };
  return (
    <div className={styles["stream"]}>
      <div className={styles["scroll"]} ref={list} onScroll={scrolled} role="log" aria-label={t("crowds.log")} tabIndex={0} data-testid="crowd-log">
        {lines.length === 0 && <EmptyState small icon={<IconMessages size={24} stroke={1.75} />} title={t("crowds.silent")} />}
        {lines.map((line, index) => <Said key={line.id} crowd={crowd} line={line} before={lines[index - 1]} />)}
      </div>
      {!atEnd.current && <Button className={styles["latest"]} size="compact-md" radius="xl" leftSection={<IconArrowDown size={15} stroke={2} />} onClick={toEnd}>{fresh > 0 ? t("crowds.fresh", { count: fresh }) : t("crowds.latest")}</Button>}
    </div>
  );
}

function Said({ crowd, line, before }: { crowd: Crowd; line: Line; before: Line | undefined }) {
  const { t, i18n } = useTranslation();
  const { sender, text } = line;
  const staff = sender.kind === "operator";
  const begins = before?.sender.id !== sender.id || line.at - before.at > TOGETHER;
  const name = sender.name ?? t("crowds.someone");
  const act = useMutation({
    mutationFn: ({ m, p }: { m: string; p: Record<string, unknown> }) => live.request(m, { crowd: crowd.id, ...p }),
    onError: (error) => toast(refusal(t, error)),
    onSuccess: (_, { m }) => { if (m === "crowd.mute") toast(t("crowds.was_muted", { name })); },
  });
  const mute = (minutes: number | null): void => act.mutate({ m: "crowd.mute", p: { visitor: sender.id, muted: true, ...(minutes !== null && { minutes }) } });
  return (
    <article className={styles["said"]} data-begins={begins || undefined} data-staff={staff || undefined} data-seq={line.seq} data-testid="crowd-said">
      {begins && <span className={styles["face"]}><Avatar id={sender.id} name={name} size={30} /></span>}
      {begins && <p className={styles["by"]}><b className="cut">{name}</b>{staff && <span className={styles["badge"]}>{t("crowds.staff")}</span>}<time dateTime={new Date(line.at).toISOString()}>{clock(line.at, i18n.language)}</time></p>}
      <p className={styles["text"]} data-gone={text === null || undefined} dir="auto">{text ?? t("crowds.deleted")}</p>
      {(text !== null || !staff) && (
        <Menu position="bottom-end" withinPortal>
          <Menu.Target><ActionIcon className={styles["more"]} size="sm" aria-label={t("crowds.about", { name })} data-testid="crowd-said-menu"><IconDots size={16} stroke={1.75} /></ActionIcon></Menu.Target>
          <Menu.Dropdown>
            {text !== null && <Menu.Item leftSection={<IconTrash size={16} stroke={1.75} />} onClick={() => act.mutate({ m: "crowd.retract", p: { seq: line.seq } })} data-testid="crowd-retract">{t("crowds.delete_message")}</Menu.Item>}
            {!staff && <Menu.Label>{t("crowds.mute", { name })}</Menu.Label>}
            {!staff && MUTES.map((minutes) => <Menu.Item key={minutes ?? 0} leftSection={<IconVolumeOff size={16} stroke={1.75} />} onClick={() => mute(minutes)} data-testid={`crowd-mute-${String(minutes ?? "ever")}`}>{minutes === null ? t("crowds.mute_ever") : t(`crowds.mute_${minutes}`)}</Menu.Item>)}
          </Menu.Dropdown>
        </Menu>
      )}
    </article>
  );
}

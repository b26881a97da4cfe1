/** Puts a conversation away until a time, or until the visitor writes. */
import { ActionIcon, Button, Menu, Popover } from "@mantine/core";
import { IconCalendarTime, IconClockPause, IconMessage } from "@tabler/icons-react";
import { lazy, Suspense, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Millis } from "../api/types";
import { soon } from "../time/format";
import { snoozeTimes } from "../time/snooze";
import styles from "./ConversationView.module.css";

const OwnTime = lazy(() => import("./OwnTime"));

interface Props { opened: boolean; onOpened: (open: boolean) => void; onSnooze: (until: Millis | null) => void; until: Millis | null; snoozed: boolean }

export function SnoozeMenu({ opened, onOpened, onSnooze, until, snoozed }: Props) {
  const { t, i18n } = useTranslation();
  const [own, setOwn] = useState(false);
  useEffect(() => { if (!opened) setOwn(false); }, [opened]);
  const now = Date.now();
  const choose = (at: Millis | null): void => {
    onOpened(false);
    onSnooze(at);
  };
  const label = snoozed ? (until === null ? t("snooze.until_reply") : t("snooze.until", { time: soon(until, now, i18n.language) })) : t("snooze.title");
  // The menu opens and closes by its target itself.
  const close = own ? () => onOpened(false) : undefined;
  const button = snoozed
    ? <Button className={styles["folds"]} variant="light" data-testid="snooze" aria-label={label} title={label} leftSection={<IconClockPause size={18} stroke={1.75} />} onClick={close}>{label}</Button>
    : <ActionIcon data-testid="snooze" aria-label={label} title={`${label} · Z`} onClick={close}><IconClockPause size={20} stroke={1.75} /></ActionIcon>;
  if (own) {
    return (
      <Popover opened={opened} onChange={onOpened} position="bottom-end" width={300} trapFocus returnFocus shadow="md" radius="md">
        <Popover.Target>{button}</Popover.Target>
        <Popover.Dropdown aria-label={t("snooze.own")} aria-labelledby={undefined}><Suspense fallback={null}><OwnTime onChoose={choose} onBack={() => setOwn(false)} /></Suspense></Popover.Dropdown>
      </Popover>
    );
  }
  return (
    <Menu position="bottom-end" width={280} opened={opened} onChange={onOpened} closeOnItemClick={false}>
      <Menu.Target>{button}</Menu.Target>
      <Menu.Dropdown data-testid="snooze-menu">
        <Menu.Label>{t("snooze.until_label")}</Menu.Label>
        {snoozeTimes(now).map(({ choice, at }) => (
          <Menu.Item key={choice} data-testid={`snooze-${choice}`} onClick={() => choose(at)} rightSection={<span className={styles["when"]}>{soon(at, now, i18n.language)}</span>}>{t(`snooze.${choice}`)}</Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item data-testid="snooze-reply" leftSection={<IconMessage size={16} stroke={1.75} />} onClick={() => choose(null)}>{t("snooze.until_reply")}</Menu.Item>
        <Menu.Item data-testid="snooze-own" leftSection={<IconCalendarTime size={16} stroke={1.75} />} onClick={() => setOwn(true)}>{t("snooze.own")}</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

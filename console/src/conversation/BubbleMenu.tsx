/**
 * What can be done with a message: copy; one's own also edit and take back. One menu for the whole log, put beside whichever
 * bubble the pointer or the focus is at: a menu in every bubble made drawing a message slow.
 */
import { ActionIcon, Menu } from "@mantine/core";
import { IconArrowBackUp, IconCopy, IconDots, IconPencil } from "@tabler/icons-react";
import { useCallback, useEffect, useState, type RefObject } from "react";
import { createPortal } from "react-dom";
import { useTranslation } from "react-i18next";
import { plainText, type Message } from "../log/fold";
import { copyText } from "../ui/clipboard";
import styles from "./Bubble.module.css";

interface Props { log: RefObject<HTMLElement | null>; messageAt: (seq: number) => Message | undefined; me: string; onEdit: (seq: number, text: string) => void; onRetract: (seq: number) => void }

export function BubbleMenu({ log, messageAt, me, onEdit, onRetract }: Props) {
  const { t } = useTranslation();
  const [place, setPlace] = useState<HTMLElement | null>(null);
  const [open, setOpen] = useState(false);
  const follow = useCallback((event: Event): void => {
    const holder = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-menu-for]") : null;
    if (holder) setPlace(holder);
  }, []);
  useEffect(() => {
    const box = log.current;
    if (!box || open) return undefined;
    const events = ["pointerover", "pointerdown", "focusin"] as const;
    for (const event of events) box.addEventListener(event, follow);
    return () => { for (const event of events) box.removeEventListener(event, follow); };
  }, [log, open, follow]);

  const message = place?.isConnected ? messageAt(Number(place.dataset["menuFor"])) : undefined;
  if (!place || !message || message.retracted) return null;
  const mine = message.sender.id === me;
  return createPortal(
    <Menu key={message.seq} position="top" width={180} opened={open} onChange={setOpen}>
      <Menu.Target>
        <ActionIcon className={styles["menu"]} size={28} aria-label={t("message.actions")} data-testid="message-menu"><IconDots size={16} stroke={1.75} /></ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<IconCopy size={16} stroke={1.75} />} onClick={() => void copyText(plainText(message.content))}>{t("message.copy")}</Menu.Item>
        {mine && message.content.kind === "text" && <Menu.Item data-testid="edit-message" leftSection={<IconPencil size={16} stroke={1.75} />} onClick={() => onEdit(message.seq, plainText(message.content))}>{t("message.edit")}</Menu.Item>}
        {mine && <Menu.Item color="red" data-testid="retract-message" leftSection={<IconArrowBackUp size={16} stroke={1.75} />} onClick={() => onRetract(message.seq)}>{t("message.retract")}</Menu.Item>}
      </Menu.Dropdown>
    </Menu>, place);
}

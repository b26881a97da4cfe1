/** What can be done with a message: copy; one's own also edit and take back. */
import { ActionIcon, Menu } from "@mantine/core";
import { IconArrowBackUp, IconCopy, IconDots, IconPencil } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import type { Message } from "../log/fold";
import { copyText } from "../ui/clipboard";
import styles from "./Bubble.module.css";

interface Props { mine: boolean; message: Message; onEdit: (seq: number, text: string) => void; onRetract: (seq: number) => void }

export function BubbleMenu({ mine, message, onEdit, onRetract }: Props) {
  const { t } = useTranslation();
  return (
    <Menu position="top" width={180}>
      <Menu.Target>
        <ActionIcon className={styles["menu"]} size={28} aria-label={t("message.actions")}><IconDots size={16} stroke={1.75} /></ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<IconCopy size={16} stroke={1.75} />} onClick={() => void copyText(message.text)}>{t("message.copy")}</Menu.Item>
        {mine && <Menu.Item leftSection={<IconPencil size={16} stroke={1.75} />} onClick={() => onEdit(message.seq, message.text)}>{t("message.edit")}</Menu.Item>}
        {mine && <Menu.Item color="red" leftSection={<IconArrowBackUp size={16} stroke={1.75} />} onClick={() => onRetract(message.seq)}>{t("message.retract")}</Menu.Item>}
      </Menu.Dropdown>
    </Menu>
  );
}

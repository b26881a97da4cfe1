/** The buttons beside the text: files, emoji, canned responses, the product the visitor looks at. */
import { ActionIcon, Popover, Tooltip } from "@mantine/core";
import { IconMoodSmile, IconPackage, IconPaperclip, IconSlash } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { visitorQuery } from "../api/queries";
import type { Card, Conversation } from "../api/types";
import { useCommands } from "../commands/commands";
import { addFiles } from "../files/tray";
import { cardOf } from "./card";
import styles from "./Composer.module.css";

const EmojiPicker = lazy(() => import("./EmojiPicker"));

interface Props { conversation: Conversation; note: boolean; onInsert: (text: string) => void; onCard: (card: Card) => void; onCanned: () => void }

export function ComposerTools({ conversation, note, onInsert, onCard, onCanned }: Props) {
  const { t, i18n } = useTranslation();
  const files = useRef<HTMLInputElement>(null);
  const [emoji, setEmoji] = useState(false);
  const { data: visitor } = useQuery(visitorQuery(conversation.visitor.id));
  const card = visitor?.product ? cardOf(visitor.product, visitor.language ?? i18n.language) : null;
  useCommands([
    { id: "attach", group: "conversation", keys: "attach", run: () => files.current?.click() },
    { id: "emoji", group: "conversation", label: t("composer.emoji"), run: () => setEmoji(true) },
    { id: "canned", group: "conversation", label: t("composer.canned"), run: onCanned },
    ...(card && !note ? [{ id: "card", group: "conversation" as const, keys: "card" as const, run: () => onCard(card) }] : []),
  ]);
  return (
    <div className={styles["tools"]}>
      {!note && (
        <Tool label={t("composer.attach")} testId="attach" onClick={() => files.current?.click()}><IconPaperclip size={18} stroke={1.75} /></Tool>
      )}
      <input ref={files} type="file" multiple hidden data-testid="file-input" onChange={(event) => {
        addFiles(conversation.id, event.currentTarget.files ?? []);
        event.currentTarget.value = "";
      }} />
      <Popover opened={emoji} onChange={setEmoji} position="top-start" width={316} trapFocus returnFocus shadow="md" radius="md" transitionProps={{ duration: 120 }}>
        <Popover.Target>
          <ActionIcon size={32} data-testid="emoji" aria-label={t("composer.emoji")} title={t("composer.emoji")} aria-expanded={emoji} onClick={() => setEmoji((open) => !open)}><IconMoodSmile size={18} stroke={1.75} /></ActionIcon>
        </Popover.Target>
        <Popover.Dropdown p={6} aria-label={t("composer.emoji")} aria-labelledby={undefined}>
          <Suspense fallback={null}><EmojiPicker onPick={(one) => { setEmoji(false); onInsert(one); }} /></Suspense>
        </Popover.Dropdown>
      </Popover>
      <Tool label={t("composer.canned")} testId="canned" onClick={onCanned}><IconSlash size={18} stroke={1.75} /></Tool>
      {!note && card && <Tool label={t("composer.card", { title: card.title })} testId="offer-card" onClick={() => onCard(card)}><IconPackage size={18} stroke={1.75} /></Tool>}
    </div>
  );
}

function Tool({ label, testId, onClick, children }: { label: string; testId: string; onClick: () => void; children: React.ReactNode }) {
  return <Tooltip label={label}><ActionIcon size={32} data-testid={testId} aria-label={label} onClick={onClick}>{children}</ActionIcon></Tooltip>;
}

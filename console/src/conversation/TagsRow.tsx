/** The conversation's tags, and putting them on and off. */
import { Popover } from "@mantine/core";
import { IconTag } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense } from "react";
import { useTranslation } from "react-i18next";
import { tagsQuery } from "../api/queries";
import type { Conversation } from "../api/types";
import { TagChip } from "../ui/TagChip";
import styles from "./TagsRow.module.css";

const TagsEditor = lazy(() => import("./TagsEditor"));

interface Props { conversation: Conversation; opened: boolean; onOpened: (open: boolean) => void; onTags: (tags: string[]) => void }

export function TagsRow({ conversation, opened, onOpened, onTags }: Props) {
  const { t } = useTranslation();
  const { data: known } = useQuery(tagsQuery);
  const colorOf = (name: string): number => known?.find((one) => one.name === name)?.color ?? 0;
  const { tags } = conversation;
  return (
    <div className={styles["row"]} data-empty={tags.length === 0 || undefined}>
      <ul className={styles["tags"]} aria-label={t("tags.title")}>
        {tags.map((name) => <li key={name}><TagChip name={name} color={colorOf(name)} /></li>)}
      </ul>
      <Popover opened={opened} onChange={onOpened} position="bottom-start" width={264} trapFocus returnFocus shadow="md" radius="md" transitionProps={{ duration: 120 }}>
        <Popover.Target>
          <button type="button" className={styles["add"]} data-testid="tags" aria-expanded={opened} aria-haspopup="dialog" onClick={() => onOpened(!opened)}>
            <IconTag size={14} stroke={1.75} aria-hidden="true" />{tags.length === 0 ? t("tags.add") : t("tags.change")}
          </button>
        </Popover.Target>
        <Popover.Dropdown p={6} aria-label={t("tags.change")} aria-labelledby={undefined}>
          <Suspense fallback={null}><TagsEditor tags={tags} known={known ?? []} onTags={onTags} /></Suspense>
        </Popover.Dropdown>
      </Popover>
    </div>
  );
}

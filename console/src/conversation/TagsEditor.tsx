/** Finds a tag by its name, puts it on or off, or makes a new one. */
import { IconCheck, IconPlus } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Tag } from "../api/types";
import { TagChip } from "../ui/TagChip";
import styles from "./TagsEditor.module.css";
import { choices, MOST, toggled } from "./tags";

interface Props { tags: readonly string[]; known: readonly Tag[]; onTags: (tags: string[]) => void }

export default function TagsEditor({ tags, known, onTags }: Props) {
  const { t } = useTranslation();
  const [typed, setTyped] = useState("");
  const [at, setAt] = useState(0);
  const { list, fresh } = choices(known, tags, typed);
  const count = list.length + (fresh === null ? 0 : 1);
  const pick = (index: number): void => {
    const name = list[index]?.name ?? fresh;
    if (name === null || name === undefined) return;
    onTags(toggled(tags, name));
    setTyped("");
    setAt(0);
  };
  const onKeyDown = (event: React.KeyboardEvent): void => {
    if (event.nativeEvent.isComposing || count === 0) return;
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step === 0 && event.key !== "Enter") return;
    event.preventDefault();
    if (step === 0) pick(at);
    else setAt((now) => (now + count + step) % count);
  };
  const full = tags.length >= MOST;
  return (
    <div>
      <input data-autofocus className={styles["field"]} data-testid="tag-field" value={typed} maxLength={40} placeholder={t("tags.find")} aria-label={t("tags.find")}
        role="combobox" aria-expanded="true" aria-controls="tag-choices" aria-activedescendant={count > 0 ? `tag-choice-${at}` : undefined}
        onChange={(event) => { setTyped(event.currentTarget.value); setAt(0); }} onKeyDown={onKeyDown} />
      <div className={styles["list"]} role="listbox" id="tag-choices" aria-label={t("tags.title")} aria-multiselectable="true">
        {list.map((one, index) => (
          <button key={one.name} id={`tag-choice-${index}`} type="button" role="option" tabIndex={-1} aria-selected={tags.includes(one.name)} data-active={index === at || undefined} className={styles["one"]}
            data-testid="tag-option" onPointerMove={() => setAt(index)} onClick={() => pick(index)}>
            <TagChip name={one.name} color={one.color} />{tags.includes(one.name) && <IconCheck size={16} stroke={1.75} />}
          </button>
        ))}
        {fresh !== null && !full && (
          <button type="button" id={`tag-choice-${list.length}`} role="option" tabIndex={-1} aria-selected="false" data-active={at === list.length || undefined} className={styles["one"]} data-testid="tag-new" onClick={() => pick(list.length)}>
            <span className={styles["new"]}><IconPlus size={16} stroke={1.75} />{t("tags.new", { name: fresh })}</span>
          </button>
        )}
      </div>
      {count === 0 && <p className={styles["hint"]}>{t("tags.none")}</p>}
      {full && <p className={styles["hint"]} role="status">{t("tags.full", { count: MOST })}</p>}
    </div>
  );
}

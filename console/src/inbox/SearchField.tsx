/** Where one types what to search for: visitors and what was said. */
import { ActionIcon } from "@mantine/core";
import { IconSearch, IconX } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import styles from "./SearchField.module.css";

const ID = "inbox-search";
export const focusSearch = (): void => document.getElementById(ID)?.focus();

export function SearchField({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const { t } = useTranslation();
  return (
    <div className={styles["frame"]} role="search">
      <IconSearch className={styles["icon"]} size={17} stroke={1.75} aria-hidden="true" />
      <input id={ID} type="text" inputMode="search" autoComplete="off" className={styles["field"]} data-testid="search" maxLength={100} value={value} placeholder={t("search.placeholder")} aria-label={t("search.label")}
        onChange={(event) => onChange(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key !== "Escape" || event.nativeEvent.isComposing) return;
          onChange("");
          event.currentTarget.blur();
        }} />
      {value !== "" && <ActionIcon className={styles["clear"]} size={26} aria-label={t("search.clear")} onClick={() => { onChange(""); focusSearch(); }}><IconX size={15} stroke={1.75} /></ActionIcon>}
    </div>
  );
}

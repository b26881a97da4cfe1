/** Everything that can be done at the moment, found by typing, each with its key. */
import { IconSearch } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { operatorsQuery } from "../api/queries";
import { commandsNow, paletteOpen, type Command } from "../commands/commands";
import { KEYS, keyLabel } from "../commands/keys";
import { matching } from "../commands/search-text";
import { Kbd } from "../ui/Kbd";
import { Modal } from "../ui/Modal";
import styles from "./Palette.module.css";

const ORDER = ["conversation", "page", "go", "self"] as const;

export default function Palette() {
  const { t } = useTranslation();
  const [typed, setTyped] = useState("");
  const [at, setAt] = useState(0);
  const list = useRef<HTMLDivElement>(null);
  useQuery(operatorsQuery);
  // What was on the screen when it opened: it stays the same while one types.
  const all = useMemo(() => commandsNow().map((one) => ({ ...one, text: one.label ?? t(`command.${one.id}` as "command.reply") })), [t]);
  const shown = matching(all, typed).sort((a, b) => (typed.trim() === "" ? ORDER.indexOf(a.group) - ORDER.indexOf(b.group) : 0));
  useEffect(() => setAt(0), [typed]);
  useEffect(() => { list.current?.querySelector("[data-active]")?.scrollIntoView({ block: "nearest" }); }, [at]);
  const close = (): void => paletteOpen.set(false);
  const run = (one: Command | undefined): void => {
    if (!one) return;
    close();
    // After the focus has gone back to where it was, so that the command may take it.
    setTimeout(() => one.run(), 30);
  };
  const onKeyDown = (event: React.KeyboardEvent): void => {
    if (event.nativeEvent.isComposing || shown.length === 0) return;
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step === 0 && event.key !== "Enter") return;
    event.preventDefault();
    if (step === 0) run(shown[at]);
    else setAt((now) => (now + shown.length + step) % shown.length);
  };
  return (
    <Modal opened onClose={close} withCloseButton={false} centered={false} yOffset="12dvh" padding={0} size={560} attributes={{ content: { "aria-label": t("palette.title") } }} transitionProps={{ duration: 100 }}>
      <div className={styles["head"]}>
        <IconSearch size={18} stroke={1.75} aria-hidden="true" />
        <input data-autofocus className={styles["field"]} data-testid="palette-field" value={typed} placeholder={t("palette.placeholder")} aria-label={t("palette.title")} role="combobox" aria-expanded="true"
          aria-controls="palette-list" aria-activedescendant={shown.length > 0 ? `palette-${at}` : undefined} onChange={(event) => setTyped(event.currentTarget.value)} onKeyDown={onKeyDown} />
      </div>
      <div ref={list} id="palette-list" role="listbox" aria-label={t("palette.title")} className={styles["list"]}>
        {shown.map((one, index) => (
          <div key={one.id}>
            {typed.trim() === "" && one.group !== shown[index - 1]?.group && <div className={styles["group"]} role="presentation">{t(`palette.${one.group}`)}</div>}
            <button type="button" id={`palette-${index}`} role="option" aria-selected={index === at} tabIndex={-1} className={styles["one"]} data-active={index === at || undefined} data-testid="palette-option"
              onPointerMove={() => setAt(index)} onClick={() => run(one)}>
              <span className="cut">{one.text}</span>
              {one.keys && <span className={styles["keys"]}>{KEYS[one.keys].slice(0, 1).map((key) => <Kbd key={key}>{keyLabel(key)}</Kbd>)}</span>}
            </button>
          </div>
        ))}
        {shown.length === 0 && <p className={styles["none"]}>{t("palette.nothing")}</p>}
      </div>
    </Modal>
  );
}

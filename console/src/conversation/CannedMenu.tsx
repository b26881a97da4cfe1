/** What `/` offers: canned responses with what they will say to this visitor. The keys stay with the text field. */
import { useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useState, type RefObject } from "react";
import { useTranslation } from "react-i18next";
import { cannedQuery, visitorQuery } from "../api/queries";
import type { Conversation } from "../api/types";
import { useMe } from "../session";
import { cannedFor, filled, fillingOf } from "./canned";
import styles from "./CannedMenu.module.css";

interface Props { conversation: Conversation; typed: string; keys: RefObject<((key: string) => boolean) | null>; onChoose: (text: string) => void }
const SHOWN = 8;

export default function CannedMenu({ conversation, typed, keys, onChoose }: Props) {
  const { t } = useTranslation();
  const { operator: me } = useMe();
  const { data } = useQuery(cannedQuery);
  const { data: visitor } = useQuery(visitorQuery(conversation.visitor.id));
  const list = useMemo(() => cannedFor(data ?? [], typed, conversation.site.id).slice(0, SHOWN), [data, typed, conversation.site.id]);
  const values = fillingOf(conversation, visitor, me.name);
  const [at, setAt] = useState(0);
  useEffect(() => setAt(0), [typed]);
  const choose = (index: number): boolean => {
    const one = list[index];
    if (one) onChoose(filled(one.text, values));
    return one !== undefined;
  };
  useEffect(() => {
    keys.current = (key) => {
      if (list.length === 0) return false;
      if (key === "ArrowDown") setAt((now) => (now + 1) % list.length);
      else if (key === "ArrowUp") setAt((now) => (now + list.length - 1) % list.length);
      else if (key === "Enter" || key === "Tab") return choose(at);
      else return false;
      return true;
    };
    return () => { keys.current = null; };
  });
  if (!data || (list.length === 0 && (typed !== "" || data.length > 0))) return null;
  return (
    <div className={styles["menu"]} role="listbox" aria-label={t("canned.title")} data-testid="canned-menu">
      {list.length === 0 && <p className={styles["none"]}><b>{t("canned.none")}</b><br />{t("canned.none_hint")}</p>}
      {list.map((one, index) => (
        <button key={one.id} type="button" role="option" aria-selected={index === at} tabIndex={-1} className={styles["one"]} data-active={index === at || undefined}
          data-testid="canned-option" onPointerMove={() => setAt(index)} onMouseDown={(event) => { event.preventDefault(); choose(index); }}>
          <span className={styles["shortcut"]}>/{one.shortcut}</span>
          <span className={`${styles["text"]} cut`}>{filled(one.text, values).replace(/\s+/g, " ")}</span>
        </button>
      ))}
      {list.length > 0 && <p className={styles["hint"]}>{t("canned.hint")}</p>}
    </div>
  );
}

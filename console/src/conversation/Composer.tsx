/** Where answers and notes are written. Keeps drafts; Enter sends, unless Hangul is being composed. */
import { Button, Tooltip } from "@mantine/core";
import { IconLock, IconPencil, IconSend2 } from "@tabler/icons-react";
import { useEffect, useLayoutEffect, useState, type RefObject } from "react";
import { useTranslation } from "react-i18next";
import type { Conversation } from "../api/types";
import { draftOf, keepDraft } from "../outbox/drafts";
import { send } from "../outbox/outbox-store";
import type { Lane } from "../outbox/outbox";
import { useMe } from "../session";
import { useTyping } from "./use-typing";
import { useVisitorName } from "../ui/visitor-name";
import styles from "./Composer.module.css";

/** A text that is being changed instead of a new one written. */
export interface Editing { text: string; save: (text: string) => void }
interface Props {
  conversation: Conversation; field: RefObject<HTMLTextAreaElement | null>; lane: Lane; onLane: (lane: Lane) => void;
  editing: Editing | null; onEditingDone: () => void; onSent: () => void;
}

export const TEXT_LIMIT = 8000;
/** The count is shown from here on. */
const NEAR_LIMIT = 7000;
const lengthOf = (text: string): number => [...text].length;

export function Composer({ conversation, field, lane, onLane, editing, onEditingDone, onSent }: Props) {
  const { t } = useTranslation();
  const { operator: me } = useMe();
  const [text, setText] = useState(() => draftOf(me.id, conversation.id, lane));
  const typing = useTyping(conversation.id, lane === "messages" && editing === null);
  useEffect(() => setText(editing?.text ?? draftOf(me.id, conversation.id, lane)), [editing, lane, me.id, conversation.id]);
  useGrowth(field, text);

  const length = lengthOf(text);
  const ready = text.trim() !== "" && length <= TEXT_LIMIT;
  const write = (next: string): void => {
    setText(next);
    if (!editing) keepDraft(me.id, conversation.id, lane, next);
    typing.wrote(next !== "");
  };
  const done = (): void => {
    onEditingDone();
    field.current?.focus();
  };
  const submit = (): void => {
    if (!ready) return;
    typing.stop();
    if (editing) {
      editing.save(text.trim());
      done();
      return;
    }
    send(conversation.id, lane, text.trim());
    write("");
    typing.stop();
    onSent();
    field.current?.focus();
  };
  const onKeyDown = (event: React.KeyboardEvent<HTMLTextAreaElement>): void => {
    // 229 is what Safari says while a syllable is being composed, after isComposing went false.
    if (event.nativeEvent.isComposing || event.keyCode === 229) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      submit();
    }
    if (event.key === "Escape") {
      if (editing) done();
      else event.currentTarget.blur();
    }
  };

  const name = useVisitorName(conversation.visitor);
  const note = lane === "notes";
  const placeholder = note ? t("composer.note_placeholder") : conversation.status === "resolved" ? t("composer.placeholder_resolved") : t("composer.placeholder", { name });
  return (
    <div className={styles["frame"]}>
      <form className={styles["composer"]} data-note={note || undefined} onSubmit={(event) => { event.preventDefault(); submit(); }}>
        {editing
          ? <div className={styles["editing"]}><IconPencil size={14} stroke={1.75} aria-hidden="true" />{t("message.editing")}</div>
          : <Modes lane={lane} onLane={(next) => { onLane(next); field.current?.focus(); }} />}
        <textarea ref={field} className={styles["field"]} data-testid="composer" rows={1} value={text} placeholder={placeholder}
          aria-label={note ? t("composer.note_label") : t("composer.label", { name })} aria-describedby="composer-hint"
          onChange={(event) => write(event.currentTarget.value)} onKeyDown={onKeyDown} onBlur={typing.stop} />
        <div className={styles["foot"]}>
          <Hint length={length} />
          {editing && <Button variant="subtle" color="gray" onClick={done}>{t("message.cancel")}</Button>}
          <Tooltip label="Enter" disabled={!ready}>
            <Button type="submit" data-testid="send" disabled={!ready} color={note ? "dark" : "brand"} leftSection={note ? <IconLock size={16} stroke={1.75} /> : <IconSend2 size={16} stroke={1.75} />}
              className={note ? styles["noteButton"] : undefined}>
              {editing ? t("message.save") : note ? t("composer.add_note") : t("composer.send")}
            </Button>
          </Tooltip>
        </div>
      </form>
    </div>
  );
}

function Modes({ lane, onLane }: { lane: Lane; onLane: (lane: Lane) => void }) {
  const { t } = useTranslation();
  return (
    <div className={styles["modes"]} role="group" aria-label={t("composer.mode")}>
      <button type="button" data-testid="mode-reply" aria-pressed={lane === "messages"} onClick={() => onLane("messages")}>{t("composer.reply")}</button>
      <button type="button" data-testid="mode-note" aria-pressed={lane === "notes"} onClick={() => onLane("notes")}><IconLock size={13} stroke={1.75} aria-hidden="true" />{t("composer.note")}</button>
    </div>
  );
}

function Hint({ length }: { length: number }) {
  const { t } = useTranslation();
  if (length > TEXT_LIMIT) {
    return <span id="composer-hint" className={styles["hint"]} data-over role="alert">{t("composer.too_long", { over: length - TEXT_LIMIT, limit: TEXT_LIMIT })}</span>;
  }
  return (
    <span id="composer-hint" className={styles["hint"]}>
      {length >= NEAR_LIMIT ? t("composer.limit", { length, limit: TEXT_LIMIT }) : <span className={styles["keys"]}>{t("composer.enter")}</span>}
    </span>
  );
}

/** As high as its text, up to the eight lines the stylesheet allows. */
function useGrowth(field: RefObject<HTMLTextAreaElement | null>, text: string): void {
  useLayoutEffect(() => {
    const box = field.current;
    if (!box) return;
    box.style.height = "auto";
    box.style.height = `${box.scrollHeight}px`;
  }, [field, text]);
}

/** Where answers and notes are written. Keeps drafts; Enter sends, unless Hangul is being composed. */
import { Button, Tooltip } from "@mantine/core";
import { IconLock, IconPencil, IconSend2 } from "@tabler/icons-react";
import { lazy, Suspense, useEffect, useLayoutEffect, useRef, useState, type RefObject } from "react";
import { useTranslation } from "react-i18next";
import type { Card, Conversation } from "../api/types";
import { useCommands } from "../commands/commands";
import { addFiles, sendTray, tray, trayOf } from "../files/tray";
import { draftOf, keepDraft, useDraft } from "../outbox/drafts";
import { send, sendCard } from "../outbox/outbox-store";
import type { Lane } from "../outbox/outbox";
import { useStore } from "../store";
import { useVisitorName } from "../ui/visitor-name";
import { CardPreview } from "./CardView";
import { cannedToken } from "./canned";
import { ComposerTools } from "./ComposerTools";
import { FileTray } from "./FileTray";
import { useTyping } from "./use-typing";
import styles from "./Composer.module.css";

const CannedMenu = lazy(() => import("./CannedMenu"));

/** A text that is being changed instead of a new one written. */
export interface Editing { text: string; save: (text: string) => void }
interface Props {
  conversation: Conversation; field: RefObject<HTMLTextAreaElement | null>; lane: Lane; onLane: (lane: Lane) => void;
  editing: Editing | null; onEditingDone: () => void; onSent: () => void; card: Card | null; onCard: (card: Card | null) => void;
}

export const TEXT_LIMIT = 8000;
/** The count is shown from here on. */
const NEAR_LIMIT = 7000;
const lengthOf = (text: string): number => [...text].length;

export function Composer({ conversation, field, lane, onLane, editing, onEditingDone, onSent, card, onCard }: Props) {
  const { t } = useTranslation();
  const { id } = conversation;
  const draft = useDraft(id, lane);
  const [changing, setChanging] = useState("");
  useEffect(() => setChanging(editing?.text ?? ""), [editing]);
  const text = editing ? changing : draft;
  const [caret, setCaret] = useState(0);
  const typing = useTyping(id, lane === "messages" && editing === null);
  const files = trayOf(useStore(tray), id);
  const menuKeys = useRef<((key: string) => boolean) | null>(null);
  const [closedAt, setClosedAt] = useState<string | null>(null);
  useGrowth(field, text);

  const note = lane === "notes";
  const extras = note || editing ? { files: [], card: null } : { files, card };
  const length = lengthOf(text);
  const ready = (text.trim() !== "" || extras.card !== null || extras.files.some((one) => !one.wanted)) && length <= TEXT_LIMIT;
  const token = editing ? null : cannedToken(text, caret);
  const choosing = token !== null && token.typed !== closedAt;

  const write = (next: string): void => {
    if (editing) setChanging(next);
    else keepDraft(id, lane, next);
    typing.wrote(next !== "");
  };
  const put = (next: string, at: number): void => {
    write(next);
    requestAnimationFrame(() => {
      field.current?.focus();
      field.current?.setSelectionRange(at, at);
      setCaret(at);
    });
  };
  /** In place of what is selected, or where the caret is. */
  const insert = (what: string): void => {
    const now = editing ? changing : draftOf(id, lane);
    const [from, to] = [field.current?.selectionStart ?? now.length, field.current?.selectionEnd ?? now.length];
    put(now.slice(0, from) + what + now.slice(to), from + what.length);
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
    if (extras.card) {
      sendCard(id, extras.card);
      onCard(null);
    }
    if (extras.files.length > 0) sendTray(id);
    if (text.trim() !== "") send(id, lane, text.trim());
    write("");
    typing.stop();
    onSent();
    field.current?.focus();
  };
  useCommands(ready ? [{ id: "send", group: "conversation", keys: "send", press: () => undefined, label: editing ? t("message.save") : note ? t("composer.add_note") : t("composer.send"), run: submit }] : []);
  const onKeyDown = (event: React.KeyboardEvent<HTMLTextAreaElement>): void => {
    // 229 is what Safari says while a syllable is being composed, after isComposing went false.
    if (event.nativeEvent.isComposing || event.keyCode === 229) return;
    if (choosing && menuKeys.current?.(event.key)) {
      event.preventDefault();
      return;
    }
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      submit();
    }
    if (event.key === "Escape") {
      if (choosing) setClosedAt(token.typed);
      else if (editing) done();
      else event.currentTarget.blur();
    }
  };
  const onPaste = (event: React.ClipboardEvent): void => {
    if (note || editing || event.clipboardData.files.length === 0) return;
    event.preventDefault();
    addFiles(id, event.clipboardData.files);
  };

  const name = useVisitorName(conversation.visitor);
  const placeholder = note ? t("composer.note_placeholder") : conversation.status === "resolved" ? t("composer.placeholder_resolved") : t("composer.placeholder", { name });
  return (
    <div className={styles["frame"]}>
      {choosing && (
        <Suspense fallback={null}>
          <CannedMenu conversation={conversation} typed={token.typed} keys={menuKeys}
            onChoose={(filled) => put(text.slice(0, token.from) + filled + text.slice(caret), token.from + filled.length)} />
        </Suspense>
      )}
      <form className={styles["composer"]} data-note={note || undefined} onSubmit={(event) => { event.preventDefault(); submit(); }}>
        {editing
          ? <div className={styles["editing"]}><IconPencil size={14} stroke={1.75} aria-hidden="true" />{t("message.editing")}</div>
          : <Modes lane={lane} onLane={(next) => { onLane(next); field.current?.focus(); }} />}
        {extras.card && <CardPreview card={extras.card} onRemove={() => onCard(null)} />}
        {extras.files.length > 0 && <FileTray items={extras.files} />}
        <textarea ref={field} className={styles["field"]} data-testid="composer" rows={1} value={text} placeholder={placeholder}
          aria-label={note ? t("composer.note_label") : t("composer.label", { name })} aria-describedby="composer-hint"
          onChange={(event) => { setCaret(event.currentTarget.selectionEnd); setClosedAt(null); write(event.currentTarget.value); }}
          onSelect={(event) => setCaret(event.currentTarget.selectionEnd)} onKeyDown={onKeyDown} onPaste={onPaste} onBlur={typing.stop} />
        <div className={styles["foot"]}>
          {!editing && <ComposerTools conversation={conversation} note={note} onInsert={insert} onCard={onCard} onCanned={() => insert(text === "" || /\s$/.test(text) ? "/" : " /")} />}
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

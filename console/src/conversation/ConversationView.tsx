/** Header, log, composer and the visitor beside them. */
import { useDisclosure, useMediaQuery } from "@mantine/hooks";
import { useNavigate, useParams } from "@tanstack/react-router";
import { lazy, memo, Suspense, useCallback, useDeferredValue, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Card, Conversation } from "../api/types";
import { pageStands } from "../api/query-client";
import { useCommands } from "../commands/commands";
import { addFiles } from "../files/tray";
import type { Lane } from "../outbox/outbox";
import { drop, resend } from "../outbox/outbox-store";
import { useMe } from "../session";
import { snoozeTimes } from "../time/snooze";
import { CollisionNotice } from "./CollisionNotice";
import { Composer, type Editing } from "./Composer";
import { ConversationHeader, type OpenMenu } from "./ConversationHeader";
import { Log } from "./Log";
import { Suggestion } from "./Suggestion";
import { TagsRow } from "./TagsRow";
import type { OutgoingLine } from "./timeline";
import { useConversationActions, type ConversationActions } from "./use-actions";
import { useDrop } from "./use-drop";
import { VisitorPanel } from "./VisitorPanel";
import { useVisitorName } from "../ui/visitor-name";
import styles from "./ConversationView.module.css";

// What an action does shows first in the header, the tags and the list; the rest follows in a render of its own.
const LaterLog = memo(Log);
const LaterComposer = memo(Composer);
const LaterPanel = memo(VisitorPanel);
const loadDrawer = () => import("./VisitorDrawer");
const VisitorDrawer = lazy(loadDrawer);

export function ConversationView({ conversation }: { conversation: Conversation }) {
  const { t } = useTranslation();
  const wide = useMediaQuery("(min-width: 1100px)", true, { getInitialValueInEffect: false });
  const [drawer, { open, close, toggle }] = useDisclosure(false);
  const [drawn, setDrawn] = useState(false);
  if (drawer && !drawn) setDrawn(true);
  useEffect(() => { if (!wide) void pageStands().then(loadDrawer); }, [wide]);
  const [lane, setLane] = useState<Lane>("messages");
  const [editing, setEditing] = useState<Editing | null>(null);
  const [card, setCard] = useState<Card | null>(null);
  const [menu, setMenu] = useState<OpenMenu>(null);
  const [sent, setSent] = useState(0);
  const field = useRef<HTMLTextAreaElement>(null);
  const later = useDeferredValue(conversation);
  const editingDone = useCallback(() => setEditing(null), []);
  const countSent = useCallback(() => setSent((count) => count + 1), []);
  // A menu that closes late must not close the one that was opened after it.
  const openMenu = useCallback((which: NonNullable<OpenMenu>, open: boolean) => setMenu((now) => (open ? which : now === which ? null : now)), []);
  const actions = useConversationActions(conversation);
  const name = useVisitorName(conversation.visitor);
  const write = useCallback((into: Lane) => {
    setLane(into);
    requestAnimationFrame(() => field.current?.focus());
  }, []);
  useConversationCommands({ conversation, actions, onMenu: setMenu, onWrite: write, onVisitor: wide ? null : toggle });

  const editOutgoing = useCallback(({ item }: OutgoingLine) => {
    setLane(item.lane);
    setEditing({ text: item.text, save: (text) => (text === "" ? drop(item) : resend(item, text)) });
    field.current?.focus();
  }, []);
  const { edit } = actions;
  const editMessage = useCallback((seq: number, text: string) => {
    setLane("messages");
    setEditing({ text, save: (changed) => edit(seq, changed) });
    // After the menu has closed, which gives the focus back to its button.
    requestAnimationFrame(() => field.current?.focus());
  }, [edit]);
  const { over, handlers } = useDrop((files) => {
    setLane("messages");
    setEditing(null);
    addFiles(conversation.id, files);
    field.current?.focus();
  });

  return (
    <div className={styles["view"]}>
      <section className={styles["conversation"]} aria-label={t("conversation.with", { name })} {...handlers}>
        <ConversationHeader conversation={conversation} actions={actions} menu={menu} onMenu={openMenu} onDetails={wide ? null : open} />
        <TagsRow conversation={conversation} opened={menu === "tags"} onOpened={(opened) => openMenu("tags", opened)} onTags={actions.setTags} />
        <LaterLog conversation={later} sent={sent} onEdit={editMessage} onRetract={actions.retract} onEditOutgoing={editOutgoing} />
        <CollisionNotice conversation={conversation} />
        <Suggestion conversation={later} />
        <LaterComposer conversation={later} field={field} lane={lane} onLane={setLane} editing={editing} onEditingDone={editingDone}
          onSent={countSent} card={card} onCard={setCard} />
        {over && <div className={styles["drop"]}>{t("files.drop", { name })}</div>}
      </section>
      {wide
        ? <aside className={styles["panel"]} aria-label={t("visitor.title")} data-testid="visitor-panel"><LaterPanel conversation={later} /></aside>
        : drawn && <Suspense fallback={null}><VisitorDrawer conversation={later} opened={drawer} onClose={close} /></Suspense>}
    </div>
  );
}

interface CommandsIn { conversation: Conversation; actions: ConversationActions; onMenu: (menu: OpenMenu) => void; onWrite: (lane: Lane) => void; onVisitor: (() => void) | null }

function useConversationCommands({ conversation, actions, onMenu, onWrite, onVisitor }: CommandsIn): void {
  const { t } = useTranslation();
  const { operator: me } = useMe();
  const navigate = useNavigate();
  const { view = "queued" } = useParams({ strict: false });
  const { status, assignee } = conversation;
  const open = status === "open";
  useCommands([
    { id: "reply", group: "conversation", keys: "reply", run: () => onWrite("messages") },
    { id: "note", group: "conversation", keys: "note", run: () => onWrite("notes") },
    { id: "resolve", group: "conversation", keys: "resolve", label: open ? t("conversation.resolve") : t("conversation.reopen"), run: () => actions.setStatus(open ? "resolved" : "open") },
    ...(status === "resolved" ? [] : [
      { id: "snooze", group: "conversation" as const, keys: "snooze" as const, run: () => onMenu("snooze") },
      ...snoozeTimes(Date.now()).map(({ choice }) => ({
        id: `snooze_${choice}`, group: "conversation" as const, label: `${t("snooze.title")}: ${t(`snooze.${choice}`)}`,
        // An hour from when it is chosen, not from when it was offered.
        run: () => { for (const one of snoozeTimes(Date.now())) if (one.choice === choice) actions.snooze(one.at); },
      })),
      { id: "snooze_reply", group: "conversation" as const, label: `${t("snooze.title")}: ${t("snooze.until_reply")}`, run: () => actions.snooze(null) },
    ]),
    ...(assignee?.id === me.id || status === "resolved" ? []
      : [{ id: "take", group: "conversation" as const, keys: "take" as const, label: assignee ? t("conversation.take_over") : t("conversation.assign_me"), run: () => actions.assign({ id: me.id, name: me.name }) }]),
    { id: "assign", group: "conversation", keys: "assign", run: () => onMenu("assignee") },
    ...(assignee ? [{ id: "return", group: "conversation" as const, run: () => actions.assign(null) }] : []),
    { id: "tags", group: "conversation", keys: "tags", run: () => onMenu("tags") },
    ...(onVisitor ? [{ id: "visitor", group: "conversation" as const, keys: "visitor" as const, run: onVisitor }] : []),
    { id: "leave", group: "conversation", keys: "leave", run: () => void navigate({ to: "/inbox/$view", params: { view } }) },
  ]);
}

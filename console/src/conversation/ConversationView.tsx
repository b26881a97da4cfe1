/** Header, log, composer and the visitor beside them. */
import { Drawer } from "@mantine/core";
import { useDisclosure, useMediaQuery } from "@mantine/hooks";
import { useCallback, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Conversation } from "../api/types";
import type { Lane } from "../outbox/outbox";
import { drop, resend } from "../outbox/outbox-store";
import { useHotkeys } from "../ui/hotkeys";
import { Composer, type Editing } from "./Composer";
import { ConversationHeader } from "./ConversationHeader";
import { Log } from "./Log";
import type { OutgoingLine } from "./timeline";
import { useConversationActions } from "./use-actions";
import { VisitorPanel } from "./VisitorPanel";
import { useVisitorName } from "../ui/visitor-name";
import styles from "./ConversationView.module.css";

export function ConversationView({ conversation }: { conversation: Conversation }) {
  const { t } = useTranslation();
  const wide = useMediaQuery("(min-width: 1100px)", true, { getInitialValueInEffect: false });
  const [drawer, { open, close }] = useDisclosure(false);
  const [lane, setLane] = useState<Lane>("messages");
  const [editing, setEditing] = useState<Editing | null>(null);
  const [sent, setSent] = useState(0);
  const field = useRef<HTMLTextAreaElement>(null);
  const actions = useConversationActions(conversation);
  const name = useVisitorName(conversation.visitor);

  useHotkeys({
    r: (event) => {
      event.preventDefault();
      field.current?.focus();
    },
    e: () => actions.setStatus(conversation.status === "resolved" ? "open" : "resolved"),
  });
  const editOutgoing = useCallback(({ item }: OutgoingLine) => {
    setLane(item.lane);
    setEditing({ text: item.text, save: (text) => (text === "" ? drop(item) : resend(item, text)) });
    field.current?.focus();
  }, []);
  const { edit } = actions;
  const editMessage = useCallback((seq: number, text: string) => {
    setLane("messages");
    setEditing({ text, save: (changed) => edit(seq, changed) });
    field.current?.focus();
  }, [edit]);

  return (
    <div className={styles["view"]}>
      <section className={styles["conversation"]} aria-label={t("conversation.with", { name })}>
        <ConversationHeader conversation={conversation} actions={actions} onDetails={wide ? null : open} />
        <Log conversation={conversation} sent={sent} onEdit={editMessage} onRetract={actions.retract} onEditOutgoing={editOutgoing} />
        <Composer conversation={conversation} field={field} lane={lane} onLane={setLane} editing={editing} onEditingDone={() => setEditing(null)}
          onSent={() => setSent((count) => count + 1)} />
      </section>
      {wide
        ? <aside className={styles["panel"]} aria-label={t("visitor.title")} data-testid="visitor-panel"><VisitorPanel conversation={conversation} /></aside>
        : (
          <Drawer opened={drawer} onClose={close} position="right" size={340} title={t("visitor.title")} closeButtonProps={{ "aria-label": t("visitor.close") }} padding={0}
            classNames={{ header: styles["drawerHead"] }}>
            <div data-testid="visitor-panel"><VisitorPanel conversation={conversation} /></div>
          </Drawer>
        )}
    </div>
  );
}

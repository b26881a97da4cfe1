/** Who this is with, who has it, and what is to become of it. */
import { ActionIcon, Button, Tooltip } from "@mantine/core";
import { IconArrowLeft, IconCheck, IconHandGrab, IconInfoCircle, IconRotate2 } from "@tabler/icons-react";
import { useNavigate, useParams } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { Conversation } from "../api/types";
import { useMe } from "../session";
import { Avatar } from "../ui/Avatar";
import { AssigneeMenu } from "./AssigneeMenu";
import { SnoozeMenu } from "./SnoozeMenu";
import type { ConversationActions } from "./use-actions";
import { useVisitorName } from "../ui/visitor-name";
import styles from "./ConversationView.module.css";

/** Which of the header's menus is open. */
export type OpenMenu = "assignee" | "snooze" | "tags" | null;
interface Props { conversation: Conversation; actions: ConversationActions; menu: OpenMenu; onMenu: (menu: NonNullable<OpenMenu>, open: boolean) => void; onDetails: (() => void) | null }

export function ConversationHeader({ conversation, actions, menu, onMenu, onDetails }: Props) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { view = "queued" } = useParams({ strict: false });
  const { visitor, site } = conversation;
  const name = useVisitorName(visitor);
  return (
    <div className={styles["header"]}>
      <ActionIcon className={styles["back"]} size={44} aria-label={t("conversation.back")} onClick={() => void navigate({ to: "/inbox/$view", params: { view } })}>
        <IconArrowLeft size={22} stroke={1.75} />
      </ActionIcon>
      <Avatar id={visitor.id} name={name} size={36} dot={visitor.present ? "online" : null} />
      <div className={styles["who"]}>
        <h2 className={`${styles["name"]} cut`} title={name}>{name}</h2>
        <span className={`${styles["sub"]} cut`}>{visitor.present ? t("visitor.now") : (visitor.email ?? site.name)}{visitor.present && ` · ${site.name}`}</span>
      </div>
      <div className={styles["actions"]}>
        <Buttons conversation={conversation} actions={actions} menu={menu} onMenu={onMenu} />
        {onDetails && (
          <Tooltip label={<>{t("conversation.details")} · V</>}>
            <ActionIcon data-testid="visitor-panel-toggle" aria-label={t("conversation.details")} onClick={onDetails}><IconInfoCircle size={20} stroke={1.75} /></ActionIcon>
          </Tooltip>
        )}
      </div>
    </div>
  );
}

/** Where the header is too narrow for words, the stylesheet leaves the icons. */
function Buttons({ conversation, actions, menu, onMenu }: Omit<Props, "onDetails">) {
  const { t } = useTranslation();
  const { operator: me } = useMe();
  const { status, assignee } = conversation;
  const mine = assignee?.id === me.id;
  const take = assignee && !mine ? t("conversation.take_over") : t("conversation.assign_me");
  return (
    <>
      {!mine && status !== "resolved" && (
        <Button variant="light" className={`${styles["folds"]} ${styles["take"]}`} data-testid="assign-me" aria-label={take} title={take}
          leftSection={<IconHandGrab size={18} stroke={1.75} />} onClick={() => actions.assign({ id: me.id, name: me.name })}>{take}</Button>
      )}
      <AssigneeMenu conversation={conversation} opened={menu === "assignee"} onOpened={(open) => onMenu("assignee", open)} onAssign={actions.assign} />
      {status !== "resolved" && (
        <SnoozeMenu opened={menu === "snooze"} onOpened={(open) => onMenu("snooze", open)} onSnooze={actions.snooze} until={conversation.snoozed_until} snoozed={status === "snoozed"} />
      )}
      {status === "open"
        ? <StatusButton testId="resolve" label={t("conversation.resolve")} icon={<IconCheck size={18} stroke={2} />} filled onClick={() => actions.setStatus("resolved")} />
        : <StatusButton testId="reopen" label={t("conversation.reopen")} icon={<IconRotate2 size={18} stroke={1.75} />} filled={false} onClick={() => actions.setStatus("open")} />}
    </>
  );
}

interface StatusButtonProps { testId: string; label: string; icon: React.ReactNode; filled: boolean; onClick: () => void }

function StatusButton({ testId, label, icon, filled, onClick }: StatusButtonProps) {
  return (
    <Tooltip label={<>{label} · E</>}>
      <Button className={styles["foldsLate"]} data-testid={testId} variant={filled ? "filled" : "default"} aria-label={label} leftSection={icon} onClick={onClick}>{label}</Button>
    </Tooltip>
  );
}

/** Who this is with, who has it, and resolving it. */
import { ActionIcon, Button, Tooltip } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { IconArrowLeft, IconCheck, IconHandGrab, IconInfoCircle, IconRotate2 } from "@tabler/icons-react";
import { useNavigate, useParams } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { Conversation } from "../api/types";
import { useMe } from "../session";
import { Avatar } from "../ui/Avatar";
import { AssigneeMenu } from "./AssigneeMenu";
import type { ConversationActions } from "./use-actions";
import { useVisitorName } from "../ui/visitor-name";
import styles from "./ConversationView.module.css";

interface Props { conversation: Conversation; actions: ConversationActions; onDetails: (() => void) | null }

export function ConversationHeader({ conversation, actions, onDetails }: Props) {
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
        <Buttons conversation={conversation} actions={actions} />
        {onDetails && (
          <Tooltip label={t("conversation.details")}>
            <ActionIcon data-testid="visitor-panel-toggle" aria-label={t("conversation.details")} onClick={onDetails}><IconInfoCircle size={20} stroke={1.75} /></ActionIcon>
          </Tooltip>
        )}
      </div>
    </div>
  );
}

function Buttons({ conversation, actions }: Omit<Props, "onDetails">) {
  const { t } = useTranslation();
  const { operator: me } = useMe();
  // Between the breakpoints the panel is away but the list is there: the header is at its narrowest.
  const narrow = useMediaQuery("(max-width: 1020px)", false, { getInitialValueInEffect: false });
  const resolved = conversation.status === "resolved";
  const mine = conversation.assignee?.id === me.id;
  const takeIt = (): void => actions.assign({ id: me.id, name: me.name });
  return (
    <>
      {!mine && !resolved && (narrow
        ? <Tooltip label={t("conversation.assign_me")}><ActionIcon data-testid="assign-me" aria-label={t("conversation.assign_me")} onClick={takeIt}><IconHandGrab size={20} stroke={1.75} /></ActionIcon></Tooltip>
        : <Button variant="light" data-testid="assign-me" onClick={takeIt}>{t("conversation.assign_me")}</Button>)}
      <AssigneeMenu conversation={conversation} onAssign={actions.assign} narrow={narrow ?? false} />
      {resolved
        ? <StatusButton testId="reopen" label={t("conversation.reopen")} icon={<IconRotate2 size={18} stroke={1.75} />} narrow={narrow} filled={false} onClick={() => actions.setStatus("open")} />
        : <StatusButton testId="resolve" label={t("conversation.resolve")} icon={<IconCheck size={18} stroke={2} />} narrow={narrow} filled onClick={() => actions.setStatus("resolved")} />}
    </>
  );
}

interface StatusButtonProps { testId: string; label: string; icon: React.ReactNode; narrow: boolean; filled: boolean; onClick: () => void }

function StatusButton({ testId, label, icon, narrow, filled, onClick }: StatusButtonProps) {
  return (
    <Tooltip label={<>{label} · E</>}>
      {narrow
        ? <ActionIcon data-testid={testId} variant={filled ? "filled" : "default"} color="brand" aria-label={label} onClick={onClick}>{icon}</ActionIcon>
        : <Button data-testid={testId} variant={filled ? "filled" : "default"} leftSection={icon} onClick={onClick}>{label}</Button>}
    </Tooltip>
  );
}

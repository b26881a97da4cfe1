/** Who has the conversation, and giving it to somebody else. */
import { Button, Menu } from "@mantine/core";
import { IconCheck, IconChevronDown, IconUserOff, IconUserPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { operatorsQuery } from "../api/queries";
import type { Conversation, Operator, Person } from "../api/types";
import { useMe } from "../session";
import { Avatar } from "../ui/Avatar";
import styles from "./ConversationView.module.css";

interface Props { conversation: Conversation; onAssign: (to: Person | null) => void }

/** Myself first, then who is there, then the rest by name. */
function sorted(operators: readonly Operator[], me: string): Operator[] {
  const rank = (one: Operator): number => (one.id === me ? 0 : one.present && one.availability === "online" ? 1 : one.present ? 2 : 3);
  return [...operators].sort((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name));
}

export function AssigneeMenu({ conversation, onAssign }: Props) {
  const { t } = useTranslation();
  const { operator: me } = useMe();
  const { data: operators = [] } = useQuery(operatorsQuery);
  const { assignee } = conversation;
  const nameOf = (person: Person): string => (person.id === me.id ? t("conversation.you") : person.name);
  const label = assignee ? t("conversation.assigned_to", { name: nameOf(assignee) }) : t("conversation.unassigned");
  return (
    <Menu position="bottom-end" width={260}>
      <Menu.Target>
        <Button className={styles["folds"]} data-testid="assignee" variant="default" aria-label={label} title={label} rightSection={<IconChevronDown size={14} stroke={1.75} />} maw={190}
          leftSection={assignee ? <Avatar id={assignee.id} name={assignee.name} size={22} /> : <IconUserPlus size={18} stroke={1.75} />}>
          {assignee ? nameOf(assignee) : t("conversation.unassigned")}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{t("conversation.assignee")}</Menu.Label>
        <div style={{ maxHeight: 320, overflowY: "auto" }}>
          {sorted(operators, me.id).map((one) => (
            <Menu.Item key={one.id} data-testid="assignee-option" data-operator-id={one.id} onClick={() => onAssign({ id: one.id, name: one.name })}
              leftSection={<Avatar id={one.id} name={one.name} size={24} dot={one.present ? one.availability : "offline"} />}
              rightSection={one.id === assignee?.id ? <IconCheck size={16} stroke={1.75} /> : null}>
              {one.id === me.id ? `${one.name} (${t("conversation.you")})` : one.name}
            </Menu.Item>
          ))}
        </div>
        {assignee && (
          <>
            <Menu.Divider />
            <Menu.Item leftSection={<IconUserOff size={18} stroke={1.75} />} onClick={() => onAssign(null)}>{t("conversation.assign_nobody")}</Menu.Item>
          </>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}

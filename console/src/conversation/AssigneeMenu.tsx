/** Who has the conversation, and giving it to somebody else, with a word to them where one is needed. */
import { Button, Menu, Popover } from "@mantine/core";
import { IconCheck, IconChevronDown, IconUserOff, IconUserPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { operatorsQuery } from "../api/queries";
import type { Conversation, Operator, Person } from "../api/types";
import { useMe } from "../session";
import { Avatar } from "../ui/Avatar";
import styles from "./ConversationView.module.css";

const TransferForm = lazy(() => import("./TransferForm"));

interface Props { conversation: Conversation; opened: boolean; onOpened: (open: boolean) => void; onAssign: (to: Person | null, note?: string) => void }

/** Myself first, then who is there, then the rest by name. */
export function sortedOperators(operators: readonly Operator[], me: string): Operator[] {
  const rank = (one: Operator): number => (one.id === me ? 0 : one.present && one.availability === "online" ? 1 : one.present ? 2 : 3);
  return [...operators].sort((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name));
}

export function AssigneeMenu({ conversation, opened, onOpened, onAssign }: Props) {
  const { t } = useTranslation();
  const { operator: me } = useMe();
  const { data: operators = [] } = useQuery(operatorsQuery);
  const [to, setTo] = useState<Person | null>(null);
  useEffect(() => { if (!opened) setTo(null); }, [opened]);
  const { assignee } = conversation;
  const nameOf = (person: Person): string => (person.id === me.id ? t("conversation.you") : person.name);
  const label = assignee ? t("conversation.assigned_to", { name: nameOf(assignee) }) : t("conversation.unassigned");
  const choose = (one: Person): void => {
    if (one.id === assignee?.id) onOpened(false);
    else if (one.id === me.id) give(one);
    else setTo({ id: one.id, name: one.name });
  };
  const give = (person: Person | null, note?: string): void => {
    onOpened(false);
    onAssign(person && { id: person.id, name: person.name }, note);
  };
  const button = (
    <Button className={styles["folds"]} data-testid="assignee" variant="default" aria-label={label} title={label} rightSection={<IconChevronDown size={14} stroke={1.75} />} maw={170}
      onClick={to ? () => onOpened(false) : undefined} leftSection={assignee ? <Avatar id={assignee.id} name={assignee.name} size={22} /> : <IconUserPlus size={18} stroke={1.75} />}>
      {assignee ? nameOf(assignee) : t("conversation.unassigned")}
    </Button>
  );
  if (to) {
    return (
      <Popover opened={opened} onChange={onOpened} position="bottom-end" width={320} trapFocus returnFocus shadow="md" radius="md">
        <Popover.Target>{button}</Popover.Target>
        <Popover.Dropdown aria-label={t("transfer.title", { name: to.name })} aria-labelledby={undefined}>
          <Suspense fallback={null}><TransferForm to={to} onTransfer={(note) => give(to, note)} onBack={() => setTo(null)} /></Suspense>
        </Popover.Dropdown>
      </Popover>
    );
  }
  return (
    <Menu position="bottom-end" width={280} opened={opened} onChange={onOpened} closeOnItemClick={false}>
      <Menu.Target>{button}</Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{t("conversation.assignee")}</Menu.Label>
        <div style={{ maxHeight: 320, overflowY: "auto" }}>
          {sortedOperators(operators, me.id).map((one) => (
            <Menu.Item key={one.id} data-testid="assignee-option" data-operator-id={one.id} onClick={() => choose(one)}
              leftSection={<Avatar id={one.id} name={one.name} size={24} dot={one.present ? one.availability : "offline"} />}
              rightSection={one.id === assignee?.id ? <IconCheck size={16} stroke={1.75} /> : null}>
              {one.id === me.id ? `${one.name} (${t("conversation.you")})` : one.name}
            </Menu.Item>
          ))}
        </div>
        {assignee && (
          <>
            <Menu.Divider />
            <Menu.Item leftSection={<IconUserOff size={18} stroke={1.75} />} onClick={() => give(null)}>{t("conversation.assign_nobody")}</Menu.Item>
          </>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}

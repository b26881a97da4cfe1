/** Who answers, with what role, and who is still to come. */
import "../form/form.css";
import { ActionIcon, Button } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconChevronRight, IconMailForward, IconUserPlus, IconX } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { colleaguesQuery, invitationsQuery, type Colleague, type Invitation } from "../api/admin";
import { call } from "../api/client";
import type { Id } from "../api/types";
import { useCommands } from "../commands/commands";
import { Card } from "../form/Card";
import { refusal } from "../problem";
import { useMe } from "../session";
import { deleteLater, useKept } from "../settings/delete-later";
import { RowsSkeleton } from "../settings/RowsSkeleton";
import styles from "../settings/Rows.module.css";
import { toast } from "../shell/Toasts";
import { date } from "../time/format";
import { useNow } from "../time/now";
import { Failure } from "../ui/Failure";
import { Page } from "../ui/Page";
import { Photo } from "../ui/Photo";
import { TimeAgo } from "../ui/TimeAgo";
import { Invite } from "./Invite";
import { PersonModal } from "./PersonModal";
import { USUAL_CAPACITY, mayChange } from "./roles";

const ROLES = ["owner", "admin", "operator"] as const;

export function PeoplePage() {
  const { t } = useTranslation();
  const { operator: me } = useMe();
  const { data, error, refetch } = useQuery(colleaguesQuery);
  const [inviting, { open, close }] = useDisclosure(false);
  const [chosen, setChosen] = useState<Id | null>(null);
  const administers = me.role !== "operator";
  useCommands(administers ? [{ id: "invite", group: "page", label: t("people.invite"), run: open }] : []);
  const active = data?.filter((one) => !one.deactivated_at);
  const gone = data?.filter((one) => one.deactivated_at) ?? [];
  const person = data?.find((one) => one.id === chosen);
  const row = (one: Colleague) => <PersonRow key={one.id} one={one} own={one.id === me.id} onOpen={mayChange(me.role, one.role) ? () => setChosen(one.id) : null} />;
  return (
    <Page title={t("people.title")} subtitle={t("people.subtitle")} wide action={administers ? <Button leftSection={<IconUserPlus size={16} stroke={2} />} onClick={open} data-testid="invite">{t("people.invite")}</Button> : null}>
      {error && !data && <Failure text={t("people.failed")} onRetry={() => void refetch()} />}
      {!data && !error && <RowsSkeleton />}
      {active && <ul className={styles["list"]} aria-label={t("people.title")}>{active.map(row)}</ul>}
      {administers && <Invitations />}
      {gone.length > 0 && (
        <>
          <div className={styles["head"]}><h2>{t("people.deactivated")}</h2><span>{gone.length}</span></div>
          <ul className={styles["list"]} aria-label={t("people.deactivated")}>{gone.map(row)}</ul>
        </>
      )}
      <div className={styles["head"]} />
      <Card title={t("people.roles")}>
        <dl className={styles["roles"]}>{ROLES.map((role) => <div key={role}><dt>{t(`people.role_${role}`)}</dt><dd>{t(`people.role_${role}_hint`)}</dd></div>)}</dl>
      </Card>
      {administers && <Invite opened={inviting} onClose={close} />}
      {person && <PersonModal person={person} onClose={() => setChosen(null)} />}
    </Page>
  );
}

function PersonRow({ one, own, onOpen }: { one: Colleague; own: boolean; onOpen: (() => void) | null }) {
  const { t } = useTranslation();
  const there = one.present ? one.availability : "offline";
  return (
    <li className={styles["row"]} data-muted={one.deactivated_at ? true : undefined} data-testid="person-row">
      <Photo id={one.id} name={one.name} url={one.photo_url} size={40} dot={one.deactivated_at ? null : there} />
      <span className={styles["what"]}><b className="cut" title={one.name}>{one.name}{own && ` (${t("people.you")})`}</b><small className="cut" title={one.email}>{one.email}</small></span>
      <span className={styles["aside"]}>
        <span className={styles["badge"]} data-tone={one.role === "owner" ? "brand" : undefined}>{t(`people.role_${one.role}`)}</span>
      </span>
      <span className={styles["aside"]} style={{ minWidth: 128 }}>
        {one.deactivated_at ? <>{t("people.deactivated_at")} <TimeAgo at={one.deactivated_at} /></> : <>{t(`availability.${there}`)} · {t("people.capacity_short", { count: one.capacity ?? USUAL_CAPACITY })}</>}
      </span>
      {onOpen && <ActionIcon aria-label={t("people.edit", { name: one.name })} title={t("people.edit", { name: one.name })} onClick={onOpen} data-testid="person-edit"><IconChevronRight size={18} stroke={1.75} /></ActionIcon>}
    </li>
  );
}

function Invitations() {
  const { t } = useTranslation();
  const { data } = useQuery(invitationsQuery);
  const kept = useKept(data);
  if (!kept || kept.length === 0) return null;
  return (
    <>
      <div className={styles["head"]}><h2>{t("people.invited")}</h2><span>{kept.length}</span></div>
      <ul className={styles["list"]} aria-label={t("people.invited")}>{kept.map((one) => <InvitationRow key={one.id} one={one} />)}</ul>
    </>
  );
}

function InvitationRow({ one }: { one: Invitation }) {
  const { t, i18n } = useTranslation();
  const client = useQueryClient();
  const now = useNow();
  const expired = one.expires_at <= now;
  const resend = useMutation({
    mutationFn: () => call<Invitation>("POST", `/invitations/${one.id}/resend`, { body: {} }),
    onSuccess: () => { toast(t("people.resent", { email: one.email })); void client.invalidateQueries({ queryKey: ["invitations"] }); },
    onError: (error) => toast(refusal(t, error)),
  });
  const until = date(one.expires_at, now, i18n.language);
  return (
    <li className={styles["row"]} data-testid="invitation-row">
      <span className={styles["what"]}>
        <b className="cut" title={one.email}>{one.email}</b>
        <small>{t("people.invited_by", { name: one.invited_by.name })} · <TimeAgo at={one.created_at} /></small>
      </span>
      <span className={styles["aside"]}><span className={styles["badge"]}>{t(`people.role_${one.role}`)}</span></span>
      <span className={styles["aside"]} style={{ minWidth: 128 }}>{expired ? <span className={styles["badge"]} data-tone="urgent">{t("people.expired")}</span> : t("people.valid_until", { date: until })}</span>
      <span className={styles["actions"]}>
        <Button size="compact-md" variant="default" leftSection={<IconMailForward size={16} stroke={1.75} />} loading={resend.isPending} onClick={() => resend.mutate()} aria-label={t("people.resend_to", { email: one.email })} data-testid="invitation-resend">{t("people.resend")}</Button>
        <ActionIcon aria-label={t("people.revoke", { email: one.email })} title={t("people.revoke_short")} data-testid="invitation-revoke"
          onClick={() => deleteLater({ id: one.id, path: `/invitations/${one.id}`, text: t("people.revoked", { email: one.email }), client, keys: ["invitations"] })}><IconX size={18} stroke={1.75} /></ActionIcon>
      </span>
    </li>
  );
}

/** The tenant's promotions with their numbers by group: made, changed, paused and sent in place. */
import "../form/form.css";
import { ActionIcon, Button, Skeleton, Switch } from "@mantine/core";
import { IconPencil, IconPlus, IconSend, IconSpeakerphone, IconTrash } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { call } from "../api/client";
import { money } from "../board/money";
import { promotionsQuery, type Promotion, type Sums } from "../api/engage";
import { sitesQuery } from "../api/queries";
import { pageStands } from "../api/query-client";
import type { Id } from "../api/types";
import { useMe } from "../session";
import { useCommands } from "../commands/commands";
import { deleteLater, useKept } from "../settings/delete-later";
import rows from "../settings/Rows.module.css";
import { RowsSkeleton } from "../settings/RowsSkeleton";
import { absolute } from "../time/format";
import { useNow } from "../time/now";
import { EmptyState } from "../ui/EmptyState";
import { Failure } from "../ui/Failure";
import { Page } from "../ui/Page";
import styles from "./Engage.module.css";
import { TRIGGERS } from "./facts";
import { phase } from "./period";

/** The list stands first; what one opens from it follows. */
const CODE = { form: () => import("./PromotionForm"), send: () => import("./SendNow") };
const PromotionForm = lazy(CODE.form);
const SendNow = lazy(CODE.send);

export function PromotionsPage() {
  const { t } = useTranslation();
  const { operator } = useMe();
  const { data, error, refetch } = useQuery(promotionsQuery);
  const [open, setOpen] = useState<Id | "new" | null>(null);
  const [sending, setSending] = useState<Promotion | null>(null);
  const kept = useKept(data);
  useEffect(() => void pageStands().then(() => Promise.all([CODE.form(), CODE.send()])).catch(() => undefined), []);
  const allowed = operator.role !== "operator";
  const close = (): void => setOpen(null);
  const add = allowed ? <Button leftSection={<IconPlus size={16} stroke={2} />} onClick={() => setOpen("new")} data-testid="promotion-add">{t("promo.new")}</Button> : null;
  useCommands(allowed ? [{ id: "add_promotion", group: "page", label: t("promo.new"), run: () => setOpen("new") }] : []);
  return (
    <Page title={t("promo.title")} subtitle={t("promo.subtitle")} action={kept && kept.length > 0 ? add : null} wide>
      {error && !data && <Failure text={t("promo.failed")} onRetry={() => void refetch()} />}
      {!data && !error && <RowsSkeleton />}
      {kept?.length === 0 && open !== "new" && <div className={rows["list"]}><EmptyState small icon={<IconSpeakerphone size={24} stroke={1.75} />} title={t("promo.empty")} hint={t("promo.empty_hint")}>{add}</EmptyState></div>}
      {kept && (kept.length > 0 || open === "new") && (
        <ul className={rows["list"]}>
          {open === "new" && <Opened held={null} onDone={close} />}
          {kept.map((one) => (open === one.id
            ? <Opened key={one.id} held={one} onDone={close} />
            : <Row key={one.id} one={one} onEdit={allowed ? () => setOpen(one.id) : null} onSend={() => setSending(one)} />))}
        </ul>
      )}
      {sending && <Suspense fallback={null}><SendNow promotion={sending} onClose={() => setSending(null)} /></Suspense>}
    </Page>
  );
}

function Opened({ held, onDone }: { held: Promotion | null; onDone: () => void }) {
  return <li className={rows["row"]} data-open><Suspense fallback={<Skeleton height={320} radius="md" />}><PromotionForm held={held} onDone={onDone} /></Suspense></li>;
}

function Row({ one, onEdit, onSend }: { one: Promotion; onEdit: (() => void) | null; onSend: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const turn = useMutation({
    mutationFn: (active: boolean) => call<Promotion>("PATCH", `/promotions/${one.id}`, { body: { active } }),
    onSettled: () => client.invalidateQueries({ queryKey: ["promotions"] }),
  });
  const active = turn.isPending ? turn.variables : one.active;
  return (
    <li className={rows["row"]} data-muted={!active || undefined} data-testid="promotion-row">
      <div className={rows["what"]}>
        <b>{one.name}</b>
        <About one={one} />
        <div className={styles["numbers"]}>
          {one.seen.visitors > 0 || one.held_out.visitors > 0 ? <Group label={t("promo.group_seen")} sums={one.seen} full /> : <span>{t("promo.nobody_yet")}</span>}
          {one.held_out.visitors > 0 && <Group label={t("promo.group_held")} sums={one.held_out} full={false} />}
        </div>
      </div>
      <Switch checked={active} disabled={!onEdit} aria-label={t("promo.active", { name: one.name })} onChange={(event) => turn.mutate(event.currentTarget.checked)} data-testid="promotion-active" />
      <div className={rows["actions"]}>
        <ActionIcon aria-label={t("promo.send_title", { name: one.name })} title={t("promo.send")} disabled={!active} onClick={onSend} data-testid="promotion-send"><IconSend size={18} stroke={1.75} /></ActionIcon>
        {onEdit && <>
          <ActionIcon aria-label={t("promo.edit", { name: one.name })} title={t("settings.edit")} onClick={onEdit} data-testid="promotion-edit"><IconPencil size={18} stroke={1.75} /></ActionIcon>
          <ActionIcon aria-label={t("promo.delete", { name: one.name })} title={t("settings.delete")} onClick={() => deleteLater({ id: one.id, path: `/promotions/${one.id}`, text: t("promo.deleted", { name: one.name }), client, keys: ["promotions"] })}><IconTrash size={18} stroke={1.75} /></ActionIcon>
        </>}
      </div>
    </li>
  );
}

/** What it looks like, when it comes, and from when until when. */
function About({ one }: { one: Promotion }) {
  const { t, i18n } = useTranslation();
  const { data: sites = [] } = useQuery(sitesQuery);
  const now = useNow();
  const stands = phase(one, now);
  const { on, offer } = one.definition;
  const event = on ? (TRIGGERS as readonly string[]).includes(on.event) ? t(`promo.on_${on.event.replace(".", "_") as "page_enter"}`) : on.event : t("promo.by_hand");
  const site = sites.length > 1 ? (sites.find((each) => each.id === one.site_id)?.name ?? null) : null;
  const day = (at: number): string => absolute(at, i18n.language);
  const period = stands === "over" ? t("promo.over", { time: day(one.ends_at ?? 0) }) : stands === "coming" ? t("promo.coming", { time: day(one.starts_at ?? 0) }) : one.ends_at !== null ? t("promo.ends", { time: day(one.ends_at) }) : null;
  return (
    <div className={styles["about"]}>
      {stands === "over" || stands === "coming" ? <span className={rows["badge"]} data-tone={stands === "coming" ? "brand" : undefined}>{period}</span> : null}
      <span>{t(`promo.look_${offer.look}`)}</span><span>{event}</span>{site && <span>{site}</span>}
      {stands !== "over" && stands !== "coming" && period && <span>{period}</span>}
    </div>
  );
}

function Group({ label, sums, full }: { label: string; sums: Sums; full: boolean }) {
  const { t, i18n } = useTranslation();
  const share = (part: number): string => (sums.visitors > 0 ? new Intl.NumberFormat(i18n.language, { style: "percent", maximumFractionDigits: 1 }).format(part / sums.visitors) : "–");
  const plain = (value: number): string => new Intl.NumberFormat(i18n.language).format(value);
  return (
    <span className={styles["sums"]}>
      <span>{label}</span>
      <span><b>{plain(sums.visitors)}</b> {t("promo.visitors", { count: sums.visitors })}</span>
      {full && <span><b>{plain(sums.shown)}</b> {t("promo.shown")}</span>}
      {full && <span><b>{plain(sums.clicked)}</b> {t("promo.clicked")} ({share(sums.clicked)})</span>}
      {full && <span><b>{plain(sums.dismissed)}</b> {t("promo.dismissed")} ({share(sums.dismissed)})</span>}
      <span><b>{plain(sums.goals)}</b> {t("promo.goals")} ({share(sums.goals)})</span>
      {sums.revenue.length > 0 && <span data-testid="promotion-revenue"><b>{sums.revenue.map((one) => money(one.value, one.currency, i18n.language)).join(" · ")}</b> {t("promo.revenue")}</span>}
    </span>
  );
}

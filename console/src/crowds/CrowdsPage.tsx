/** A site's crowds, and one of them open beside the list. */
import "../form/form.css";
import { Button, Select } from "@mantine/core";
import { IconPlus, IconUsersGroup, IconWorld } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { crowdsQuery, type Crowd } from "../api/crowds";
import { sitesQuery } from "../api/queries";
import type { Id } from "../api/types";
import { useMe } from "../session";
import { useCommands } from "../commands/commands";
import { RowsSkeleton } from "../settings/RowsSkeleton";
import { EmptyState } from "../ui/EmptyState";
import { Failure } from "../ui/Failure";
import { TimeAgo } from "../ui/TimeAgo";
import { CrowdForm } from "./CrowdForm";
import { CrowdView } from "./CrowdView";
import styles from "./Crowds.module.css";

export function CrowdsPage() {
  const { t } = useTranslation();
  const { operator } = useMe();
  const navigate = useNavigate();
  const { site: named, crowd: open } = useParams({ strict: false });
  const { data: sites } = useQuery(sitesQuery);
  const site = sites?.find((one) => one.id === named) ?? sites?.[0];
  const { data, error, refetch } = useQuery(crowdsQuery(site?.id));
  const [form, setForm] = useState<Crowd | "new" | null>(null);
  const allowed = operator.role !== "operator";
  const shown = data?.find((one) => one.id === open);
  const go = (to: Id | undefined, crowd?: Id): void => {
    if (!to) return;
    if (crowd) void navigate({ to: "/crowds/$site/$crowd", params: { site: to, crowd } });
    else void navigate({ to: "/crowds/$site", params: { site: to } });
  };
  useCommands(allowed ? [{ id: "add_crowd", group: "page", label: t("crowds.new"), run: () => setForm("new") }] : []);
  const add = allowed && <Button leftSection={<IconPlus size={16} stroke={2} />} onClick={() => setForm("new")} data-testid="crowd-add">{t("crowds.new")}</Button>;
  const made = data?.filter((one) => one.page_url === null) ?? [];
  const pages = data?.filter((one) => one.page_url !== null) ?? [];
  return (
    <div className={styles["page"]} data-open={shown ? true : undefined}>
      <aside className={styles["side"]}>
        <header className={styles["sideHead"]}>
          <h1>{t("crowds.title")}</h1>
          {data && data.length > 0 && add}
        </header>
        {(sites?.length ?? 0) > 1 && <Select className={styles["site"]} aria-label={t("crowds.site")} data={(sites ?? []).map((one) => ({ value: one.id, label: one.name }))} value={site?.id ?? null} onChange={(value) => go(value ?? undefined)} allowDeselect={false} />}
        {error && !data && <Failure text={t("crowds.failed")} onRetry={() => void refetch()} />}
        {!data && !error && <RowsSkeleton />}
        {data?.length === 0 && <EmptyState small icon={<IconUsersGroup size={24} stroke={1.75} />} title={t("crowds.empty")} hint={t("crowds.empty_hint")}>{add}</EmptyState>}
        {[[t("crowds.made"), made], [t("crowds.of_pages"), pages]].map(([title, list]) => (list as Crowd[]).length > 0 && (
          <section key={title as string}>
            {pages.length > 0 && <h2 className={styles["group"]}>{title as string}</h2>}
            <ul className={styles["list"]}>
              {(list as Crowd[]).map((one) => <Row key={one.id} one={one} active={one.id === open} onOpen={() => go(one.site_id, one.id)} />)}
            </ul>
          </section>
        ))}
      </aside>
      <main className={styles["main"]}>
        {shown && <CrowdView key={shown.id} crowd={shown} onEdit={allowed ? () => setForm(shown) : null} onBack={() => go(site?.id)} />}
        {!shown && data && data.length > 0 && <EmptyState icon={<IconUsersGroup size={24} stroke={1.75} />} title={t("crowds.choose")} hint={t("crowds.choose_hint")} />}
      </main>
      {form && site && <CrowdForm site={site.id} held={form === "new" ? null : form} onClose={() => setForm(null)} onMade={(crowd) => go(site.id, crowd)} onGone={() => go(site.id)} />}
    </div>
  );
}

function Row({ one, active, onOpen }: { one: Crowd; active: boolean; onOpen: () => void }) {
  const { t, i18n } = useTranslation();
  return (
    <li>
      <button type="button" className={styles["row"]} aria-current={active || undefined} onClick={onOpen} data-testid="crowd-row">
        <span className={styles["rowIcon"]} aria-hidden="true">{one.page_url ? <IconWorld size={18} stroke={1.75} /> : <IconUsersGroup size={18} stroke={1.75} />}</span>
        <span className={styles["rowText"]}>
          <b className="cut">{one.name}</b>
          <small className="cut">{one.key ?? one.page_url}</small>
        </span>
        <span className={styles["rowEnd"]}>
          <span className={styles["count"]} data-here={one.members > 0 || undefined} title={t("crowds.here", { count: one.members })}><i />{new Intl.NumberFormat(i18n.language).format(one.members)}</span>
          <small>{one.frozen ? t("crowds.frozen_short") : one.posted_at !== null && <TimeAgo at={one.posted_at} />}</small>
        </span>
      </button>
    </li>
  );
}

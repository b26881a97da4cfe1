/** Webhooks: where events go, how they fare, and what was sent. */
import { ActionIcon, Button, MultiSelect, Select, TextInput } from "@mantine/core";
import { IconPencil, IconPlayerPause, IconPlayerPlay, IconPlus, IconSend, IconTrash, IconWebhook } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { ApiError, call } from "../api/client";
import { sitesQuery } from "../api/queries";
import { useCommands } from "../commands/commands";
import type { Id } from "../api/types";
import { refusal } from "../problem";
import { deleteLater, useKept } from "../settings/delete-later";
import { RowsSkeleton } from "../settings/RowsSkeleton";
import rows from "../settings/Rows.module.css";
import { toast } from "../shell/Toasts";
import { Code } from "../ui/Code";
import { EmptyState } from "../ui/EmptyState";
import { Failure } from "../ui/Failure";
import { EVENTS, webhooksQuery, type EventKind, type Webhook } from "./api";
import { Deliveries } from "./Deliveries";
import styles from "./Developers.module.css";

export function Webhooks() {
  const { t } = useTranslation();
  const { data, error, refetch } = useQuery(webhooksQuery);
  const [open, setOpen] = useState<Id | "new" | null>(null);
  const kept = useKept(data);
  const close = (): void => setOpen(null);
  useCommands([{ id: "add_hook", group: "page", label: t("dev.hook_add"), run: () => setOpen("new") }]);
  const add = <Button leftSection={<IconPlus size={16} stroke={2} />} variant={kept?.length ? "default" : "filled"} onClick={() => setOpen("new")} data-testid="hook-add">{t("dev.hook_add")}</Button>;
  return (
    <section aria-labelledby="dev-hooks">
      <header className={styles["head"]}>
        <div><h2 id="dev-hooks">{t("dev.hooks")}</h2><p>{t("dev.hooks_hint")}</p></div>
        {kept && kept.length > 0 && open !== "new" && add}
      </header>
      {error && !data && <Failure text={t("dev.failed")} onRetry={() => void refetch()} />}
      {!data && !error && <RowsSkeleton />}
      {kept?.length === 0 && open !== "new" && <div className={rows["list"]}><EmptyState small icon={<IconWebhook size={24} stroke={1.75} />} title={t("dev.hooks_empty")} hint={t("dev.hooks_empty_hint")}>{add}</EmptyState></div>}
      {kept && (kept.length > 0 || open === "new") && (
        <ul className={rows["list"]}>
          {open === "new" && <li className={rows["row"]} data-open><WebhookForm held={null} onDone={close} /></li>}
          {kept.map((one) => (open === one.id ? <li key={one.id} className={rows["row"]} data-open><WebhookForm held={one} onDone={close} /></li> : <WebhookRow key={one.id} one={one} onEdit={() => setOpen(one.id)} />))}
        </ul>
      )}
    </section>
  );
}

function WebhookRow({ one, onEdit }: { one: Webhook; onEdit: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [log, setLog] = useState(false);
  const refresh = () => client.invalidateQueries({ queryKey: ["webhooks"] });
  const act = useMutation({
    mutationFn: ({ method, path, body }: { method: "POST" | "PATCH"; path: string; body?: object; said?: string }) => call(method, `/webhooks/${one.id}${path}`, { body: body ?? {} }),
    onSuccess: (_, { said }) => { if (said) toast(said); return refresh(); },
    onError: (error) => toast(t("form.failed", { reason: refusal(t, error) })),
  });
  return (
    <li className={rows["row"]} data-testid="hook-row" style={{ flexWrap: "wrap" }}>
      <div className={rows["what"]}>
        <span><b>{one.name}</b> {one.paused && <span className={rows["badge"]}>{t("dev.hook_paused")}</span>} {one.failed > 0 && <span className={rows["badge"]} data-tone="urgent">{t("dev.hook_failing", { count: one.failed })}</span>}</span>
        <code className={`${styles["url"]} cut`} title={one.url}>{one.url}</code>
        <span className={rows["meta"]}>
          <span>{one.events.length === 0 ? t("dev.hook_all_events") : t("dev.hook_events_count", { count: one.events.length })}</span>
          <span>{t("dev.hook_numbers", { delivered: one.delivered, waiting: one.waiting })}</span>
        </span>
      </div>
      <div className={rows["actions"]}>
        <Button size="compact-sm" variant="subtle" aria-expanded={log} onClick={() => setLog(!log)} data-testid="hook-log">{log ? t("dev.hook_log_hide") : t("dev.hook_log")}</Button>
        <ActionIcon aria-label={`${t("dev.hook_test")}: ${one.name}`} title={t("dev.hook_test")} data-testid="hook-test"
          onClick={() => { setLog(true); act.mutate({ method: "POST", path: "/test", said: t("dev.hook_tested") }); }}><IconSend size={18} stroke={1.75} /></ActionIcon>
        <ActionIcon aria-label={`${one.paused ? t("dev.hook_resume") : t("dev.hook_pause")}: ${one.name}`} title={one.paused ? t("dev.hook_resume") : t("dev.hook_pause")} data-testid="hook-pause"
          onClick={() => act.mutate({ method: "PATCH", path: "", body: { paused: !one.paused } })}>{one.paused ? <IconPlayerPlay size={18} stroke={1.75} /> : <IconPlayerPause size={18} stroke={1.75} />}</ActionIcon>
        <ActionIcon aria-label={t("dev.hook_edit", { name: one.name })} title={t("settings.edit")} onClick={onEdit} data-testid="hook-edit"><IconPencil size={18} stroke={1.75} /></ActionIcon>
        <ActionIcon aria-label={t("dev.hook_delete", { name: one.name })} title={t("settings.delete")} data-testid="hook-delete"
          onClick={() => deleteLater({ id: one.id, path: `/webhooks/${one.id}`, text: t("dev.hook_deleted", { name: one.name }), client, keys: ["webhooks"] })}><IconTrash size={18} stroke={1.75} /></ActionIcon>
      </div>
      {log && <Deliveries webhook={one.id} />}
    </li>
  );
}

function WebhookForm({ held, onDone }: { held: Webhook | null; onDone: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const { data: sites = [] } = useQuery(sitesQuery);
  const [values, setValues] = useState({ name: held?.name ?? "", url: held?.url ?? "", events: held?.events ?? ([] as EventKind[]), site_id: held?.site_id ?? null });
  const save = useMutation({
    mutationFn: () => call<Webhook>(held ? "PATCH" : "POST", held ? `/webhooks/${held.id}` : "/webhooks", { body: { ...values, name: values.name.trim(), url: values.url.trim() } }),
    onSuccess: async () => { await client.invalidateQueries({ queryKey: ["webhooks"] }); onDone(); },
  });
  const rotate = useMutation({
    mutationFn: () => call<Webhook>("POST", `/webhooks/${held?.id ?? ""}/secret`, { body: {} }),
    onSuccess: () => { toast(t("dev.hook_rotated")); return client.invalidateQueries({ queryKey: ["webhooks"] }); },
  });
  const fields = save.error instanceof ApiError ? save.error.fields : {};
  const ready = values.name.trim() !== "" && values.url.trim() !== "";
  const submit = (event: FormEvent): void => { event.preventDefault(); if (ready) save.mutate(); };
  return (
    <form className={rows["form"]} noValidate onSubmit={submit} onKeyDown={(event) => { if (event.key === "Escape" && !event.nativeEvent.isComposing) onDone(); }} data-testid="hook-form">
      <div className={rows["pair"]}>
        <TextInput autoFocus label={t("dev.hook_name")} description=" " maxLength={60} value={values.name} error={fields["name"]} onChange={(event) => setValues({ ...values, name: event.currentTarget.value })} data-testid="hook-name" />
        <TextInput type="url" inputMode="url" label={t("dev.hook_url")} description={t("dev.hook_url_hint")} value={values.url} error={fields["url"]} spellCheck={false} onChange={(event) => { setValues({ ...values, url: event.currentTarget.value }); save.reset(); }} data-testid="hook-url" />
      </div>
      <div className={rows["pair"]}>
        <MultiSelect label={t("dev.hook_events")} description={t("dev.hook_events_hint")} data={EVENTS} value={values.events} clearable searchable error={fields["events"]} onChange={(events) => setValues({ ...values, events: events as EventKind[] })} data-testid="hook-events" />
        <Select label={t("dev.hook_site")} description=" " value={values.site_id ?? ""} error={fields["site_id"]} onChange={(site) => setValues({ ...values, site_id: site ? String(site) : null })}
          data={[{ value: "", label: t("dev.hook_all_sites") }, ...sites.map((one) => ({ value: one.id, label: one.name }))]} />
      </div>
      {held && (
        <div>
          <div className={rows["label"]}>{t("dev.hook_secret")}</div>
          <Code label={t("dev.hook_secret")} code={held.secret} wrap testId="hook-secret" />
          <Button mt="xs" size="compact-sm" variant="default" loading={rotate.isPending} onClick={() => rotate.mutate()}>{t("dev.hook_rotate")}</Button>
        </div>
      )}
      <div className={rows["buttons"]}>
        <span className={rows["error"]} role="alert">{save.error && Object.keys(fields).length === 0 ? t("form.failed", { reason: refusal(t, save.error) }) : null}</span>
        <Button variant="default" onClick={onDone}>{t("sites.cancel")}</Button>
        <Button type="submit" loading={save.isPending} disabled={!ready} data-testid="hook-save">{held ? t("form.save") : t("dev.hook_create")}</Button>
      </div>
    </form>
  );
}

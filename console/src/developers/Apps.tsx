/** Apps: channels of one's own for programs that speak XPUSH's protocol; by signed tokens, or open. */
import { ActionIcon, Button, Radio, Stack, TextInput } from "@mantine/core";
import { IconBroadcast, IconPencil, IconPlus, IconTrash } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { ApiError, call } from "../api/client";
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
import { appsQuery, type AppMode, type ChannelApp } from "./api";
import { Modal } from "../ui/Modal";
import styles from "./Developers.module.css";

export function Apps() {
  const { t } = useTranslation();
  const { data, error, refetch } = useQuery(appsQuery);
  const [open, setOpen] = useState<Id | "new" | null>(null);
  const kept = useKept(data);
  const close = (): void => setOpen(null);
  useCommands([{ id: "add_app", group: "page", label: t("dev.app_add"), run: () => setOpen("new") }]);
  const add = <Button leftSection={<IconPlus size={16} stroke={2} />} variant={kept?.length ? "default" : "filled"} onClick={() => setOpen("new")} data-testid="app-add">{t("dev.app_add")}</Button>;
  return (
    <section aria-labelledby="dev-apps">
      <header className={styles["head"]}>
        <div><h2 id="dev-apps">{t("dev.apps")}</h2><p>{t("dev.apps_hint")}</p></div>
        {kept && kept.length > 0 && open !== "new" && add}
      </header>
      {error && !data && <Failure text={t("dev.failed")} onRetry={() => void refetch()} />}
      {!data && !error && <RowsSkeleton />}
      {kept?.length === 0 && open !== "new" && <div className={rows["list"]}><EmptyState small icon={<IconBroadcast size={24} stroke={1.75} />} title={t("dev.apps_empty")} hint={t("dev.apps_empty_hint")}>{add}</EmptyState></div>}
      {kept && (kept.length > 0 || open === "new") && (
        <ul className={rows["list"]}>
          {open === "new" && <li className={rows["row"]} data-open><AppForm held={null} onDone={close} onMade={(made) => setOpen(made.id)} /></li>}
          {kept.map((one) => (open === one.id ? <li key={one.id} className={rows["row"]} data-open><AppForm held={one} onDone={close} onMade={close} /></li> : <AppRow key={one.id} one={one} onEdit={() => setOpen(one.id)} />))}
        </ul>
      )}
    </section>
  );
}

function AppRow({ one, onEdit }: { one: ChannelApp; onEdit: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  return (
    <li className={rows["row"]} data-testid="app-row">
      <div className={rows["what"]}>
        <span><b>{one.name}</b> <span className={rows["badge"]} data-tone={one.mode === "open" ? "urgent" : undefined}>{t(`dev.app_mode_${one.mode}`)}</span></span>
        <span className={rows["meta"]}><span>{t("dev.app_key")} <code>{one.key}</code></span></span>
      </div>
      <div className={rows["actions"]}>
        <ActionIcon aria-label={t("dev.app_edit", { name: one.name })} title={t("settings.edit")} onClick={onEdit} data-testid="app-edit"><IconPencil size={18} stroke={1.75} /></ActionIcon>
        <ActionIcon aria-label={t("dev.app_delete", { name: one.name })} title={t("settings.delete")} data-testid="app-delete"
          onClick={() => deleteLater({ id: one.id, path: `/apps/${one.id}`, text: t("dev.app_deleted", { name: one.name }), client, keys: ["apps"] })}><IconTrash size={18} stroke={1.75} /></ActionIcon>
      </div>
    </li>
  );
}

/** What a tenant's program does for each of its users; shown with the key in it, so that it can be pasted. */
const tokenCode = (key: string): string => `jwt.sign(
  { aud: "${key}", sub: USER_ID, channels: [CHANNEL] },
  process.env.APP_SECRET,
  { algorithm: "HS256", expiresIn: "10m" },
);`;

function AppForm({ held, onDone, onMade }: { held: ChannelApp | null; onDone: () => void; onMade: (made: ChannelApp) => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [name, setName] = useState(held?.name ?? "");
  const [mode, setMode] = useState<AppMode>(held?.mode ?? "token");
  const [asking, setAsking] = useState(false);
  const refresh = () => client.invalidateQueries({ queryKey: ["apps"] });
  const save = useMutation({
    mutationFn: () => call<ChannelApp>(held ? "PATCH" : "POST", held ? `/apps/${held.id}` : "/apps", { body: { name: name.trim(), mode } }),
    onSuccess: async (made) => { await refresh(); onMade(made); },
  });
  const rotate = useMutation({
    mutationFn: () => call<ChannelApp>("POST", `/apps/${held?.id ?? ""}/secret`, { body: {} }),
    onSuccess: () => { setAsking(false); toast(t("dev.app_rotated")); return refresh(); },
    onError: (error) => toast(t("form.failed", { reason: refusal(t, error) })),
  });
  const fields = save.error instanceof ApiError ? save.error.fields : {};
  const ready = name.trim() !== "";
  const submit = (event: FormEvent): void => { event.preventDefault(); if (ready) save.mutate(); };
  return (
    <form className={rows["form"]} noValidate onSubmit={submit} onKeyDown={(event) => { if (event.key === "Escape" && !event.nativeEvent.isComposing && !asking) onDone(); }} data-testid="app-form">
      <TextInput autoFocus label={t("dev.app_name")} description={t("dev.app_name_hint")} maxLength={60} value={name} error={fields["name"]} onChange={(event) => setName(event.currentTarget.value)} data-testid="app-name" />
      <Radio.Group label={t("dev.app_who")} value={mode} onChange={(value) => setMode(value as AppMode)} error={fields["mode"]}>
        <Stack gap="xs" mt="xs">
          <Radio value="token" label={t("dev.app_who_token")} description={t("dev.app_who_token_hint")} data-testid="app-token" />
          <Radio value="open" label={t("dev.app_who_open")} description={t("dev.app_who_open_hint")} data-testid="app-open" />
        </Stack>
      </Radio.Group>
      {held && mode !== held.mode && <p className={rows["error"]} role="status">{t("dev.app_mode_ends")}</p>}
      {held && (
        <>
          <div>
            <div className={rows["label"]}>{t("dev.app_key")}</div>
            <Code label={t("dev.app_key")} code={held.key} wrap testId="app-key" />
          </div>
          {mode === "token" && (
            <div>
              <div className={rows["label"]}>{t("dev.app_secret")}</div>
              <Code label={t("dev.app_secret")} code={held.secret} wrap testId="app-secret" />
              <Button mt="xs" size="compact-sm" variant="default" onClick={() => setAsking(true)} data-testid="app-rotate">{t("dev.app_rotate")}</Button>
            </div>
          )}
          {mode === "token" && (
            <div>
              <div className={rows["label"]}>{t("dev.app_sign")}</div>
              <Code label={t("dev.app_sign")} code={tokenCode(held.key)} wrap testId="app-sign" />
            </div>
          )}
        </>
      )}
      <div className={rows["buttons"]}>
        <span className={rows["error"]} role="alert">{save.error && Object.keys(fields).length === 0 ? t("form.failed", { reason: refusal(t, save.error) }) : null}</span>
        <Button variant="default" onClick={onDone}>{t("sites.cancel")}</Button>
        <Button type="submit" loading={save.isPending} disabled={!ready} data-testid="app-save">{held ? t("form.save") : t("dev.app_create")}</Button>
      </div>
      <Modal opened={asking} onClose={() => setAsking(false)} title={t("dev.app_rotate_title")} closeButtonProps={{ "aria-label": t("common.close") }}>
        <Stack gap="md">
          <p>{t("dev.app_rotate_text")}</p>
          <div className={rows["buttons"]}>
            <span />
            <Button variant="default" onClick={() => setAsking(false)}>{t("sites.cancel")}</Button>
            <Button color="red" loading={rotate.isPending} onClick={() => rotate.mutate()} data-testid="app-rotate-confirm">{t("dev.app_rotate")}</Button>
          </div>
        </Stack>
      </Modal>
    </form>
  );
}

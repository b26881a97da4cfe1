/** API keys: made with a choice for each area, shown once, deleted with a way back. */
import { ActionIcon, Button, Group, SegmentedControl, Select, Stack, TextInput } from "@mantine/core";
import { IconKey, IconPlus, IconTrash } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { ApiError, call } from "../api/client";
import { useCommands } from "../commands/commands";
import { refusal } from "../problem";
import { deleteLater, useKept } from "../settings/delete-later";
import { RowsSkeleton } from "../settings/RowsSkeleton";
import rows from "../settings/Rows.module.css";
import { absolute } from "../time/format";
import { Code } from "../ui/Code";
import { EmptyState } from "../ui/EmptyState";
import { Failure } from "../ui/Failure";
import { TimeAgo } from "../ui/TimeAgo";
import { AREAS, keysQuery, levelOf, scopeOf, type ApiKey, type AreaName, type CreatedApiKey, type Level } from "./api";
import { Modal } from "../ui/Modal";
import styles from "./Developers.module.css";

const DAY = 86_400_000;

export function Keys() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const { data, error, refetch } = useQuery(keysQuery);
  const [adding, setAdding] = useState(false);
  const [secret, setSecret] = useState<string | null>(null);
  const kept = useKept(data);
  useCommands([{ id: "add_key", group: "page", label: t("dev.key_add"), run: () => setAdding(true) }]);
  const add = <Button leftSection={<IconPlus size={16} stroke={2} />} variant={kept?.length ? "default" : "filled"} onClick={() => setAdding(true)} data-testid="key-add">{t("dev.key_add")}</Button>;
  return (
    <section aria-labelledby="dev-keys">
      <header className={styles["head"]}>
        <div><h2 id="dev-keys">{t("dev.keys")}</h2><p>{t("dev.keys_hint")}</p></div>
        {kept && kept.length > 0 && !adding && add}
      </header>
      {error && !data && <Failure text={t("dev.failed")} onRetry={() => void refetch()} />}
      {!data && !error && <RowsSkeleton />}
      {kept?.length === 0 && !adding && <div className={rows["list"]}><EmptyState small icon={<IconKey size={24} stroke={1.75} />} title={t("dev.keys_empty")} hint={t("dev.keys_empty_hint")}>{add}</EmptyState></div>}
      {kept && (kept.length > 0 || adding) && (
        <ul className={rows["list"]}>
          {adding && <li className={rows["row"]} data-open><KeyForm onDone={() => setAdding(false)} onMade={(made) => { setAdding(false); setSecret(made.secret); void client.invalidateQueries({ queryKey: ["api-keys"] }); }} /></li>}
          {kept.map((one) => <KeyRow key={one.id} one={one} />)}
        </ul>
      )}
      <Modal opened={secret !== null} onClose={() => setSecret(null)} title={t("dev.secret_title")} size="lg" closeOnClickOutside={false} closeButtonProps={{ "aria-label": t("common.close") }}>
        <Stack gap="md">
          <p>{t("dev.secret_text")}</p>
          {secret && <Code label={t("dev.secret_label")} code={secret} wrap testId="key-secret" />}
          <Group justify="flex-end"><Button onClick={() => setSecret(null)} data-testid="key-secret-done">{t("dev.secret_done")}</Button></Group>
        </Stack>
      </Modal>
    </section>
  );
}

function KeyRow({ one }: { one: ApiKey }) {
  const { t, i18n } = useTranslation();
  const client = useQueryClient();
  const ended = one.expires_at != null && one.expires_at < Date.now();
  const areas = AREAS.map(({ name }) => ({ name, level: levelOf(name, one.scopes) })).filter(({ level }) => level !== "none");
  return (
    <li className={rows["row"]} data-muted={ended || undefined} data-testid="key-row">
      <div className={rows["what"]}>
        <b className="cut" title={one.name}>{one.name}</b>
        <span className={styles["scopes"]}>{areas.map(({ name, level }) => <span key={name} className={rows["badge"]}>{t(`dev.area_${name}`)}{level === "use" ? "" : ` · ${t(`dev.scope_${level}`)}`}</span>)}</span>
        <span className={rows["meta"]}>
          <code>stalk_…{one.hint}</code>
          <span>{t("dev.key_by", { name: one.operator.name })}</span>
          <span>{one.last_used_at == null ? t("dev.key_unused") : <>{t("dev.key_used")} <TimeAgo at={one.last_used_at} /></>}</span>
          {one.expires_at != null && <span>{ended ? t("dev.key_ended") : t("dev.key_ends", { date: absolute(one.expires_at, i18n.language) })}</span>}
        </span>
      </div>
      <div className={rows["actions"]}>
        <ActionIcon aria-label={t("dev.key_delete", { name: one.name })} title={t("settings.delete")} data-testid="key-delete"
          onClick={() => deleteLater({ id: one.id, path: `/api-keys/${one.id}`, text: t("dev.key_deleted", { name: one.name }), client, keys: ["api-keys"] })}><IconTrash size={18} stroke={1.75} /></ActionIcon>
      </div>
    </li>
  );
}

function KeyForm({ onDone, onMade }: { onDone: () => void; onMade: (made: CreatedApiKey) => void }) {
  const { t } = useTranslation();
  const [name, setName] = useState("");
  const [levels, setLevels] = useState<Partial<Record<AreaName, Level>>>({ conversations: "read" });
  const [days, setDays] = useState("");
  const scopes = AREAS.flatMap((area) => scopeOf(area.name, levels[area.name] ?? "none"));
  const make = useMutation({
    mutationFn: () => call<CreatedApiKey>("POST", "/api-keys", { body: { name: name.trim(), scopes, expires_at: days === "" ? null : Date.now() + Number(days) * DAY } }),
    onSuccess: onMade,
  });
  const fields = make.error instanceof ApiError ? make.error.fields : {};
  const ready = name.trim() !== "" && scopes.length > 0;
  const submit = (event: FormEvent): void => { event.preventDefault(); if (ready) make.mutate(); };
  return (
    <form className={rows["form"]} noValidate onSubmit={submit} onKeyDown={(event) => { if (event.key === "Escape" && !event.nativeEvent.isComposing) onDone(); }} data-testid="key-form">
      <div className={rows["pair"]}>
        <TextInput autoFocus label={t("dev.key_name")} description={t("dev.key_name_hint")} maxLength={60} value={name} error={fields["name"]} onChange={(event) => setName(event.currentTarget.value)} data-testid="key-name" />
        <Select label={t("dev.key_expires")} description=" " value={days} error={fields["expires_at"]} onChange={(value) => setDays(value ?? "")}
          data={[{ value: "", label: t("dev.expires_never") }, { value: "30", label: t("dev.expires_30") }, { value: "90", label: t("dev.expires_90") }, { value: "365", label: t("dev.expires_365") }]} />
      </div>
      <fieldset className={styles["areas"]}>
        <legend>{t("dev.key_scopes")}</legend>
        {AREAS.map((area) => (
          <div key={area.name} className={styles["area"]}>
            <span id={`area-${area.name}`}>{t(`dev.area_${area.name}`)}</span>
            <SegmentedControl size="xs" aria-labelledby={`area-${area.name}`} data-testid={`scope-${area.name}`} value={levels[area.name] ?? "none"}
              onChange={(value) => setLevels({ ...levels, [area.name]: value as Level })}
              data={["none", ...area.levels].map((level) => ({ value: level, label: t(`dev.scope_${level as Level}`) }))} />
          </div>
        ))}
      </fieldset>
      {fields["scopes"] && <p className={rows["error"]} role="alert">{fields["scopes"]}</p>}
      <div className={rows["buttons"]}>
        <span className={rows["error"]} role="alert">{make.error && Object.keys(fields).length === 0 ? t("form.failed", { reason: refusal(t, make.error) }) : null}</span>
        <Button variant="default" onClick={onDone}>{t("sites.cancel")}</Button>
        <Button type="submit" loading={make.isPending} disabled={!ready} data-testid="key-create">{t("dev.key_create")}</Button>
      </div>
    </form>
  );
}

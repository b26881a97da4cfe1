/** A crowd's settings: made, changed, put into a page, deleted. */
import { Button, NumberInput, Radio, Select, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { ApiError, call } from "../api/client";
import type { Crowd, Writers } from "../api/crowds";
import type { Id } from "../api/types";
import { newId } from "../ids";
import { refusal } from "../problem";
import { Code } from "../ui/Code";
import { SLOW } from "./CrowdView";
import { Modal } from "../ui/Modal";
import styles from "./Crowds.module.css";

interface Props { site: Id; held: Crowd | null; onClose: () => void; onMade: (crowd: Id) => void; onGone: () => void }

export function CrowdForm({ site, held, onClose, onMade, onGone }: Props) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [name, setName] = useState(held?.name ?? "");
  const [key, setKey] = useState(held?.key ?? `live-${newId().slice(-4)}`);
  const [history, setHistory] = useState<number | string>(held?.history ?? 30);
  const [writers, setWriters] = useState<Writers>(held?.writers ?? "everybody");
  const [slow, setSlow] = useState(held?.slow_mode_s ?? 0);
  const [deleting, setDeleting] = useState(false);
  const done = (): void => {
    void client.invalidateQueries({ queryKey: ["crowds"] });
    onClose();
  };
  const save = useMutation({
    mutationFn: () => {
      const body = { name, history: Number(history), writers, slow_mode_s: slow };
      return held ? call<Crowd>("PATCH", `/sites/${site}/crowds/${held.id}`, { body }) : call<Crowd>("POST", `/sites/${site}/crowds`, { body: { ...body, key: key.trim() } });
    },
    onSuccess: (crowd) => {
      done();
      if (!held) onMade(crowd.id);
    },
  });
  const remove = useMutation({
    mutationFn: () => call("DELETE", `/sites/${site}/crowds/${held?.id ?? ""}`),
    onSuccess: () => { done(); onGone(); },
  });
  const fields = save.error instanceof ApiError ? save.error.fields : {};
  const general = save.error && Object.keys(fields).length === 0 ? refusal(t, save.error) : remove.error ? refusal(t, remove.error) : null;
  const submit = (event: FormEvent): void => { event.preventDefault(); save.mutate(); };
  const long = (seconds: number): string => (seconds === 0 ? t("crowds.slow_off") : seconds % 60 === 0 ? t("crowds.slow_minutes", { count: seconds / 60 }) : t("crowds.slow_seconds", { count: seconds }));
  return (
    <Modal opened onClose={onClose} size="lg" title={held ? t("crowds.settings") : t("crowds.new")} closeButtonProps={{ "aria-label": t("crowds.close") }}>
      <form className={styles["form"]} onSubmit={submit} data-testid="crowd-form">
        <TextInput data-autofocus label={t("crowds.name")} description={t("crowds.name_hint")} value={name} maxLength={120} error={fields["name"]} onChange={(event) => setName(event.currentTarget.value)} data-testid="crowd-name" />
        {!held && <TextInput label={t("crowds.key")} description={t("crowds.key_hint")} value={key} maxLength={60} error={fields["key"]} onChange={(event) => setKey(event.currentTarget.value)} data-testid="crowd-key" />}
        <Radio.Group label={t("crowds.writers")} value={writers} onChange={(value) => setWriters(value as Writers)}>
          <div className={styles["radios"]}>
            <Radio value="everybody" label={t("crowds.writers_everybody")} />
            <Radio value="identified" label={t("crowds.writers_identified")} description={t("crowds.writers_identified_hint")} />
          </div>
        </Radio.Group>
        <div className={styles["pair"]}>
          <Select label={t("crowds.slow")} description={t("crowds.slow_hint")} data={[...new Set<number>([...SLOW, slow])].sort((a, b) => a - b).map((value) => ({ value: String(value), label: long(value) }))} value={String(slow)} allowDeselect={false} error={fields["slow_mode_s"]} onChange={(value) => setSlow(Number(value))} />
          <NumberInput label={t("crowds.history")} description={t("crowds.history_hint")} min={0} max={100} value={history} error={fields["history"]} onChange={setHistory} />
        </div>
        {held?.key && <div className={styles["snippet"]}><p>{t("crowds.snippet")}</p><Code label={t("crowds.snippet_what")} code={`<div data-stalk-community="${held.key}" style="height: 480px"></div>`} wrap /></div>}
        {general && <p className={styles["error"]} role="alert">{general}</p>}
        <div className={styles["buttons"]}>
          {held && !deleting && <Button variant="subtle" color="red" onClick={() => setDeleting(true)} data-testid="crowd-delete">{t("crowds.delete")}</Button>}
          {held && deleting && <Button color="red" loading={remove.isPending} onClick={() => remove.mutate()} data-testid="crowd-delete-really">{t("crowds.delete_really")}</Button>}
          <span />
          <Button variant="default" onClick={onClose}>{t("crowds.cancel")}</Button>
          <Button type="submit" loading={save.isPending} disabled={name.trim() === ""} data-testid="crowd-save">{held ? t("crowds.save") : t("crowds.make")}</Button>
        </div>
      </form>
    </Modal>
  );
}

/** One canned response: its shortcut, its text with variables, and how it will read. */
import { Button, Select, Textarea, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useRef, useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import type { CannedResponse } from "../api/admin";
import { ApiError, call } from "../api/client";
import { sitesQuery } from "../api/queries";
import { useUnsaved } from "../form/use-unsaved";
import { LeaveGuard } from "../form/LeaveGuard";
import { refusal } from "../problem";
import { useMe } from "../session";
import { VARIABLES, cleanShortcut, example, isShortcut, unknownVariables } from "./canned";
import styles from "./Rows.module.css";

const TEXT_MOST = 4000;

export function CannedForm({ held, onDone }: { held: CannedResponse | null; onDone: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const { operator } = useMe();
  const { data: sites = [] } = useQuery(sitesQuery);
  const { values, set, dirty, forget } = useUnsaved(`canned:${held?.id ?? "new"}`, { shortcut: held?.shortcut ?? "", text: held?.text ?? "", site_id: held?.site_id ?? null as string | null });
  const [tried, setTried] = useState(false);
  const area = useRef<HTMLTextAreaElement>(null);
  const save = useMutation({
    mutationFn: () => call<CannedResponse>(held ? "PATCH" : "POST", held ? `/canned-responses/${held.id}` : "/canned-responses", { body: values }),
    onSuccess: async () => {
      forget();
      await client.invalidateQueries({ queryKey: ["canned-responses"] });
      onDone();
    },
  });
  const fields = save.error instanceof ApiError ? save.error.fields : {};
  const sound = isShortcut(values.shortcut) && values.text.trim() !== "";
  const submit = async (): Promise<boolean> => {
    setTried(true);
    return sound ? save.mutateAsync().then(() => true, () => false) : false;
  };
  const insert = (name: string): void => {
    const at = area.current?.selectionStart ?? values.text.length;
    const end = area.current?.selectionEnd ?? at;
    const piece = name === "visitor.name" ? `{{visitor.name|${t("responses.fallback")}}}` : `{{${name}}}`;
    set("text", values.text.slice(0, at) + piece + values.text.slice(end));
    requestAnimationFrame(() => { area.current?.focus(); area.current?.setSelectionRange(at + piece.length, at + piece.length); });
  };
  const cancel = (): void => { forget(); onDone(); };
  const site = sites.find((one) => one.id === values.site_id) ?? sites[0];
  const filling = { "visitor.name": t("responses.sample_visitor"), "operator.name": operator.name, "site.name": site?.name ?? "STALK", "page.title": t("responses.sample_page"), "page.url": `https://${site?.domains[0] ?? "example.com"}/` };
  const unknown = unknownVariables(values.text);
  return (
    <form className={styles["form"]} noValidate onSubmit={(event: FormEvent) => { event.preventDefault(); void submit(); }} data-testid="canned-form"
      onKeyDown={(event) => {
        if (event.key === "Escape" && !event.nativeEvent.isComposing && !dirty) cancel();
        if ((event.ctrlKey || event.metaKey) && (event.code === "KeyS" || event.key === "Enter")) { event.preventDefault(); void submit(); }
      }}>
      <div className={styles["pair"]}>
        <TextInput data-autofocus autoFocus label={t("responses.shortcut")} description={t("responses.shortcut_hint")} leftSection="/" value={values.shortcut} maxLength={41} spellCheck={false} autoComplete="off" data-testid="canned-shortcut"
          error={fields["shortcut"] ?? ((tried || values.shortcut !== "") && !isShortcut(values.shortcut) ? t("responses.shortcut_wrong") : undefined)} onChange={(event) => set("shortcut", cleanShortcut(event.currentTarget.value))} />
        <Select label={t("responses.site")} description={t("responses.site_hint")} value={values.site_id ?? ""} error={fields["site_id"]} onChange={(value) => set("site_id", value ? String(value) : null)} data={[{ value: "", label: t("responses.everywhere") }, ...sites.map((one) => ({ value: one.id, label: one.name }))]} />
      </div>
      <Textarea ref={area} label={t("responses.text")} value={values.text} autosize minRows={4} maxRows={14} maxLength={TEXT_MOST} data-testid="canned-text" error={fields["text"] ?? (tried && values.text.trim() === "" ? t("responses.text_missing") : undefined)}
        onChange={(event) => set("text", event.currentTarget.value)} />
      <div className={styles["variables"]} role="group" aria-label={t("responses.variables")}>
        <span>{t("responses.variables")}</span>
        {VARIABLES.map((name) => <button key={name} type="button" onClick={() => insert(name)}>{t(`responses.var_${name.replace(".", "_") as "visitor_name"}`)}</button>)}
      </div>
      {unknown.length > 0 && <p className={styles["error"]} role="status">{t("responses.unknown", { names: unknown.map((name) => `{{${name}}}`).join(", ") })}</p>}
      {values.text.includes("{{") && <div><p className={styles["label"]}>{t("responses.reads")}</p><p className={styles["filled"]} data-testid="canned-example">{example(values.text, filling)}</p></div>}
      <div className={styles["buttons"]}>
        <span className={styles["error"]} role="alert">{save.error && Object.keys(fields).length === 0 ? t("form.failed", { reason: refusal(t, save.error) }) : null}</span>
        <Button variant="default" onClick={cancel}>{t("sites.cancel")}</Button>
        <Button type="submit" loading={save.isPending} disabled={held !== null && !dirty} data-testid="canned-save">{held ? t("form.save") : t("responses.create")}</Button>
      </div>
      <LeaveGuard form={{ dirty: dirty && !save.isSuccess, saving: save.isPending, save: submit, discard: forget }} />
    </form>
  );
}

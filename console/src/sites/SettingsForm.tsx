/** A site's settings. Nothing is saved before the button, and the button says what is unsaved. */
import { Button, Select, SegmentedControl, Stack, TagsInput, Textarea, TextInput, Input } from "@mantine/core";
import { IconCheck } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { ApiError, call } from "../api/client";
import type { Site, SiteChange } from "../api/types";
import { problemText } from "../problem";
import { useMe } from "../session";
import { isColor } from "./color";
import { ColorField } from "./ColorField";
import { cleanDomain } from "./domains";
import type { Look } from "./WidgetPreview";
import styles from "./Site.module.css";

type Values = Pick<Site, "name" | "domains" | "language" | "color" | "side" | "reopen_days"> & { greeting: string; offline_email: string };
const valuesOf = (site: Site): Values => ({
  name: site.name, domains: site.domains, language: site.language, color: site.color, side: site.side, reopen_days: site.reopen_days, greeting: site.greeting ?? "",
  offline_email: site.offline_email ?? "",
});
const REOPEN_DAYS = [1, 3, 7, 14, 30, 60, 90];
const same = (a: Values, b: Values): boolean => JSON.stringify(a) === JSON.stringify(b);

export function SettingsForm({ site, onLook }: { site: Site; onLook: (look: Look) => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const { operator } = useMe();
  const [values, setValues] = useState(() => valuesOf(site));
  const [saved, setSaved] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  const locked = operator.role === "operator";
  const dirty = !same(values, valuesOf(site));
  const save = useMutation({
    mutationFn: (body: SiteChange) => call<Site>("PATCH", `/sites/${site.id}`, { body }),
    onSuccess: (changed) => {
      client.setQueryData(["site", site.id], changed);
      void client.invalidateQueries({ queryKey: ["sites"] });
      setValues(valuesOf(changed));
      setSaved(true);
    },
  });
  useEffect(() => onLook({ ...values, greeting: values.greeting.trim() || null }), [values, onLook]);
  const set = <K extends keyof Values>(name: K, value: Values[K]): void => {
    setValues((now) => ({ ...now, [name]: value }));
    setSaved(false);
    save.reset();
  };
  // The field that is refused may be out of sight, and the one that says so is the field itself.
  useEffect(() => { if (save.error) form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus(); }, [save.error]);
  const fields = save.error instanceof ApiError ? save.error.fields : {};
  const valid = values.name.trim() !== "" && isColor(values.color);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (valid && dirty) save.mutate({ ...values, name: values.name.trim(), greeting: values.greeting.trim() || null, offline_email: values.offline_email.trim() || null });
  };

  return (
    <form ref={form} className={styles["card"]} onSubmit={submit} noValidate aria-labelledby="settings">
      <h2 id="settings">{t("site.settings")}</h2>
      {locked && <p className={styles["hint"]}>{t("sites.only_admins")}</p>}
      <fieldset className={styles["fields"]} disabled={locked}>
        <Stack gap="lg">
          <TextInput label={t("sites.name")} description={t("sites.name_hint")} value={values.name} maxLength={120} error={fields["name"]} onChange={(event) => set("name", event.currentTarget.value)} disabled={locked} />
          <TagsInput label={t("sites.domains")} description={t("sites.domains_hint")} value={values.domains} placeholder={values.domains.length === 0 ? t("sites.domains_placeholder") : ""}
            onChange={(domains) => set("domains", domains.map(cleanDomain))} acceptValueOnBlur splitChars={[",", " "]} error={fields["domains"]} disabled={locked} />
          <Select label={t("sites.language")} value={values.language} maw={240} disabled={locked} error={fields["language"]} onChange={(value) => set("language", value === "ko" ? "ko" : "en")}
            data={[{ value: "ko", label: t("language.ko") }, { value: "en", label: t("language.en") }]} />
          <ColorField value={values.color} onChange={(color) => set("color", color)} error={fields["color"]} disabled={locked} />
          <Input.Wrapper label={t("site.side")} labelElement="div">
            <div><SegmentedControl aria-label={t("site.side")} value={values.side} disabled={locked} onChange={(side) => set("side", side === "left" ? "left" : "right")}
              data={[{ value: "left", label: t("site.side_left") }, { value: "right", label: t("site.side_right") }]} /></div>
          </Input.Wrapper>
          <Textarea label={t("site.greeting")} description={t("site.greeting_hint")} placeholder={t("site.greeting_placeholder")} value={values.greeting} autosize minRows={2} maxRows={6} maxLength={500}
            error={fields["greeting"]} onChange={(event) => set("greeting", event.currentTarget.value)} disabled={locked} />
          <Select label={t("site.reopen_days")} description={t("site.reopen_days_hint")} value={String(values.reopen_days)} disabled={locked} error={fields["reopen_days"]} maw={420}
            onChange={(value) => set("reopen_days", Number(value ?? values.reopen_days))}
            data={[...new Set([...REOPEN_DAYS, values.reopen_days])].sort((a, b) => a - b).map((days) => ({ value: String(days), label: t("site.days", { count: days }) }))} />
          <TextInput type="email" label={t("site.offline_email")} description={t("site.offline_email_hint")} placeholder={t("site.offline_email_placeholder")} value={values.offline_email} maw={420} maxLength={254}
            autoComplete="off" spellCheck={false} error={fields["offline_email"]} onChange={(event) => set("offline_email", event.currentTarget.value)} disabled={locked} data-testid="site-offline-email" />
        </Stack>
      </fieldset>
      {!locked && (
        <div className={styles["save"]}>
          <Button type="submit" disabled={!dirty || !valid} loading={save.isPending} data-testid="site-save">{t("site.save")}</Button>
          {dirty && <Button variant="subtle" color="gray" onClick={() => setValues(valuesOf(site))}>{t("site.discard")}</Button>}
          <span className={styles["saveState"]} role="status">
            {save.error ? <span data-bad>{Object.keys(fields).length === 0 ? t("site.save_failed", { reason: problemText(t, save.error) }) : t("site.save_refused")}</span>
              : dirty ? t("site.unsaved") : saved && <><IconCheck size={16} stroke={2} aria-hidden="true" />{t("site.saved")}</>}
          </span>
        </div>
      )}
    </form>
  );
}

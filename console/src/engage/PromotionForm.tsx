/** One promotion: what it shows, when and to whom, what it is for; with a picture of it that follows every change. */
import { Button, NumberInput, Select, Textarea, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { ApiError, call } from "../api/client";
import type { Definition, Goal, Look, Promotion, Texts, Trigger } from "../api/engage";
import { sitesQuery } from "../api/queries";
import { Segments } from "../form/Choice";
import { refusal } from "../problem";
import rows from "../settings/Rows.module.css";
import { Conditions } from "./Conditions";
import { DryRun } from "./DryRun";
import styles from "./Engage.module.css";
import { TEMPLATES, TRIGGERS, blank } from "./facts";
import { OfferPreview } from "./OfferPreview";
import { read, written } from "./period";
import { PictureField } from "./PictureField";
import { Versions } from "./Versions";

/** A hint below its field, so that fields side by side stand in one line. */
const BELOW: ("label" | "input" | "description" | "error")[] = ["label", "input", "description", "error"];
const isTimed = (event: string): event is "page.stay" | "site.stay" => event === "page.stay" || event === "site.stay";

export default function PromotionForm({ held, onDone }: { held: Promotion | null; onDone: () => void }) {
  const { t, i18n } = useTranslation();
  const client = useQueryClient();
  const { data: sites = [] } = useQuery(sitesQuery);
  const [name, setName] = useState(held?.name ?? "");
  const [site, setSite] = useState(held?.site_id ?? null);
  const [it, setIt] = useState<Definition | null>(held?.definition ?? null);
  const [from, setFrom] = useState(() => written(held?.starts_at ?? null));
  const [until, setUntil] = useState(() => written(held?.ends_at ?? null));
  const [language, setLanguage] = useState<"ko" | "en">(i18n.language === "ko" ? "ko" : "en");
  const save = useMutation({
    mutationFn: () => call<Promotion>(held ? "PATCH" : "POST", held ? `/promotions/${held.id}` : "/promotions", { body: { name, site_id: site, definition: it, starts_at: read(from), ends_at: read(until), ...(held ? {} : { active: true }) } }),
    onSuccess: async () => { await client.invalidateQueries({ queryKey: ["promotions"] }); onDone(); },
  });
  if (!it) {
    return (
      <div className={rows["form"]}>
        <p className={rows["label"]}>{t("promo.begin")}</p>
        <div className={styles["templates"]}>
          {(["welcome", "hesitant", "cart", "byhand"] as const).map((one) => (
            <button key={one} type="button" className={styles["template"]} data-testid={`template-${one}`} onClick={() => { setIt(TEMPLATES[one]()); setName(t(`promo.template_${one}`)); }}><b>{t(`promo.template_${one}`)}</b><span>{t(`promo.template_${one}_hint`)}</span></button>
          ))}
        </div>
        <div className={rows["buttons"]}><span /><Button variant="default" onClick={onDone}>{t("sites.cancel")}</Button><Button variant="default" onClick={() => setIt(blank())}>{t("promo.template_none")}</Button></div>
      </div>
    );
  }
  const fields = save.error instanceof ApiError ? save.error.fields : {};
  const wrong = (field: string): string | undefined => fields[`definition.${field}`];
  const set = (change: Partial<Definition>): void => { setIt({ ...it, ...change }); save.reset(); };
  const offer = (change: Partial<Definition["offer"]>): void => set({ offer: { ...it.offer, ...change } });
  const said = (texts: Texts, value: string): Texts => {
    const { [language]: _, ...rest } = texts;
    return value === "" ? rest : { ...rest, [language]: value };
  };
  const event = it.on?.event ?? "";
  const trigger = (event: string | null, seconds = 30): Trigger | null => (!event ? null : isTimed(event) ? { event, seconds } : ({ event } as Trigger));
  const goal = (kind: string | null): Goal | null => (kind === "page" ? { kind, value: "/", within_hours: 24 } : kind === "event" ? { kind, value: "", within_hours: 24 } : kind === "order" ? { kind, within_hours: 24 } : null);
  const whole = (value: string | number): number | undefined => (value === "" ? undefined : Number(value));
  return (
    <form className={rows["form"]} noValidate data-testid="promotion-form" onSubmit={(event: FormEvent) => { event.preventDefault(); save.mutate(); }}
      onKeyDown={(event) => { if ((event.ctrlKey || event.metaKey) && event.code === "KeyS") { event.preventDefault(); save.mutate(); } }}>
      <div className={styles["editor"]}>
        <div className={styles["fields"]}>
          <div className={rows["pair"]}>
            <TextInput label={t("promo.name")} value={name} maxLength={120} error={fields["name"]} onChange={(event) => setName(event.currentTarget.value)} data-testid="promotion-name" />
            <Select label={t("responses.site")} value={site ?? ""} allowDeselect={false} onChange={(value) => setSite(value ? String(value) : null)} data={[{ value: "", label: t("responses.everywhere") }, ...sites.map((one) => ({ value: one.id, label: one.name }))]} />
          </div>
          <div className={styles["part"]}>
            <h2>{t("promo.what")}</h2>
            <Segments<Look> label={t("promo.look")} value={it.offer.look} onChange={(look) => offer({ look })} testId="promotion-look" options={(["bubble", "banner", "card"] as const).map((value) => ({ value, label: t(`promo.look_${value}`) }))} />
            <Segments<"ko" | "en"> label={t("promo.language")} value={language} onChange={setLanguage} testId="promotion-language" options={[{ value: "ko", label: "한국어" }, { value: "en", label: "English" }]} />
            <TextInput label={t("promo.offer_title")} value={it.offer.title[language] ?? ""} maxLength={120} error={wrong("offer.title")} onChange={(event) => offer({ title: said(it.offer.title, event.currentTarget.value) })} data-testid="promotion-title" />
            <Textarea label={t("promo.offer_text")} value={it.offer.text[language] ?? ""} autosize minRows={2} maxLength={500} error={wrong("offer.text")} onChange={(event) => offer({ text: said(it.offer.text, event.currentTarget.value) })} />
            <div className={rows["pair"]}>
              <TextInput label={t("promo.button")} value={it.offer.button[language] ?? ""} maxLength={40} error={wrong("offer.button")} onChange={(event) => offer({ button: said(it.offer.button, event.currentTarget.value) })} />
              <TextInput label={t("promo.url")} inputWrapperOrder={BELOW} description={t("promo.url_hint")} value={it.offer.url ?? ""} placeholder="https://" error={wrong("offer.url")} onChange={(event) => offer({ url: event.currentTarget.value || null })} />
              <PictureField value={it.offer.image_url ?? null} error={wrong("offer.image_url")} onChange={(image_url) => offer({ image_url })} />
              <TextInput label={t("promo.coupon")} value={it.offer.coupon ?? ""} maxLength={64} error={wrong("offer.coupon")} onChange={(event) => offer({ coupon: event.currentTarget.value || null })} />
            </div>
          </div>
          <div className={rows["pair"]}>
            <Select label={t("promo.event")} value={event} allowDeselect={false} error={wrong("on.event")} data={[{ value: "", label: t("promo.by_hand") }, ...TRIGGERS.map((value) => ({ value, label: t(`promo.on_${value.replace(".", "_") as "page_enter"}`) }))]} onChange={(value) => set({ on: trigger(value) })} data-testid="promotion-event" />
            {it.on && "seconds" in it.on && <NumberInput label={t("promo.seconds")} value={it.on.seconds} min={1} max={3600} error={wrong("on.seconds")} onChange={(value) => set({ on: trigger(event, Number(value) || 0) })} />}
          </div>
          {event !== "" && <Conditions when={it.when} onChange={(when) => set({ when })} error={Object.entries(fields).find(([field]) => field.startsWith("definition.when"))?.[1]} />}
          {event !== "" && (
            <div className={rows["pair"]}>
              <NumberInput label={t("promo.per_visit")} placeholder={t("promo.unlimited")} value={it.limits.per_visit ?? ""} min={1} max={1000} error={wrong("limits.per_visit")} onChange={(value) => set({ limits: { ...it.limits, per_visit: whole(value) } })} />
              <NumberInput label={t("promo.per_visitor")} placeholder={t("promo.unlimited")} value={it.limits.per_visitor ?? ""} min={1} max={1000} error={wrong("limits.per_visitor")} onChange={(value) => set({ limits: { ...it.limits, per_visitor: whole(value) } })} />
              <NumberInput label={t("promo.pause_hours")} placeholder={t("promo.unlimited")} value={it.limits.pause_hours ?? ""} min={1} max={1000} error={wrong("limits.pause_hours")} onChange={(value) => set({ limits: { ...it.limits, pause_hours: whole(value) } })} />
            </div>
          )}
          <div className={rows["pair"]}>
            <TextInput type="datetime-local" label={t("promo.from")} inputWrapperOrder={BELOW} description={t("promo.from_hint")} value={from} error={fields["starts_at"]} onChange={(event) => { setFrom(event.currentTarget.value); save.reset(); }} data-testid="promotion-from" />
            <TextInput type="datetime-local" label={t("promo.until")} inputWrapperOrder={BELOW} description={t("promo.until_hint")} value={until} error={fields["ends_at"]} onChange={(event) => { setUntil(event.currentTarget.value); save.reset(); }} data-testid="promotion-until" />
          </div>
          <div className={rows["pair"]}>
            <Select label={t("promo.goal")} value={it.goal?.kind ?? ""} allowDeselect={false} data={[{ value: "", label: t("promo.goal_click") }, ...(["order", "page", "event"] as const).map((value) => ({ value, label: t(`promo.goal_${value}`) }))]} onChange={(value) => set({ goal: goal(value) })} />
            {it.goal && it.goal.kind !== "order" && <TextInput label={t(`promo.goal_${it.goal.kind}`)} value={it.goal.value ?? ""} maxLength={500} error={wrong("goal.value")} onChange={(event) => it.goal && set({ goal: { ...it.goal, value: event.currentTarget.value } })} />}
            {it.goal && <NumberInput label={t("promo.within")} value={it.goal.within_hours} min={1} max={720} error={wrong("goal.within_hours")} onChange={(value) => it.goal && set({ goal: { ...it.goal, within_hours: Number(value) || 0 } })} />}
            <NumberInput label={t("promo.holdout")} inputWrapperOrder={BELOW} description={t("promo.holdout_hint")} value={it.holdout} min={0} max={50} suffix=" %" error={wrong("holdout")} onChange={(value) => set({ holdout: Number(value) || 0 })} />
          </div>
        </div>
        <div className={styles["preview"]}>
          <p className={rows["label"]}>{t("promo.preview")}</p>
          <OfferPreview offer={it.offer} language={language} empty={t("promo.offer_title")} />
          {event !== "" && <DryRun definition={it} site={site} />}
          {held && <Versions held={held} onTake={(definition) => { setIt(definition); save.reset(); }} />}
        </div>
      </div>
      <div className={rows["buttons"]}>
        <span className={rows["error"]} role="alert">{save.error ? t("form.failed", { reason: refusal(t, save.error) }) : null}</span>
        <Button variant="default" onClick={onDone}>{t("sites.cancel")}</Button>
        <Button type="submit" loading={save.isPending} data-testid="promotion-save">{held ? t("form.save") : t("promo.start")}</Button>
      </div>
    </form>
  );
}

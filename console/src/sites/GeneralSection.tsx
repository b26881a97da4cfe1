/** Where a site lives and how it treats what comes late. */
import { Select, TagsInput, TextInput } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Site } from "../api/admin";
import { Card } from "../form/Card";
import { TimeZoneField } from "../form/TimeZoneField";
import { ToggleRow } from "../form/ToggleRow";
import type { Form } from "../form/use-form";
import { cleanDomain } from "./domains";

const REOPEN_DAYS = [1, 3, 7, 14, 30, 60, 90];

export default function GeneralSection({ form }: { form: Form<Site> }) {
  const { t } = useTranslation();
  const { values, set, errorOf, locked } = form;
  const days = [...new Set([...REOPEN_DAYS, values.reopen_days])].sort((a, b) => a - b);
  return (
    <>
      <Card quiet title={t("site.section_general")} hint={t("site.general_hint")}>
        <TextInput label={t("sites.name")} description={t("sites.name_hint")} value={values.name} maxLength={120} maw={420} error={errorOf("name")} disabled={locked} onChange={(event) => set("name", event.currentTarget.value)} data-testid="site-name" />
        <TagsInput label={t("sites.domains")} description={t("sites.domains_hint")} value={values.domains} placeholder={values.domains.length === 0 ? t("sites.domains_placeholder") : ""} error={errorOf("domains")} disabled={locked}
          onChange={(domains) => set("domains", domains.map(cleanDomain))} acceptValueOnBlur splitChars={[",", " "]} />
        <Select label={t("sites.language")} description={t("site.language_hint")} value={values.language} maw={420} disabled={locked} error={errorOf("language")} onChange={(value) => set("language", value === "ko" ? "ko" : "en")}
          data={[{ value: "ko", label: t("language.ko") }, { value: "en", label: t("language.en") }]} />
        <ToggleRow label={t("site.follow_language")} hint={t("site.follow_language_hint")} checked={values.settings.follow_language} disabled={locked} onChange={(follows) => set("settings.follow_language", follows)} testId="site-follow-language" />
        <TimeZoneField label={t("site.time_zone")} hint={t("site.time_zone_hint")} value={values.time_zone} disabled={locked} error={errorOf("time_zone")} testId="site-time-zone" onChange={(zone) => { if (zone) set("time_zone", zone); }} />
      </Card>
      <Card title={t("site.late")} hint={t("site.late_hint")}>
        <Select label={t("site.reopen_days")} description={t("site.reopen_days_hint")} value={String(values.reopen_days)} disabled={locked} error={errorOf("reopen_days")} maw={420}
          onChange={(value) => set("reopen_days", Number(value ?? values.reopen_days))} data={days.map((count) => ({ value: String(count), label: t("site.days", { count }) }))} />
        <TextInput type="email" label={t("site.offline_email")} description={t("site.offline_email_hint")} placeholder={t("site.offline_email_placeholder")} value={values.offline_email ?? ""} maw={420} maxLength={254} autoComplete="off" spellCheck={false}
          error={errorOf("offline_email")} disabled={locked} onChange={(event) => set("offline_email", event.currentTarget.value.trim() || null)} data-testid="site-offline-email" />
      </Card>
      <Card title={t("site.subdomains")} hint={t("site.subdomains_hint")}>
        <TextInput label={t("site.cookie_domain")} description={t("site.cookie_domain_hint")} placeholder="example.com" value={values.settings.cookie_domain ?? ""} maw={420} maxLength={253} spellCheck={false} autoComplete="off" disabled={locked}
          error={errorOf("settings.cookie_domain")} onChange={(event) => set("settings.cookie_domain", cleanDomain(event.currentTarget.value) || null)} />
      </Card>
    </>
  );
}

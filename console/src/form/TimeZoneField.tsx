/** A time zone by its name or by what it is now; the browser's own first. */
import { Select } from "@mantine/core";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { localZone, zoneOptions } from "./time-zones";

interface Props { label: string; hint?: string; value: string | null; onChange: (zone: string | null) => void; disabled?: boolean; error?: string; clearText?: string; testId?: string }

export function TimeZoneField({ label, hint, value, onChange, disabled, error, clearText, testId }: Props) {
  const { t, i18n } = useTranslation();
  const options = useMemo(() => zoneOptions(i18n.language, Date.now(), value), [i18n.language, value]);
  const own = localZone();
  const data = useMemo(() => [
    ...(clearText ? [{ value: "", label: clearText }] : []),
    { group: t("form.zone_here"), items: options.filter((one) => one.value === own) },
    { group: t("form.zone_all"), items: options.filter((one) => one.value !== own) },
  ], [options, own, clearText, t]);
  return (
    <Select searchable label={label} description={hint} value={value ?? ""} maw={420} disabled={disabled} error={error} limit={60} data={data} data-testid={testId} nothingFoundMessage={t("form.nothing_found")}
      onChange={(zone) => onChange(zone === null || zone === "" ? null : String(zone))} />
  );
}

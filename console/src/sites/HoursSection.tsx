/** When somebody answers: a week of spans in the site's own zone, and days that are closed. */
import { Button, TextInput } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { DAYS, type BusinessHours, type Site } from "../api/admin";
import { Card } from "../form/Card";
import { ChoiceCards } from "../form/Choice";
import { offsetName } from "../form/time-zones";
import type { Form } from "../form/use-form";
import { useNow } from "../time/now";
import { DayRow } from "./DayRow";
import { copied, isOpen, isSound, nextChange } from "./hours";
import styles from "./Hours.module.css";

const HOUR = 3_600_000;

export default function HoursSection({ form }: { form: Form<Site> }) {
  const { t, i18n } = useTranslation();
  const { values, set, errorOf, locked } = form;
  const hours = values.business_hours;
  const change = (extra: Partial<BusinessHours>): void => set("business_hours", { ...hours, ...extra });
  return (
    <>
      <OpenNow site={values} />
      <Card quiet title={t("site.section_hours")} hint={<>{t("site.hours_hint")} <b>{values.time_zone.replaceAll("_", " ")} ({offsetName(values.time_zone, Date.now(), i18n.language)})</b> · <Link to="/sites/$id/$section" params={{ id: values.id, section: "general" }}>{t("site.hours_zone")}</Link></>}>
        <ChoiceCards label={t("site.section_hours")} value={hours.always ? "always" : "week"} disabled={locked} error={errorOf("business_hours")} testId="hours-mode" onChange={(mode) => change({ always: mode === "always" })}
          options={[{ value: "always", label: t("site.hours_always"), hint: t("site.hours_always_hint") }, { value: "week", label: t("site.hours_week"), hint: t("site.hours_week_hint") }]} />
        {!hours.always && (
          <ul className={styles["week"]}>
            {DAYS.map((day) => (
              <DayRow key={day} day={day} spans={hours.week[day]} disabled={locked} onChange={(spans) => change({ week: { ...hours.week, [day]: spans } })} onCopy={(to) => change({ week: copied(hours.week, day, to) })} />
            ))}
          </ul>
        )}
      </Card>
      {!hours.always && <ClosedDays dates={hours.closed} disabled={locked} onChange={(closed) => change({ closed })} />}
    </>
  );
}

function OpenNow({ site }: { site: Site }) {
  const { t, i18n } = useTranslation();
  const now = useNow();
  if (!isSound(site.business_hours)) return null;
  const open = isOpen(site.business_hours, site.time_zone, now);
  const next = nextChange(site.business_hours, site.time_zone, now);
  const shown = (format: Intl.DateTimeFormatOptions): string => (next === null ? "" : new Intl.DateTimeFormat(i18n.language, { timeZone: site.time_zone, ...format }).format(next));
  const time = shown({ hour: "numeric", minute: "2-digit" });
  const day = next !== null && next - now > 6 * 24 * HOUR ? shown({ month: "long", day: "numeric", weekday: "short" }) : shown({ weekday: "long" });
  const when = next === null ? null : next - now > 20 * HOUR ? `${day} ${time}` : time;
  const text = site.business_hours.always ? t("site.open_always") : when === null ? t("site.closed_always") : t(open ? "site.open_until" : "site.closed_until", { when });
  return <p className={styles["now"]} data-open={open || undefined} role="status" data-testid="open-now"><i aria-hidden="true" /><b>{t(open ? "site.open_now" : "site.closed_now")}</b><span>{text}</span></p>;
}

function ClosedDays({ dates, disabled, onChange }: { dates: string[]; disabled: boolean; onChange: (dates: string[]) => void }) {
  const { t, i18n } = useTranslation();
  const [date, setDate] = useState("");
  const name = (one: string): string => new Intl.DateTimeFormat(i18n.language, { dateStyle: "full", timeZone: "UTC" }).format(Date.parse(`${one}T00:00:00Z`));
  const add = (): void => {
    if (date !== "" && !dates.includes(date)) onChange([...dates, date].sort());
    setDate("");
  };
  return (
    <Card title={t("site.closed_days")} hint={t("site.closed_days_hint")}>
      {dates.length > 0 && (
        <ul className={styles["closed"]}>
          {dates.map((one) => <li key={one}><time dateTime={one}>{name(one)}</time><button type="button" disabled={disabled} aria-label={t("site.closed_remove", { date: name(one) })} onClick={() => onChange(dates.filter((other) => other !== one))}><IconX size={15} stroke={1.75} aria-hidden="true" /></button></li>)}
        </ul>
      )}
      {!disabled && (
        <div className={styles["add"]}>
          <TextInput type="date" aria-label={t("site.closed_date")} value={date} onChange={(event) => setDate(event.currentTarget.value)} onKeyDown={(event) => { if (event.key === "Enter") add(); }} data-testid="closed-date" />
          <Button variant="default" disabled={date === ""} onClick={add} data-testid="closed-add">{t("site.closed_add")}</Button>
        </div>
      )}
    </Card>
  );
}

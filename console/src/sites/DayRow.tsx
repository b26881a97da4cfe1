/** One day of the week: open or not, its spans, a break in the middle, and the same for other days. */
import { ActionIcon, Button, Checkbox, Popover, Switch } from "@mantine/core";
import { IconCoffee, IconCopy, IconPlus, IconX } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { DAYS, type Day, type Span } from "../api/admin";
import { problemsOf, withBreak, withSpan } from "./hours";
import styles from "./Hours.module.css";

interface Props { day: Day; spans: Span[]; disabled: boolean; onChange: (spans: Span[]) => void; onCopy: (to: Day[]) => void }

export function DayRow({ day, spans, disabled, onChange, onCopy }: Props) {
  const { t } = useTranslation();
  const name = t(`site.day_${day}`);
  const problems = problemsOf(spans);
  const put = (index: number, span: Span): void => onChange(spans.map((one, at) => (at === index ? span : one)));
  const icon = { size: 16, stroke: 1.75, "aria-hidden": true } as const;
  return (
    <li className={styles["day"]} data-testid={`hours-${day}`}>
      <Switch className={styles["dayName"]} label={name} checked={spans.length > 0} disabled={disabled} onChange={(event) => onChange(event.currentTarget.checked ? withSpan([]) : [])} />
      <div className={styles["spans"]}>
        {spans.length === 0 && <span className={styles["off"]}>{t("site.day_closed")}</span>}
        {spans.map((span, index) => (
          // Spans have no name of their own but their place.
          <div key={index} className={styles["span"]} role="group" aria-label={t("site.span", { day: name, number: index + 1 })}>
            <Time label={t("site.span_from", { day: name })} value={span[0]} disabled={disabled} bad={index in problems} onChange={(from) => put(index, [from, span[1]])} />
            <span aria-hidden="true">–</span>
            <Time label={t("site.span_to", { day: name })} value={span[1]} end disabled={disabled} bad={index in problems} onChange={(to) => put(index, [span[0], to])} />
            {!disabled && <ActionIcon size={32} aria-label={t("site.span_remove", { day: name, number: index + 1 })} title={t("site.span_remove_short")} onClick={() => onChange(spans.filter((_, at) => at !== index))}><IconX {...icon} /></ActionIcon>}
            {problems[index] && <span className={styles["bad"]} role="alert">{t(`site.span_${problems[index]}`)}</span>}
          </div>
        ))}
      </div>
      {!disabled && (
        <div className={styles["tools"]}>
          {spans.length === 1 && <ActionIcon size={32} aria-label={t("site.span_break", { day: name })} title={t("site.span_break", { day: name })} onClick={() => onChange(withBreak(spans))}><IconCoffee {...icon} /></ActionIcon>}
          {spans.length > 0 && <ActionIcon size={32} aria-label={t("site.span_add", { day: name })} title={t("site.span_add", { day: name })} onClick={() => onChange(withSpan(spans))}><IconPlus {...icon} /></ActionIcon>}
          <CopyTo day={day} name={name} onCopy={onCopy} />
        </div>
      )}
    </li>
  );
}

/** The end of a day is 24:00, which a field for times writes as 00:00. */
function Time({ label, value, onChange, disabled, bad, end = false }: { label: string; value: string; onChange: (time: string) => void; disabled: boolean; bad: boolean; end?: boolean }) {
  return (
    <input type="time" className={styles["time"]} aria-label={label} aria-invalid={bad || undefined} value={value === "24:00" ? "00:00" : value} disabled={disabled} step={300} required
      onChange={(event) => onChange(end && event.currentTarget.value === "00:00" ? "24:00" : event.currentTarget.value)} />
  );
}

function CopyTo({ day, name, onCopy }: { day: Day; name: string; onCopy: (to: Day[]) => void }) {
  const { t } = useTranslation();
  const [opened, setOpened] = useState(false);
  const [to, setTo] = useState<Day[]>([]);
  const others = DAYS.filter((one) => one !== day);
  const open = (): void => {
    setTo(["sat", "sun"].includes(day) ? [] : others.filter((one) => one !== "sat" && one !== "sun"));
    setOpened(true);
  };
  return (
    <Popover opened={opened} onChange={setOpened} position="bottom-end" trapFocus returnFocus shadow="md" radius="md">
      <Popover.Target><ActionIcon size={32} aria-label={t("site.copy_day", { day: name })} title={t("site.copy_day", { day: name })} onClick={open} data-testid={`copy-${day}`}><IconCopy size={16} stroke={1.75} aria-hidden="true" /></ActionIcon></Popover.Target>
      <Popover.Dropdown aria-label={t("site.copy_day", { day: name })} aria-labelledby={undefined}>
        <p className={styles["copyTitle"]}>{t("site.copy_day", { day: name })}</p>
        <div className={styles["copyDays"]}>
          {others.map((one) => <Checkbox key={one} label={t(`site.day_${one}`)} checked={to.includes(one)} onChange={(event) => setTo(event.currentTarget.checked ? [...to, one] : to.filter((other) => other !== one))} />)}
        </div>
        <Button fullWidth size="compact-md" disabled={to.length === 0} onClick={() => { onCopy(to); setOpened(false); }} data-testid="copy-apply">{t("site.copy_apply")}</Button>
      </Popover.Dropdown>
    </Popover>
  );
}

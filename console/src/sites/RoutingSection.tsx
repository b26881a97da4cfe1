/** Who gets a new conversation, and what happens when they do not answer. */
import { Select } from "@mantine/core";
import { IconHandClick, IconListNumbers, IconRotate, IconScale } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { ROUTING_MODES, type RoutingMode, type Site } from "../api/admin";
import { Card } from "../form/Card";
import { ChoiceCards } from "../form/Choice";
import { ToggleRow } from "../form/ToggleRow";
import type { Form } from "../form/use-form";
import styles from "./Site.module.css";

const icon = { size: 20, stroke: 1.75, "aria-hidden": true } as const;
const ICONS: Record<RoutingMode, React.ReactNode> = { least_busy: <IconScale {...icon} />, fewest_today: <IconListNumbers {...icon} />, round_robin: <IconRotate {...icon} />, manual: <IconHandClick {...icon} /> };
const AFTER = [30, 60, 120, 180, 300, 600, 1800, 3600];

export default function RoutingSection({ form }: { form: Form<Site> }) {
  const { t, i18n } = useTranslation();
  const { values, set, errorOf, locked } = form;
  const { mode, reassign_after_s: after } = values.routing;
  const times = [...new Set([...AFTER, after ?? 120])].sort((a, b) => a - b);
  const text = (seconds: number): string => new Intl.NumberFormat(i18n.language, { style: "unit", unit: seconds < 60 ? "second" : "minute", unitDisplay: "long" }).format(seconds < 60 ? seconds : seconds / 60);
  return (
    <>
      <Card quiet title={t("site.section_routing")} hint={t("site.routing_hint")}>
        <ChoiceCards label={t("site.section_routing")} value={mode} disabled={locked} error={errorOf("routing.mode")} testId="routing-mode" onChange={(value) => set("routing.mode", value)}
          options={ROUTING_MODES.map((value) => ({ value, label: t(`site.routing_${value}`), hint: t(`site.routing_${value}_hint`), icon: ICONS[value] }))} />
      </Card>
      {mode !== "manual" && (
        <Card title={t("site.reassign")}>
          <ToggleRow label={t("site.reassign_on")} hint={t("site.reassign_hint")} checked={after !== null} disabled={locked} error={errorOf("routing.reassign_after_s")} testId="routing-reassign" onChange={(on) => set("routing.reassign_after_s", on ? 120 : null)}>
            {after !== null && (
              <Select label={t("site.reassign_after")} value={String(after)} disabled={locked} maw={240} onChange={(value) => set("routing.reassign_after_s", Number(value ?? after))} data={times.map((seconds) => ({ value: String(seconds), label: text(seconds) }))} />
            )}
          </ToggleRow>
        </Card>
      )}
      <p className={styles["note"]}>{t("site.routing_capacity")}</p>
    </>
  );
}

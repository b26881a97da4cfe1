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
/** Minutes. */
const GOALS = [1, 2, 3, 5, 10, 15, 30, 60, 120, 240, 480, 1440];
const AFTER = [30, 60, 120, 180, 300, 600, 1800, 3600];

export default function RoutingSection({ form }: { form: Form<Site> }) {
  const { t, i18n } = useTranslation();
  const { values, set, errorOf, locked } = form;
  const { mode, reassign_after_s: after } = values.routing;
  const times = [...new Set([...AFTER, after ?? 120])].sort((a, b) => a - b);
  const goals = [...new Set([...GOALS, values.answer_goal_min])].sort((a, b) => a - b);
  const text = (seconds: number): string => {
    const [unit, size] = seconds < 60 ? ["second", 1] as const : seconds % 3600 === 0 ? ["hour", 3600] as const : ["minute", 60] as const;
    return new Intl.NumberFormat(i18n.language, { style: "unit", unit, unitDisplay: "long" }).format(seconds / size);
  };
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
      <Card title={t("site.goal")} hint={t("site.goal_hint")}>
        <Select label={t("site.goal_within")} value={String(values.answer_goal_min)} disabled={locked} error={errorOf("answer_goal_min")} maw={240} allowDeselect={false} data-testid="site-answer-goal"
          onChange={(value) => set("answer_goal_min", Number(value ?? values.answer_goal_min))} data={goals.map((minutes) => ({ value: String(minutes), label: text(minutes * 60) }))} />
      </Card>
    </>
  );
}

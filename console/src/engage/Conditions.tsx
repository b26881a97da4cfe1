/** The conditions of a promotion: a word for how they belong together, and one line for each. */
import { ActionIcon, Button, NumberInput, Select, TextInput } from "@mantine/core";
import { IconPlus, IconX } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import type { Condition, Test } from "../api/engage";
import { Segments } from "../form/Choice";
import { FACTS, OPERATORS, firstValue, flat, joined, kindOf, type Join } from "./facts";
import styles from "./Engage.module.css";

export function Conditions({ when, onChange, error }: { when: Condition; onChange: (when: Condition) => void; error?: string }) {
  const { t } = useTranslation();
  const shown = flat(when);
  if (!shown) return <p>{t("promo.deeper")}</p>;
  const { join, tests } = shown;
  const put = (at: number, test: Test): void => onChange(joined(join, tests.map((one, index) => (index === at ? test : one))));
  const said = (name: string): string => t(`fact.${name.replace(".", "_") as "page_path"}`);
  return (
    <div className={styles["part"]} data-testid="conditions">
      <h2>{t("promo.when")}</h2>
      {tests.length > 1 && <Segments<Join> label={t("promo.join")} value={join} onChange={(chosen) => onChange(joined(chosen, tests))} options={(["all", "any", "none"] as const).map((value) => ({ value, label: t(`promo.join_${value}`) }))} />}
      {tests.length === 0 && <p>{t("promo.always")}</p>}
      {tests.map((test, at) => {
        const kind = kindOf(test.fact);
        return (
          <div key={at} className={styles["test"]} data-testid="condition">
            <Select aria-label={t("promo.fact")} value={test.fact} searchable allowDeselect={false} data={FACTS.map(([name]) => ({ value: name, label: said(name) }))}
              onChange={(fact) => fact && put(at, { fact, is: OPERATORS[kindOf(fact)][0] ?? "equals", value: firstValue(kindOf(fact)) })} />
            <Select aria-label={t("promo.operator")} value={test.is} allowDeselect={false} data={OPERATORS[kind].map((name) => ({ value: name, label: t(`promo.is_${name as "equals"}`) }))} onChange={(is) => is && put(at, { ...test, is })} />
            {kind === "number" ? <NumberInput aria-label={t("promo.value")} value={Number(test.value ?? 0)} onChange={(value) => put(at, { ...test, value: Number(value) || 0 })} />
              : kind === "flag" ? <Select aria-label={t("promo.value")} allowDeselect={false} value={String(test.value ?? true)} data={[{ value: "true", label: t("promo.yes") }, { value: "false", label: t("promo.no") }]} onChange={(value) => put(at, { ...test, value: value === "true" })} />
                : <TextInput aria-label={t("promo.value")} value={String(test.value ?? "")} maxLength={500} onChange={(event) => put(at, { ...test, value: event.currentTarget.value })} data-testid="condition-value" />}
            <ActionIcon aria-label={t("promo.remove")} onClick={() => onChange(joined(join, tests.filter((_, index) => index !== at)))}><IconX size={18} stroke={1.75} /></ActionIcon>
          </div>
        );
      })}
      {error && <p role="alert">{error}</p>}
      <div><Button variant="default" size="xs" leftSection={<IconPlus size={14} stroke={2} />} onClick={() => onChange(joined(join, [...tests, { fact: "page.path", is: "starts_with", value: "/" }]))} data-testid="condition-add">{t("promo.add")}</Button></div>
    </div>
  );
}

/** The conditions of a promotion: groups of lines, each with a word for how they belong together, in as many levels as there are. */
import { ActionIcon, Button, NumberInput, Select, TextInput } from "@mantine/core";
import { IconPlus, IconX } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import type { Condition, Test } from "../api/engage";
import { VALUELESS, factsWith, firstTest, firstValue, groupOf, isTest, kindOf, made, operatorsOf, type Group, type Join } from "./facts";
import { useWords } from "./words";
import styles from "./Engage.module.css";

/** Deeper than this nobody reads; what a program wrote deeper can be changed all the same. */
const OFFERED_DEPTH = 3;

export function Conditions({ when, onChange, error }: { when: Condition; onChange: (when: Condition) => void; error?: string }) {
  const { t } = useTranslation();
  return (
    <div className={styles["part"]} data-testid="conditions">
      <h2>{t("promo.when")}</h2>
      <GroupOf group={groupOf(when)} depth={1} onChange={(group) => onChange(made(group))} />
      {error && <p className={styles["bad"]} role="alert">{error}</p>}
    </div>
  );
}

function GroupOf({ group, depth, onChange, onRemove }: { group: Group; depth: number; onChange: (group: Group) => void; onRemove?: () => void }) {
  const { t } = useTranslation();
  const { join, items } = group;
  const put = (at: number, item: Condition): void => onChange({ join, items: items.map((one, index) => (index === at ? item : one)) });
  const drop = (at: number): void => onChange({ join, items: items.filter((_, index) => index !== at) });
  const add = (item: Condition): void => onChange({ join, items: [...items, item] });
  const joins = (["all", "any", "none"] as const).map((value) => ({ value, label: t(`promo.join_${value}`) }));
  return (
    <div className={styles["group"]} role="group" aria-label={t("promo.group_of", { depth })} data-depth={depth} data-testid="condition-group">
      {(items.length > 1 || depth > 1 || join !== "all") && (
        <div className={styles["groupHead"]}>
          <Select size="xs" w={190} aria-label={t("promo.join")} value={join} allowDeselect={false} data={joins} onChange={(chosen) => chosen && onChange({ join: chosen as Join, items })} data-testid="condition-join" />
          {onRemove && <ActionIcon aria-label={t("promo.remove_group")} title={t("promo.remove_group")} onClick={onRemove}><IconX size={18} stroke={1.75} /></ActionIcon>}
        </div>
      )}
      {items.length === 0 && depth === 1 && <p>{t("promo.always")}</p>}
      {items.length === 0 && depth > 1 && <p>{t("promo.group_empty")}</p>}
      {items.map((item, at) => (isTest(item)
        ? <TestOf key={at} test={item} onChange={(test) => put(at, test)} onRemove={() => drop(at)} />
        : <GroupOf key={at} group={groupOf(item)} depth={depth + 1} onChange={(inner) => put(at, made(inner))} onRemove={() => drop(at)} />))}
      <div className={styles["adds"]}>
        <Button variant="default" size="xs" leftSection={<IconPlus size={14} stroke={2} />} onClick={() => add(firstTest())} data-testid="condition-add">{t("promo.add")}</Button>
        {depth < OFFERED_DEPTH && items.length > 0 && <Button variant="subtle" size="xs" leftSection={<IconPlus size={14} stroke={2} />} onClick={() => add({ any: [firstTest()] })} data-testid="condition-add-group">{t("promo.add_group")}</Button>}
      </div>
    </div>
  );
}

function TestOf({ test, onChange, onRemove }: { test: Test; onChange: (test: Test) => void; onRemove: () => void }) {
  const { t } = useTranslation();
  const words = useWords();
  const kind = kindOf(test.fact);
  const list = Array.isArray(test.value);
  const change = (is: Test["is"]): void => {
    if (VALUELESS.includes(is)) return onChange({ fact: test.fact, is });
    const many = is === "in" || is === "not_in";
    const value = test.value ?? firstValue(kind);
    onChange({ ...test, is, value: many ? (Array.isArray(value) ? value : [String(value)]) : Array.isArray(value) ? value.join(", ") : value });
  };
  return (
    <div className={styles["test"]} data-testid="condition">
      <Select aria-label={t("promo.fact")} value={test.fact} searchable allowDeselect={false} data={factsWith(test.fact).map((name) => ({ value: name, label: words.fact(name) }))}
        onChange={(fact) => fact && onChange({ fact, is: operatorsOf(fact, null)[0] ?? "equals", value: firstValue(kindOf(fact)) })} />
      <Select aria-label={t("promo.operator")} value={test.is} allowDeselect={false} data={operatorsOf(test.fact, test.is).map((name) => ({ value: name, label: words.operator(name) }))} onChange={(is) => is && change(is as Test["is"])} />
      {VALUELESS.includes(test.is) ? <span />
        : kind === "number" && !list ? <NumberInput aria-label={t("promo.value")} value={Number(test.value ?? 0)} onChange={(value) => onChange({ ...test, value: Number(value) || 0 })} />
          : kind === "flag" ? <Select aria-label={t("promo.value")} allowDeselect={false} value={String(test.value ?? true)} data={[{ value: "true", label: t("promo.yes") }, { value: "false", label: t("promo.no") }]} onChange={(value) => onChange({ ...test, value: value === "true" })} />
            : <TextInput aria-label={t("promo.value")} value={Array.isArray(test.value) ? test.value.join(", ") : String(test.value ?? "")} maxLength={500} placeholder={list ? t("promo.value_list") : undefined}
                onChange={(event) => onChange({ ...test, value: list ? event.currentTarget.value.split(/,\s*/) : event.currentTarget.value })} data-testid="condition-value" />}
      <ActionIcon aria-label={t("promo.remove")} title={t("promo.remove")} onClick={onRemove}><IconX size={18} stroke={1.75} /></ActionIcon>
    </div>
  );
}

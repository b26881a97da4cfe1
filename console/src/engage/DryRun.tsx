/** "Test with a visitor": somebody who is there now, whether they would see it or why not, and what is known of them. */
import { Button, Select } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { call } from "../api/client";
import { audienceQuery, type Definition, type DryRun as Answer, type Value } from "../api/engage";
import type { Id } from "../api/types";
import { refusal } from "../problem";
import styles from "./Engage.module.css";
import { useWords } from "./words";

/** Whether the place of a test lies in a group of which none may hold: then it is wrong that it holds. */
const isUnwanted = (at: string | null): boolean => ((at ?? "").split(".none[").length - 1) % 2 === 1;

export function DryRun({ definition, site }: { definition: Definition; site: Id | null }) {
  const { t } = useTranslation();
  const words = useWords();
  const { data } = useQuery(audienceQuery(""));
  const [who, setWho] = useState<Id | null>(null);
  const people = data?.people ?? [];
  const run = useMutation({ mutationFn: (visitor: Id) => call<Answer>("POST", "/promotions/dry-runs", { body: { visitor_id: visitor, definition, site_id: site } }) });
  const told = run.data;
  const value = (one: Value | null | undefined): string => (one === undefined || one === null ? "–" : typeof one === "boolean" ? t(one ? "promo.yes" : "promo.no") : Array.isArray(one) ? one.join(", ") : String(one));
  const because = told && (told.why === "condition" && told.test
    ? t(isUnwanted(told.at) ? "promo.why_unwanted" : "promo.why_condition", { fact: words.fact(told.test.fact), is: words.operator(told.test.is), value: value(told.test.value), was: value(told.facts[told.test.fact]) })
    : t(`promo.why_${told.why as "fires"}`));
  return (
    <div className={styles["part"]}>
      <h2>{t("promo.test")}</h2>
      <p>{t("promo.test_hint")}</p>
      {people.length === 0 ? <p className={styles["told"]}>{t("promo.nobody")}</p> : <>
        <Select aria-label={t("promo.test")} placeholder={t("promo.choose")} value={who} onChange={(chosen) => { setWho(chosen); run.reset(); }} data={people.map((one) => ({ value: one.visitor_id, label: `${one.name} · ${one.title || one.url}` }))} data-testid="dry-run-who" />
        <Button variant="default" disabled={!who} loading={run.isPending} onClick={() => who && run.mutate(who)} data-testid="dry-run">{t("promo.run")}</Button>
      </>}
      {told && <div className={styles["told"]} data-tone={told.shown ? "good" : undefined} role="status" data-testid="dry-run-answer">{because}</div>}
      {told && Object.keys(told.facts).length > 0 && (
        <details className={styles["versions"]} data-testid="dry-run-facts">
          <summary>{t("promo.facts")}</summary>
          <dl>{Object.entries(told.facts).map(([name, one]) => <div key={name}><dt>{words.fact(name)}</dt><dd>{value(one)}</dd></div>)}</dl>
        </details>
      )}
      {run.error && <div className={styles["told"]} role="alert">{t("form.failed", { reason: refusal(t, run.error) })}</div>}
    </div>
  );
}

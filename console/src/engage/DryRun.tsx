/** "Test with this visitor": somebody who is there now, and whether they would see it, or why not. */
import { Button, Select } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { call } from "../api/client";
import { audienceQuery, type Definition, type DryRun as Answer } from "../api/engage";
import type { Id } from "../api/types";
import { refusal } from "../problem";
import styles from "./Engage.module.css";

export function DryRun({ definition, site }: { definition: Definition; site: Id | null }) {
  const { t } = useTranslation();
  const { data } = useQuery(audienceQuery(""));
  const [who, setWho] = useState<Id | null>(null);
  const people = data?.people ?? [];
  const run = useMutation({ mutationFn: (visitor: Id) => call<Answer>("POST", "/promotions/dry-runs", { body: { visitor_id: visitor, definition, site_id: site } }) });
  const told = run.data;
  const because = told && (told.why === "condition" && told.test
    ? t("promo.why_condition", { fact: t(`fact.${told.test.fact.replace(".", "_") as "page_path"}`), is: t(`promo.is_${told.test.is as "equals"}`), value: String(told.test.value ?? ""), was: String(told.facts[told.test.fact] ?? "–") })
    : t(`promo.why_${told.why as "fires"}`));
  return (
    <div className={styles["part"]}>
      <h2>{t("promo.test")}</h2>
      {people.length === 0 ? <p>{t("promo.nobody")}</p> : <>
        <Select aria-label={t("promo.test")} placeholder={t("promo.choose")} value={who} onChange={(value) => { setWho(value); run.reset(); }} data={people.map((one) => ({ value: one.visitor_id, label: `${one.name} · ${one.title || one.url}` }))} data-testid="dry-run-who" />
        <Button variant="default" disabled={!who} loading={run.isPending} onClick={() => who && run.mutate(who)} data-testid="dry-run">{t("promo.run")}</Button>
      </>}
      {told && <div className={styles["told"]} data-tone={told.shown ? "good" : undefined} role="status" data-testid="dry-run-answer">{because}</div>}
      {run.error && <div className={styles["told"]} role="alert">{t("form.failed", { reason: refusal(t, run.error) })}</div>}
    </div>
  );
}

/** Queued, mine, all, snoozed, resolved; those that want something done with their number. The open conversation stays open when the list changes. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { countsQuery, VIEWS, type View } from "../api/queries";
import type { Counts, Id } from "../api/types";
import styles from "./InboxTabs.module.css";

/** What is put away or done needs no number. */
const numberOf = (counts: Counts, view: View): number => (view === "all" ? counts.open : view === "queued" || view === "mine" ? counts[view] : 0);

export function InboxTabs({ view, conversationId }: { view: View; conversationId: Id | null }) {
  const { t, i18n } = useTranslation();
  const { data: counts } = useQuery(countsQuery);
  const format = new Intl.NumberFormat(i18n.language, { notation: "compact" });
  return (
    <nav className={styles["tabs"]} aria-label={t("inbox.views")}>
      {VIEWS.map((one) => (
        <Link key={one} className={styles["tab"]} data-testid={`inbox-tab-${one}`} data-active={one === view || undefined} aria-current={one === view ? "page" : undefined}
          to={conversationId ? "/inbox/$view/$conversationId" : "/inbox/$view"}
          params={conversationId ? { view: one, conversationId } : { view: one }}>
          {t(`inbox.${one}`)}
          {counts && numberOf(counts, one) > 0 && <span className={styles["count"]}>{format.format(numberOf(counts, one))}</span>}
        </Link>
      ))}
    </nav>
  );
}

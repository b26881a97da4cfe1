/** The pages the visitor has been on, newest first, visit by visit, with how long they stayed. */
import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { pageViewsQuery } from "../api/queries";
import type { Id, PageView } from "../api/types";
import { absolute, clock, relativeDay, stay } from "../time/format";
import { OutLink } from "./LinkedText";
import { withoutScheme } from "./VisitorPanel";
import styles from "./VisitorPanel.module.css";

const FEW = 5;

/** Visits in the order of their newest page. Who signs in on a page was there as two visitors, which is one stay. Pure. */
export function visitsOf(views: readonly PageView[]): { visit: Id; views: PageView[] }[] {
  const visits: { visit: Id; views: PageView[] }[] = [];
  for (const view of views) {
    const last = visits.at(-1);
    const later = last?.visit === view.visit_id ? last.views.at(-1) : undefined;
    if (last && later?.url === view.url) last.views[last.views.length - 1] = { ...later, at: view.at };
    else if (last?.visit === view.visit_id) last.views.push(view);
    else visits.push({ visit: view.visit_id, views: [view] });
  }
  return visits;
}

export function PageTrail({ visitor }: { visitor: Id }) {
  const { t, i18n } = useTranslation();
  const [all, setAll] = useState(false);
  const { data, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery(pageViewsQuery(visitor));
  const loaded = data?.pages.flatMap((page) => page.items) ?? [];
  if (loaded.length < 2) return null;
  const shown = all ? loaded : loaded.slice(0, FEW);
  const more = all ? hasNextPage : loaded.length > FEW || hasNextPage;
  return (
    <section className={styles["section"]} data-testid="trail">
      <h4>{t("visitor.trail")}</h4>
      {visitsOf(shown).map(({ visit, views }) => (
        <ol key={`${visit} ${views[0]?.at ?? 0}`} className={styles["trail"]} aria-label={relativeDay(views[0]?.at ?? 0, Date.now(), i18n.language)}>
          <li className={styles["visit"]} aria-hidden="true">{relativeDay(views[0]?.at ?? 0, Date.now(), i18n.language)}</li>
          {views.map((view) => (
            <li key={view.at} className={styles["step"]}>
              <time dateTime={new Date(view.at).toISOString()} title={absolute(view.at, i18n.language)}>{clock(view.at, i18n.language)}</time>
              <OutLink className={`${styles["stepPage"]} cut`} href={view.url} title={view.url}>{view.title || withoutScheme(view.url)}</OutLink>
              {view.left_at !== null && <span className={styles["stay"]}>{stay(view.left_at - view.at, i18n.language)}</span>}
            </li>
          ))}
        </ol>
      ))}
      {more && <button type="button" className={styles["more"]} disabled={isFetchingNextPage} onClick={() => { if (all) void fetchNextPage(); else setAll(true); }}>{t("visitor.more_pages")}</button>}
    </section>
  );
}

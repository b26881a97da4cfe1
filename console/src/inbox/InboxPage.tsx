/** The list of a view beside whatever conversation is open. */
import { useState } from "react";
import { Outlet, useParams } from "@tanstack/react-router";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { isView, sitesQuery } from "../api/queries";
import type { Id } from "../api/types";
import { ConversationList } from "./ConversationList";
import { InboxTabs } from "./InboxTabs";
import { SiteFilter } from "./SiteFilter";
import styles from "./InboxPage.module.css";

export function InboxPage() {
  const { t } = useTranslation();
  const params = useParams({ strict: false });
  const view = isView(params.view ?? "") ? (params.view as "queued") : "queued";
  const [site, setSite] = useState<Id | null>(null);
  const { data: sites } = useQuery(sitesQuery);
  const several = (sites?.length ?? 0) > 1;
  return (
    <div className={styles["inbox"]} data-open={params.conversationId ? true : undefined}>
      <section className={styles["list"]} aria-label={t("inbox.list")}>
        <div className={styles["head"]}>
          <h1>{t("nav.inbox")}</h1>
          {several && <SiteFilter sites={sites ?? []} value={site} onChange={setSite} />}
        </div>
        <InboxTabs view={view} conversationId={params.conversationId ?? null} />
        <ConversationList key={`${view}:${site}`} view={view} site={site} openId={params.conversationId ?? null} severalSites={several} />
      </section>
      <section className={styles["pane"]}><Outlet /></section>
    </div>
  );
}

/** An empty view says what will be in it; to a new tenant on a phone, where no pane is beside, how to begin. */
import { Button } from "@mantine/core";
import { IconCode, IconCoffee, IconFilterOff, IconInbox, IconMessageCheck, IconMoonStars, IconUserCheck } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { countsQuery, sitesQuery, type View } from "../api/queries";
import { EmptyState } from "../ui/EmptyState";
import styles from "./InboxPage.module.css";

const ICONS = { queued: IconCoffee, mine: IconUserCheck, all: IconInbox, snoozed: IconMoonStars, resolved: IconMessageCheck };

export function EmptyList({ view, filtered }: { view: View; filtered: boolean }) {
  const { t } = useTranslation();
  const { data: counts } = useQuery(countsQuery);
  const { data: sites } = useQuery(sitesQuery);
  const Icon = ICONS[view];
  const site = sites?.[0];
  const fresh = counts !== undefined && counts.open + counts.snoozed + counts.resolved === 0 && site !== undefined;
  if (filtered) return <EmptyState small icon={<IconFilterOff size={24} stroke={1.75} />} title={t("inbox.empty_filtered")} hint={t("inbox.empty_filtered_hint")} />;
  return (
    <>
      <EmptyState small icon={<Icon size={24} stroke={1.75} />} title={t(`inbox.empty_${view}`)} hint={t(`inbox.empty_${view}_hint`)} />
      {fresh && (
        <div className={styles["begin"]}>
          <EmptyState small icon={<IconCode size={24} stroke={1.75} />} title={t("start.title")} hint={t("start.text", { site: site.name })}>
            <Button renderRoot={(props) => <Link to="/sites/$id" params={{ id: site.id }} {...props} />}>{t("site.snippet")}</Button>
          </EmptyState>
        </div>
      )}
    </>
  );
}

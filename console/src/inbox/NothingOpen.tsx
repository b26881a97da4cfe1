/** The pane without a conversation: for a new tenant the way to the first one, else a hint. */
import { Button } from "@mantine/core";
import { IconBuildingStore, IconCode, IconMessages } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { countsQuery, sitesQuery } from "../api/queries";
import { openConversation } from "../live/attention";
import { SnippetLine } from "../sites/SnippetLine";
import { EmptyState } from "../ui/EmptyState";

export function NothingOpen() {
  const { t } = useTranslation();
  const { data: counts } = useQuery(countsQuery);
  const { data: sites } = useQuery(sitesQuery);
  useEffect(() => openConversation.set(null), []);
  if (!counts || !sites) return null;
  const site = sites[0];
  if (!site) {
    return (
      <EmptyState icon={<IconBuildingStore size={24} stroke={1.75} />} title={t("start.no_site_title")} hint={t("start.no_site_text")}>
        <Button component={Link} to="/sites">{t("sites.add")}</Button>
      </EmptyState>
    );
  }
  if (counts.open + counts.snoozed + counts.resolved > 0) {
    return <EmptyState icon={<IconMessages size={24} stroke={1.75} />} title={t("inbox.pick")} hint={t("inbox.pick_hint")} />;
  }
  return (
    <EmptyState icon={<IconCode size={24} stroke={1.75} />} title={t("start.title")} hint={t("start.text", { site: site.name })}>
      <SnippetLine snippet={site.snippet} />
      <p style={{ marginTop: 14 }}><Link to="/sites/$id" params={{ id: site.id }}>{t("start.open_site")}</Link></p>
    </EmptyState>
  );
}

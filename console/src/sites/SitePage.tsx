/** One site: its snippet first, then how the chat looks and speaks, with a preview beside. */
import "./forms.css";
import { Button, Skeleton } from "@mantine/core";
import { IconArrowLeft, IconBuildingStore } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ApiError } from "../api/client";
import { siteQuery } from "../api/queries";
import type { Site } from "../api/types";
import { EmptyState } from "../ui/EmptyState";
import { Failure } from "../ui/Failure";
import { Page } from "../ui/Page";
import { InstallCard } from "./InstallCard";
import { SettingsForm } from "./SettingsForm";
import { WidgetPreview, type Look } from "./WidgetPreview";
import styles from "./Site.module.css";

const ASK_AGAIN = 4000;

export function SitePage() {
  const { t } = useTranslation();
  const { id = "" } = useParams({ strict: false });
  const { data: site, error, refetch } = useQuery({
    ...siteQuery(id),
    // Somebody who just pasted the snippet is watching for it to work.
    refetchInterval: ({ state }) => (state.data && state.data.last_seen_at === null ? ASK_AGAIN : 30_000),
  });
  const back = <Link to="/sites" className={styles["back"]}><IconArrowLeft size={15} stroke={1.75} aria-hidden="true" />{t("site.back")}</Link>;
  if (site) return <Page title={site.name} back={back} wide><SiteContent key={site.id} site={site} /></Page>;
  if (error instanceof ApiError && error.status >= 400 && error.status < 500) {
    return (
      <EmptyState icon={<IconBuildingStore size={24} stroke={1.75} />} title={t("site.not_found")}>
        <Button component={Link} to="/sites" variant="default">{t("site.back")}</Button>
      </EmptyState>
    );
  }
  if (error) return <Failure text={t("sites.failed")} onRetry={() => void refetch()} />;
  return <Page title="…" back={back} wide><Skeleton height={140} radius="md" mb={16} /><Skeleton height={420} radius="md" /></Page>;
}

function SiteContent({ site }: { site: Site }) {
  const [look, setLook] = useState<Look | null>(null);
  return (
    <div className={styles["columns"]}>
      <div className={styles["settings"]}>
        <InstallCard site={site} />
        <SettingsForm site={site} onLook={setLook} />
      </div>
      <WidgetPreview look={look ?? site} />
    </div>
  );
}

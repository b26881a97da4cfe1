/** The tenant's sites; the first one is added right here. */
import "../form/form.css";
import { Button, Skeleton } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconBuildingStore, IconChevronRight, IconPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { sitesQuery } from "../api/queries";
import type { Site } from "../api/types";
import { useCommands } from "../commands/commands";
import { useMe } from "../session";
import { EmptyState } from "../ui/EmptyState";
import { Failure } from "../ui/Failure";
import { Page } from "../ui/Page";
import { FirstSite } from "./FirstSite";
import { InstallState } from "./InstallState";
import { NewSite } from "./NewSite";
import styles from "./Sites.module.css";

export function SitesPage() {
  const { t } = useTranslation();
  const { operator } = useMe();
  const { data: sites, error, refetch } = useQuery(sitesQuery);
  const [adding, { open, close }] = useDisclosure(false);
  const allowed = operator.role !== "operator";
  const add = allowed ? <Button leftSection={<IconPlus size={16} stroke={2} />} onClick={open} data-testid="add-site">{t("sites.add")}</Button> : null;
  useCommands(allowed && sites && sites.length > 0 ? [{ id: "add_site", group: "page", label: t("sites.add"), run: open }] : []);
  if (sites?.length === 0 && allowed) return <FirstSite />;
  return (
    <Page title={t("sites.title")} subtitle={t("sites.subtitle")} wide action={sites && sites.length > 0 ? add : null}>
      {error && !sites && <Failure text={t("sites.failed")} onRetry={() => void refetch()} />}
      {!sites && !error && <div className={styles["list"]} aria-busy="true"><Skeleton height={76} radius="md" /><Skeleton height={76} radius="md" /></div>}
      {sites?.length === 0 && (
        <div className={styles["empty"]}>
          <EmptyState icon={<IconBuildingStore size={24} stroke={1.75} />} title={t("sites.empty")} hint={t("sites.only_admins")} />
        </div>
      )}
      {sites && sites.length > 0 && <ul className={styles["list"]}>{sites.map((site) => <SiteCard key={site.id} site={site} />)}</ul>}
      <NewSite opened={adding} onClose={close} />
    </Page>
  );
}

function SiteCard({ site }: { site: Site }) {
  const { t } = useTranslation();
  return (
    <li>
      <Link to="/sites/$id" params={{ id: site.id }} className={styles["card"]} data-testid="site-row">
        <span className={styles["swatch"]} style={{ background: site.color }} aria-hidden="true">{[...site.name].slice(0, 1).join("").toUpperCase()}</span>
        <span className={styles["what"]}>
          <span className={`${styles["name"]} cut`} title={site.name}>{site.name}</span>
          <span className={`${styles["domains"]} cut`}>{site.domains.join(", ") || t("sites.any_domain")}</span>
        </span>
        <InstallState lastSeen={site.last_seen_at} />
        <IconChevronRight size={18} stroke={1.75} aria-hidden="true" className={styles["chevron"]} />
      </Link>
    </li>
  );
}

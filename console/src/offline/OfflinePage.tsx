/** What visitors left while nobody was online. */
import { Button, Skeleton } from "@mantine/core";
import { IconMailbox } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { offlineQuery, sitesQuery } from "../api/queries";
import { useQuery } from "@tanstack/react-query";
import { EmptyState } from "../ui/EmptyState";
import { Failure } from "../ui/Failure";
import { Page } from "../ui/Page";
import { OfflineCard } from "./OfflineCard";
import styles from "./Offline.module.css";

export function OfflinePage() {
  const { t } = useTranslation();
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery(offlineQuery);
  const { data: sites } = useQuery(sitesQuery);
  const messages = data?.pages.flatMap((page) => page.items);
  const several = (sites?.length ?? 0) > 1;
  return (
    <Page title={t("offline.title")} subtitle={t("offline.subtitle")}>
      {error && !data && <Failure text={t("offline.failed")} onRetry={() => void refetch()} />}
      {!messages && !error && <div className={styles["list"]} aria-busy="true">{[1, 2, 3].map((one) => <Skeleton key={one} height={148} radius="md" />)}</div>}
      {messages?.length === 0 && <div className={styles["empty"]}><EmptyState icon={<IconMailbox size={24} stroke={1.75} />} title={t("offline.empty")} hint={t("offline.empty_hint")} /></div>}
      {messages && messages.length > 0 && (
        <ul className={styles["list"]}>{messages.map((one) => <OfflineCard key={one.id} message={one} showSite={several} />)}</ul>
      )}
      {hasNextPage && <div className={styles["more"]}><Button variant="default" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>{t("offline.more")}</Button></div>}
    </Page>
  );
}

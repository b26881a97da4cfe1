/** What happened today and in the last weeks: numbers, one chart, and lists. */
import "../form/form.css";
import { Button, SegmentedControl, Select, Skeleton } from "@mantine/core";
import { IconChartBar, IconDownload } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { call, query } from "../api/client";
import { sitesQuery } from "../api/queries";
import type { Id } from "../api/types";
import { money } from "../board/money";
import { useCommands } from "../commands/commands";
import { Card } from "../form/Card";
import { EmptyState } from "../ui/EmptyState";
import { Failure } from "../ui/Failure";
import { Page } from "../ui/Page";
import { BarChart } from "./BarChart";
import { barsOf, HOURLY, MEASURES, PERIODS, type Measure, type Period, type Statistics } from "./figures";
import { TopTable } from "./TopTable";
import styles from "./Statistics.module.css";

export function StatisticsPage() {
  const { t } = useTranslation();
  const { data: sites } = useQuery(sitesQuery);
  const [period, setPeriod] = useState<Period>("today");
  const [site, setSite] = useState<Id | null>(null);
  const { data, error, refetch } = useQuery({
    queryKey: ["statistics", site, period],
    queryFn: () => call<Statistics>("GET", `/statistics${query({ site_id: site, period })}`),
    staleTime: 10_000, refetchInterval: 30_000, placeholderData: (before) => before,
  });
  useCommands(PERIODS.filter((one) => one !== period).map((one) => ({
    id: `period_${one}`, group: "page", label: `${t("statistics.period")}: ${t(`statistics.period_${one}`)}`, run: () => setPeriod(one),
  })));
  const several = (sites?.length ?? 0) > 1;
  const file = `/api/v1/statistics/export${query({ report: "days", site_id: site, period })}`;
  const nothing = data && data.totals.page_views === 0 && data.totals.conversations === 0 && data.totals.orders === 0;
  return (
    <Page title={t("statistics.title")} subtitle={data ? (data.time_zone ? t("statistics.zone", { zone: data.time_zone }) : t("statistics.zones")) : t("statistics.subtitle")} wide
      action={<Button component="a" href={file} download variant="default" leftSection={<IconDownload size={16} stroke={1.75} aria-hidden="true" />} data-testid="statistics-csv">{t("statistics.csv")}</Button>}>
      <div className={styles["tools"]}>
        <SegmentedControl aria-label={t("statistics.period")} data={PERIODS.map((value) => ({ value, label: t(`statistics.period_${value}`) }))} value={period} onChange={(value) => setPeriod(value as Period)} data-testid="statistics-period" />
        {several && <Select aria-label={t("statistics.site")} data={[{ value: "", label: t("statistics.all_sites") }, ...(sites ?? []).map((one) => ({ value: one.id, label: one.name }))]} value={site ?? ""} onChange={(value) => setSite(value === "" ? null : value)} allowDeselect={false} />}
      </div>
      {error && !data && <Failure text={t("statistics.failed")} onRetry={() => void refetch()} />}
      {!data && !error && <div className={styles["tiles"]} aria-busy="true">{MEASURES.map((one) => <Skeleton key={one} height={92} radius="md" />)}</div>}
      {data && <Tiles data={data} />}
      {nothing && <div className={styles["empty"]}><EmptyState icon={<IconChartBar size={24} stroke={1.75} />} title={t("statistics.empty")} hint={t("statistics.empty_hint")} /></div>}
      {data && !nothing && (
        <div className={styles["grid2"]}>
          <ChartCard data={data} period={period} />
          <TopTable kind="pages" site={site} period={period} />
          <TopTable kind="products" site={site} period={period} />
          <TopTable kind="referrers" site={site} period={period} />
          <Conversion data={data} />
        </div>
      )}
    </Page>
  );
}

function Tiles({ data }: { data: Statistics }) {
  const { t, i18n } = useTranslation();
  const { totals } = data;
  const number = (value: number): string => value.toLocaleString(i18n.language);
  const seconds = (value: number | null): string => {
    if (value === null) return "–";
    const unit = (amount: number, name: string): string => new Intl.NumberFormat(i18n.language, { style: "unit", unit: name, unitDisplay: "short" }).format(amount);
    return value < 60 ? unit(value, "second") : value < 3600 ? unit(Math.round(value / 60), "minute") : unit(Math.round(value / 360) / 10, "hour");
  };
  const worth = data.revenue.map((one) => money(one.value, one.currency, i18n.language));
  const tiles: [string, string, string, string?][] = [
    ["live_now", t("statistics.live_now"), number(data.live_now)],
    ["page_views", t("statistics.page_views"), number(totals.page_views)],
    ["visitors", t("statistics.visitors"), number(totals.visitors), t("statistics.visits_count", { count: totals.visits })],
    ["conversations", t("statistics.conversations"), number(totals.conversations), t("statistics.missed_count", { count: totals.missed })],
    ["first_response", t("statistics.first_response"), seconds(totals.first_response_median_s), totals.first_response_p90_s === null ? undefined : t("statistics.p90", { time: seconds(totals.first_response_p90_s) })],
    ["rating", t("statistics.rating"), totals.rating_average === null ? "–" : totals.rating_average.toLocaleString(i18n.language), t("statistics.ratings_count", { count: totals.ratings })],
    ["orders", t("statistics.orders"), number(totals.orders)],
    ["revenue", t("statistics.revenue"), worth[0] ?? "–", worth.slice(1).join(" · ") || undefined],
  ];
  return (
    <dl className={styles["tiles"]}>
      {tiles.map(([id, name, value, more]) => (
        <div key={id} className={styles["tile"]} data-testid={`tile-${id}`} data-live={id === "live_now" || undefined}>
          <dt>{name}</dt><dd title={value}>{value}</dd>{more && <dd className={styles["small"]}>{more}</dd>}
        </div>
      ))}
    </dl>
  );
}

function ChartCard({ data, period }: { data: Statistics; period: Period }) {
  const { t, i18n } = useTranslation();
  const [chosen, setChosen] = useState<Measure>("page_views");
  const offered = period === "today" ? HOURLY : MEASURES;
  const measure = offered.includes(chosen) ? chosen : "page_views";
  const dayName = (day: string): string => new Date(`${day}T12:00:00`).toLocaleDateString(i18n.language, { month: "numeric", day: "numeric" });
  return (
    <div className={styles["wide"]}>
      <Card title={t(period === "today" ? "statistics.by_hour" : "statistics.by_day")} action={<Select size="xs" w={150} aria-label={t("statistics.measure")} data={offered.map((value) => ({ value, label: t(`statistics.${value}`) }))} value={measure} onChange={(value) => setChosen((value ?? "page_views") as Measure)} allowDeselect={false} />}>
        <BarChart bars={barsOf(data, period, measure, dayName)} title={t(`statistics.${measure}`)} column={t(period === "today" ? "statistics.hour" : "statistics.day")} />
      </Card>
    </div>
  );
}

function Conversion({ data }: { data: Statistics }) {
  const { t, i18n } = useTranslation();
  const percent = (share: number | null): string => (share === null ? "–" : new Intl.NumberFormat(i18n.language, { style: "percent", maximumFractionDigits: 1 }).format(share));
  const rows = [["chatted", data.chatted], ["not_chatted", data.not_chatted]] as const;
  const most = Math.max(0.01, ...rows.map(([, group]) => group.conversion ?? 0));
  return (
    <Card title={t("statistics.conversion")} hint={t("statistics.conversion_hint")} testId="conversion">
      <table className={styles["table"]}>
        <thead><tr><th scope="col">{t("statistics.column_visits")}</th><th scope="col" className={styles["right"]}>{t("statistics.visits")}</th><th scope="col" className={styles["right"]}>{t("statistics.ordered")}</th><th scope="col" className={styles["right"]}>{t("statistics.share")}</th></tr></thead>
        <tbody>{rows.map(([name, group]) => (
          <tr key={name}>
            <th scope="row"><div className={styles["topName"]} style={{ "--share": `${((group.conversion ?? 0) / most) * 100}%` } as React.CSSProperties}><span>{t(`statistics.${name}`)}</span></div></th>
            <td className={styles["right"]}>{group.visits.toLocaleString(i18n.language)}</td><td className={styles["right"]}>{group.ordered.toLocaleString(i18n.language)}</td><td className={styles["right"]}>{percent(group.conversion)}</td>
          </tr>
        ))}</tbody>
      </table>
    </Card>
  );
}

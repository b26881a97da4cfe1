/** The first places of a list, each with a bar of its share. */
import { Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { call, query } from "../api/client";
import type { Id, Page } from "../api/types";
import { Card } from "../form/Card";
import type { Period, Top } from "./figures";
import styles from "./Statistics.module.css";

interface Props { kind: "pages" | "products" | "referrers"; site: Id | null; period: Period }

export function TopTable({ kind, site, period }: Props) {
  const { t, i18n } = useTranslation();
  const { data } = useQuery({
    queryKey: ["statistics-tops", kind, site, period],
    queryFn: async () => (await call<Page<Top>>("GET", `/statistics/tops${query({ kind, site_id: site, period, limit: 10 })}`)).items,
    staleTime: 30_000, refetchInterval: 60_000,
  });
  const most = Math.max(1, ...(data ?? []).map((one) => one.count));
  const number = (value: number): string => value.toLocaleString(i18n.language);
  const file = `/api/v1/statistics/export${query({ report: kind, site_id: site, period })}`;
  return (
    <Card title={t(`statistics.${kind}`)} testId={`top-${kind}`} action={data && data.length > 0 ? <a className={styles["csv"]} href={file} download>{t("statistics.csv")}<span className="sr"> {t(`statistics.${kind}`)}</span></a> : null}>
      {!data && <div aria-busy="true">{[1, 2, 3].map((one) => <Skeleton key={one} height={20} mb={10} radius="sm" />)}</div>}
      {data?.length === 0 && <p className={styles["none"]}>{t(`statistics.no_${kind}`)}</p>}
      {data && data.length > 0 && (
        <table className={styles["table"]}>
          <thead><tr><th scope="col">{t(`statistics.column_${kind}`)}</th><th scope="col" className={styles["right"]}>{t(kind === "referrers" ? "statistics.visits" : "statistics.page_views")}</th>{kind === "products" && <th scope="col" className={styles["right"]}>{t("statistics.ordered")}</th>}</tr></thead>
          <tbody>
            {data.map((one) => (
              <tr key={one.name}>
                <th scope="row"><div className={styles["topName"]} style={{ "--share": `${(one.count / most) * 100}%` } as React.CSSProperties}><span className="cut" title={one.name}>{one.label || one.name || t("statistics.direct")}</span></div></th>
                <td className={styles["right"]}>{number(one.count)}</td>
                {kind === "products" && <td className={styles["right"]}>{number(one.quantity)}</td>}
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Card>
  );
}

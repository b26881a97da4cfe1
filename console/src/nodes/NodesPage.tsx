/** The nodes of the installation, for whoever runs it: what each is doing now. */
import "../form/form.css";
import { Skeleton } from "@mantine/core";
import { IconServer2 } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Trans, useTranslation } from "react-i18next";
import { call } from "../api/client";
import type { Node, Nodes } from "../api/types";
import { useMe } from "../session";
import { EmptyState } from "../ui/EmptyState";
import { Failure } from "../ui/Failure";
import { Page } from "../ui/Page";
import { TimeAgo } from "../ui/TimeAgo";
import { bytes, percent, rate, sums } from "./figures";
import styles from "./Nodes.module.css";

/** Nodes say how they are about as often. */
const EVERY = 3_000;
const ROLES = ["session", "channel", "worker", "web"] as const;

export function NodesPage() {
  const { t, i18n } = useTranslation();
  const { runs_installation } = useMe();
  const { data, error, refetch } = useQuery({
    queryKey: ["nodes"], queryFn: () => call<Nodes>("GET", "/nodes"),
    enabled: runs_installation, refetchInterval: EVERY, staleTime: EVERY,
  });
  if (!runs_installation) return <Page title={t("nodes.title")}><EmptyState icon={<IconServer2 size={24} stroke={1.75} />} title={t("nodes.not_yours")} hint={t("nodes.not_yours_hint")} /></Page>;
  return (
    <Page title={t("nodes.title")} subtitle={t("nodes.subtitle")} wide>
      {error && !data && <Failure text={t("nodes.failed")} onRetry={() => void refetch()} />}
      {!data && !error && <div className={styles["cards"]} aria-busy="true"><Skeleton height={230} radius="md" /><Skeleton height={230} radius="md" /></div>}
      {data && <>
        {data.redis === false && <p className={styles["away"]} role="status" data-testid="nodes-away">{t("nodes.away")}</p>}
        <Sums nodes={data} />
        <ul className={styles["cards"]} aria-label={t("nodes.title")}>
          {data.items.map((node) => <NodeCard key={node.id} node={node} alone={data.redis === null} language={i18n.language} />)}
        </ul>
        {data.redis === null && <p className={styles["alone"]}>{t("nodes.alone")}</p>}
      </>}
    </Page>
  );
}

function Sums({ nodes }: { nodes: Nodes }) {
  const { t, i18n } = useTranslation();
  const { connections, messages, processors, memory } = sums(nodes.items);
  const tile = (name: string, value: string) => <div className={styles["tile"]}><dt>{name}</dt><dd>{value}</dd></div>;
  return (
    <dl className={styles["tiles"]} data-testid="nodes-sums">
      {tile(t("nodes.count"), nodes.items.length.toLocaleString(i18n.language))}
      {tile(t("nodes.connections"), connections.toLocaleString(i18n.language))}
      {tile(t("nodes.messages"), rate(messages, i18n.language))}
      {tile(t("nodes.processors"), percent(processors, i18n.language))}
      {tile(t("nodes.memory"), bytes(memory, i18n.language))}
    </dl>
  );
}

function NodeCard({ node, alone, language }: { node: Node; alone: boolean; language: string }) {
  const { t } = useTranslation();
  const load = Math.min(Math.max(node.load, 0), 1);
  const figure = (name: string, value: string, title?: string) => <div title={title}><dt>{name}</dt><dd>{value}</dd></div>;
  return (
    <li className={styles["card"]} data-testid="node" data-node={node.name}>
      <header className={styles["head"]}>
        <IconServer2 size={20} stroke={1.75} aria-hidden="true" />
        <div className={styles["names"]}>
          <h2 className="cut" title={node.name}>{node.name}</h2>
          <small>{t("nodes.version", { version: node.version })} · <Trans i18nKey="nodes.since" components={{ ago: <TimeAgo at={node.started_at} /> }} /></small>
        </div>
        {node.here && !alone && <span className={styles["badge"]} data-tone="brand" title={t("nodes.here_hint")}>{t("nodes.here")}</span>}
      </header>
      <div className={styles["load"]} role="meter" aria-label={t("nodes.load")} aria-valuemin={0} aria-valuemax={100} aria-valuenow={Math.round(load * 100)} data-busy={load >= 0.85 || undefined}>
        <span style={{ inlineSize: `${load * 100}%` }} />
      </div>
      <dl className={styles["figures"]}>
        {figure(t("nodes.connections"), node.connections.toLocaleString(language))}
        {figure(t("nodes.messages"), rate(node.messages_per_second, language))}
        {figure(t("nodes.channels"), node.channels.toLocaleString(language))}
        {!alone && figure(t("nodes.spread"), node.spread_channels.toLocaleString(language), t("nodes.spread_hint"))}
        {figure(t("nodes.processors"), percent(node.processors, language), t("nodes.processors_hint"))}
        {figure(t("nodes.memory"), bytes(node.memory, language))}
        {!alone && figure(t("nodes.bus"), t("nodes.ms", { ms: node.bus_ms.toLocaleString(language, { maximumFractionDigits: 1 }) }), t("nodes.bus_hint"))}
      </dl>
      <footer className={styles["foot"]}>
        <span className={styles["badges"]}>{ROLES.filter((role) => node.roles.includes(role)).map((role) => <span key={role} className={styles["badge"]} title={t(`nodes.role_${role}_hint`)}>{t(`nodes.role_${role}`)}</span>)}</span>
        {node.address && <span className={`${styles["address"]} cut`} title={node.address}>{node.address}</span>}
      </footer>
    </li>
  );
}

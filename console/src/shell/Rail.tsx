/** The narrow rail: areas, availability, profile. Below 720 px it is the bar at the bottom. */
import { Link, useRouterState } from "@tanstack/react-router";
import { useQuery } from "@tanstack/react-query";
import { IconChartBar, IconEye, IconInbox, IconMailbox, IconSettings, IconUsersGroup } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { countsQuery } from "../api/queries";
import { isSettings } from "./areas";
import { AvailabilityMenu } from "./AvailabilityMenu";
import { Logo } from "./Logo";
import { ProfileMenu } from "./ProfileMenu";
import styles from "./Rail.module.css";

export function Rail() {
  const { t } = useTranslation();
  const { data: counts } = useQuery(countsQuery);
  const path = useRouterState({ select: (state) => state.location.pathname });
  const reading = /^\/inbox\/[^/]+\/[^/]+/.test(path);
  return (
    <header className={styles["rail"]} data-reading={reading || undefined}>
      <Link to="/inbox/$view" params={{ view: "queued" }} className={styles["logo"]} aria-label="STALK"><Logo /></Link>
      <nav className={styles["areas"]} aria-label={t("nav.areas")}>
        <Area to="/inbox" icon={<IconInbox size={22} stroke={1.75} />} label={t("nav.inbox")} count={counts?.queued ?? 0} />
        <Area to="/live" icon={<IconEye size={22} stroke={1.75} />} label={t("nav.live")} count={0} />
        <Area to="/crowds" icon={<IconUsersGroup size={22} stroke={1.75} />} label={t("nav.crowds")} short={t("nav.crowds_short")} count={0} />
        <Area to="/offline" icon={<IconMailbox size={22} stroke={1.75} />} label={t("nav.offline")} short={t("nav.offline_short")} count={counts?.offline_unread ?? 0} />
        <Area to="/statistics" icon={<IconChartBar size={22} stroke={1.75} />} label={t("nav.statistics")} short={t("nav.statistics_short")} count={0} />
        <Area to="/settings" icon={<IconSettings size={22} stroke={1.75} />} label={t("nav.settings")} count={0} active={isSettings(path)} />
      </nav>
      <div className={styles["self"]}>
        <AvailabilityMenu />
        <ProfileMenu />
      </div>
    </header>
  );
}

interface AreaProps { to: "/inbox" | "/live" | "/crowds" | "/offline" | "/statistics" | "/settings"; icon: React.ReactNode; label: string; short?: string; count: number; active?: boolean }

function Area({ to, icon, label, short, count, active = false }: AreaProps) {
  return (
    <Link to={to} className={styles["area"]} data-active={active || undefined} activeProps={{ "data-active": true }}>
      <span className={styles["icon"]}>{icon}{count > 0 && <span className={styles["count"]}>{count > 99 ? "99+" : count}</span>}</span>
      <span className={styles["label"]} data-full={short ? true : undefined}>{label}</span>{short && <span className={styles["short"]} aria-hidden="true">{short}</span>}
    </Link>
  );
}

/** What happened to the conversation, small and centred. */
import { IconStarFilled } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import type { TFunction } from "i18next";
import type { Id } from "../api/types";
import type { Activity } from "../log/fold";
import { useMe } from "../session";
import { absolute, clock, soon } from "../time/format";
import styles from "./Timeline.module.css";

export function ActivityNote({ activity, visitorName }: { activity: Activity; visitorName: string }) {
  const { t, i18n } = useTranslation();
  const { operator } = useMe();
  return (
    <div className={styles["activity"]} title={absolute(activity.at, i18n.language)}>
      {activity.what === "rated" && <IconStarFilled size={13} aria-hidden="true" />}{" "}
      {sentence(t, activity, operator.id, visitorName, i18n.language)} <time dateTime={new Date(activity.at).toISOString()}>{clock(activity.at, i18n.language)}</time>
      {activity.comment && <span className={styles["comment"]}>“{activity.comment}”</span>}
    </div>
  );
}

/** Why the virtual agent gives a conversation to people. */
const HANDED_OVER = ["requested", "misses", "contact", "attachment"];

function sentence(t: TFunction, activity: Activity, me: Id, visitorName: string, language: string): string {
  const { sender, what, reason } = activity;
  const mine = sender.id === me;
  const system = sender.kind === "system" || sender.kind === "virtual_agent";
  const name = sender.kind === "visitor" ? visitorName : (sender.name ?? t("activity.visitor"));
  if (what === "rated") return t("activity.rated", { name: visitorName, score: activity.score ?? 0 });
  if (what === "handed_over") return t(`activity.handed_over_${HANDED_OVER.includes(reason ?? "") ? (reason as "misses") : "plain"}`);
  if (what === "resolved") return system ? t("activity.resolved_system") : mine ? t("activity.you_resolved") : t("activity.resolved", { name });
  if (what === "reopened") {
    if (reason === "snooze_over") return t("activity.woken");
    return system ? t("activity.reopened_system") : mine ? t("activity.you_reopened") : t("activity.reopened", { name });
  }
  if (what === "snoozed") {
    if (activity.until === null) return mine ? t("activity.you_snoozed") : t("activity.snoozed", { name });
    const until = soon(activity.until, activity.at, language);
    return mine ? t("activity.you_snoozed_until", { until }) : t("activity.snoozed_until", { name, until });
  }
  return assigned(t, activity, me, name, system);
}

function assigned(t: TFunction, { sender, assignee, reason }: Activity, me: Id, name: string, system: boolean): string {
  const mine = sender.id === me;
  if (!assignee) return system ? t("activity.unassigned_system") : mine ? t("activity.you_unassigned") : t("activity.unassigned", { name });
  if (reason === "routing") return assignee.id === me ? t("activity.routed_you") : t("activity.routed", { assignee: assignee.name });
  if (assignee.id === me) return mine || sender.kind === "visitor" ? t("activity.you_took") : system ? t("activity.assigned_system", { assignee: assignee.name }) : t("activity.assigned_you", { name });
  if (system || sender.kind === "visitor") return t("activity.assigned_system", { assignee: assignee.name });
  if (assignee.id === sender.id) return t("activity.took", { name });
  return mine ? t("activity.you_assigned", { assignee: assignee.name }) : t("activity.assigned", { name, assignee: assignee.name });
}

/** The log of one webhook: newest first, each with its body, and a way to send it again. */
import { Button } from "@mantine/core";
import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { call } from "../api/client";
import type { Id } from "../api/types";
import { refusal } from "../problem";
import rows from "../settings/Rows.module.css";
import { toast } from "../shell/Toasts";
import { clock } from "../time/format";
import { Failure } from "../ui/Failure";
import { TimeAgo } from "../ui/TimeAgo";
import { deliveriesQuery, type Delivery } from "./api";
import styles from "./Developers.module.css";

const indented = (body: string): string => {
  try { return JSON.stringify(JSON.parse(body), null, 2); } catch { return body; }
};

export function Deliveries({ webhook }: { webhook: Id }) {
  const { t } = useTranslation();
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery(deliveriesQuery(webhook));
  const all = data?.pages.flatMap((page) => page.items);
  return (
    <div className={styles["log"]} data-testid="hook-deliveries">
      {error && !data && <Failure text={t("dev.failed")} onRetry={() => void refetch()} />}
      {all?.length === 0 && <p className={rows["aside"]}>{t("dev.log_empty")}</p>}
      {all && all.length > 0 && <ul>{all.map((one) => <DeliveryRow key={one.id} webhook={webhook} one={one} />)}</ul>}
      {hasNextPage && <Button size="compact-sm" variant="default" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>{t("dev.log_more")}</Button>}
    </div>
  );
}

function DeliveryRow({ webhook, one }: { webhook: Id; one: Delivery }) {
  const { t, i18n } = useTranslation();
  const client = useQueryClient();
  const replay = useMutation({
    mutationFn: () => call("POST", `/webhooks/${webhook}/deliveries/${one.id}/replay`, { body: {} }),
    onSuccess: () => { toast(t("dev.log_replayed")); return client.invalidateQueries({ queryKey: ["webhooks"] }); },
    onError: (error) => toast(t("form.failed", { reason: refusal(t, error) })),
  });
  const tone = one.state === "delivered" ? "brand" : one.state === "failed" || one.error ? "urgent" : undefined;
  return (
    <li data-testid="delivery">
      <div className={styles["line"]}>
        <span className={rows["badge"]} data-tone={tone}>{t(`dev.state_${one.state}`)}</span>
        <code>{one.event}</code>
        <span className={rows["meta"]}>
          <TimeAgo at={one.created_at} />
          {one.response_status != null && <span>HTTP {one.response_status}</span>}
          {one.duration_ms != null && <span>{one.duration_ms} ms</span>}
          {one.attempts > 1 && <span>{t("dev.log_attempts", { count: one.attempts })}</span>}
          {one.next_attempt_at != null && one.attempts > 0 && <span>{t("dev.log_next", { time: clock(one.next_attempt_at, i18n.language) })}</span>}
        </span>
        <Button size="compact-xs" variant="subtle" loading={replay.isPending} onClick={() => replay.mutate()} data-testid="delivery-replay">{t("dev.log_replay")}</Button>
      </div>
      {one.error && <p className={rows["error"]}>{one.error}</p>}
      <details><summary>{t("dev.log_body")}</summary><pre tabIndex={0}>{indented(one.body)}</pre></details>
    </li>
  );
}

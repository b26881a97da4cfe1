/** Who only reads in a crowd for now, and letting them speak again. */
import { Button } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { mutesQuery, type Crowd, type Mute } from "../api/crowds";
import { live } from "../live/live";
import { refusal } from "../problem";
import { RowsSkeleton } from "../settings/RowsSkeleton";
import { Avatar } from "../ui/Avatar";
import { Failure } from "../ui/Failure";
import { Modal } from "../ui/Modal";
import styles from "./Crowds.module.css";

export function Mutes({ crowd, onClose }: { crowd: Crowd; onClose: () => void }) {
  const { t } = useTranslation();
  const { data, error, refetch } = useQuery(mutesQuery(crowd.site_id, crowd.id));
  return (
    <Modal opened onClose={onClose} title={t("crowds.muted")} closeButtonProps={{ "aria-label": t("crowds.close") }}>
      {error && !data && <Failure text={t("crowds.failed")} onRetry={() => void refetch()} />}
      {!data && !error && <RowsSkeleton />}
      {data?.length === 0 && <p className={styles["none"]}>{t("crowds.nobody_muted")}</p>}
      <ul className={styles["mutes"]}>{data?.map((one) => <Row key={one.visitor_id} crowd={crowd} one={one} />)}</ul>
    </Modal>
  );
}

function Row({ crowd, one }: { crowd: Crowd; one: Mute }) {
  const { t, i18n } = useTranslation();
  const client = useQueryClient();
  const lift = useMutation({
    mutationFn: () => live.request("crowd.mute", { crowd: crowd.id, visitor: one.visitor_id, muted: false }),
    onSettled: () => client.invalidateQueries({ queryKey: ["crowds"] }),
  });
  const name = one.name ?? t("crowds.someone");
  const until = one.muted_until;
  return (
    <li className={styles["mute"]} data-testid="crowd-muted">
      <Avatar id={one.visitor_id} name={name} size={32} />
      <span className={styles["rowText"]}>
        <b className="cut">{name}</b>
        <small>{until === null ? t("crowds.until_lifted") : t("crowds.until", { time: new Intl.DateTimeFormat(i18n.language, { dateStyle: "medium", timeStyle: "short" }).format(until) })}</small>
        {lift.error && <small className={styles["error"]} role="alert">{refusal(t, lift.error)}</small>}
      </span>
      <Button size="xs" variant="default" loading={lift.isPending} onClick={() => lift.mutate()} data-testid="crowd-unmute">{t("crowds.unmute")}</Button>
    </li>
  );
}

/** "Send now": on which pages, how many people that is at this moment, and what became of it. */
import { Button, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { call } from "../api/client";
import { audienceQuery, type Promotion, type Sent } from "../api/engage";
import { newId } from "../ids";
import { refusal } from "../problem";
import { Modal } from "../ui/Modal";
import rows from "../settings/Rows.module.css";
import styles from "./Engage.module.css";

export default function SendNow({ promotion, onClose }: { promotion: Promotion; onClose: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [page, setPage] = useState("");
  // One press of the button is one id, however often its request is repeated.
  const [press, setPress] = useState(newId);
  const { data, error } = useQuery(audienceQuery(page));
  const send = useMutation({
    mutationFn: () => call<Sent>("POST", `/promotions/${promotion.id}/sends`, { body: { send_id: press, site_id: promotion.site_id, pages: page ? [page] : [] } }),
    onSuccess: async () => { setPress(newId()); await client.invalidateQueries({ queryKey: ["promotions"] }); },
  });
  const sent = send.data;
  return (
    <Modal opened onClose={onClose} title={t("promo.send_title", { name: promotion.name })} closeButtonProps={{ "aria-label": t("sites.cancel") }}>
      <div className={rows["form"]}>
        <TextInput label={t("promo.pages")} description={t("promo.pages_hint")} placeholder="/products/*" value={page} error={error ? refusal(t, error) : undefined} onChange={(event) => { setPage(event.currentTarget.value.trim()); send.reset(); }} data-testid="send-pages" />
        <p data-testid="send-audience">{t("promo.people", { count: data?.live ?? 0 })}</p>
        {sent && <div className={styles["told"]} data-tone="good" role="status" data-testid="send-answer">{t("promo.sent", { offered: sent.offered, held: sent.held_out, talking: sent.in_conversation })}</div>}
        {send.error && <p className={rows["error"]} role="alert">{refusal(t, send.error)}</p>}
        <div className={rows["buttons"]}><span /><Button variant="default" onClick={onClose}>{t("promo.close")}</Button><Button loading={send.isPending} disabled={(data?.live ?? 0) === 0} onClick={() => send.mutate()} data-testid="send-now">{t("promo.send")}</Button></div>
      </div>
    </Modal>
  );
}

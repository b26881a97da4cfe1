/** A promotion for people of the board: one of them, or all who are listed. Conditions do not count here, a running conversation does. */
import { Button, Select } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { call } from "../api/client";
import { promotionsQuery, type Sent } from "../api/engage";
import type { Id } from "../api/types";
import { newId } from "../ids";
import { refusal } from "../problem";
import { Modal } from "../ui/Modal";
import styles from "./Board.module.css";

/** Visitors that one request names at most. */
const MOST = 1000;

interface Props { visitors: readonly Id[]; title: string; onClose: () => void }

export function SendPromotion({ visitors, title, onClose }: Props) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const { data } = useQuery(promotionsQuery);
  const [chosen, setChosen] = useState<Id | null>(null);
  // Whoever was listed when this was opened, and no others: the board goes on changing behind it.
  const [to] = useState(visitors);
  // One press of the button is one id, however often its request is repeated.
  const [press, setPress] = useState(newId);
  const active = data?.filter((one) => one.active) ?? [];
  const send = useMutation({
    mutationFn: async (id: Id) => {
      const all: Sent = { offered: 0, held_out: 0, in_conversation: 0, repeated: 0 };
      for (let at = 0; at < to.length; at += MOST) {
        const sent = await call<Sent>("POST", `/promotions/${id}/sends`, { body: { send_id: press, visitor_ids: to.slice(at, at + MOST) } });
        for (const name of ["offered", "held_out", "in_conversation", "repeated"] as const) all[name] += sent[name];
      }
      return all;
    },
    onSuccess: async () => { setPress(newId()); await client.invalidateQueries({ queryKey: ["promotions"] }); },
  });
  const sent = send.data;
  return (
    <Modal opened onClose={onClose} title={title} closeButtonProps={{ "aria-label": t("board.cancel") }}>
      {data && active.length === 0
        ? <p>{t("board.no_promotions")} <Link to="/promotions">{t("board.to_promotions")}</Link></p>
        : <Select data-autofocus label={t("board.promotion")} description={t("board.promotion_hint")} placeholder={t("board.promotion_choose")} value={chosen} onChange={(id) => { setChosen(id); send.reset(); }}
            data={active.map((one) => ({ value: one.id, label: one.name }))} data-testid="send-promotion" />}
      {sent && <p className={styles["good"]} role="status" data-testid="send-promotion-answer">{t("board.promotion_sent", { offered: sent.offered, held: sent.held_out, talking: sent.in_conversation })}</p>}
      {send.error && <p className={styles["error"]} role="alert">{t("board.hello_failed", { reason: refusal(t, send.error) })}</p>}
      <div className={styles["buttons"]}>
        <Button variant="default" onClick={onClose}>{t(sent ? "board.close" : "board.cancel")}</Button>
        <Button loading={send.isPending} disabled={!chosen || to.length === 0} onClick={() => chosen && send.mutate(chosen)} data-testid="send-promotion-send">{t("board.send_to", { count: to.length })}</Button>
      </div>
    </Modal>
  );
}

/** Writing to everybody in a crowd, as the shop. */
import { ActionIcon, Textarea } from "@mantine/core";
import { IconArrowUp } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { useRef, useState, type KeyboardEvent } from "react";
import { useTranslation } from "react-i18next";
import type { Crowd } from "../api/crowds";
import { newId } from "../ids";
import { live } from "../live/live";
import { refusal } from "../problem";
import styles from "./Crowds.module.css";

const TEXT_MAX = 500;

export function Composer({ crowd }: { crowd: Crowd }) {
  const { t } = useTranslation();
  const [text, setText] = useState("");
  // A second press, after an answer that was lost, is the same message; another text is another one.
  const sent = useRef({ text: "", id: "" });
  const post = useMutation({
    mutationFn: (said: string) => {
      if (sent.current.text !== said) sent.current = { text: said, id: newId() };
      return live.request("crowd.post", { crowd: crowd.id, client_message_id: sent.current.id, text: said });
    },
    onSuccess: (_, said) => {
      sent.current = { text: "", id: "" };
      setText((now) => (now.trim() === said ? "" : now));
    },
  });
  const said = text.trim();
  const over = [...said].length - TEXT_MAX;
  const send = (): void => { if (said !== "" && over <= 0 && !post.isPending) post.mutate(said); };
  const key = (event: KeyboardEvent): void => {
    if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    send();
  };
  return (
    <form className={styles["composer"]} onSubmit={(event) => { event.preventDefault(); send(); }}>
      {over > 0 && <p className={styles["error"]} role="status">{t("crowds.too_long", { count: over })}</p>}
      {post.error && <p className={styles["error"]} role="alert">{refusal(t, post.error)}</p>}
      <div className={styles["write"]}>
        <Textarea className={styles["field"]} aria-label={t("crowds.write")} placeholder={t("crowds.write")} autosize minRows={1} maxRows={4} value={text} onChange={(event) => setText(event.currentTarget.value)} onKeyDown={key} data-testid="crowd-write" />
        <ActionIcon type="submit" variant="filled" size={40} radius="xl" aria-label={t("crowds.send")} disabled={said === "" || over > 0} loading={post.isPending} data-testid="crowd-send"><IconArrowUp size={20} stroke={2} /></ActionIcon>
      </div>
    </form>
  );
}

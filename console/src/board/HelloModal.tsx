/** Saying hello: one text, which opens a conversation on the visitor's screen and here. */
import { Button, Textarea } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useRef, useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { call } from "../api/client";
import type { Id } from "../api/types";
import { newId } from "../ids";
import { refusal } from "../problem";
import { useVisitorName } from "../ui/visitor-name";
import type { LiveVisitor } from "./board";
import { Modal } from "../ui/Modal";
import styles from "./Board.module.css";

export function HelloModal({ visitor, onClose }: { visitor: LiveVisitor; onClose: () => void }) {
  const { t } = useTranslation();
  const name = useVisitorName(visitor);
  const navigate = useNavigate();
  const [text, setText] = useState(() => t("board.hello_text"));
  // A second press, after an answer that was lost, is the same message; another text is another one.
  const sent = useRef({ text: "", id: "" });
  const send = useMutation({
    mutationFn: () => {
      const said = text.trim();
      if (sent.current.text !== said) sent.current = { text: said, id: newId() };
      return call<{ conversation: Id }>("POST", `/visitors/${visitor.id}/greetings`, { body: { client_message_id: sent.current.id, text: said } });
    },
    onSuccess: ({ conversation }) => void navigate({ to: "/inbox/$view/$conversationId", params: { view: "mine", conversationId: conversation } }),
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (text.trim() !== "") send.mutate();
  };
  return (
    <Modal opened onClose={onClose} title={t("board.hello_to", { name })} closeButtonProps={{ "aria-label": t("board.cancel") }}>
      <form onSubmit={submit} data-testid="hello-form">
        <Textarea data-autofocus label={t("board.hello_label")} description={t("board.hello_hint")} autosize minRows={3} maxRows={8} maxLength={8000} value={text} onChange={(event) => setText(event.currentTarget.value)} data-testid="hello-text" />
        {send.error && <p className={styles["error"]} role="alert">{t("board.hello_failed", { reason: refusal(t, send.error) })}</p>}
        <div className={styles["buttons"]}>
          <Button variant="default" onClick={onClose}>{t("board.cancel")}</Button>
          <Button type="submit" loading={send.isPending} disabled={text.trim() === ""} data-testid="hello-send">{t("board.send")}</Button>
        </div>
      </form>
    </Modal>
  );
}

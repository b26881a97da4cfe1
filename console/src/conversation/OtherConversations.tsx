/** What else was said with this visitor. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { visitorConversationsQuery } from "../api/queries";
import type { Conversation } from "../api/types";
import { TimeAgo } from "../ui/TimeAgo";
import styles from "./VisitorPanel.module.css";

export function OtherConversations({ conversation }: { conversation: Conversation }) {
  const { t } = useTranslation();
  const { data } = useQuery(visitorConversationsQuery(conversation.visitor.id));
  if (!data) return null;
  const others = data.filter((one) => one.id !== conversation.id);
  return (
    <section className={styles["section"]}>
      <h4>{t("visitor.conversations")}</h4>
      {others.length === 0 && <p className={styles["none"]}>{t("visitor.no_conversations")}</p>}
      <ul className={styles["others"]}>
        {others.map((one) => (
          <li key={one.id}>
            <Link className={styles["other"]} to="/inbox/$view/$conversationId" params={{ view: one.status === "resolved" ? "resolved" : "all", conversationId: one.id }}>
              <span className="cut">{one.last_message?.text ?? t("inbox.no_message")}</span>
              <span className={styles["otherMeta"]}>{one.status === "resolved" ? t("inbox.resolved") : t("inbox.open")} · <TimeAgo at={one.last_message?.at ?? one.updated_at} /></span>
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}

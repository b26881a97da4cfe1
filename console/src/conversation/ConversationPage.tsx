/** The conversation an address names, or why there is none. */
import { Skeleton } from "@mantine/core";
import { IconMessageOff } from "@tabler/icons-react";
import { useParams } from "@tanstack/react-router";
import { useEffect } from "react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { ApiError } from "../api/client";
import { knownConversation } from "../api/conversation-cache";
import { conversationQuery } from "../api/queries";
import { openConversation } from "../live/attention";
import { EmptyState } from "../ui/EmptyState";
import { Failure } from "../ui/Failure";
import { ConversationView } from "./ConversationView";
import { LogSkeleton } from "./LogSkeleton";
import styles from "./ConversationView.module.css";

export function ConversationPage() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const { conversationId: id = "" } = useParams({ strict: false });
  const { data, error, refetch } = useQuery({ ...conversationQuery(id), placeholderData: () => knownConversation(client, id) });
  useEffect(() => {
    openConversation.set(id);
    return () => openConversation.set(null);
  }, [id]);
  if (data) return <ConversationView key={id} conversation={data} />;
  if (error instanceof ApiError && (error.status === 404 || error.status === 400 || error.status === 422)) {
    return <EmptyState icon={<IconMessageOff size={24} stroke={1.75} />} title={t("conversation.not_found")} hint={t("conversation.not_found_hint")} />;
  }
  if (error) return <Failure text={t("conversation.failed")} onRetry={() => void refetch()} />;
  return (
    <div className={styles["view"]} aria-busy="true">
      <div className={styles["conversation"]}>
        <div className={styles["header"]}><Skeleton circle height={36} /><Skeleton height={14} width={140} /></div>
        <LogSkeleton />
      </div>
    </div>
  );
}

/** One offline message: who, what, from which page, and answering by email. */
import { Button } from "@mantine/core";
import { IconMail, IconMailOpened, IconMailFilled } from "@tabler/icons-react";
import { useMutation, useQueryClient, type InfiniteData } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { call } from "../api/client";
import type { OfflineMessage, Page } from "../api/types";
import { LinkedText, OutLink } from "../conversation/LinkedText";
import { refreshCounts } from "../live/events";
import { toast } from "../shell/Toasts";
import { Avatar } from "../ui/Avatar";
import { TimeAgo } from "../ui/TimeAgo";
import styles from "./Offline.module.css";

type Pages = InfiniteData<Page<OfflineMessage>>;

function useMarkRead(message: OfflineMessage): (read: boolean) => void {
  const { t } = useTranslation();
  const client = useQueryClient();
  const put = (changed: OfflineMessage): void => {
    client.setQueryData<Pages>(["offline-messages"], (data) => data && {
      ...data, pages: data.pages.map((page) => ({ ...page, items: page.items.map((one) => (one.id === changed.id ? changed : one)) })),
    });
  };
  const { mutate } = useMutation({
    mutationFn: (read: boolean) => call<OfflineMessage>("PUT", `/offline-messages/${message.id}/read`, { body: { read } }),
    onMutate: (read) => put({ ...message, read_at: read ? Date.now() : null }),
    onSuccess: (saved) => {
      put(saved);
      refreshCounts(client);
    },
    onError: () => {
      put(message);
      toast(t("offline.change_failed"));
    },
  });
  return mutate;
}

export function OfflineCard({ message, showSite }: { message: OfflineMessage; showSite: boolean }) {
  const { t } = useTranslation();
  const markRead = useMarkRead(message);
  const unread = message.read_at === null;
  const mail = `mailto:${encodeURIComponent(message.email).replace("%40", "@")}?subject=${encodeURIComponent(t("offline.subject", { site: message.site.name }))}`;
  return (
    <li className={styles["card"]} data-testid="offline-row" data-unread={unread || undefined}>
      <div className={styles["head"]}>
        <Avatar id={message.visitor_id} name={message.name} size={40} />
        <div className={styles["who"]}>
          <div className={`${styles["name"]} cut`} title={message.name}>{message.name}{unread && <span className={styles["unread"]}>{t("offline.unread")}</span>}</div>
          <a className="cut" href={mail} title={message.email}>{message.email}</a>
        </div>
        <div className={styles["when"]}><TimeAgo at={message.at} />{showSite && <span className="cut">{message.site.name}</span>}</div>
      </div>
      <p className={styles["text"]}><LinkedText text={message.text} /></p>
      {message.page && (
        <p className={styles["page"]}>{t("offline.from_page")} <OutLink href={message.page.url} title={message.page.url}>{message.page.title || message.page.url}</OutLink></p>
      )}
      <div className={styles["actions"]}>
        <Button component="a" href={mail} variant={unread ? "filled" : "default"} leftSection={<IconMail size={16} stroke={1.75} />} onClick={() => { if (unread) markRead(true); }}>{t("offline.reply")}</Button>
        <Button variant="subtle" color="gray" leftSection={unread ? <IconMailOpened size={16} stroke={1.75} /> : <IconMailFilled size={16} stroke={1.75} />} onClick={() => markRead(unread)}>
          {unread ? t("offline.mark_read") : t("offline.mark_unread")}
        </Button>
      </div>
    </li>
  );
}

/** What is known of the visitor: who, where on the site, with what, and what was said before. */
import { ActionIcon, Skeleton, Tooltip } from "@mantine/core";
import { IconCheck, IconCopy, IconDeviceDesktop, IconDeviceMobile, IconExternalLink } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { visitorQuery } from "../api/queries";
import type { Conversation, Visitor } from "../api/types";
import { absolute, date } from "../time/format";
import { Avatar } from "../ui/Avatar";
import { copyText } from "../ui/clipboard";
import { useTimeAgo } from "../ui/TimeAgo";
import { OutLink } from "./LinkedText";
import { OtherConversations } from "./OtherConversations";
import { deviceOf } from "./user-agent";
import { useVisitorName } from "../ui/visitor-name";
import styles from "./VisitorPanel.module.css";

export function VisitorPanel({ conversation }: { conversation: Conversation }) {
  const { t } = useTranslation();
  const { visitor } = conversation;
  const { data, isError } = useQuery(visitorQuery(visitor.id));
  const name = useVisitorName(visitor);
  return (
    <div className={styles["panel"]}>
      <div className={styles["head"]}>
        <Avatar id={visitor.id} name={name} size={56} dot={visitor.present ? "online" : null} />
        <h3 className={styles["name"]}>{name}</h3>
        {visitor.present ? <Presence /> : data && <LastSeen at={data.last_seen_at} />}
      </div>
      {visitor.email && <Email email={visitor.email} />}
      {data && <PageNow visitor={data} />}
      {data && <Facts visitor={data} site={conversation.site.name} />}
      {!data && !isError && <div className={styles["section"]}><Skeleton height={12} mb={10} /><Skeleton height={12} width="70%" mb={10} /><Skeleton height={12} width="85%" /></div>}
      {isError && <p className={styles["section"]}>{t("visitor.failed")}</p>}
      <OtherConversations conversation={conversation} />
    </div>
  );
}

function Presence() {
  const { t } = useTranslation();
  return <span className={styles["present"]}><i aria-hidden="true" />{t("visitor.now")}</span>;
}

function LastSeen({ at }: { at: number }) {
  const { t } = useTranslation();
  return <span className={styles["absent"]}>{t("visitor.last_seen", { when: useTimeAgo(at) })}</span>;
}

function Email({ email }: { email: string }) {
  const { t } = useTranslation();
  const [copied, setCopied] = useState(false);
  const copy = async (): Promise<void> => {
    if (!(await copyText(email))) return;
    setCopied(true);
    setTimeout(() => setCopied(false), 1600);
  };
  const label = copied ? t("site.copied") : t("visitor.copy_email");
  return (
    <div className={styles["email"]}>
      <a className="cut" href={`mailto:${encodeURIComponent(email).replace("%40", "@")}`} title={email}>{email}</a>
      <Tooltip label={label}>
        <ActionIcon size={28} aria-label={label} onClick={() => void copy()}>{copied ? <IconCheck size={15} stroke={1.75} /> : <IconCopy size={15} stroke={1.75} />}</ActionIcon>
      </Tooltip>
    </div>
  );
}

function PageNow({ visitor }: { visitor: Visitor }) {
  const { t } = useTranslation();
  const page = visitor.current_page;
  if (!page) return null;
  return (
    <section className={styles["section"]}>
      <h4>{visitor.present ? t("visitor.current_page") : t("visitor.last_page")}</h4>
      <OutLink className={styles["page"]} href={page.url} title={page.url}>
        <span className={styles["pageTitle"]}>{page.title || page.url}</span>
        <span className={styles["pageUrl"]}><span className="cut">{withoutScheme(page.url)}</span><IconExternalLink size={13} stroke={1.75} aria-hidden="true" /></span>
      </OutLink>
      {page.referrer && <p className={`${styles["from"]} cut`} title={page.referrer}>{t("visitor.from")}: {withoutScheme(page.referrer)}</p>}
    </section>
  );
}

const withoutScheme = (url: string): string => url.replace(/^https?:\/\/(www\.)?/i, "").replace(/\/$/, "");

function Facts({ visitor, site }: { visitor: Visitor; site: string }) {
  const { t, i18n } = useTranslation();
  const device = visitor.user_agent ? deviceOf(visitor.user_agent) : null;
  const Icon = device?.phone ? IconDeviceMobile : IconDeviceDesktop;
  return (
    <dl className={`${styles["section"]} ${styles["facts"]}`}>
      <Fact name={t("visitor.site")}>{site}</Fact>
      {device && (device.browser ?? device.system) && (
        <Fact name={t("visitor.device")}><span title={visitor.user_agent ?? ""}><Icon size={14} stroke={1.75} aria-hidden="true" /> {[device.browser, device.system].filter(Boolean).join(" · ")}</span></Fact>
      )}
      {visitor.language && <Fact name={t("visitor.language")}>{languageName(visitor.language, i18n.language)}</Fact>}
      <Fact name={t("visitor.visits")}>{new Intl.NumberFormat(i18n.language).format(visitor.visits)}</Fact>
      <Fact name={t("visitor.first_seen")}><span title={absolute(visitor.first_seen_at, i18n.language)}>{date(visitor.first_seen_at, Date.now(), i18n.language)}</span></Fact>
    </dl>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return <div className={styles["fact"]}><dt>{name}</dt><dd className="cut">{children}</dd></div>;
}

function languageName(code: string, reader: string): string {
  try {
    return new Intl.DisplayNames(reader, { type: "language" }).of(code) ?? code;
  } catch {
    return code;
  }
}

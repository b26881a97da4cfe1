/** What is known of the visitor: who, where on the site and how they came there, with what, and what was said before. */
import { Skeleton } from "@mantine/core";
import { IconDeviceDesktop, IconDeviceMobile, IconExternalLink, IconShieldCheck } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { visitorQuery } from "../api/queries";
import type { Campaign, Conversation, Visitor } from "../api/types";
import { absolute, clock, date } from "../time/format";
import { useNow } from "../time/now";
import { Avatar } from "../ui/Avatar";
import { useTimeAgo } from "../ui/TimeAgo";
import { Attributes } from "./Attributes";
import { priceText } from "./card";
import { EditableLine } from "./EditableLine";
import { OutLink } from "./LinkedText";
import { OtherConversations } from "./OtherConversations";
import { PageTrail } from "./PageTrail";
import { SharedFiles } from "./SharedFiles";
import { useVisitorChange } from "./use-visitor-change";
import { deviceOf } from "./user-agent";
import { useVisitorName } from "../ui/visitor-name";
import { languageName } from "../ui/language-name";
import styles from "./VisitorPanel.module.css";

export function VisitorPanel({ conversation }: { conversation: Conversation }) {
  const { t } = useTranslation();
  const { visitor } = conversation;
  const { data, isError } = useQuery(visitorQuery(visitor.id));
  const name = useVisitorName(visitor);
  const change = useVisitorChange(visitor.id);
  return (
    <div className={styles["panel"]}>
      <div className={styles["head"]}>
        <Avatar id={visitor.id} name={name} size={56} dot={visitor.present ? "online" : null} />
        <h3 className={styles["name"]}>
          <EditableLine value={visitor.name} shown={name} label={t("visitor.name")} testId="visitor-name" limit={120} onSave={(value) => change({ name: value })} />
        </h3>
        {data?.identified && <span className={styles["proven"]} title={data.external_id ?? undefined}><IconShieldCheck size={14} stroke={1.75} aria-hidden="true" />{t("visitor.identified")}</span>}
        {visitor.present ? <Presence /> : data && <LastSeen at={data.last_seen_at} />}
      </div>
      <div className={styles["email"]}>
        <EditableLine value={visitor.email} shown={visitor.email} label={t("visitor.email")} add={t("visitor.add_email")} testId="visitor-email" limit={254} copy type="email" onSave={(value) => change({ email: value })} />
      </div>
      {data && <PageNow visitor={data} />}
      {data && <PageTrail visitor={data.id} />}
      {data && <Facts visitor={data} site={conversation.site.name} />}
      {data && <Attributes visitor={data} onChange={(attributes) => change({ attributes })} />}
      {!data && !isError && <div className={styles["section"]}><Skeleton height={12} mb={10} /><Skeleton height={12} width="70%" mb={10} /><Skeleton height={12} width="85%" /></div>}
      {isError && <p className={styles["section"]}>{t("visitor.failed")}</p>}
      <SharedFiles conversation={conversation.id} last={conversation.last_message?.kind === "attachment" ? conversation.last_message.seq : 0} />
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

function PageNow({ visitor }: { visitor: Visitor }) {
  const { t, i18n } = useTranslation();
  const { page, product, referrer, campaign } = visitor;
  if (!page && !referrer && !campaign) return null;
  const price = product && priceText(product, i18n.language);
  return (
    <section className={styles["section"]}>
      <h4>{visitor.present ? t("visitor.current_page") : t("visitor.last_page")}</h4>
      {page && (
        <OutLink className={styles["page"]} href={page.url} title={page.url}>
          <span className={styles["pageTitle"]}>{page.title || page.url}</span>
          <span className={styles["pageUrl"]}><span className="cut">{withoutScheme(page.url)}</span><IconExternalLink size={13} stroke={1.75} aria-hidden="true" /></span>
          {product && <span className={styles["product"]}><b className="cut">{product.name}</b>{price && <span>{price}</span>}{product.in_stock === false && <span className={styles["out"]}>{t("visitor.out_of_stock")}</span>}</span>}
        </OutLink>
      )}
      {referrer && <p className={`${styles["from"]} cut`} title={referrer}>{t("visitor.from")}: {withoutScheme(referrer)}</p>}
      {campaign && campaignText(campaign) && <p className={`${styles["from"]} cut`}>{t("visitor.campaign")}: {campaignText(campaign)}</p>}
    </section>
  );
}

export const withoutScheme = (url: string): string => url.replace(/^https?:\/\/(www\.)?/i, "").replace(/\/$/, "");
const campaignText = ({ source, medium, name }: Campaign): string => [name, [source, medium].filter(Boolean).join(" / ")].filter(Boolean).join(" · ");

function Facts({ visitor, site }: { visitor: Visitor; site: string }) {
  const { t, i18n } = useTranslation();
  const guess = visitor.user_agent ? deviceOf(visitor.user_agent) : null;
  const device = [visitor.device?.browser ?? guess?.browser, visitor.device?.os ?? guess?.system].filter(Boolean).join(" · ");
  const Icon = guess?.phone || visitor.device?.kind === "mobile" || visitor.device?.kind === "phone" ? IconDeviceMobile : IconDeviceDesktop;
  return (
    <dl className={`${styles["section"]} ${styles["facts"]}`}>
      <Fact name={t("visitor.site")}>{site}</Fact>
      {device && <Fact name={t("visitor.device")}><span title={visitor.user_agent ?? ""}><Icon size={14} stroke={1.75} aria-hidden="true" /> {device}</span></Fact>}
      {visitor.language && <Fact name={t("visitor.language")}>{languageName(visitor.language, i18n.language)}</Fact>}
      {visitor.time_zone && <LocalTime zone={visitor.time_zone} />}
      <Fact name={t("visitor.visits")}>{new Intl.NumberFormat(i18n.language).format(visitor.visits)}</Fact>
      <Fact name={t("visitor.first_seen")}><span title={absolute(visitor.first_seen_at, i18n.language)}>{date(visitor.first_seen_at, Date.now(), i18n.language)}</span></Fact>
    </dl>
  );
}

/** What their clock shows, which tells whether one writes to somebody asleep. */
function LocalTime({ zone }: { zone: string }) {
  const { t, i18n } = useTranslation();
  const now = useNow();
  let there: string;
  try {
    there = new Intl.DateTimeFormat(i18n.language, { hour: "numeric", minute: "2-digit", timeZone: zone }).format(now);
  } catch {
    return null;
  }
  return <Fact name={t("visitor.local_time")}><span title={zone}>{there}{there === clock(now, i18n.language) ? "" : ` · ${zone.split("/").at(-1)?.replaceAll("_", " ") ?? zone}`}</span></Fact>;
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return <div className={styles["fact"]}><dt>{name}</dt><dd className="cut">{children}</dd></div>;
}

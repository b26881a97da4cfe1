/** One visitor who is there: who, on which page and for how long, from where, with what in the cart, and how it stands with their conversation. */
import { ActionIcon, Button } from "@mantine/core";
import { IconChevronDown, IconDeviceDesktop, IconDeviceMobile, IconDeviceTablet, IconMessage, IconMessagePlus, IconReceipt, IconShoppingCart, IconSpeakerphone } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { OutLink } from "../conversation/LinkedText";
import { clock, stay } from "../time/format";
import { useNow } from "../time/now";
import { Avatar } from "../ui/Avatar";
import { useVisitorName } from "../ui/visitor-name";
import { pageKey, type LiveVisitor } from "./board";
import { money } from "./money";
import { languageName } from "../ui/language-name";
import styles from "./Board.module.css";

const icon = { size: 15, stroke: 1.75, "aria-hidden": true } as const;

function hostOf(url: string): string {
  try {
    return new URL(url).host.replace(/^www\./, "");
  } catch {
    return url;
  }
}

export function VisitorRow({ visitor, site, onHello, onOffer }: { visitor: LiveVisitor; site: string | null; onHello: () => void; onOffer: () => void }) {
  const { t, i18n } = useTranslation();
  const name = useVisitorName(visitor);
  const now = useNow();
  const [open, setOpen] = useState(false);
  const { page, conversation, cart, order } = visitor;
  const Device = visitor.device === "phone" ? IconDeviceMobile : visitor.device === "tablet" ? IconDeviceTablet : IconDeviceDesktop;
  const long = (since: number): string => stay(Math.max(0, now - since), i18n.language);
  const from = visitor.campaign?.name ?? visitor.campaign?.source ?? (visitor.referrer ? hostOf(visitor.referrer) : null);
  const about = [visitor.visits === null ? null : visitor.visits > 1 ? t("board.visit", { number: visitor.visits }) : t("board.first_visit"), visitor.language && languageName(visitor.language, i18n.language), site];
  return (
    <li className={styles["row"]} data-testid="board-row" data-visitor={visitor.id} data-lost={visitor.connected ? undefined : true}>
      <div className={styles["who"]}>
        <Avatar id={visitor.id} name={name} size={36} />
        <div className={styles["stack"]}>
          <b className="cut" title={visitor.email ?? name}>{name}</b>
          <small className="cut"><Device {...icon} /> {[visitor.browser, visitor.os].filter(Boolean).join(", ") || t("board.unknown_device")}</small>
          <small className="cut">{about.filter(Boolean).join(" · ")}</small>
        </div>
      </div>
      <div className={styles["where"]}>
        {page ? <OutLink className={`${styles["page"]} cut`} href={page.url} title={page.url}>{page.title || pageKey(page.url)}</OutLink> : <span className={styles["muted"]}>{t("board.no_page")}</span>}
        <small className="cut">{page && t("board.stayed", { page: long(page.at), site: long(visitor.since) })}{!visitor.connected && ` · ${t("board.lost")}`}</small>
        <small className="cut">{from ? t("board.from", { from }) : t("board.direct")}
          {visitor.trail.length > 0 && <button type="button" className={styles["trailToggle"]} aria-expanded={open} onClick={() => setOpen(!open)}>{t("board.trail", { count: visitor.trail.length })}<IconChevronDown size={13} stroke={2} aria-hidden="true" /></button>}
        </small>
      </div>
      <div className={styles["marks"]}>
        {cart && <span className={styles["mark"]} title={cart.items?.map((item) => `${item.name} × ${item.quantity}`).join("\n")} data-testid="board-cart"><IconShoppingCart {...icon} /><span className="sr">{t("board.cart")}</span>{money(cart.value, cart.currency, i18n.language)}</span>}
        {order && <span className={styles["mark"]} data-tone="good" data-testid="board-order"><IconReceipt {...icon} /><span className="sr">{t("board.order")}</span>{money(order.value, order.currency, i18n.language)}</span>}
        {conversation && conversation.status !== "resolved" && <span className={styles["mark"]} data-tone={conversation.assignee_id ? undefined : "urgent"}><IconMessage {...icon} /><span className="cut">{conversation.assignee_name ?? t("board.waiting")}</span></span>}
      </div>
      <div className={styles["do"]}>
        {conversation && conversation.status !== "resolved"
          ? <Button component={Link} to={`/inbox/all/${conversation.id}`} variant="default" size="xs">{t("board.open")}</Button>
          : <><ActionIcon onClick={onOffer} aria-label={t("board.offer_to", { name })} title={t("board.offer")} data-testid="board-offer"><IconSpeakerphone size={18} stroke={1.75} /></ActionIcon>
          <Button variant="light" size="xs" leftSection={<IconMessagePlus size={15} stroke={1.75} aria-hidden="true" />} onClick={onHello} aria-label={t("board.hello_to", { name })} data-testid="board-hello">{t("board.hello")}</Button></>}
      </div>
      {open && (
        <ol className={styles["trail"]} aria-label={t("board.trail_of", { name })}>
          {visitor.trail.map((step) => <li key={step.at}><time dateTime={new Date(step.at).toISOString()}>{clock(step.at, i18n.language)}</time><OutLink className="cut" href={step.url} title={step.url}>{step.title || pageKey(step.url)}</OutLink></li>)}
        </ol>
      )}
    </li>
  );
}

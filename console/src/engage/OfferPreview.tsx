/** How an offer will stand on a page, in one language; roughly, for the page itself is the shop's. */
import type { Offer } from "../api/engage";
import styles from "./Engage.module.css";

const isWeb = (address: string | null | undefined): address is string => /^https?:\/\/\S+$/.test(address ?? "");

export function OfferPreview({ offer, language, empty }: { offer: Offer; language: string; empty: string }) {
  const said = (texts: Record<string, string>): string => texts[language] ?? Object.values(texts)[0] ?? "";
  const [title, text, button] = [said(offer.title), said(offer.text), said(offer.button)];
  return (
    <div className={styles["page"]} data-testid="offer-preview" data-look={offer.look}>
      <span className={styles["launcher"]} aria-hidden="true" />
      <div className={styles["offer"]} data-look={offer.look} lang={language}>
        {isWeb(offer.image_url) && <img src={offer.image_url} alt="" referrerPolicy="no-referrer" />}
        <div><p className={styles["title"]} dir="auto">{title || empty}</p>{text && <p dir="auto">{text}</p>}</div>
        {(offer.coupon || button) && <div className={styles["does"]}>{offer.coupon && <span className={styles["code"]}>{offer.coupon}</span>}{button && <span className={styles["go"]}>{button}</span>}</div>}
      </div>
    </div>
  );
}

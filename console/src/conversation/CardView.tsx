/** A card: picture, title, price, buttons. In the log, and above the composer before it is sent. */
import { ActionIcon } from "@mantine/core";
import { IconPackage, IconX } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { sitesQuery } from "../api/queries";
import type { Card } from "../api/types";
import { safe } from "./links";
import { OutLink } from "./LinkedText";
import { isOfShop } from "./shops";
import styles from "./CardView.module.css";

/** The shop's own picture; a sign in its place where it is somebody else's, which would tell them of the operator, or where it is gone. */
function Picture({ url }: { url: string }) {
  const { data: sites } = useQuery(sitesQuery);
  const [broken, setBroken] = useState(false);
  const address = safe(url);
  if (!sites) return <span className={styles["picture"]} />;
  if (broken || address === null || !isOfShop(address, sites.flatMap((site) => site.domains))) {
    return <span className={styles["picture"]} data-none aria-hidden="true"><IconPackage size={28} stroke={1.5} /></span>;
  }
  return <img className={styles["picture"]} src={url} alt="" loading="lazy" referrerPolicy="no-referrer" onError={() => setBroken(true)} />;
}

export function CardView({ card }: { card: Card }) {
  return (
    <div className={styles["card"]} data-testid="card">
      {card.image_url && <Picture url={card.image_url} />}
      <div className={styles["body"]}>
        <b>{card.title}</b>
        {card.price && <span className={styles["price"]}>{card.price}</span>}
        {card.text && <span>{card.text}</span>}
      </div>
      {card.buttons.map((button) => <OutLink key={`${button.label} ${button.url}`} className={styles["button"]} href={button.url}>{button.label}</OutLink>)}
    </div>
  );
}

export function CardPreview({ card, onRemove }: { card: Card; onRemove: () => void }) {
  const { t } = useTranslation();
  return (
    <div className={styles["preview"]} data-testid="card-preview">
      {card.image_url && <Picture url={card.image_url} />}
      <div className={styles["body"]}><b className="cut">{card.title}</b><span className={styles["price"]}>{card.price ?? t("composer.card_hint")}</span></div>
      <ActionIcon size={28} aria-label={t("composer.card_remove")} onClick={onRemove}><IconX size={16} stroke={1.75} /></ActionIcon>
    </div>
  );
}

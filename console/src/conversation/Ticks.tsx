/** How far a message got: a clock, one tick, two ticks, two coloured ticks; in words for screen readers. */
import { IconAlertCircle, IconCheck, IconChecks, IconClock } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import type { BubbleState } from "./timeline";
import styles from "./Bubble.module.css";

const ICONS = { sending: IconClock, stored: IconCheck, delivered: IconChecks, read: IconChecks, failed: IconAlertCircle };

export function Ticks({ state }: { state: BubbleState }) {
  const { t } = useTranslation();
  const Icon = ICONS[state];
  const words = t(`receipt.${state}`);
  return (
    <span className={styles["ticks"]} data-state={state} title={words}>
      <Icon size={15} stroke={1.75} aria-hidden="true" /><span className="sr">{words}</span>
    </span>
  );
}

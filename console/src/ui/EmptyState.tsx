/** What will be here, and what to do until then. */
import type { ReactNode } from "react";
import styles from "./EmptyState.module.css";

interface Props { icon: ReactNode; title: string; hint?: string; children?: ReactNode; small?: boolean; /** Nothing else is on the page. */ alone?: boolean }

export function EmptyState({ icon, title, hint, children, small = false, alone = false }: Props) {
  const Title = alone ? "h1" : "h2";
  return (
    <div className={styles["empty"]} data-small={small || undefined}>
      <div className={styles["icon"]} aria-hidden="true">{icon}</div>
      <Title className={styles["title"]}>{title}</Title>
      {hint && <p className={styles["hint"]}>{hint}</p>}
      {children && <div className={styles["action"]}>{children}</div>}
    </div>
  );
}

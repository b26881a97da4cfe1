/** What will be here, and what to do until then. */
import type { ReactNode } from "react";
import styles from "./EmptyState.module.css";

interface Props { icon: ReactNode; title: string; hint?: string; children?: ReactNode; small?: boolean }

export function EmptyState({ icon, title, hint, children, small = false }: Props) {
  return (
    <div className={styles["empty"]} data-small={small || undefined}>
      <div className={styles["icon"]} aria-hidden="true">{icon}</div>
      <h2 className={styles["title"]}>{title}</h2>
      {hint && <p className={styles["hint"]}>{hint}</p>}
      {children && <div className={styles["action"]}>{children}</div>}
    </div>
  );
}

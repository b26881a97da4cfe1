/** A page that is not the inbox: a heading, one line about it, its main action, its content. */
import type { ReactNode } from "react";
import styles from "./Page.module.css";

interface Props { title: string; subtitle?: string; back?: ReactNode; action?: ReactNode; wide?: boolean; children: ReactNode }

export function Page({ title, subtitle, back, action, wide = false, children }: Props) {
  return (
    <div className={styles["scroller"]}>
      <div className={styles["page"]} data-wide={wide || undefined}>
        {back && <div className={styles["back"]}>{back}</div>}
        <header className={styles["head"]}>
          <div className={styles["titles"]}><h1>{title}</h1>{subtitle && <p>{subtitle}</p>}</div>
          {action}
        </header>
        {children}
      </div>
    </div>
  );
}

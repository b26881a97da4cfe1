/** A group of settings that belong together, under a heading that says what they are for. */
import { useId, type ReactNode } from "react";
import styles from "./Form.module.css";

/** `quiet` where the page itself is called so: the heading is there for who listens. */
interface Props { title: string; quiet?: boolean; hint?: ReactNode; action?: ReactNode; children: ReactNode; testId?: string }

export function Card({ title, quiet = false, hint, action, children, testId }: Props) {
  const id = useId();
  return (
    <section className={styles["card"]} aria-labelledby={id} data-testid={testId}>
      <header className={styles["cardHead"]}>
        <div className={styles["cardTitles"]}><h2 id={id} className={quiet ? "sr" : undefined}>{title}</h2>{hint && <p>{hint}</p>}</div>
        {action}
      </header>
      <div className={styles["cardBody"]}>{children}</div>
    </section>
  );
}

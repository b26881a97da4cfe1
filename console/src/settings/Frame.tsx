/** Pages with a list of their sections: beside the page on a desk, a strip above it on narrower screens. */
import { Link } from "@tanstack/react-router";
import { useEffect, useRef, type ReactNode } from "react";
import styles from "./Frame.module.css";

export function Frame({ label, head, nav, children }: { label: string; head?: ReactNode; nav: ReactNode; children: ReactNode }) {
  return (
    <div className={styles["frame"]}>
      <nav className={styles["nav"]} aria-label={label}>
        {head && <div className={styles["head"]}>{head}</div>}
        <div className={styles["items"]}>{nav}</div>
      </nav>
      <div className={styles["content"]}>{children}</div>
    </div>
  );
}

export function NavGroup({ title, children }: { title?: string; children: ReactNode }) {
  return <div className={styles["group"]}>{title && <h2 className={styles["groupTitle"]}>{title}</h2>}{children}</div>;
}

interface ItemProps { to: string; icon: ReactNode; label: string; active: boolean; mark?: "unsaved" | "refused" | null; markText?: string; testId?: string }

export function NavItem({ to, icon, label, active, mark = null, markText, testId }: ItemProps) {
  const self = useRef<HTMLAnchorElement>(null);
  useEffect(() => { if (active) self.current?.scrollIntoView({ block: "nearest", inline: "center" }); }, [active]);
  return (
    <Link ref={self} to={to} className={styles["item"]} data-active={active || undefined} aria-current={active ? "page" : undefined} data-testid={testId}>
      {icon}
      <span className="cut">{label}</span>
      {mark && <span className={styles["mark"]} data-mark={mark}><span className="sr">{markText}</span></span>}
    </Link>
  );
}

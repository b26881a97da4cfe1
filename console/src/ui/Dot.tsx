/** A state as a dot whose form differs as well as its colour: full, half, ring. */
import type { Availability } from "../api/types";
import styles from "./Dot.module.css";

export function Dot({ state, size = 10 }: { state: Availability; size?: number }) {
  return <span className={styles["dot"]} data-state={state} style={{ width: size, height: size }} aria-hidden="true" />;
}

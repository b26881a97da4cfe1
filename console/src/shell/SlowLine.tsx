/** A thin line at the top while something takes longer than a moment. */
import { useIsFetching, useIsMutating } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import styles from "./SlowLine.module.css";

export function SlowLine() {
  const working = useIsFetching() + useIsMutating() > 0;
  const [slow, setSlow] = useState(false);
  useEffect(() => {
    if (!working) {
      setSlow(false);
      return undefined;
    }
    const timer = setTimeout(() => setSlow(true), 600);
    return () => clearTimeout(timer);
  }, [working]);
  return slow ? <div className={styles["line"]} aria-hidden="true" /> : null;
}

/** Says that the connection is gone, what is safe, and what happens next. */
import { Button, Loader } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { live } from "../live/live";
import { useStore } from "../store";
import styles from "./ConnectionBanner.module.css";

/** A reconnect that succeeds at once is not worth a word. */
const QUIET_FOR = 500;

export function ConnectionBanner() {
  const { t } = useTranslation();
  const status = useStore(live.status);
  const [shown, setShown] = useState(false);
  useEffect(() => {
    const well = status.state === "online" || status.state === "connecting";
    const timer = setTimeout(() => setShown(!well), well ? 0 : QUIET_FOR);
    return () => clearTimeout(timer);
  }, [status.state]);
  if (!shown) return null;
  if (status.state === "lost") {
    return (
      <div className={styles["banner"]} role="status" data-testid="connection-banner">
        <Loader size={14} color="var(--urgent)" /><span>{t("connection.lost")}</span>
      </div>
    );
  }
  if (status.state !== "stopped") return null;
  const outdated = status.bye.code === 4202;
  return (
    <div className={styles["banner"]} role="alert" data-testid="connection-banner">
      <IconAlertTriangle size={16} stroke={1.75} />
      <span>{outdated ? t("connection.outdated") : t("connection.stopped", { reason: status.bye.message })}</span>
      <Button size="compact-sm" variant="default" onClick={() => location.reload()}>{t("connection.reload")}</Button>
    </div>
  );
}

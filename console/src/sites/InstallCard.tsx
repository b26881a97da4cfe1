/** The snippet, and whether it works already. */
import { IconCircleCheckFilled, IconExternalLink } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import type { Site } from "../api/types";
import { OutLink } from "../conversation/LinkedText";
import { useTimeAgo } from "../ui/TimeAgo";
import { SnippetLine } from "./SnippetLine";
import styles from "./Site.module.css";

export function InstallCard({ site }: { site: Site }) {
  const { t } = useTranslation();
  const when = useTimeAgo(site.last_seen_at ?? 0);
  const domain = site.domains.find((one) => !one.includes("*"));
  return (
    <section className={styles["card"]} aria-labelledby="install">
      <h2 id="install">{t("site.install")}</h2>
      <p className={styles["hint"]}>{t("site.install_hint")}</p>
      <SnippetLine snippet={site.snippet} />
      <div className={styles["status"]} role="status" data-good={site.last_seen_at !== null || undefined}>
        {site.last_seen_at === null
          ? <><span className={styles["pulse"]} aria-hidden="true" /><span>{t("site.waiting")}</span></>
          : <><IconCircleCheckFilled size={18} aria-hidden="true" /><span>{t("site.working", { when })}</span></>}
        {domain && <OutLink className={styles["open"]} href={/^(localhost|127\.|\[::1\])/.test(domain) ? `http://${domain}` : `https://${domain}`}>{t("site.open", { domain })} <IconExternalLink size={14} stroke={1.75} aria-hidden="true" /></OutLink>}
      </div>
    </section>
  );
}

/** How the chat comes onto the shop's pages, and whether it has been seen there. */
import { IconCircleCheckFilled, IconExternalLink } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import type { Site } from "../api/admin";
import { OutLink } from "../conversation/LinkedText";
import { Card } from "../form/Card";
import { useMe } from "../session";
import { Code } from "../ui/Code";
import { useTimeAgo } from "../ui/TimeAgo";
import { SnippetLine } from "./SnippetLine";
import styles from "./Site.module.css";

export default function InstallSection({ site }: { site: Site }) {
  const { t } = useTranslation();
  const { widget_url: widget } = useMe();
  const socket = widget.replace(/^http/, "ws");
  const hosted = `${widget}/chat/${site.key}`;
  const inline = `${site.snippet}\n<div data-stalk-inline style="height: 600px"></div>`;
  const policy = `script-src ${widget};\nframe-src ${widget};\nconnect-src ${widget} ${socket};`;
  const old = `<script>window.stalkConfig = { server: "${widget}", id: "${site.key}" };</script>\n<script async src="${widget}/widget.js"></script>`;
  return (
    <>
      <Card title={t("site.install")} hint={t("site.install_hint")}>
        <SnippetLine snippet={site.snippet} />
        <Seen site={site} />
      </Card>
      <Card title={t("site.other_ways")}>
        <Way title={t("site.hosted")} hint={t("site.hosted_hint")}>
          <Code label={t("site.hosted")} code={hosted} wrap testId="hosted-address" />
        </Way>
        <Way title={t("site.inline")} hint={t("site.inline_hint")}>
          <Code label={t("site.inline")} code={inline} wrap />
        </Way>
        <details className={styles["more"]}>
          <summary>{t("site.policy")}</summary>
          <p>{t("site.policy_hint")}</p>
          <Code label={t("site.policy")} code={policy} wrap />
        </details>
        <details className={styles["more"]}>
          <summary>{t("site.old_snippet")}</summary>
          <p>{t("site.old_snippet_hint")}</p>
          <Code label={t("site.old_snippet")} code={old} wrap />
        </details>
      </Card>
    </>
  );
}

function Way({ title, hint, children }: { title: string; hint: string; children: React.ReactNode }) {
  return <div className={styles["way"]}><h3>{title}</h3><p>{hint}</p>{children}</div>;
}

function Seen({ site }: { site: Site }) {
  const { t } = useTranslation();
  const when = useTimeAgo(site.last_seen_at ?? 0);
  const domain = site.domains.find((one) => !one.includes("*"));
  return (
    <div className={styles["seen"]} role="status" data-good={site.last_seen_at !== null || undefined} data-testid="install-state">
      {site.last_seen_at === null
        ? <><span className={styles["pulse"]} aria-hidden="true" /><div><b>{t("site.waiting_title")}</b><p>{t("site.waiting")}</p></div></>
        : <><IconCircleCheckFilled size={20} aria-hidden="true" /><div><b>{t("site.working", { when })}</b>{site.last_seen_url && <p className="cut"><OutLink href={site.last_seen_url}>{site.last_seen_url}</OutLink></p>}</div></>}
      {domain && <OutLink className={styles["open"]} href={/^(localhost|127\.|\[::1\])/.test(domain) ? `http://${domain}` : `https://${domain}`}>{t("site.open", { domain })} <IconExternalLink size={14} stroke={1.75} aria-hidden="true" /></OutLink>}
    </div>
  );
}

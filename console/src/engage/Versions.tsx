/** What a promotion said before, and the way back to it: into the form first, so that one sees it before it is saved. */
import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { versionsQuery, type Definition, type Promotion } from "../api/engage";
import { TimeAgo } from "../ui/TimeAgo";
import styles from "./Engage.module.css";

export function Versions({ held, onTake }: { held: Promotion; onTake: (definition: Definition) => void }) {
  const { t } = useTranslation();
  const { data } = useQuery(versionsQuery(held.id, held.version));
  const earlier = data?.filter((one) => one.version !== held.version) ?? [];
  if (earlier.length === 0) return null;
  return (
    <details className={styles["versions"]} data-testid="versions">
      <summary>{t("promo.versions", { count: earlier.length })}</summary>
      <p>{t("promo.versions_hint")}</p>
      <ul>
        {earlier.map((one) => (
          <li key={one.version}>
            <span><b>{t("promo.version", { number: one.version })}</b><small>{one.changed_by.name} · <TimeAgo at={one.at} /></small></span>
            <Button variant="default" size="compact-sm" aria-label={t("promo.take_version", { number: one.version })} onClick={() => onTake(one.definition)} data-testid="version-take">{t("promo.take")}</Button>
          </li>
        ))}
      </ul>
    </details>
  );
}

/** One crowd: what is said, and what an operator does to keep order in it. */
import { ActionIcon, Button, Select, Switch, Tooltip } from "@mantine/core";
import { IconArrowLeft, IconExternalLink, IconSettings, IconSnowflake, IconVolumeOff } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Crowd } from "../api/crowds";
import { live } from "../live/live";
import { refusal } from "../problem";
import { toast } from "../shell/Toasts";
import { Composer } from "./Composer";
import { CrowdStream } from "./CrowdStream";
import { Mutes } from "./Mutes";
import { useCrowd } from "./use-crowd";
import styles from "./Crowds.module.css";

export const SLOW = [0, 3, 5, 10, 30, 60, 300] as const;

export function CrowdView({ crowd, onEdit, onBack }: { crowd: Crowd; onEdit: (() => void) | null; onBack: () => void }) {
  const { t, i18n } = useTranslation();
  const client = useQueryClient();
  const { stream, members, gone } = useCrowd(crowd);
  const [muted, setMuted] = useState(false);
  const keep = useMutation({
    mutationFn: ({ m, p }: { m: string; p: Record<string, unknown> }) => live.request(m, { crowd: crowd.id, ...p }),
    onSettled: () => client.invalidateQueries({ queryKey: ["crowds"] }),
    onError: (error) => toast(refusal(t, error)),
  });
  const asked = keep.isPending ? keep.variables : null;
  const frozen = asked?.m === "crowd.freeze" ? asked.p["frozen"] === true : crowd.frozen;
  const slow = asked?.m === "crowd.slow_mode" ? Number(asked.p["seconds"]) : crowd.slow_mode_s;
  const choices = [...new Set<number>([...SLOW, slow])].sort((a, b) => a - b);
  const long = (seconds: number): string => (seconds === 0 ? t("crowds.slow_off") : seconds % 60 === 0 ? t("crowds.slow_minutes", { count: seconds / 60 }) : t("crowds.slow_seconds", { count: seconds }));
  return (
    <div className={styles["view"]} data-testid="crowd-view">
      <header className={styles["head"]}>
        <ActionIcon className={styles["back"]} aria-label={t("crowds.back")} onClick={onBack}><IconArrowLeft size={20} stroke={1.75} /></ActionIcon>
        <div className={styles["headText"]}>
          <h2 className="cut">{crowd.name}</h2>
          <p><span className={styles["count"]} data-here data-testid="crowd-members"><i />{t("crowds.here", { count: members ?? crowd.members, formatted: new Intl.NumberFormat(i18n.language).format(members ?? crowd.members) })}</span>
            {crowd.page_url && <a href={crowd.page_url} target="_blank" rel="noopener noreferrer" className="cut">{crowd.page_url}<IconExternalLink size={13} stroke={1.75} aria-hidden="true" /></a>}</p>
        </div>
        <div className={styles["tools"]}>
          <Select size="xs" className={styles["slow"]} aria-label={t("crowds.slow")} data={choices.map((value) => ({ value: String(value), label: long(value) }))} value={String(slow)} allowDeselect={false} onChange={(value) => keep.mutate({ m: "crowd.slow_mode", p: { seconds: Number(value) } })} data-testid="crowd-slow" />
          <Switch checked={frozen} label={t("crowds.freeze")} onChange={(event) => keep.mutate({ m: "crowd.freeze", p: { frozen: event.currentTarget.checked } })} data-testid="crowd-freeze" />
          <Tooltip label={t("crowds.muted")}><ActionIcon aria-label={t("crowds.muted")} onClick={() => setMuted(true)} data-testid="crowd-mutes"><IconVolumeOff size={19} stroke={1.75} /></ActionIcon></Tooltip>
          {onEdit && <Tooltip label={t("crowds.settings")}><ActionIcon aria-label={t("crowds.settings")} onClick={onEdit} data-testid="crowd-edit"><IconSettings size={19} stroke={1.75} /></ActionIcon></Tooltip>}
        </div>
      </header>
      {frozen && <p className={styles["notice"]} role="status"><IconSnowflake size={16} stroke={1.75} aria-hidden="true" />{t("crowds.frozen")}<Button size="compact-sm" variant="subtle" onClick={() => keep.mutate({ m: "crowd.freeze", p: { frozen: false } })}>{t("crowds.thaw")}</Button></p>}
      <CrowdStream crowd={crowd} stream={stream} />
      {gone ? <p className={styles["notice"]} role="status">{t("crowds.gone")}</p> : <Composer crowd={crowd} />}
      {muted && <Mutes crowd={crowd} onClose={() => setMuted(false)} />}
    </div>
  );
}

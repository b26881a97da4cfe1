/** Where one is signed in, and the way to end it there. */
import { Button, Skeleton } from "@mantine/core";
import { IconDeviceDesktop, IconDeviceMobile } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { loginSessionsQuery, type LoginSession } from "../api/admin";
import { call } from "../api/client";
import { deviceOf } from "../conversation/user-agent";
import { Card } from "../form/Card";
import { refusal } from "../problem";
import { toast } from "../shell/Toasts";
import { TimeAgo } from "../ui/TimeAgo";
import styles from "./Profile.module.css";

export function LoginSessions() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const { data, error } = useQuery(loginSessionsQuery);
  const end = useMutation({
    mutationFn: (id: string) => call<undefined>("DELETE", `/me/login-sessions/${encodeURIComponent(id)}`),
    onSuccess: () => client.invalidateQueries({ queryKey: ["login-sessions"] }),
    onError: (refused) => toast(refusal(t, refused)),
  });
  const sorted = [...(data ?? [])].sort((a, b) => Number(b.current) - Number(a.current) || b.last_seen_at - a.last_seen_at);
  return (
    <Card title={t("me.logins")} hint={t("me.logins_hint")}>
      {error && !data && <p className={styles["error"]} role="alert">{refusal(t, error)}</p>}
      {!data && !error && <Skeleton height={96} />}
      {data && <ul className={styles["logins"]}>{sorted.map((one) => <LoginRow key={one.id} one={one} ending={end.isPending && end.variables === one.id} onEnd={() => end.mutate(one.id)} />)}</ul>}
    </Card>
  );
}

function LoginRow({ one, ending, onEnd }: { one: LoginSession; ending: boolean; onEnd: () => void }) {
  const { t } = useTranslation();
  const { browser, system, phone } = deviceOf(one.user_agent ?? "");
  const device = [browser, system].filter((part) => part !== null).join(", ") || t("me.login_unknown");
  const Icon = phone ? IconDeviceMobile : IconDeviceDesktop;
  return (
    <li className={styles["login"]} data-testid="login-session">
      <Icon size={22} stroke={1.75} aria-hidden="true" />
      <span className={styles["where"]}>
        <b>{device}</b>
        <small>{one.address && <>{one.address} · </>}{t("me.login_since")} <TimeAgo at={one.created_at} />{!one.current && <> · {t("me.login_seen")} <TimeAgo at={one.last_seen_at} /></>}</small>
      </span>
      {one.current ? <span className={styles["here"]}>{t("me.login_here")}</span> : <Button size="compact-md" variant="default" loading={ending} onClick={onEnd} aria-label={t("me.login_end_what", { device })} data-testid="login-end">{t("me.login_end")}</Button>}
    </li>
  );
}

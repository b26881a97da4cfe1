/** Changes the password; every other login ends with it. */
import { Button, TextInput } from "@mantine/core";
import { IconCheck } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { ApiError, call } from "../api/client";
import { Card } from "../form/Card";
import { refusal } from "../problem";
import styles from "./Profile.module.css";

const SHORTEST = 10;

export function PasswordCard({ email }: { email: string }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [current, setCurrent] = useState("");
  const [next, setNext] = useState("");
  const [tried, setTried] = useState(false);
  const change = useMutation({
    mutationFn: () => call<undefined>("PUT", "/me/password", { body: { current_password: current, new_password: next } }),
    onSuccess: () => {
      setCurrent("");
      setNext("");
      setTried(false);
      void client.invalidateQueries({ queryKey: ["login-sessions"] });
    },
  });
  const fields = change.error instanceof ApiError ? change.error.fields : {};
  const short = [...next].length < SHORTEST;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setTried(true);
    if (current !== "" && !short) change.mutate();
  };
  const type = (set: (text: string) => void) => (event: React.ChangeEvent<HTMLInputElement>): void => { set(event.currentTarget.value); change.reset(); };
  return (
    <Card title={t("me.password")} hint={t("me.password_hint")}>
      <form className={styles["form"]} onSubmit={submit} noValidate data-testid="password-form">
        <input type="text" name="username" autoComplete="username" value={email} readOnly hidden />
        <TextInput type="password" label={t("me.password_current")} autoComplete="current-password" value={current} onChange={type(setCurrent)} data-testid="password-current"
          error={fields["current_password"] ?? (tried && current === "" ? t("me.password_current_missing") : undefined)} />
        <TextInput type="password" label={t("me.password_new")} description={t("me.password_rule", { count: SHORTEST })} autoComplete="new-password" value={next} maxLength={200} onChange={type(setNext)} data-testid="password-new"
          error={fields["new_password"] ?? (tried && short ? t("me.password_rule", { count: SHORTEST }) : undefined)} />
        {change.error && Object.keys(fields).length === 0 && <p className={styles["error"]} role="alert">{t("form.failed", { reason: refusal(t, change.error) })}</p>}
        <div className={styles["buttons"]}>
          <Button type="submit" variant="default" loading={change.isPending} data-testid="password-save">{t("me.password_save")}</Button>
          <span role="status" className={styles["good"]}>{change.isSuccess && <><IconCheck size={16} stroke={2} aria-hidden="true" /> {t("me.password_saved")}</>}</span>
        </div>
      </form>
    </Card>
  );
}

/** Oneself: name and photo, how the console looks and calls, password, and where one is signed in. */
import "../form/form.css";
import { TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import { call } from "../api/client";
import type { Me } from "../api/types";
import { Card } from "../form/Card";
import { LeaveGuard } from "../form/LeaveGuard";
import { SaveBar } from "../form/SaveBar";
import { useForm } from "../form/use-form";
import { useMe } from "../session";
import { Page } from "../ui/Page";
import { LoginSessions } from "./LoginSessions";
import { PasswordCard } from "./PasswordCard";
import { PhotoField } from "./PhotoField";
import { PreferencesCards } from "./PreferencesCards";
import styles from "./Profile.module.css";

export function ProfilePage() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const { operator, tenant } = useMe();
  const check = useCallback((values: { name: string }): Record<string, string> => (values.name.trim() === "" ? { name: t("me.name_missing") } : {}), [t]);
  const form = useForm({
    key: "me", base: { name: operator.name }, check,
    save: async (body) => {
      client.setQueryData(["me"], await call<Me>("PATCH", "/me", { body }));
      void client.invalidateQueries({ queryKey: ["operators"] });
    },
  });
  return (
    <Page title={t("me.title")} subtitle={`${tenant.name} · ${t(`people.role_${operator.role}`)}`} wide>
      <div className={styles["cards"]}>
        <Card title={t("me.public")} hint={t("me.public_hint")}>
          <PhotoField />
          <TextInput label={t("me.name")} value={form.values.name} maxLength={120} maw={420} autoComplete="name" error={form.errorOf("name")} onChange={(event) => form.set("name", event.currentTarget.value)} data-testid="profile-name" />
          <TextInput label={t("me.email")} description={t("me.email_hint")} value={operator.email} maw={420} readOnly variant="filled" />
        </Card>
        <PreferencesCards />
        <PasswordCard email={operator.email} />
        <LoginSessions />
      </div>
      <div className={styles["cards"]}><SaveBar form={form} /></div>
      <LeaveGuard form={form} />
    </Page>
  );
}

/** Adds a site: its name, where it lives, what language it speaks. */
import { Button, Group, Select, Stack, TagsInput, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { ApiError, call } from "../api/client";
import type { Site, SiteCreation } from "../api/types";
import { localZone } from "../form/time-zones";
import { refusal } from "../problem";
import { cleanDomain } from "./domains";
import { Modal } from "../ui/Modal";
import styles from "./Sites.module.css";

export function NewSite({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <Modal opened={opened} onClose={onClose} title={t("sites.add")} closeButtonProps={{ "aria-label": t("common.close") }}>
      <SiteForm onCancel={onClose} />
    </Modal>
  );
}

export function SiteForm({ name: proposed = "", onCancel }: { name?: string; onCancel?: () => void }) {
  const { t, i18n } = useTranslation();
  const client = useQueryClient();
  const navigate = useNavigate();
  const [name, setName] = useState(proposed);
  const [domains, setDomains] = useState<string[]>([]);
  const [language, setLanguage] = useState<"ko" | "en">(i18n.language === "ko" ? "ko" : "en");
  const [tried, setTried] = useState(false);
  const create = useMutation({
    mutationFn: async (body: SiteCreation) => {
      const site = await call<Site>("POST", "/sites", { body });
      // The hours and days of a shop are those of where its owner is, until they say otherwise.
      return "time_zone" in site ? call<Site>("PATCH", `/sites/${site.id}`, { body: { time_zone: localZone() } }).catch(() => site) : site;
    },
    onSuccess: (site) => {
      client.setQueryData(["site", site.id], site);
      void client.invalidateQueries({ queryKey: ["sites"] });
      onCancel?.();
      void navigate({ to: "/sites/$id/$section", params: { id: site.id, section: "install" } });
    },
  });
  const fields = create.error instanceof ApiError ? create.error.fields : {};
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setTried(true);
    if (name.trim() !== "" && domains.length > 0) create.mutate({ name: name.trim(), domains, language });
  };
  return (
    <form onSubmit={submit} noValidate data-testid="site-form">
      <Stack gap="md">
        <TextInput data-autofocus label={t("sites.name")} description={t("sites.name_hint")} value={name} onChange={(event) => setName(event.currentTarget.value)} maxLength={120} required withAsterisk={false} data-testid="new-site-name"
          error={fields["name"] ?? (tried && name.trim() === "" ? t("site.name_missing") : undefined)} />
        <TagsInput label={t("sites.domains")} description={t("sites.domains_hint")} placeholder={domains.length === 0 ? t("sites.domains_placeholder") : ""} value={domains} data-testid="new-site-domains"
          onChange={(values) => setDomains(values.map(cleanDomain))} acceptValueOnBlur splitChars={[",", " "]} error={fields["domains"] ?? (tried && domains.length === 0 ? t("sites.domain_missing") : undefined)} />
        <Select label={t("sites.language")} value={language} onChange={(value) => setLanguage(value === "ko" ? "ko" : "en")} data={[{ value: "ko", label: t("language.ko") }, { value: "en", label: t("language.en") }]} />
        {create.error && Object.keys(fields).length === 0 && <p role="alert" className={styles["bad"]}>{t("form.failed", { reason: refusal(t, create.error) })}</p>}
        <Group justify="flex-end" gap="xs">
          {onCancel && <Button variant="default" onClick={onCancel}>{t("sites.cancel")}</Button>}
          <Button type="submit" loading={create.isPending} data-testid="new-site-create">{t("sites.create")}</Button>
        </Group>
      </Stack>
    </form>
  );
}

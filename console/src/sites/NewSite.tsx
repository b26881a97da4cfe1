/** Adds a site: its name, where it lives, what language it speaks. */
import { Button, Group, Modal, Select, Stack, TagsInput, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { ApiError, call } from "../api/client";
import type { Site, SiteCreation } from "../api/types";
import { problemText } from "../problem";
import { cleanDomain } from "./domains";

export function NewSite({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const { t, i18n } = useTranslation();
  const client = useQueryClient();
  const navigate = useNavigate();
  const [name, setName] = useState("");
  const [domains, setDomains] = useState<string[]>([]);
  const [language, setLanguage] = useState<"ko" | "en">(i18n.language === "ko" ? "ko" : "en");
  const [tried, setTried] = useState(false);
  const create = useMutation({
    mutationFn: (body: SiteCreation) => call<Site>("POST", "/sites", { body }),
    onSuccess: (site) => {
      client.setQueryData(["site", site.id], site);
      void client.invalidateQueries({ queryKey: ["sites"] });
      onClose();
      setName("");
      setDomains([]);
      setTried(false);
      void navigate({ to: "/sites/$id", params: { id: site.id } });
    },
  });
  const fields = create.error instanceof ApiError ? create.error.fields : {};
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setTried(true);
    if (name.trim() !== "" && domains.length > 0) create.mutate({ name: name.trim(), domains, language });
  };
  return (
    <Modal opened={opened} onClose={onClose} title={t("sites.add")} closeButtonProps={{ "aria-label": t("common.close") }}>
      <form onSubmit={submit}>
        <Stack gap="md">
          <TextInput data-autofocus label={t("sites.name")} description={t("sites.name_hint")} value={name} onChange={(event) => setName(event.currentTarget.value)} error={fields["name"]} maxLength={120} required withAsterisk={false} />
          <TagsInput label={t("sites.domains")} description={t("sites.domains_hint")} placeholder={domains.length === 0 ? t("sites.domains_placeholder") : ""} value={domains}
            onChange={(values) => setDomains(values.map(cleanDomain))} acceptValueOnBlur splitChars={[",", " "]} error={fields["domains"] ?? (tried && domains.length === 0 ? t("sites.domain_missing") : undefined)} />
          <Select label={t("sites.language")} value={language} onChange={(value) => setLanguage(value === "ko" ? "ko" : "en")} data={[{ value: "ko", label: t("language.ko") }, { value: "en", label: t("language.en") }]} />
          {create.error && Object.keys(fields).length === 0 && <p role="alert" style={{ color: "var(--danger)" }}>{t("site.save_failed", { reason: problemText(t, create.error) })}</p>}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>{t("sites.cancel")}</Button>
            <Button type="submit" loading={create.isPending} disabled={name.trim() === ""}>{t("sites.create")}</Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

/** Invites people by mail, several at once. */
import { Button, Group, Select, Stack, TagsInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import type { Invitation } from "../api/admin";
import { ApiError, call } from "../api/client";
import type { Role } from "../api/types";
import { ChoiceCards } from "../form/Choice";
import { refusal } from "../problem";
import { useMe } from "../session";
import { toast } from "../shell/Toasts";
import { grantable, isEmail } from "./roles";
import { Modal } from "../ui/Modal";

export function Invite({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <Modal opened={opened} onClose={onClose} title={t("people.invite")} size="lg" closeButtonProps={{ "aria-label": t("common.close") }}>
      <InviteForm onDone={onClose} />
    </Modal>
  );
}

function InviteForm({ onDone }: { onDone: () => void }) {
  const { t, i18n } = useTranslation();
  const client = useQueryClient();
  const { operator } = useMe();
  const [emails, setEmails] = useState<string[]>([]);
  const [role, setRole] = useState<Role>("operator");
  const [language, setLanguage] = useState(i18n.language === "ko" ? "ko" : "en");
  const [tried, setTried] = useState(false);
  const send = useMutation({
    mutationFn: async () => {
      for (const email of emails) {
        await call<Invitation>("POST", "/invitations", { body: { email, role, language } });
        // The rest stays in the field if the next one is refused.
        setEmails((left) => left.filter((one) => one !== email));
      }
      return emails;
    },
    onSuccess: (sent) => { toast(t("people.sent", { count: sent.length })); onDone(); },
    onSettled: () => client.invalidateQueries({ queryKey: ["invitations"] }),
  });
  const wrong = emails.find((one) => !isEmail(one));
  const fields = send.error instanceof ApiError ? send.error.fields : {};
  const error = fields["email"] ?? (wrong ? t("people.email_wrong", { email: wrong }) : tried && emails.length === 0 ? t("people.email_missing") : undefined);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setTried(true);
    if (emails.length > 0 && !wrong) send.mutate();
  };
  return (
    <form onSubmit={submit} noValidate data-testid="invite-form">
      <Stack gap="md">
        <TagsInput data-autofocus type="email" label={t("people.emails")} description={t("people.emails_hint")} placeholder={emails.length === 0 ? "name@example.com" : ""} value={emails} error={error} acceptValueOnBlur splitChars={[",", " ", ";"]} maxTags={20} data-testid="invite-email"
          onChange={(values) => { setEmails(values.map((one) => one.trim().toLowerCase()).filter((one) => one !== "")); send.reset(); }} />
        <ChoiceCards label={t("people.role")} value={role} error={fields["role"]} testId="invite-role" onChange={setRole} options={grantable(operator.role).map((one) => ({ value: one, label: t(`people.role_${one}`), hint: t(`people.role_${one}_hint`) }))} />
        <Select label={t("people.letter_language")} maw={240} value={language} onChange={(value) => setLanguage(value === "ko" ? "ko" : "en")} data={[{ value: "ko", label: t("language.ko") }, { value: "en", label: t("language.en") }]} />
        {send.error && Object.keys(fields).length === 0 && <p role="alert" style={{ color: "var(--danger)" }}>{t("people.send_failed", { reason: refusal(t, send.error) })}</p>}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onDone}>{t("sites.cancel")}</Button>
          <Button type="submit" loading={send.isPending} data-testid="invite-send">{t("people.send", { count: Math.max(1, emails.length) })}</Button>
        </Group>
      </Stack>
    </form>
  );
}

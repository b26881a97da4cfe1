/** The proof that a visitor is the customer they say: the secret, how to sign with it, and whether it is required. */
import { Button, Group, SegmentedControl } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconEye, IconEyeOff, IconRotate } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { IdentitySecret, Site } from "../api/admin";
import { call } from "../api/client";
import { Card } from "../form/Card";
import { ToggleRow } from "../form/ToggleRow";
import type { Form } from "../form/use-form";
import { refusal } from "../problem";
import { Code } from "../ui/Code";
import { CopyButton } from "../ui/CopyButton";
import { TimeAgo } from "../ui/TimeAgo";
import { PAGE_SAMPLE, SAMPLES } from "./samples";
import { Modal } from "../ui/Modal";
import styles from "./Site.module.css";

export default function SecuritySection({ form }: { form: Form<Site> }) {
  const { t } = useTranslation();
  const { values, set, errorOf, locked } = form;
  const required = values.settings.identity_required;
  return (
    <>
      <Card title={t("site.identity")} hint={t("site.identity_hint")}>
        <ToggleRow label={t("site.identity_required")} hint={t("site.identity_required_hint")} checked={required} disabled={locked} error={errorOf("settings.identity_required")} testId="identity-required"
          onChange={(on) => set("settings.identity_required", on)}>
          {required && form.changes["settings.identity_required"] !== undefined && <p className={styles["warn"]} role="status">{t("site.identity_required_warning")}</p>}
        </ToggleRow>
      </Card>
      <Secret site={values} />
      <Samples />
    </>
  );
}

function Secret({ site }: { site: Site }) {
  const { t } = useTranslation();
  const [asking, { open, close }] = useDisclosure(false);
  const [shown, setShown] = useState<IdentitySecret | null>(null);
  const address = `/sites/${site.id}/identity-secret`;
  const show = useMutation({ mutationFn: () => call<IdentitySecret>("GET", address), onSuccess: setShown });
  const rotate = useMutation({ mutationFn: () => call<IdentitySecret>("POST", address, { body: {} }), onSuccess: (made) => { setShown(made); close(); } });
  return (
    <Card title={t("site.secret")} hint={t("site.secret_hint")}>
      <div className={styles["secret"]}>
        <code className={styles["secretText"]} data-testid="identity-secret" data-hidden={shown === null || undefined}>{shown?.secret ?? "••••••••••••••••••••••••••••••••"}</code>
        <span className={styles["secretButtons"]}>
          {shown
            ? <><CopyButton text={shown.secret} variant="default" /><Button variant="default" leftSection={<IconEyeOff size={16} stroke={1.75} />} onClick={() => setShown(null)}>{t("site.secret_hide")}</Button></>
            : <Button variant="default" loading={show.isPending} leftSection={<IconEye size={16} stroke={1.75} />} onClick={() => show.mutate()} data-testid="secret-show">{t("site.secret_show")}</Button>}
          <Button variant="default" leftSection={<IconRotate size={16} stroke={1.75} />} onClick={open} data-testid="secret-rotate">{t("site.secret_rotate")}</Button>
        </span>
      </div>
      {shown?.rotated_at && <p className={styles["small"]}>{t("site.secret_rotated")} <TimeAgo at={shown.rotated_at} /></p>}
      {show.error && <p className={styles["bad"]} role="alert">{refusal(t, show.error)}</p>}
      <Modal opened={asking} onClose={close} title={t("site.rotate_title")} closeButtonProps={{ "aria-label": t("common.close") }}>
        <p>{t("site.rotate_text")}</p>
        <ul className={styles["steps"]}><li>{t("site.rotate_now")}</li><li>{t("site.rotate_old")}</li><li>{t("site.rotate_after")}</li></ul>
        {rotate.error && <p className={styles["bad"]} role="alert">{refusal(t, rotate.error)}</p>}
        <Group justify="flex-end" gap="xs" mt="lg">
          <Button variant="default" onClick={close} data-autofocus>{t("sites.cancel")}</Button>
          <Button color="red" loading={rotate.isPending} onClick={() => rotate.mutate()} data-testid="secret-rotate-confirm">{t("site.rotate_confirm")}</Button>
        </Group>
      </Modal>
    </Card>
  );
}

function Samples() {
  const { t } = useTranslation();
  const [name, setName] = useState<string>(SAMPLES[0].name);
  const sample = SAMPLES.find((one) => one.name === name) ?? SAMPLES[0];
  return (
    <Card title={t("site.samples")} hint={t("site.samples_hint")}>
      <div className={styles["samples"]}>
        <SegmentedControl aria-label={t("site.samples_language")} value={name} onChange={setName} data={SAMPLES.map((one) => one.name)} />
      </div>
      <Code label={sample.name} code={sample.code} testId="identity-sample" />
      <p className={styles["small"]}>{t("site.samples_page")}</p>
      <Code label="HTML" code={PAGE_SAMPLE} />
    </Card>
  );
}

/** What tenants' programs need: keys to ask with, webhooks to be told by. */
import "../form/form.css";
import { Button } from "@mantine/core";
import { IconBook2 } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { useMe } from "../session";
import { Page } from "../ui/Page";
import { Apps } from "./Apps";
import { Keys } from "./Keys";
import { Webhooks } from "./Webhooks";

export function DevelopersPage() {
  const { t } = useTranslation();
  const { operator } = useMe();
  const allowed = operator.role !== "operator";
  const reference = <Button component="a" href="/reference" target="_blank" rel="noopener" variant="default" leftSection={<IconBook2 size={16} stroke={1.75} />}>{t("dev.reference")}</Button>;
  return (
    <Page title={t("dev.title")} subtitle={allowed ? t("dev.subtitle") : t("dev.only_admins")} action={reference} wide>
      {allowed && <><Keys /><Webhooks /><Apps /></>}
    </Page>
  );
}

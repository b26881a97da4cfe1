/** Something could not be loaded, and the way to try again. */
import { Button } from "@mantine/core";
import { IconCloudOff } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { EmptyState } from "./EmptyState";

export function Failure({ text, hint, onRetry, alone }: { text: string; hint?: string; onRetry: () => void; alone?: boolean }) {
  const { t } = useTranslation();
  return (
    <EmptyState icon={<IconCloudOff size={24} stroke={1.75} />} title={text} hint={hint} small alone={alone}>
      <Button variant="default" onClick={onRetry}>{t("common.retry")}</Button>
    </EmptyState>
  );
}

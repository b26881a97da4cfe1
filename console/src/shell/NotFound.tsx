import { Button } from "@mantine/core";
import { IconCompass } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { EmptyState } from "../ui/EmptyState";

export function NotFound() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  return (
    <EmptyState icon={<IconCompass size={24} stroke={1.75} />} title={t("common.not_found")} alone>
      <Button onClick={() => void navigate({ to: "/inbox/$view", params: { view: "queued" } })}>{t("common.to_inbox")}</Button>
    </EmptyState>
  );
}

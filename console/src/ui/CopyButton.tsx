/** Copies a text and says so. */
import { Button } from "@mantine/core";
import { IconCheck, IconCopy } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { toast } from "../shell/Toasts";
import { copyText } from "./clipboard";

interface Props { text: string; variant?: "filled" | "default"; label?: string }

export function CopyButton({ text, variant = "filled", label }: Props) {
  const { t } = useTranslation();
  const [copied, setCopied] = useState(false);
  const copy = async (): Promise<void> => {
    if (!(await copyText(text))) {
      toast(t("site.copy_failed"));
      return;
    }
    setCopied(true);
    setTimeout(() => setCopied(false), 2000);
  };
  return (
    <Button variant={variant} onClick={() => void copy()} aria-label={copied ? undefined : label} leftSection={copied ? <IconCheck size={16} stroke={1.75} /> : <IconCopy size={16} stroke={1.75} />}>
      <span aria-live="polite">{copied ? t("site.copied") : t("site.copy")}</span>
    </Button>
  );
}

/** How a visitor is called: by name, else by the label every visitor has, in the reader's language. */
import type { TFunction } from "i18next";
import { useTranslation } from "react-i18next";

const LABEL = /^Visitor ([0-9A-Z]{4,})$/;

export function useVisitorName(visitor: { name: string | null; label: string }): string {
  const { t } = useTranslation();
  return visitorName(t, visitor);
}

export function visitorName(t: TFunction, visitor: { name: string | null; label: string }): string {
  if (visitor.name) return visitor.name;
  const code = LABEL.exec(visitor.label)?.[1];
  return code ? t("visitor.label", { code }) : visitor.label;
}

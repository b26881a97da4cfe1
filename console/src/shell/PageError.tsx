/** A page that could not be drawn: our fault, and a reload is the way on. What was typed is in the drafts and the outbox. */
import { useTranslation } from "react-i18next";
import { Failure } from "../ui/Failure";

export function PageError() {
  const { t } = useTranslation();
  return <Failure text={t("common.broken")} hint={t("common.broken_hint")} onRetry={() => location.reload()} alone />;
}

/** Lines of code to be copied. */
import { useTranslation } from "react-i18next";
import { CopyButton } from "./CopyButton";
import styles from "./Code.module.css";

export function Code({ label, code, wrap = false, testId }: { label: string; code: string; wrap?: boolean; testId?: string }) {
  const { t } = useTranslation();
  return (
    <div className={styles["block"]} data-wrap={wrap || undefined}>
      <pre tabIndex={0} role="group" aria-label={label} data-testid={testId}><code>{code}</code></pre>
      <div className={styles["copy"]}><CopyButton text={code} variant="default" label={t("site.copy_what", { what: label })} /></div>
    </div>
  );
}

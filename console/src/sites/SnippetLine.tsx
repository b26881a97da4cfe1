/** The one line a shop pastes, with the button that copies it. */
import { useTranslation } from "react-i18next";
import { CopyButton } from "../ui/CopyButton";
import styles from "./SnippetLine.module.css";

export function SnippetLine({ snippet }: { snippet: string }) {
  const { t } = useTranslation();
  return (
    <div className={styles["snippet"]}>
      <pre className={styles["code"]} tabIndex={0} role="group" aria-label={t("site.snippet")} data-testid="site-snippet"><code>{snippet}</code></pre>
      <CopyButton text={snippet} />
    </div>
  );
}

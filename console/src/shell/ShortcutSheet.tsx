/** All keys on one sheet. */

import { useTranslation } from "react-i18next";
import { GROUPS, KEYS, keyLabel } from "../commands/keys";
import { Kbd } from "../ui/Kbd";
import { Modal } from "../ui/Modal";
import styles from "./Shortcuts.module.css";

const ORDER = ["list", "conversation", "writing", "anywhere"] as const;

export default function ShortcutSheet({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <Modal opened onClose={onClose} title={t("shortcuts.title")} size={720} closeButtonProps={{ "aria-label": t("common.close") }}>
      <div className={styles["groups"]}>
        {ORDER.map((group) => (
          <section key={group}>
            <h3 className={styles["title"]}>{t(`shortcuts.group_${group}`)}</h3>
            <dl className={styles["list"]}>
              {GROUPS[group].map((what) => (
                <div key={what} className={styles["row"]}>
                  <dt>{t(`shortcuts.${what}`)}</dt>
                  <dd>{KEYS[what].map((key, index) => <span key={key}>{index > 0 && <span className={styles["or"]}>{t("shortcuts.or")}</span>}<Kbd>{keyLabel(key)}</Kbd></span>)}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Modal>
  );
}

/** Nobody's first minute should be an empty list: what a site is, what comes after, and the form itself. */
import { useTranslation } from "react-i18next";
import { useMe } from "../session";
import { Page } from "../ui/Page";
import { SiteForm } from "./NewSite";
import styles from "./Sites.module.css";

const STEPS = ["add", "paste", "talk"] as const;

export function FirstSite() {
  const { t } = useTranslation();
  const { tenant } = useMe();
  return (
    <Page title={t("sites.first_title")} subtitle={t("sites.first_text")} wide>
      <div className={styles["first"]}>
        <section className={styles["firstForm"]} aria-label={t("sites.add")}><SiteForm name={tenant.name} /></section>
        <ol className={styles["firstSteps"]}>
          {STEPS.map((step) => <li key={step}><b>{t(`sites.step_${step}`)}</b><span>{t(`sites.step_${step}_text`)}</span></li>)}
        </ol>
      </div>
    </Page>
  );
}

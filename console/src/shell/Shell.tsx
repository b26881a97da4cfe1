/** Rail, banner and the page beside them; nothing of it before we know who is signed in. */
import { useEffect } from "react";
import { useQuery } from "@tanstack/react-query";
import { Outlet } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { meQuery } from "../api/queries";
import { pageStands } from "../api/query-client";
import type { Me } from "../api/types";
import { setLanguage } from "../i18n";
import { useLive } from "../live/use-live";
import { MeProvider } from "../session";
import { Failure } from "../ui/Failure";
import { loadModal } from "../ui/Modal";
import { AttentionKeeper } from "./AttentionKeeper";
import { ConnectionBanner } from "./ConnectionBanner";
import { PreferencesKeeper } from "./PreferencesKeeper";
import { Rail } from "./Rail";
import { Shortcuts } from "./Shortcuts";
import { SlowLine } from "./SlowLine";
import { useIdle } from "./use-idle";
import { useNotificationSettings } from "./use-notifications";
import { useOwnCommands } from "./use-own-commands";
import { ShellSkeleton } from "./ShellSkeleton";
import styles from "./Shell.module.css";

export function Shell() {
  const { t } = useTranslation();
  const { data: me, error, refetch } = useQuery(meQuery);
  const language = me?.operator.language ?? null;
  useEffect(() => { if (language) void setLanguage(language); }, [language]);
  if (me) return <SignedIn me={me} />;
  if (error && "status" in error && error.status !== 401) {
    return <Failure text={t("common.failed")} hint={t("common.failed_hint")} onRetry={() => void refetch()} alone />;
  }
  return <ShellSkeleton />;
}

function SignedIn({ me }: { me: Me }) {
  const { t } = useTranslation();
  useLive(me.operator.id);
  return (
    <MeProvider me={me}>
      <AttentionKeeper />
      <PreferencesKeeper />
      <Habits />
      <SlowLine />
      <a className={styles["skip"]} href="#page">{t("nav.skip")}</a>
      <div className={styles["shell"]}>
        <Rail />
        <div className={styles["main"]}>
          <ConnectionBanner />
          <main id="page" className={styles["page"]} tabIndex={-1}><Outlet /></main>
        </div>
      </div>
      <Shortcuts />
    </MeProvider>
  );
}

/** What runs beside every page and shows nothing. */
function Habits() {
  useIdle();
  useEffect(() => void pageStands().then(loadModal), []);
  useNotificationSettings();
  useOwnCommands();
  return null;
}

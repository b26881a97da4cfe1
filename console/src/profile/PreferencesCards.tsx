/** How the console looks and calls; each choice works at once. */
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Language, Preferences } from "../api/admin";
import { pageStands } from "../api/query-client";
import { Button } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { Card } from "../form/Card";
import { Segments } from "../form/Choice";
import { TimeZoneField } from "../form/TimeZoneField";
import { ToggleRow } from "../form/ToggleRow";
import { offsetName, localZone } from "../form/time-zones";
import { bringOther } from "../i18n";
import { useInstall } from "../pwa";
import { usePreferences } from "./preferences";

export function PreferencesCards() {
  const { t, i18n } = useTranslation();
  const { held, prefer } = usePreferences();
  const own = localZone();
  const install = useInstall();
  useEffect(() => void pageStands().then(bringOther), []);
  return (
    <>
      <Card title={t("me.look")} hint={t("me.at_once")}>
        <Segments<Language> label={t("profile.language")} value={i18n.language === "ko" ? "ko" : "en"} onChange={(language) => prefer({ language })} testId="profile-language"
          options={[{ value: "ko", label: t("language.ko") }, { value: "en", label: t("language.en") }]} />
        <Segments label={t("profile.theme")} value={held.theme} onChange={(theme) => prefer({ theme })} testId="profile-theme"
          options={[{ value: "auto", label: t("profile.theme_auto") }, { value: "light", label: t("profile.theme_light") }, { value: "dark", label: t("profile.theme_dark") }]} />
        <Segments label={t("profile.density")} value={held.density} onChange={(density) => prefer({ density })} testId="profile-density"
          options={[{ value: "comfortable", label: t("profile.density_comfortable") }, { value: "compact", label: t("profile.density_compact") }]} />
        <TimeZoneField label={t("me.time_zone")} hint={t("me.time_zone_hint")} value={held.time_zone} clearText={t("me.time_zone_browser", { zone: `${own.replaceAll("_", " ")}, ${offsetName(own, Date.now(), i18n.language)}` })} onChange={(time_zone) => prefer({ time_zone })} />
      </Card>
      {install && (
        <Card title={t("me.app")} hint={t("me.app_hint")}>
          <div><Button variant="default" leftSection={<IconDownload size={16} stroke={1.75} />} onClick={install} data-testid="install-app">{t("me.app_install")}</Button></div>
        </Card>
      )}
      <Notifying held={held.notifications} onChange={(notifications) => prefer({ notifications })} />
    </>
  );
}

type Notifications = Preferences["notifications"];

function Notifying({ held, onChange }: { held: Notifications; onChange: (change: Partial<Notifications>) => void }) {
  const { t } = useTranslation();
  const known = typeof Notification !== "undefined";
  const [permission, setPermission] = useState(known ? Notification.permission : "denied");
  const desktop = async (on: boolean): Promise<void> => {
    if (on && permission === "default") {
      const answer = await Notification.requestPermission();
      setPermission(answer);
      if (answer !== "granted") return;
    }
    onChange({ desktop: on });
  };
  return (
    <Card title={t("me.notifications")} hint={t("me.notifications_hint")}>
      <ToggleRow label={t("profile.sound")} hint={t("me.sound_hint")} checked={held.sound} testId="notify-sound" onChange={(sound) => onChange({ sound })}>
        {held.sound && <ToggleRow label={t("me.sound_repeat")} hint={t("me.sound_repeat_hint")} checked={held.sound_repeat} testId="notify-repeat" onChange={(sound_repeat) => onChange({ sound_repeat })} />}
      </ToggleRow>
      <ToggleRow label={t("me.desktop")} hint={permission === "denied" ? t("me.desktop_denied") : t("me.desktop_hint")} checked={held.desktop && permission !== "denied"} disabled={permission === "denied"} testId="notify-desktop" onChange={(on) => void desktop(on)} />
    </Card>
  );
}

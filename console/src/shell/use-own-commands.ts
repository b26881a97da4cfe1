/** For the palette: the pages of the settings, and how the console looks, sounds and speaks to whoever sits in front of it. */
import { useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useCommands, type Command } from "../commands/commands";
import { notifications } from "../live/attention";
import { usePreferences } from "../profile/preferences";
import { useInstall } from "../pwa";
import { useMe } from "../session";
import { useStore } from "../store";
import { openShortcuts } from "./Shortcuts";
import { signOut } from "./sign-out";
import { askDesktop, desktopAllowed, useSetNotifications } from "./use-notifications";

const THEMES = ["light", "dark", "auto"] as const;

export function useOwnCommands(): void {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { operator, runs_installation } = useMe();
  const { held, prefer } = usePreferences();
  const calls = useStore(notifications);
  const setCalls = useSetNotifications();
  const install = useInstall();
  const desktop = calls.desktop && desktopAllowed();
  const page = (id: string, view: string, to: string): Command => ({ id, group: "go", label: t("command.view", { view }), run: () => void navigate({ to }) });
  const self = (id: string, label: string, run: () => void): Command => ({ id, group: "self", label, run });
  const other = held.language === "ko" ? "en" : "ko";
  useCommands([
    { id: "help", group: "go", keys: "help", run: openShortcuts },
    page("inbox", t("nav.inbox"), "/inbox"), page("live", t("nav.live"), "/live"), page("crowds", t("nav.crowds"), "/crowds"), page("offline", t("nav.offline"), "/offline"),
    page("statistics", t("nav.statistics"), "/statistics"), page("settings", t("nav.settings"), "/settings"),
    page("sites", t("sites.title"), "/sites"), page("people", t("people.title"), "/people"), page("canned_responses", t("responses.title"), "/canned-responses"),
    page("promotions", t("promo.title"), "/promotions"), page("virtual_agent", t("agent.title"), "/virtual-agent"), page("tag_list", t("taglist.title"), "/tags"),
    page("developers", t("settings.developers"), "/developers"), ...(runs_installation ? [page("nodes", t("nodes.title"), "/nodes")] : []),
    { id: "profile", group: "go", label: t("profile.open", { name: operator.name }), run: () => void navigate({ to: "/profile" }) },
    ...THEMES.filter((one) => one !== held.theme).map((one) => self(`theme_${one}`, `${t("profile.theme")}: ${t(`profile.theme_${one}`)}`, () => prefer({ theme: one }))),
    // By its own name, for whoever cannot read the present one.
    self("language", `${t("profile.language")}: ${t(`language.${other}`)}`, () => prefer({ language: other })),
    held.density === "compact" ? self("density", `${t("profile.density")}: ${t("profile.density_comfortable")}`, () => prefer({ density: "comfortable" }))
      : self("density", `${t("profile.density")}: ${t("profile.density_compact")}`, () => prefer({ density: "compact" })),
    self("sound", t(calls.sound ? "command.sound_off" : "command.sound_on"), () => setCalls({ ...calls, sound: !calls.sound })),
    ...(calls.sound ? [self("sound_repeat", t(calls.sound_repeat ? "command.repeat_off" : "command.repeat_on"), () => setCalls({ ...calls, sound_repeat: !calls.sound_repeat }))] : []),
    self("desktop", t(desktop ? "command.desktop_off" : "command.desktop_on"), () => void askDesktop(!desktop, t).then((yes) => setCalls({ ...calls, desktop: yes }))),
    ...(install ? [self("install", t("command.install"), install)] : []),
    self("sign_out", t("profile.sign_out"), () => void signOut()),
  ]);
}

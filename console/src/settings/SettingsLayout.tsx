/** Everything that is set up rather than answered: the shop's sites, people and texts, and one's own profile. */
import { IconBuildingStore, IconCode, IconMessage2Bolt, IconMessageChatbot, IconServer2, IconSpeakerphone, IconTags, IconUserCircle, IconUsersGroup } from "@tabler/icons-react";
import { Outlet, useRouterState } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useMe } from "../session";
import { Frame, NavGroup, NavItem } from "./Frame";

const icon = { size: 18, stroke: 1.75, "aria-hidden": true } as const;

export function SettingsLayout() {
  const { t } = useTranslation();
  const { tenant, runs_installation } = useMe();
  const path = useRouterState({ select: (state) => state.location.pathname });
  const item = (to: string, label: string, glyph: React.ReactNode) => <NavItem to={to} label={label} icon={glyph} active={path === to} testId={`settings-${to.slice(1)}`} />;
  return (
    <Frame label={t("settings.title")} nav={<>
      <NavGroup title={tenant.name}>
        {item("/sites", t("sites.title"), <IconBuildingStore {...icon} />)}
        {item("/people", t("people.title"), <IconUsersGroup {...icon} />)}
        {item("/canned-responses", t("responses.title"), <IconMessage2Bolt {...icon} />)}
        {item("/promotions", t("promo.title"), <IconSpeakerphone {...icon} />)}
        {item("/virtual-agent", t("agent.title"), <IconMessageChatbot {...icon} />)}
        {item("/tags", t("taglist.title"), <IconTags {...icon} />)}
        {item("/developers", t("settings.developers"), <IconCode {...icon} />)}
      </NavGroup>
      {runs_installation && <NavGroup title={t("settings.installation")}>{item("/nodes", t("nodes.title"), <IconServer2 {...icon} />)}</NavGroup>}
      <NavGroup title={t("settings.own")}>
        {item("/profile", t("me.title"), <IconUserCircle {...icon} />)}
      </NavGroup>
    </>}>
      <Outlet />
    </Frame>
  );
}

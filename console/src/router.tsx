/** The console's addresses. Everything below /console/ is this one page. */
import { createRootRoute, createRoute, createRouter, lazyRouteComponent, redirect } from "@tanstack/react-router";
import { isView } from "./api/queries";
import { withTexts } from "./i18n";
import { loadConversation } from "./inbox/ahead";
import { NotFound } from "./shell/NotFound";
import { PageError } from "./shell/PageError";
import { Shell } from "./shell/Shell";

const toQueue = (): never => {
  throw redirect({ to: "/inbox/$view", params: { view: "queued" }, replace: true });
};

const root = createRootRoute({ component: Shell, notFoundComponent: NotFound });
const index = createRoute({ getParentRoute: () => root, path: "/", beforeLoad: toQueue });
const inboxIndex = createRoute({ getParentRoute: () => root, path: "/inbox", beforeLoad: toQueue });
const inbox = createRoute({
  getParentRoute: () => root, path: "/inbox/$view", component: lazyRouteComponent(() => import("./inbox/InboxPage"), "InboxPage"),
  beforeLoad: ({ params }) => { if (!isView(params.view)) toQueue(); },
});
const nothing = createRoute({ getParentRoute: () => inbox, path: "/", component: lazyRouteComponent(() => import("./inbox/NothingOpen"), "NothingOpen") });
// Every area comes when it is gone to; public/scheme.js fetches the one of the first address ahead.
const conversation = createRoute({ getParentRoute: () => inbox, path: "$conversationId", component: lazyRouteComponent(loadConversation, "ConversationPage") });
const offline = createRoute({ getParentRoute: () => root, path: "/offline", component: lazyRouteComponent(() => import("./offline/OfflinePage"), "OfflinePage") });
const board = createRoute({ getParentRoute: () => root, path: "/live", component: lazyRouteComponent(() => withTexts(["insight"], import("./board/LivePage")), "LivePage") });
const loadCrowds = () => withTexts(["crowds"], import("./crowds/CrowdsPage"));
const crowds = createRoute({ getParentRoute: () => root, path: "/crowds", component: lazyRouteComponent(loadCrowds, "CrowdsPage") });
// One page: it reads from the address which crowd is open, and stays while that changes.
const crowdsOfSite = createRoute({ getParentRoute: () => crowds, path: "$site" });
const crowd = createRoute({ getParentRoute: () => crowds, path: "$site/$crowd" });
const statistics = createRoute({ getParentRoute: () => root, path: "/statistics", component: lazyRouteComponent(() => withTexts(["insight"], import("./statistics/StatisticsPage")), "StatisticsPage") });
const settings = createRoute({ getParentRoute: () => root, id: "settled", component: lazyRouteComponent(() => withTexts(["admin"], import("./settings/SettingsLayout")), "SettingsLayout") });
const settingsIndex = createRoute({ getParentRoute: () => root, path: "/settings", beforeLoad: () => { throw redirect({ to: "/sites", replace: true }); } });
const sites = createRoute({ getParentRoute: () => settings, path: "/sites", component: lazyRouteComponent(() => import("./sites/SitesPage"), "SitesPage") });
const people = createRoute({ getParentRoute: () => settings, path: "/people", component: lazyRouteComponent(() => import("./people/PeoplePage"), "PeoplePage") });
const canned = createRoute({ getParentRoute: () => settings, path: "/canned-responses", component: lazyRouteComponent(() => import("./settings/CannedPage"), "CannedPage") });
const developers = createRoute({ getParentRoute: () => settings, path: "/developers", component: lazyRouteComponent(() => withTexts(["dev"], import("./developers/DevelopersPage")), "DevelopersPage") });
const nodes = createRoute({ getParentRoute: () => settings, path: "/nodes", component: lazyRouteComponent(() => import("./nodes/NodesPage"), "NodesPage") });
const tags = createRoute({ getParentRoute: () => settings, path: "/tags", component: lazyRouteComponent(() => import("./settings/TagsPage"), "TagsPage") });
const promotions = createRoute({ getParentRoute: () => settings, path: "/promotions", component: lazyRouteComponent(() => withTexts(["engage"], import("./engage/PromotionsPage")), "PromotionsPage") });
const agent = createRoute({ getParentRoute: () => settings, path: "/virtual-agent", component: lazyRouteComponent(() => withTexts(["engage"], import("./engage/AgentPage")), "AgentPage") });
const profile = createRoute({ getParentRoute: () => settings, path: "/profile", component: lazyRouteComponent(() => import("./profile/ProfilePage"), "ProfilePage") });
// One page for all sections of a site: it reads which one from the address, and stays while they change.
const site = createRoute({ getParentRoute: () => root, path: "/sites/$id", component: lazyRouteComponent(() => withTexts(["admin", "site", "widget"], import("./sites/SitePage")), "SitePage") });
const siteSection = createRoute({ getParentRoute: () => site, path: "$section" });

export const router = createRouter({
  routeTree: root.addChildren([index, inboxIndex, inbox.addChildren([nothing, conversation]), offline, board, crowds.addChildren([crowdsOfSite, crowd]), statistics, settingsIndex, settings.addChildren([sites, people, canned, tags, developers, promotions, agent, nodes, profile]), site.addChildren([siteSection])]),
  basepath: "/console",
  defaultPreload: false,
  defaultErrorComponent: PageError,
});

declare module "@tanstack/react-router" {
  interface Register { router: typeof router }
}

/** The console's addresses. Everything below /console/ is this one page. */
import { createRootRoute, createRoute, createRouter, lazyRouteComponent, redirect } from "@tanstack/react-router";
import { isView } from "./api/queries";
import { InboxPage } from "./inbox/InboxPage";
import { NothingOpen } from "./inbox/NothingOpen";
import { ConversationPage } from "./conversation/ConversationPage";
import { NotFound } from "./shell/NotFound";
import { Shell } from "./shell/Shell";

const toQueue = (): never => {
  throw redirect({ to: "/inbox/$view", params: { view: "queued" }, replace: true });
};

const root = createRootRoute({ component: Shell, notFoundComponent: NotFound });
const index = createRoute({ getParentRoute: () => root, path: "/", beforeLoad: toQueue });
const inboxIndex = createRoute({ getParentRoute: () => root, path: "/inbox", beforeLoad: toQueue });
const inbox = createRoute({
  getParentRoute: () => root, path: "/inbox/$view", component: InboxPage,
  beforeLoad: ({ params }) => { if (!isView(params.view)) toQueue(); },
});
const nothing = createRoute({ getParentRoute: () => inbox, path: "/", component: NothingOpen });
const conversation = createRoute({ getParentRoute: () => inbox, path: "$conversationId", component: ConversationPage });
// The inbox is what opens; the other areas come when they are gone to.
const offline = createRoute({ getParentRoute: () => root, path: "/offline", component: lazyRouteComponent(() => import("./offline/OfflinePage"), "OfflinePage") });
const sites = createRoute({ getParentRoute: () => root, path: "/sites", component: lazyRouteComponent(() => import("./sites/SitesPage"), "SitesPage") });
const site = createRoute({ getParentRoute: () => root, path: "/sites/$id", component: lazyRouteComponent(() => import("./sites/SitePage"), "SitePage") });

export const router = createRouter({
  routeTree: root.addChildren([index, inboxIndex, inbox.addChildren([nothing, conversation]), offline, sites, site]),
  basepath: "/console",
  defaultPreload: false,
});

declare module "@tanstack/react-router" {
  interface Register { router: typeof router }
}

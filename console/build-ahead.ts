/**
 * Tells the page which files each address asks for in a moment, so that public/scheme.js can fetch them beside the first code instead of
 * after it: the texts of one language, and the area that is opened.
 */
import type { Plugin } from "vite";

/** Addresses below /console/ by what they begin with, the longest first: the texts they need beside the first ones, and their modules. */
const ADDRESSES: [begins: string, texts: string[], ...modules: string[]][] = [
  ["inbox/+/+", [], "inbox/InboxPage", "conversation/ConversationPage"],
  ["inbox", [], "inbox/InboxPage"],
  ["live", ["insight"], "board/LivePage"],
  ["statistics", ["insight"], "statistics/StatisticsPage"],
  ["crowds", ["crowds"], "crowds/CrowdsPage"],
  ["offline", [], "offline/OfflinePage"],
  ["sites/+", ["admin", "site"], "sites/SitePage", "i18n/widget.en", "i18n/widget.ko"],
  ["sites", ["admin"], "settings/SettingsLayout", "sites/SitesPage"],
  ["people", ["admin"], "settings/SettingsLayout", "people/PeoplePage"],
  ["canned-responses", ["admin"], "settings/SettingsLayout", "settings/CannedPage"],
  ["promotions", ["admin", "engage"], "settings/SettingsLayout", "engage/PromotionsPage"],
  ["virtual-agent", ["admin", "engage"], "settings/SettingsLayout", "engage/AgentPage"],
  ["tags", ["admin"], "settings/SettingsLayout", "settings/TagsPage"],
  ["developers", ["admin", "dev"], "settings/SettingsLayout", "developers/DevelopersPage"],
  ["nodes", ["admin"], "settings/SettingsLayout", "nodes/NodesPage"],
  ["profile", ["admin"], "settings/SettingsLayout", "profile/ProfilePage"],
  ["", [], "inbox/InboxPage"],
];

interface Piece { facadeModuleId: string | null; isEntry: boolean; imports: string[]; viteMetadata?: { importedCss: Set<string> } }

export function ahead(): Plugin {
  return {
    name: "stalk-ahead",
    apply: "build",
    transformIndexHtml: {
      order: "post",
      handler(html, { bundle = {} }) {
        const pieces = new Map(Object.entries(bundle).flatMap(([file, piece]) => (piece.type === "chunk" ? [[file, piece as unknown as Piece]] : [])));
        const filesFrom = (file: string, into = new Set<string>()): Set<string> => {
          const piece = pieces.get(file);
          if (!piece || into.has(file)) return into;
          into.add(file);
          piece.viteMetadata?.importedCss.forEach((sheet) => into.add(sheet));
          piece.imports.forEach((one) => filesFrom(one, into));
          return into;
        };
        const entry = [...pieces].find(([, piece]) => piece.isEntry)?.[0] ?? "";
        const first = filesFrom(entry);
        const of = (module: string): string[] => {
          const file = [...pieces].find(([, piece]) => piece.facadeModuleId?.replace(/\.\w+$/, "").endsWith(`/src/${module}`))?.[0];
          // A module that was renamed must not go back to being fetched late without anybody noticing.
          if (file === undefined) throw new Error(`build-ahead.ts: there is no chunk for ${module}`);
          return [...filesFrom(file)].filter((one) => !first.has(one));
        };
        const addresses = ADDRESSES.map(([begins, texts, ...modules]) => [begins, texts, [...new Set(modules.flatMap(of))]]);
        const texts = Object.fromEntries(["en", "ko"].map((language) => [language, Object.fromEntries(["first", ...new Set(ADDRESSES.flatMap(([, parts]) => parts))].map((part) =>
          [part, of(`i18n/${part === "first" ? "" : `${part}.`}${language}`)[0]]))]));
        const told = JSON.stringify({ texts, addresses }).replaceAll('"', "&quot;");
        return html.replace('scheme.js"', `scheme.js" data-ahead="${told}"`);
      },
    },
  };
}

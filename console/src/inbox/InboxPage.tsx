/** The list of a view, or what the search found, beside whatever conversation is open. */
import { lazy, Suspense, useDeferredValue, useState } from "react";
import { Outlet, useNavigate, useParams } from "@tanstack/react-router";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { EVERYTHING, isView, sitesQuery, VIEWS, type Filter } from "../api/queries";
import { useCommands } from "../commands/commands";
import { ConversationList } from "./ConversationList";
import { FilterMenu } from "./FilterMenu";
import { InboxTabs } from "./InboxTabs";
import { ListSkeleton } from "./ListSkeleton";
import { focusSearch, SearchField } from "./SearchField";
import styles from "./InboxPage.module.css";

const SearchResults = lazy(() => import("./SearchResults"));

export function InboxPage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const params = useParams({ strict: false });
  const view = isView(params.view ?? "") ? (params.view as "queued") : "queued";
  const [filter, setFilter] = useState<Filter>(EVERYTHING);
  const [typed, setTyped] = useState("");
  const words = useDeferredValue(typed.normalize("NFC").trim().slice(0, 100));
  const { data: sites } = useQuery(sitesQuery);
  const openId = params.conversationId ?? null;
  useCommands([
    { id: "search", group: "go", keys: "search", run: focusSearch },
    ...VIEWS.map((one) => ({
      id: `view_${one}`, group: "go" as const, keys: `view_${one}` as const, label: t("command.view", { view: t(`inbox.${one}`) }),
      run: () => void navigate({ to: "/inbox/$view", params: { view: one } }),
    })),
  ]);
  return (
    <div className={styles["inbox"]} data-open={openId ? true : undefined}>
      <section className={styles["list"]} aria-label={t("inbox.list")}>
        <div className={styles["head"]}>
          <h1 className="sr">{t("nav.inbox")}</h1>
          <SearchField value={typed} onChange={setTyped} />
          <FilterMenu sites={sites ?? []} value={filter} onChange={setFilter} />
        </div>
        {words === ""
          ? (
            <>
              <InboxTabs view={view} conversationId={openId} />
              <ConversationList key={`${view}:${JSON.stringify(filter)}`} view={view} filter={filter} openId={openId} sites={sites} />
            </>
          )
          : <Suspense fallback={<ListSkeleton />}><SearchResults words={words} openId={openId} view={view} /></Suspense>}
      </section>
      <section className={styles["pane"]}><Outlet /></section>
    </div>
  );
}

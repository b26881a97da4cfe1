/** The one cache of what the API answered, and what is asked before the first component stands. */
import { QueryClient } from "@tanstack/react-query";
import { ApiError } from "./client";
import { countsQuery, EVERYTHING, isView, listQuery, meQuery, sitesQuery } from "./queries";

export const client = new QueryClient({
  defaultOptions: {
    queries: {
      // A refusal stays a refusal; only the way to the server is worth a second try.
      retry: (count, error) => count < 2 && (!(error instanceof ApiError) || error.status === 0 || error.status >= 500),
      refetchOnWindowFocus: false,
    },
  },
});

/** The page has a second; what is only wanted soon waits no longer. */
const STANDS_WITHIN = 1000;

/** Resolves when what the page shows first has come and is painted: what is wanted soon must not hold up what is wanted now. */
export async function pageStands(): Promise<void> {
  const come = new Promise<void>((resolve) => {
    const look = (): void => {
      if (client.isFetching() > 0) return;
      off();
      resolve();
    };
    const off = client.getQueryCache().subscribe(look);
    look();
  });
  const painted = come.then(() => new Promise((resolve) => { requestAnimationFrame(() => requestAnimationFrame(resolve)); }));
  // A window in the background paints nothing.
  await Promise.race([painted, new Promise((resolve) => { setTimeout(resolve, STANDS_WITHIN); })]);
}

/** All that the page at this address needs at once, side by side: the list would else wait for who is signed in, and both for the first render. */
export function askAhead(path: string): void {
  void client.prefetchQuery(meQuery);
  const [area, view = "queued"] = path.replace(import.meta.env.BASE_URL, "").split("/");
  if (area !== "" && area !== "inbox") return;
  void client.prefetchInfiniteQuery(listQuery(isView(view) ? view : "queued", EVERYTHING));
  void client.prefetchQuery(countsQuery);
  void client.prefetchQuery(sitesQuery);
}

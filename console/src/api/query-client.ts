/** The one cache of what the API answered, and what is asked before the first component stands. */
import { QueryClient } from "@tanstack/react-query";
import { ApiError, isAsking } from "./client";
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

/** The page has so long, less where nobody looks; what is only wanted soon waits no longer. */
const STANDS_WITHIN = 8000;
const UNSEEN = 1000;
/** What is drawn in outline, but for what the live connection itself fills. */
const OUTLINES = ".mantine-Skeleton-root:not([data-live] *)";

/**
 * Resolves when what the page shows first has come and is painted: what is wanted soon must not hold up what is wanted now. What is
 * drawn may ask for more, so for three frames in a row nothing may be asked for, and nothing be drawn in outline.
 */
export function pageStands(): Promise<void> {
  return new Promise((resolve) => {
    // A window in the background paints nothing.
    const late = setTimeout(done, document.hidden ? UNSEEN : STANDS_WITHIN);
    let quiet = 0;
    let frame = requestAnimationFrame(look);
    function look(): void {
      quiet = isAsking() || document.querySelector(OUTLINES) ? 0 : quiet + 1;
      if (quiet > 3) done();
      else frame = requestAnimationFrame(look);
    }
    function done(): void {
      clearTimeout(late);
      cancelAnimationFrame(frame);
      resolve();
    }
  });
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

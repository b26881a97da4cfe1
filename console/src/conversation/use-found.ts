/** Brings a found message into sight: loads older ones until it is there, then marks it for a moment. */
import { useEffect, type RefObject } from "react";
import type { Id } from "../api/types";
import type { OpenLog } from "../log/use-log";
import { createStore, useStore } from "../store";

export interface Found { conversation: Id; seq: number }
/** What the search led to and is not shown yet. */
export const found = createStore<Found | null>(null);
const MARKED_FOR = 2500;

export function useFound(conversation: Id, log: OpenLog, scroller: RefObject<HTMLElement | null>): void {
  const wanted = useStore(found);
  const seq = wanted?.conversation === conversation ? wanted.seq : null;
  const { status, window, loadingOlder, loadOlder } = log;
  useEffect(() => {
    if (seq === null || status !== "ready" || loadingOlder) return;
    if (seq < window.first) {
      loadOlder();
      return;
    }
    const line = nearest(scroller.current, seq);
    if (!line) return;
    found.set(null);
    // After the log has gone to its end, which it does when it opens.
    requestAnimationFrame(() => {
      line.scrollIntoView({ block: "center" });
      line.dataset["found"] = "yes";
      setTimeout(() => delete line.dataset["found"], MARKED_FOR);
    });
  }, [seq, status, window, loadingOlder, loadOlder, scroller]);
}

/** The line of the message, or the last one before it where it shows as none of its own. */
function nearest(box: HTMLElement | null, seq: number): HTMLElement | null {
  const lines = [...(box?.querySelectorAll<HTMLElement>("[data-line-seq]") ?? [])];
  return lines.findLast((line) => Number(line.dataset["lineSeq"]) <= seq) ?? lines[0] ?? null;
}

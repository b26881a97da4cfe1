/** The live board while a page shows it: joins the channel, asks for everybody, and applies what changes. */
import { useEffect, useState } from "react";
import { live } from "../live/live";
import { useMe } from "../session";
import { after, boardOf, type Board, type Delta, type Snapshot } from "./board";

/** Asked again after so long where the server could not answer. */
const AGAIN = 2000;

const isDelta = (data: unknown): data is Delta => typeof data === "object" && data !== null && "version" in data && "put" in data && "gone" in data;

export function useBoard(): Board | null {
  const { tenant } = useMe();
  const [board, setBoard] = useState<Board | null>(null);
  useEffect(() => {
    let held: Board | null = null;
    let over = false;
    let asking = false;
    let early: Delta[] = [];
    let timer: ReturnType<typeof setTimeout> | undefined;
    const show = (next: Board): void => setBoard((held = next));
    const watch = (): void => {
      if (over || asking || !live.connected()) return;
      asking = true;
      early = [];
      live.request<Snapshot>("board.watch", {}).then((snapshot) => {
        asking = false;
        if (over) return;
        show(boardOf(snapshot));
        for (const delta of early) take(delta);
      }, () => {
        asking = false;
        if (!over) timer = setTimeout(watch, AGAIN);
      });
    };
    const take = (delta: Delta): void => {
      if (asking) early.push(delta);
      if (asking || !held) return;
      const next = after(held, delta);
      if (next) show(next);
      else watch();
    };
    const leave = live.follow(`b/${tenant.id}`, {
      have: () => 0, take: () => undefined, catchUp: () => Promise.resolve(),
      signal: (signal) => { if (signal.type === "board.changed" && isDelta(signal.data)) take(signal.data); },
    });
    // After the join, which is sent in the same turn as the connection is there: requests are answered in order.
    const off = live.status.subscribe(() => { if (live.status.get().state === "online") setTimeout(watch); });
    watch();
    return () => {
      over = true;
      clearTimeout(timer);
      off();
      leave();
    };
  }, [tenant.id]);
  return board;
}

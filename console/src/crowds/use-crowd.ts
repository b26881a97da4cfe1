/** A crowd while the page shows it: its newest messages, what follows, and how many are there. */
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import type { Crowd } from "../api/crowds";
import { live, type Signal } from "../live/live";
import { fieldsOf } from "../live/signals";
import { beginning, erased, renamed, take, type Stream } from "./stream";

/** Messages before the present that are read first. */
const FIRST = 100;

export interface Shown { stream: Stream; members: number | null; gone: boolean }

export function useCrowd({ id, site_id, channel, last_seq }: Crowd): Shown {
  const client = useQueryClient();
  const [shown, show] = useState<Shown>({ stream: beginning(0), members: null, gone: false });
  useEffect(() => {
    let now: Shown = { stream: beginning(Math.max(0, last_seq - FIRST)), members: null, gone: false };
    let due = 0;
    let asking = false;
    let over = false;
    // A crowd may talk faster than a screen is drawn.
    const set = (change: Partial<Shown>): void => {
      now = { ...now, ...change };
      due ||= requestAnimationFrame(() => { due = 0; show(now); });
    };
    const catchUp = async (): Promise<void> => {
      if (asking) return;
      asking = true;
      for (let more = true; more && !over;) {
        const page = await live.since(channel, now.stream.have).catch(() => null);
        if (page) set({ stream: take(now.stream, page.entries) });
        more = page !== null && page.more && page.entries.length > 0;
      }
      asking = false;
    };
    const heard = (signal: Signal): void => {
      const data = fieldsOf(signal.data);
      const ids = Array.isArray(data["ids"]) ? (data["ids"] as string[]) : [];
      if (signal.type === "crowd.counted") {
        const members = Number(data["members"]);
        set({ members });
        // The list beside it says the same, and not what it was told seconds ago.
        client.setQueryData<Crowd[]>(["crowds", site_id], (list) => list?.map((one) => (one.id === id ? { ...one, members } : one)));
      }
      else if (signal.type === "member.renamed") set({ stream: renamed(now.stream, ids, String(data["name"])) });
      else if (signal.type === "member.erased") set({ stream: erased(now.stream, ids) });
      else if (signal.type === "crowd.deleted") set({ gone: true });
      else if (signal.type === "crowd.changed") {
        const { frozen, slow_mode_s, writers, name } = fieldsOf(data["crowd"]) as unknown as Crowd;
        client.setQueryData<Crowd[]>(["crowds", site_id], (list) => list?.map((one) => (one.id === id ? { ...one, frozen, slow_mode_s, writers, name } : one)));
      }
    };
    show(now);
    const leave = live.follow(channel, {
      have: () => now.stream.have,
      take: (entries) => {
        if (entries.some((entry) => entry.seq > now.stream.have + 1) && !entries.some((entry) => entry.seq === now.stream.have + 1)) void catchUp();
        else set({ stream: take(now.stream, entries) });
      },
      catchUp, signal: heard,
    });
    return () => {
      over = true;
      cancelAnimationFrame(due);
      leave();
    };
    // `last_seq` only tells where to begin.
  }, [client, id, site_id, channel]);
  return shown;
}

/** Tells the visitor that somebody is typing: at most every 3 s, and that they stopped. */
import { useCallback, useEffect, useRef } from "react";
import type { Id } from "../api/types";
import { live } from "../live/live";

const EVERY = 3000;

export interface Typing { wrote: (something: boolean) => void; stop: () => void }

export function useTyping(conversation: Id, on: boolean): Typing {
  const told = useRef(0);
  const tell = useCallback((active: boolean) => {
    if (!live.connected()) return;
    live.request("typing.put", { conversation, active }).catch(() => undefined);
  }, [conversation]);
  const stop = useCallback(() => {
    if (told.current === 0) return;
    told.current = 0;
    tell(false);
  }, [tell]);
  const wrote = useCallback((something: boolean) => {
    if (!on) return;
    if (!something) {
      stop();
      return;
    }
    const now = Date.now();
    if (now - told.current < EVERY) return;
    told.current = now;
    tell(true);
  }, [on, stop, tell]);
  useEffect(() => stop, [stop]);
  useEffect(() => { if (!on) stop(); }, [on, stop]);
  return { wrote, stop };
}

/** Tells the visitor that somebody is typing: at most every 3 s, and that they stopped. */
import { useCallback, useEffect, useRef } from "react";
import type { Id } from "../api/types";
import { live } from "../live/live";

const EVERY = 3000;
/** As long as whoever was told believes it (PROTOCOL.md section 5). */
const BELIEVED = 6000;

export interface Typing { wrote: (something: boolean) => void; stop: () => void }

export function useTyping(conversation: Id, on: boolean): Typing {
  const told = useRef(0);
  const typed = useRef(0);
  const tell = useCallback((active: boolean) => {
    if (!live.connected()) return;
    live.request("typing.put", { conversation, active }).catch(() => undefined);
  }, [conversation]);
  const stop = useCallback(() => {
    typed.current = 0;
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
    typed.current = now;
    if (now - told.current < EVERY) return;
    told.current = now;
    tell(true);
  }, [on, stop, tell]);
  // What was begun before the connection was there, or while it was gone.
  useEffect(() => live.onWelcome(() => {
    if (Date.now() - typed.current >= BELIEVED) return;
    told.current = Date.now();
    tell(true);
  }), [tell]);
  useEffect(() => stop, [stop]);
  useEffect(() => { if (!on) stop(); }, [on, stop]);
  return { wrote, stop };
}

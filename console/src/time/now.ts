/** The present, ticking: one timer for the whole console. */
import { createStore, useStore } from "../store";

const now = createStore(Date.now());
let timer: ReturnType<typeof setInterval> | null = null;
let watchers = 0;

const ticking = {
  ...now,
  subscribe(listener: () => void) {
    watchers += 1;
    // Nobody kept it going while nobody watched.
    if (!timer) now.set(Date.now());
    timer ??= setInterval(() => now.set(Date.now()), 5000);
    const off = now.subscribe(listener);
    return () => {
      watchers -= 1;
      if (watchers === 0 && timer) {
        clearInterval(timer);
        timer = null;
      }
      off();
    };
  },
};

/** Changes every 5 s. */
export const useNow = (): number => useStore(ticking);

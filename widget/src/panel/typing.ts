// Typing, both ways: what we tell (rarely), and how long we believe what we are told.

import type { Person } from '../shared/wire';

const TELL_EVERY = 3000;
/** What is being typed is worth telling more often, where it may be told. */
const PREVIEW_EVERY = 1000;
const IDLE = 5000;
const BELIEVE = 6000;

export interface Telling {
  /** `text` is what stands in the composer; `preview` when it may be told too. */
  key(text: string, preview: boolean): void;
  stop(): void;
}

/** Tells that the visitor types: at once, then every 3 s (a preview every second), and that it ended after 5 s without a key. */
export function tellTyping(tell: (active: boolean, text?: string) => void): Telling {
  let told = 0;
  let timer = 0;
  let later = 0;
  const stop = (): void => {
    clearTimeout(timer);
    clearTimeout(later);
    if (told) tell(false);
    told = 0;
  };
  return {
    stop,
    key(text, preview) {
      if (!text.trim()) return stop();
      clearTimeout(timer);
      clearTimeout(later);
      timer = window.setTimeout(stop, IDLE);
      const say = (): void => {
        told = Date.now();
        if (preview) tell(true, text.slice(0, 1000));
        else tell(true);
      };
      const wait = told + (preview ? PREVIEW_EVERY : TELL_EVERY) - Date.now();
      if (wait <= 0) say();
      // The last words before a pause are the ones that matter.
      else if (preview) later = window.setTimeout(say, wait);
    },
  };
}

/** Remembers who of the shop's side types; forgets it after 6 s without news. */
export function believeTyping(changed: (who: Person | null) => void): { heard(who: Person, active: boolean): void; posted(who: string): void } {
  let present = '';
  let timer = 0;
  const clear = (): void => {
    clearTimeout(timer);
    present = '';
    changed(null);
  };
  return {
    heard(who, active) {
      if (!active) return void (present === who.id && clear());
      clearTimeout(timer);
      timer = window.setTimeout(clear, BELIEVE);
      if (present !== who.id) {
        present = who.id;
        changed(who);
      }
    },
    posted(who) {
      if (present === who) clear();
    },
  };
}

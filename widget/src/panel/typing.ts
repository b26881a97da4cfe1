// Typing, both ways: what we tell (rarely), and how long we believe what we are told.

import type { Person } from '../shared/wire';

const TELL_EVERY = 3000;
const IDLE = 5000;
const BELIEVE = 6000;

/** Tells that the visitor types: at once, then every 3 s, and that it ended after 5 s without a key. */
export function tellTyping(tell: (active: boolean) => void): { key(empty: boolean): void; stop(): void } {
  let told = 0;
  let timer = 0;
  const stop = (): void => {
    clearTimeout(timer);
    if (told) tell(false);
    told = 0;
  };
  return {
    stop,
    key(empty) {
      if (empty) return stop();
      clearTimeout(timer);
      timer = window.setTimeout(stop, IDLE);
      if (Date.now() - told < TELL_EVERY) return;
      told = Date.now();
      tell(true);
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

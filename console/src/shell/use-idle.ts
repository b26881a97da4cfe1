/** Watches whether anybody is at any of this browser's consoles. */
import { useEffect } from "react";
import { useMe } from "../session";
import { idleChange } from "./idle";
import { useAvailability } from "./use-availability";

const SEEN = "stalk.active";
const AWAY = "stalk.away_by_itself";
const LOOK_EVERY = 20_000;
const NOTE_EVERY = 5000;
const MOVES = ["pointerdown", "pointermove", "keydown", "wheel", "touchstart"] as const;

const note = (): void => localStorage.setItem(SEEN, String(Date.now()));

export function useIdle(): void {
  const { operator } = useMe();
  const { choose } = useAvailability();
  // Opening a console is being there; that its operator went away is not.
  useEffect(note, []);
  useEffect(() => {
    let noted = Date.now();
    const look = (): void => {
      const idleFor = Date.now() - Number(localStorage.getItem(SEEN) ?? Date.now());
      const to = idleChange(operator.availability, idleFor, localStorage.getItem(AWAY) === operator.id);
      if (to === "away") localStorage.setItem(AWAY, operator.id);
      else if (to === "online" || operator.availability !== "away") localStorage.removeItem(AWAY);
      if (to) choose(to, true);
    };
    const moved = (): void => {
      const now = Date.now();
      const back = localStorage.getItem(AWAY) !== null;
      if (!back && now - noted < NOTE_EVERY) return;
      noted = now;
      note();
      if (back) look();
    };
    look();
    for (const move of MOVES) addEventListener(move, moved, { passive: true });
    const timer = setInterval(look, LOOK_EVERY);
    return () => {
      clearInterval(timer);
      for (const move of MOVES) removeEventListener(move, moved);
    };
  }, [operator.availability, operator.id, choose]);
}

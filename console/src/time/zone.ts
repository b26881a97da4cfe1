/** The time zone in which times are shown and days begin: the one of the operator's profile, or else this device's. Pure, but for which zone that is. */
let chosen: string | undefined;
let parts: Intl.DateTimeFormat | null = null;

/** null is this device's. A name that this browser does not know counts as that. */
export function setZone(name: string | null): void {
  chosen = name !== null && isKnown(name) ? name : undefined;
  parts = null;
}

/** For formatters; undefined is this device's. */
export const zone = (): string | undefined => chosen;

function isKnown(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** What calendar and clock on the wall say; months from 1, `weekday` 0 for Sunday. */
export interface Wall { year: number; month: number; day: number; hour: number; minute: number; weekday: number }

export function wallAt(at: number): Wall {
  parts ??= new Intl.DateTimeFormat("en-US", { timeZone: chosen, year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric", hourCycle: "h23" });
  const said = Object.fromEntries(parts.formatToParts(at).map((part) => [part.type, Number(part.value)]));
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0 } = said;
  return { year, month, day, hour, minute, weekday: new Date(Date.UTC(year, month - 1, day)).getUTCDay() };
}

/** The instant at which the wall says so, days past a month's end being those of the next; an hour that a clock skips is the one after it. */
export function instantOf({ year, month, day, hour, minute }: Omit<Wall, "weekday">): number {
  const wanted = Date.UTC(year, month - 1, day, hour, minute);
  const ahead = (at: number): number => {
    const wall = wallAt(at);
    return Date.UTC(wall.year, wall.month - 1, wall.day, wall.hour, wall.minute) - Math.floor(at / 60_000) * 60_000;
  };
  const guess = wanted - ahead(wanted);
  const better = wanted - ahead(guess);
  return ahead(better) === ahead(guess) ? better : Math.max(guess, better);
}

/** Counts days: two instants of one day of the wall have the same number. */
export function dayNumber(at: number): number {
  const { year, month, day } = wallAt(at);
  return Date.UTC(year, month - 1, day) / 86_400_000;
}

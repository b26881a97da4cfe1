// A conversation may begin in another tab between this tab's hello and its joining: then only its channel is heard of.

/** How long the answer or the news that usually names a new conversation may take. */
const PATIENCE = 2000;

/** Tells of channels nobody knows; `greet` is called once for each one of a newer conversation (names are in the order of time). */
export function watchStrays(known: () => string | undefined, greet: () => void): (channel: string) => void {
  let seen = 'c/';
  return (channel) => {
    // Nothing is `<=` undefined: where no conversation is known, every one is news.
    if (channel > seen && channel < 'd') setTimeout(() => channel <= known()! || greet(), PATIENCE, (seen = channel));
  };
}

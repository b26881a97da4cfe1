// What the loader and a community (the chat of all who are on a page) say to each other over their MessagePort. The handshake is the panel's.

export type ToCommunity =
  /** Who one is; again after another sign-in, or on another page. `ticket` is null until the loader has one. */
  { t: 'init'; site: string; device: string; language: string; visit: string; ticket: string | null; key: string; url: string; title: string };

export type FromCommunity =
  /** The ticket was refused: make a new one and say `init` again. */
  { t: 'expired'; ticket: string };

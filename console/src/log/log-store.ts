/** One log of a conversation (messages or notes) as a store: first page, older pages, live entries, catching up. */
import { call, query } from "../api/client";
import type { Id, LogEntry, LogPage } from "../api/types";
import { live } from "../live/live";
import { createStore } from "../store";
import { applied, emptyWindow, prepended, windowOf, type LogWindow } from "./window";

const PAGE = 50;
export type LogKind = "messages" | "notes";
export interface LogState { window: LogWindow; status: "loading" | "ready" | "failed"; loadingOlder: boolean }

export class LogStore {
  readonly state = createStore<LogState>({ window: emptyWindow(), status: "loading", loadingOlder: false });
  readonly #conversation: Id;
  readonly #channel: string;
  readonly #kind: LogKind;
  #loading: Promise<void> | null = null;
  #catchingUp: Promise<void> | null = null;
  /** The highest seq heard of, held or not. */
  #heard = 0;

  constructor(conversation: Id, channel: string, kind: LogKind) {
    this.#conversation = conversation;
    this.#channel = channel;
    this.#kind = kind;
  }

  have = (): number => this.state.get().window.have;

  /** Loads the newest page once; `top` is the highest seq known from elsewhere. */
  load(top: number): Promise<void> {
    if (this.state.get().status === "ready") return Promise.resolve();
    this.#loading ??= this.#loadNewest(top).finally(() => { this.#loading = null; });
    return this.#loading;
  }

  async #loadNewest(top: number): Promise<void> {
    this.state.set((now) => ({ ...now, status: "loading" }));
    try {
      const page = await this.#page(this.#kind === "notes" ? { after: 0, limit: 200 } : { before: top + 1, limit: PAGE });
      this.state.set((now) => ({ ...now, status: "ready", window: windowOf(page.items) }));
      if (Math.max(page.top, this.#heard) > this.have()) await this.catchUp();
    } catch {
      this.state.set((now) => ({ ...now, status: "failed" }));
    }
  }

  async loadOlder(): Promise<void> {
    const { window, loadingOlder, status } = this.state.get();
    if (loadingOlder || status !== "ready" || window.first <= 1) return;
    this.state.set((now) => ({ ...now, loadingOlder: true }));
    try {
      const page = await this.#page({ before: window.first, limit: PAGE });
      this.state.set((now) => ({ ...now, loadingOlder: false, window: prepended(now.window, page.items) }));
    } catch {
      this.state.set((now) => ({ ...now, loadingOlder: false }));
    }
  }

  /** Takes entries from wherever they came; a hole starts catching up. */
  take = (incoming: readonly LogEntry[]): void => {
    this.#heard = incoming.reduce((highest, entry) => Math.max(highest, entry.seq), this.#heard);
    if (this.state.get().status !== "ready") return;
    const result = applied(this.state.get().window, incoming);
    if (result.window !== this.state.get().window) this.state.set((now) => ({ ...now, window: result.window }));
    if (result.hole) void this.catchUp();
  };

  /** Fetches what came after `have`, by socket where there is one, else over HTTP. */
  catchUp = (): Promise<void> => {
    if (this.state.get().status !== "ready") return Promise.resolve();
    this.#catchingUp ??= this.#fetchAfter().catch(() => undefined).finally(() => { this.#catchingUp = null; });
    return this.#catchingUp;
  };

  async #fetchAfter(): Promise<void> {
    for (;;) {
      const before = this.have();
      const heard = this.#heard;
      const entries = live.connected()
        ? (await live.since(this.#channel, before)).entries
        : (await this.#page({ after: before, limit: 200 })).items;
      this.take(entries);
      // Something heard of during the fetch may not have been in its answer.
      const more = entries.length >= 200 || this.#heard > this.have();
      if (!more || (this.have() === before && this.#heard === heard)) return;
    }
  }

  #page(params: { after?: number; before?: number; limit: number }): Promise<LogPage> {
    return call<LogPage>("GET", `/conversations/${this.#conversation}/${this.#kind}${query(params)}`);
  }
}

const stores = new Map<string, LogStore>();

/** The same store for the same log while the page lives. */
export function logStore(conversation: { id: Id; channel: string; notes_channel: string }, kind: LogKind): LogStore {
  const key = `${kind}:${conversation.id}`;
  const held = stores.get(key);
  if (held) return held;
  const channel = kind === "messages" ? conversation.channel : conversation.notes_channel;
  const made = new LogStore(conversation.id, channel, kind);
  stores.set(key, made);
  return made;
}

/** The store if somebody opened that log before. */
export const openedLog = (conversation: Id, kind: LogKind): LogStore | undefined => stores.get(`${kind}:${conversation}`);

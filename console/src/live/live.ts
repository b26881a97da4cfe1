/**
 * The console's one socket: connects with a fresh token, follows channels, notices losses by heartbeat, comes back.
 * Knows nothing of React or of what events mean. PROTOCOL.md sections 2 to 6.
 */
import type { Socket } from "socket.io-client";
import { ApiError, call } from "../api/client";
import type { Id, LogEntry, SocketToken } from "../api/types";
import { isRetried, retryDelay } from "../outbox/outbox";
import { createStore } from "../store";
import { reconnectPlan, type Bye } from "./reconnect";

/** Everything that is not a log entry carries the same envelope without `seq`. */
export interface Signal { v: number; id: Id; type: string; at: number; conversation?: Id; seq?: number; data: unknown }
interface Publication { ch: string; seq?: number | null; d: Signal | LogEntry }
interface Since { entries: LogEntry[]; top: number; more: boolean }
interface Answer { ok?: unknown; err?: { code: string; message: string; retry_after_ms?: number } }

export interface Follower {
  have(): number;
  take(entries: readonly LogEntry[]): void;
  catchUp(): Promise<void>;
  signal(signal: Signal): void;
}

export type LiveStatus = { state: "connecting" } | { state: "online" } | { state: "lost" } | { state: "stopped"; bye: Bye };

/** So often the library may fail to come while the server answers; then its file is gone, as another release's are. */
const MISSED = 3;
const OUTDATED: Bye = { code: 4202, name: "outdated", message: "The live connection's code is gone." };

class Live {
  readonly status = createStore<LiveStatus>({ state: "connecting" });
  readonly #followers = new Map<string, Set<Follower>>();
  readonly #signalListeners = new Set<(signal: Signal) => void>();
  readonly #welcomeListeners = new Set<() => void>();
  #socket: Socket | null = null;
  #bye: Bye | null = null;
  #attempt = 0;
  #missed = 0;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #watchdog: ReturnType<typeof setTimeout> | null = null;
  #heartbeat = 25_000;
  #wanted = false;
  /** Counts attempts, so that one overtaken while it waited for its token gives up. */
  #turn = 0;
  #welcomed = false;

  connected = (): boolean => this.#welcomed && this.#socket?.connected === true;

  start(): void {
    if (this.#wanted) return;
    this.#wanted = true;
    addEventListener("online", this.#hurry);
    document.addEventListener("visibilitychange", this.#hurry);
    void this.#connect();
  }

  stop(): void {
    this.#wanted = false;
    removeEventListener("online", this.#hurry);
    document.removeEventListener("visibilitychange", this.#hurry);
    if (this.#timer) clearTimeout(this.#timer);
    this.#drop();
  }

  /** Calls back for every publication that is not a log entry of a followed channel. */
  onSignal(listener: (signal: Signal) => void): () => void {
    this.#signalListeners.add(listener);
    return () => this.#signalListeners.delete(listener);
  }

  /** Calls back after every welcome: what happened before it was told to nobody here, also between the page's first answers and the first one. */
  onWelcome(listener: () => void): () => void {
    this.#welcomeListeners.add(listener);
    return () => this.#welcomeListeners.delete(listener);
  }

  follow(channel: string, follower: Follower): () => void {
    const set = this.#followers.get(channel) ?? new Set();
    set.add(follower);
    this.#followers.set(channel, set);
    if (this.connected()) void this.#join(channel);
    return () => {
      set.delete(follower);
      if (set.size > 0) return;
      this.#followers.delete(channel);
      if (this.connected()) void this.request("channel.leave", { channel }).catch(() => undefined);
    };
  }

  since(channel: string, after: number): Promise<Since> {
    return this.request<Since>("channel.since", { channel, after, limit: 200 });
  }

  request<T>(m: string, p: Record<string, unknown>): Promise<T> {
    const socket = this.#socket;
    if (!socket || !this.connected()) return Promise.reject(new ApiError(0, { code: "network", message: "Not connected." }));
    return new Promise<T>((resolve, reject) => {
      socket.timeout(4000).emit("request", { m, p }, (late: Error | null, answer?: Answer) => {
        if (late) {
          reject(new ApiError(0, { code: "timeout", message: "The server did not answer." }));
          // Only the socket that was asked: an earlier one may be late when another has long been welcome.
          if (socket === this.#socket) this.#lose();
        } else if (answer?.err) reject(new ApiError(0, answer.err));
        else resolve(answer?.ok as T);
      });
    });
  }

  #hurry = (): void => {
    if (document.hidden || !this.#timer) return;
    clearTimeout(this.#timer);
    void this.#connect();
  };

  async #connect(): Promise<void> {
    this.#timer = null;
    this.#drop();
    if (!this.#wanted) return;
    this.#turn += 1;
    const turn = this.#turn;
    // No page waits for it: it comes with the first connection, beside the token.
    const library = import("socket.io-client").catch(() => null);
    let token: string;
    try {
      token = (await call<SocketToken>("POST", "/me/socket-tokens", { signal: AbortSignal.timeout(8000) })).token;
    } catch (error) {
      // 401 has already left for the sign-in page.
      const signedOut = error instanceof ApiError && error.status === 401;
      if (!signedOut && turn === this.#turn) this.#plan(error instanceof ApiError ? error.retryAfter : null);
      return;
    }
    const loaded = await library;
    if (!this.#wanted || turn !== this.#turn) return;
    if (!loaded) {
      this.#missed += 1;
      this.#bye = this.#missed < MISSED ? null : OUTDATED;
      this.#plan();
      return;
    }
    const socket = loaded.io({ path: "/socket.io/", transports: ["websocket"], auth: { v: 1, token }, reconnection: false, forceNew: true, timeout: 8000 });
    this.#socket = socket;
    this.#listen(socket);
    this.#feedWatchdog(10_000);
  }

  #listen(socket: Socket): void {
    socket.on("welcome", (welcome: { heartbeat?: number }) => {
      this.#welcomed = true;
      this.#attempt = 0;
      this.#bye = null;
      this.#heartbeat = welcome.heartbeat ?? 25_000;
      this.#feedWatchdog(this.#heartbeat * 2.5);
      this.status.set({ state: "online" });
      for (const channel of this.#followers.keys()) void this.#join(channel);
      for (const listener of this.#welcomeListeners) listener();
    });
    socket.on("pub", (pub: Publication) => this.#publication(pub));
    socket.on("hb", (beat: { top?: Record<string, number> }) => {
      socket.emit("hb");
      this.#feedWatchdog(this.#heartbeat * 2.5);
      for (const [channel, top] of Object.entries(beat.top ?? {})) {
        for (const follower of this.#followers.get(channel) ?? []) if (top > follower.have()) void follower.catchUp();
      }
    });
    socket.on("bye", (bye: Bye) => { this.#bye = bye; });
    socket.on("disconnect", () => this.#lose());
    socket.on("connect_error", () => this.#lose());
  }

  #publication({ ch, seq, d }: Publication): void {
    const followers = this.#followers.get(ch);
    if (typeof seq === "number" && typeof d.seq === "number") {
      for (const follower of followers ?? []) follower.take([d as LogEntry]);
      return;
    }
    for (const follower of followers ?? []) follower.signal(d);
    for (const listener of this.#signalListeners) listener(d);
  }

  async #join(channel: string, attempt = 0): Promise<void> {
    const followers = this.#followers.get(channel);
    const first = followers?.values().next().value;
    if (!first) return;
    const socket = this.#socket;
    try {
      const joined = await this.request<Since>("channel.join", { channel, after: first.have() });
      for (const follower of followers ?? []) {
        follower.take(joined.entries);
        if (joined.more || joined.top > follower.have()) void follower.catchUp();
      }
    } catch (error) {
      // A lost connection joins again after its welcome; a refusal leaves the HTTP reads, which say why.
      if (!(error instanceof ApiError) || !isRetried(error.code)) return;
      setTimeout(() => {
        if (socket === this.#socket && this.connected()) void this.#join(channel, attempt + 1);
      }, retryDelay(attempt, error.retryAfter, Math.random()));
    }
  }

  #feedWatchdog(ms: number): void {
    if (this.#watchdog) clearTimeout(this.#watchdog);
    this.#watchdog = setTimeout(() => this.#lose(), ms);
  }

  #drop(): void {
    if (this.#watchdog) clearTimeout(this.#watchdog);
    this.#welcomed = false;
    const socket = this.#socket;
    this.#socket = null;
    socket?.off();
    socket?.disconnect();
  }

  #lose(): void {
    if (!this.#socket) return;
    this.#drop();
    this.#plan();
  }

  #plan(named: number | null = null): void {
    if (!this.#wanted) return;
    const plan = reconnectPlan(this.#bye, this.#attempt, Math.random(), named);
    this.#bye = null;
    this.#attempt += 1;
    if (plan.then === "stop") {
      this.status.set({ state: "stopped", bye: plan.bye });
      return;
    }
    this.status.set({ state: "lost" });
    this.#timer = setTimeout(() => void this.#connect(), plan.ms);
  }
}

export const live = new Live();

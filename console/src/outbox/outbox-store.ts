/**
 * The outbox of this operator in this browser: one localStorage key per message, so that two tabs never overwrite each
 * other, and one runner per lane. Both tabs may send the same message; its id makes that one message.
 */
import { ApiError, call } from "../api/client";
import type { Attachment, Card, Id, Posted } from "../api/types";
import { newId } from "../ids";
import { live } from "../live/live";
import { openedLog } from "../log/log-store";
import { createStore } from "../store";
import { bodyOf, changed, dropped, isRetried, laneKey, nextOf, retryDelay, settled, type Lane, type Outgoing } from "./outbox";

export const outbox = createStore<readonly Outgoing[]>([]);
const running = new Set<string>();
/** Where the oldest file is that was sent and is not up. Files know the outbox, so it is they who say. */
let uploadingOf: (conversation: Id) => Id | null = () => null;
const ANSWER_WITHIN = 4000;
let prefix = "";

/** Reads what an earlier page left and goes on sending it. */
export function openOutbox(operator: Id): void {
  prefix = `stalk.outbox.${operator}.`;
  const left: Outgoing[] = [];
  for (let i = 0; i < localStorage.length; i += 1) {
    const key = localStorage.key(i);
    if (!key?.startsWith(prefix)) continue;
    const item = parsed(localStorage.getItem(key));
    if (item) left.push(item);
  }
  outbox.set(left);
  addEventListener("storage", (event) => {
    if (!event.key?.startsWith(prefix)) return;
    const id = event.key.slice(prefix.length);
    const item = parsed(event.newValue);
    // Removed by the tab that sent it. Ones added there are its own business; a reload here would take them over.
    if (!item) outbox.set((box) => (box.some((one) => one.id === id && one.state !== "stored") ? dropped(box, id) : box));
  });
  for (const key of new Set(left.map(laneKey))) void run(key);
}

function parsed(text: string | null): Outgoing | null {
  if (!text) return null;
  try {
    return JSON.parse(text) as Outgoing;
  } catch {
    return null;
  }
}

function keep(item: Outgoing): void {
  try {
    localStorage.setItem(prefix + item.id, JSON.stringify(item));
  } catch {
    // Storage full or blocked: the message still goes out, it only would not survive a reload.
  }
}
const forgetKept = (id: Id): void => localStorage.removeItem(prefix + id);

export const waitFor = (uploading: typeof uploadingOf): void => void (uploadingOf = uploading);
/** A file is up, or will not be: what waited behind it may go. */
export const goOn = (conversation: Id): void => void run(laneKey({ conversation, lane: "messages" }));

export const send = (conversation: Id, lane: Lane, text: string): void => add(conversation, lane, { text });
/** `place`: where it was sent from, while it was not up yet. */
export const sendAttachment = (conversation: Id, attachment: Attachment, place: Id): void => add(conversation, "messages", { text: "", attachment }, place);
export const sendCard = (conversation: Id, card: Card): void => add(conversation, "messages", { text: "", card });

function add(conversation: Id, lane: Lane, content: Pick<Outgoing, "text" | "attachment" | "card">, place?: Id): void {
  const id = newId();
  const item: Outgoing = { id, place: place ?? id, conversation, lane, ...content, at: Date.now(), state: "sending", seq: null, problem: null };
  keep(item);
  outbox.set((box) => [...box, item]);
  void run(laneKey(item));
}

/** Tries a failed message again; another text is another message and gets a new id, but keeps its place. */
export function resend(item: Outgoing, text: string = item.text): void {
  forgetKept(item.id);
  const again: Outgoing = { ...item, id: text === item.text ? item.id : newId(), text, state: "sending", problem: null };
  keep(again);
  outbox.set((box) => box.map((one) => (one.id === item.id ? again : one)));
  void run(laneKey(item));
}

export function drop(item: Outgoing): void {
  forgetKept(item.id);
  outbox.set((box) => dropped(box, item.id));
  void run(laneKey(item));
}

/** Tells the outbox which client ids a log holds by now. */
export function settle(conversation: Id, lane: Lane, logged: ReadonlySet<Id>): void {
  const key = laneKey({ conversation, lane });
  for (const item of outbox.get()) if (laneKey(item) === key && logged.has(item.id)) forgetKept(item.id);
  outbox.set((box) => settled(box, key, logged));
}

async function run(key: string): Promise<void> {
  if (running.has(key)) return;
  running.add(key);
  let attempt = 0;
  const next = (): Outgoing | null => nextOf(outbox.get(), key, uploadingOf(key.slice(key.indexOf(":") + 1)));
  for (let item = next(); item; item = next()) {
    const wait = await attemptOf(item, attempt);
    attempt = wait === null ? 0 : attempt + 1;
    if (wait !== null) await pause(wait);
  }
  running.delete(key);
}

/** Sends once. Answers how long to wait before the same again, or null when this one is settled one way or the other. */
async function attemptOf(item: Outgoing, attempt: number): Promise<number | null> {
  try {
    const { message } = await call<Posted>("POST", `/conversations/${item.conversation}/${item.lane}`, {
      body: bodyOf(item), key: item.id, signal: AbortSignal.timeout(ANSWER_WITHIN),
    });
    forgetKept(item.id);
    outbox.set((box) => changed(box, item.id, { state: "stored", seq: message.seq, at: message.at }));
    catchUpSoon(item, message.seq);
    return null;
  } catch (error) {
    const problem = error instanceof ApiError ? error : new ApiError(0, { code: "internal", message: String(error) });
    if (isRetried(problem.code) || problem.code === "unauthenticated") return retryDelay(attempt, problem.retryAfter, Math.random());
    const failed = { state: "failed" as const, problem: Object.values(problem.fields)[0] ?? problem.message };
    keep({ ...item, ...failed });
    outbox.set((box) => changed(box, item.id, failed));
    return null;
  }
}

/** The publication usually brings the entry; where no socket does, it is fetched. */
function catchUpSoon(item: Outgoing, seq: number): void {
  setTimeout(() => {
    const log = openedLog(item.conversation, item.lane);
    if (log && log.have() < seq) void log.catchUp();
    if (!log) outbox.set((box) => dropped(box, item.id));
  }, 400);
}

/** Sleeps, but wakes when the network or the server is back. */
function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      removeEventListener("online", done);
      offWelcome();
      resolve();
    };
    const timer = setTimeout(done, ms);
    const offWelcome = live.onWelcome(done);
    addEventListener("online", done);
  });
}

/**
 * What is typed and not sent, per conversation and lane: on this screen at once, in this browser at every key, on the server a moment
 * later, and from there in one's other tabs and devices. What the server has not got is never overwritten by what it has.
 */
import { ApiError, call } from "../api/client";
import type { Id, Millis, OwnDraft } from "../api/types";
import { createStore, useStore } from "../store";
import { isRetried, retryDelay, type Lane } from "./outbox";

/** `saved` is true once the server holds exactly this text. */
export interface LocalDraft { text: string; at: Millis; saved: boolean }
type Drafts = Record<string, LocalDraft>;

const SETTLE = 700;
const LANES: readonly Lane[] = ["messages", "notes"];
export const drafts = createStore<Drafts>({});
let prefix = "";
let owner: Id | null = null;

const keyOf = (conversation: Id, lane: Lane): string => `${lane}.${conversation}`;

/** Reads what this browser kept, and goes on saving what the server has not got. */
export function openDrafts(operator: Id): void {
  if (owner === operator) return;
  owner = operator;
  prefix = `stalk.draft.${operator}.`;
  const found: Drafts = {};
  for (let i = 0; i < localStorage.length; i += 1) {
    const key = localStorage.key(i);
    const draft = key?.startsWith(prefix) ? parsed(localStorage.getItem(key)) : null;
    if (key && draft) found[key.slice(prefix.length)] = draft;
  }
  drafts.set(found);
  for (const [key, draft] of Object.entries(found)) if (!draft.saved) saveSoon(conversationIn(key));
  addEventListener("storage", (event) => {
    if (!event.key?.startsWith(prefix)) return;
    const draft = parsed(event.newValue);
    put(event.key.slice(prefix.length), draft ?? { text: "", at: Date.now(), saved: true }, false);
  });
}

const conversationIn = (key: string): Id => key.slice(key.indexOf(".") + 1);

function parsed(text: string | null): LocalDraft | null {
  if (text === null) return null;
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && "text" in value && "at" in value) return value as LocalDraft;
  } catch {
    // Kept by an earlier console, which stored the bare text.
  }
  return { text, at: 0, saved: false };
}

function put(key: string, draft: LocalDraft, store = true): void {
  drafts.set((all) => {
    const { [key]: _before, ...others } = all;
    return draft.text === "" && draft.saved ? others : { ...all, [key]: draft };
  });
  if (!store) return;
  try {
    if (draft.text === "" && draft.saved) localStorage.removeItem(prefix + key);
    else localStorage.setItem(prefix + key, JSON.stringify(draft));
  } catch {
    // Storage full or blocked: the text stays on the screen and goes to the server.
  }
}

export const draftOf = (conversation: Id, lane: Lane): string => drafts.get()[keyOf(conversation, lane)]?.text ?? "";

/** The text of a lane as it is now, whoever of one's own screens wrote it. */
export const useDraft = (conversation: Id, lane: Lane): string => useStore(drafts)[keyOf(conversation, lane)]?.text ?? "";

export function keepDraft(conversation: Id, lane: Lane, text: string): void {
  const key = keyOf(conversation, lane);
  if (text === (drafts.get()[key]?.text ?? "")) return;
  put(key, { text, at: Date.now(), saved: false });
  saveSoon(conversation);
}

/** What the server is to hold: the lane written last, for it keeps one draft of a conversation. Pure. */
export function draftToSave(all: Drafts, conversation: Id): { text: string; note: boolean } {
  const lanes = LANES.map((lane) => ({ lane, draft: all[keyOf(conversation, lane)] }));
  const written = lanes.filter(({ draft }) => draft && draft.text !== "").sort((a, b) => (b.draft?.at ?? 0) - (a.draft?.at ?? 0))[0];
  return { text: written?.draft?.text ?? "", note: written?.lane === "notes" };
}

const timers = new Map<Id, ReturnType<typeof setTimeout>>();

function saveSoon(conversation: Id, wait = SETTLE, attempt = 0): void {
  clearTimeout(timers.get(conversation));
  timers.set(conversation, setTimeout(() => void save(conversation, attempt), wait));
}

async function save(conversation: Id, attempt: number): Promise<void> {
  const wanted = draftToSave(drafts.get(), conversation);
  try {
    await call("PUT", `/conversations/${conversation}/draft`, { body: wanted });
    if (JSON.stringify(draftToSave(drafts.get(), conversation)) === JSON.stringify(wanted)) markSaved(conversation);
  } catch (error) {
    const problem = error instanceof ApiError ? error : null;
    if (problem && isRetried(problem.code)) saveSoon(conversation, retryDelay(attempt, problem.retryAfter, Math.random()), attempt + 1);
    // Refused for good: it stays in this browser.
  }
}

function markSaved(conversation: Id): void {
  for (const lane of LANES) {
    const draft = drafts.get()[keyOf(conversation, lane)];
    if (draft && !draft.saved) put(keyOf(conversation, lane), { ...draft, saved: true });
  }
}

/** One draft as the server holds it now. */
export function takeDraft(operator: Id, { conversation_id: id, text, note, updated_at }: OwnDraft): void {
  if (operator !== owner) return;
  const all = drafts.get();
  if (LANES.some((lane) => all[keyOf(id, lane)]?.saved === false)) return;
  const lane = note ? "notes" : "messages";
  if (text === "") for (const one of LANES) if (all[keyOf(id, one)]) put(keyOf(id, one), { text: "", at: updated_at, saved: true });
  if (text !== "" && all[keyOf(id, lane)]?.text !== text) put(keyOf(id, lane), { text, at: updated_at, saved: true });
}

/** All drafts of the server: what it does not name any more was sent or cleared elsewhere. */
export function takeDrafts(operator: Id, items: readonly OwnDraft[]): void {
  if (operator !== owner) return;
  const named = new Set(items.map((one) => one.conversation_id));
  for (const [key, draft] of Object.entries(drafts.get())) {
    if (draft.saved && !named.has(conversationIn(key))) put(key, { text: "", at: draft.at, saved: true });
  }
  for (const one of items) takeDraft(operator, one);
}

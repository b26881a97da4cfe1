/** What calls an operator back to the console: a sound (repeated until answered, where wanted), a desktop notification, the tab's title and icon. */
import i18next from "i18next";
import type { Conversation, Id, Notifications } from "../api/types";
import { createStore } from "../store";
import { fieldsOf } from "./signals";
import { chime } from "./sound";

/** The conversation on the screen, if any. */
export const openConversation = createStore<Id | null>(null);
/** Conversations that rang and are not answered yet. */
const ringing = new Set<Id>();
const REPEAT = 8000;
let timer: ReturnType<typeof setInterval> | null = null;

const KEPT = "stalk.notifications";
const DEFAULTS: Notifications = { sound: true, sound_repeat: false, desktop: false };

function kept(): Notifications {
  try {
    return { ...DEFAULTS, sound: localStorage.getItem("stalk.muted") !== "yes", ...(JSON.parse(localStorage.getItem(KEPT) ?? "{}") as Partial<Notifications>) };
  } catch {
    return DEFAULTS;
  }
}
/** The profile's switches; this browser remembers them for the moment before the profile is here. */
export const notifications = createStore<Notifications>(kept());

export function setNotifications(value: Notifications): void {
  notifications.set(value);
  localStorage.setItem(KEPT, JSON.stringify(value));
  if (!value.sound || !value.sound_repeat) hush();
}

const watching = (id: Id): boolean => !document.hidden && document.hasFocus() && openConversation.get() === id;
/** Mine, or nobody's; what the virtual agent answers calls nobody. */
const concerns = (conversation: Conversation, me: Id): boolean => (conversation.assignee === null && conversation.agent_since === null) || conversation.assignee?.id === me;

/** Up to which message each conversation has called: one that was missed and is found later may have been heard of as well. */
const calledUpTo = new Map<Id, number>();

/** A visitor wrote. Calls once for each message, where it is mine or nobody's and not being looked at. */
export function announce(conversation: Conversation, me: Id): void {
  const seq = conversation.last_message?.seq ?? 0;
  if (!concerns(conversation, me) || seq <= (calledUpTo.get(conversation.id) ?? -1)) return;
  calledUpTo.set(conversation.id, seq);
  called(conversation);
}

/** Something came up in a conversation that this operator is to know of. */
export function called(conversation: Conversation): void {
  if (watching(conversation.id)) return;
  const { sound, sound_repeat, desktop } = notifications.get();
  if (sound) chime();
  if (sound && sound_repeat) {
    ringing.add(conversation.id);
    timer ??= setInterval(chime, REPEAT);
  }
  if (desktop) notify(conversation);
}

/** Silent once every conversation that rang was opened, answered, given to somebody else or closed. */
export function stillRinging(conversations: ReadonlyMap<Id, Conversation>, me: Id): void {
  for (const id of ringing) {
    const now = conversations.get(id);
    const waits = now !== undefined && now.status === "open" && now.waiting_since !== null && concerns(now, me) && !watching(id);
    if (!waits) ringing.delete(id);
  }
  if (ringing.size === 0) hush();
}

function hush(): void {
  ringing.clear();
  if (timer) clearInterval(timer);
  timer = null;
}

let toConversation: (id: Id) => void = () => undefined;
/** Who takes the operator to a conversation when its notification is clicked. */
export function onNotificationClick(go: (id: Id) => void): void {
  toConversation = go;
}

function notify(conversation: Conversation): void {
  if (typeof Notification === "undefined" || Notification.permission !== "granted" || (!document.hidden && document.hasFocus())) return;
  const name = conversation.visitor.name ?? conversation.visitor.label;
  // One a conversation: the tag replaces the one before, also from another tab.
  const told = { body: conversation.last_message?.text || i18next.t("inbox.no_message"), tag: conversation.id, icon: `${import.meta.env.BASE_URL}icon-192.png`, data: conversation.id };
  try {
    const shown = new Notification(name, told);
    shown.onclick = () => {
      window.focus();
      toConversation(conversation.id);
      shown.close();
    };
  } catch {
    // A phone's browser leaves it to the worker, which also hears the tap (public/sw.js).
    void navigator.serviceWorker?.ready.then((worker) => worker.showNotification(name, told));
  }
}

/** Hears from the worker which conversation's notification was tapped. */
export function hearTaps(): () => void {
  const tapped = ({ data }: MessageEvent): void => {
    const { conversation } = fieldsOf(data);
    if (typeof conversation === "string") toConversation(conversation);
  };
  navigator.serviceWorker?.addEventListener("message", tapped);
  return () => navigator.serviceWorker?.removeEventListener("message", tapped);
}

/** `waiting` is how many conversations hold something unread. */
export function showAttention(waiting: number, page: string): void {
  document.title = `${waiting > 0 ? `(${waiting}) ` : ""}${page} · STALK`;
  const icon = document.querySelector<HTMLLinkElement>('link[rel="icon"]');
  const href = waiting > 0 ? iconWith(waiting) : `${import.meta.env.BASE_URL}favicon.svg`;
  if (icon && icon.getAttribute("href") !== href) icon.setAttribute("href", href);
}

/** The mark with a number on it. */
function iconWith(count: number): string {
  const text = count > 9 ? "9+" : String(count);
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="#0f7285"/><path d="M9 8.500h14a2.500 2.500 0 0 1 2.500 2.500v8a2.500 2.500 0 0 1-2.500 2.500h-6.500L11 25.500v-4H9A2.500 2.500 0 0 1 6.500 19v-8A2.500 2.500 0 0 1 9 8.500z" fill="#fff"/><circle cx="21.500" cy="10.500" r="10" fill="#d6293e" stroke="#fff" stroke-width="1.500"/><text x="21.500" y="15.500" text-anchor="middle" font-family="system-ui,sans-serif" font-weight="700" font-size="${count > 9 ? 11 : 14}" fill="#fff">${text}</text></svg>`;
  return `data:image/svg+xml,${encodeURIComponent(svg)}`;
}

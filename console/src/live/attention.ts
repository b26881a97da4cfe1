/** What calls an operator back to the console: the tab's title, the icon's dot, a short sound. */
import type { Conversation, Id } from "../api/types";
import { createStore } from "../store";
import { chime } from "./sound";

/** The conversation on the screen, if any. */
export const openConversation = createStore<Id | null>(null);
export const muted = createStore<boolean>(localStorage.getItem("stalk.muted") === "yes");

export function setMuted(yes: boolean): void {
  muted.set(yes);
  localStorage.setItem("stalk.muted", yes ? "yes" : "no");
}

/** A visitor wrote. Sounds where it is mine or nobody's and not being looked at. */
export function announce(conversation: Conversation, me: Id): void {
  const concerns = conversation.assignee === null || conversation.assignee.id === me;
  const watching = !document.hidden && document.hasFocus() && openConversation.get() === conversation.id;
  if (concerns && !watching && !muted.get()) chime();
}

/** `waiting` is how many conversations hold something unread. */
export function showAttention(waiting: number, page: string): void {
  document.title = `${waiting > 0 ? `(${waiting}) ` : ""}${page} · STALK`;
  const icon = document.querySelector<HTMLLinkElement>('link[rel="icon"]');
  const href = `${import.meta.env.BASE_URL}${waiting > 0 ? "favicon-unread.svg" : "favicon.svg"}`;
  if (icon && icon.getAttribute("href") !== href) icon.setAttribute("href", href);
}

/** Files that were chosen and not sent: each uploads at once, waits to be sent with the next message, and can be cancelled or tried again. */
import { ApiError } from "../api/client";
import type { Attachment, Id } from "../api/types";
import { newId } from "../ids";
import { live } from "../live/live";
import { goOn, sendAttachment, waitFor } from "../outbox/outbox-store";
import { createStore } from "../store";
import { upload } from "./upload";

export interface TrayItem {
  id: Id; conversation: Id; name: string; size: number;
  /** A picture of the file in this browser's memory, for images. */
  preview: string | null;
  /** 0 to 1. */
  progress: number;
  state: "uploading" | "ready" | "failed";
  problem: ApiError | null;
  attachment: Attachment | null;
  /** Its place among the messages, once Send was pressed: it goes out as soon as it is up, and what is written after it waits. */
  wanted: Id | null;
}

export const tray = createStore<readonly TrayItem[]>([]);
const files = new Map<Id, { file: File; cancel: () => void }>();

const change = (id: Id, what: Partial<TrayItem>): void => tray.set((all) => all.map((one) => (one.id === id ? { ...one, ...what } : one)));
export const trayOf = (all: readonly TrayItem[], conversation: Id): TrayItem[] => all.filter((one) => one.conversation === conversation);

export function addFiles(conversation: Id, list: Iterable<File>): void {
  for (const file of list) {
    const id = newId();
    const preview = /^image\/(png|jpeg|gif|webp)$/.test(file.type) ? URL.createObjectURL(file) : null;
    const item: TrayItem = { id, conversation, name: file.name || "file", size: file.size, preview, progress: 0, state: "uploading", problem: null, attachment: null, wanted: null };
    tray.set((all) => [...all, item]);
    files.set(id, { file, cancel: () => undefined });
    void start(id);
  }
}

async function start(id: Id): Promise<void> {
  const held = files.get(id);
  const item = tray.get().find((one) => one.id === id);
  if (!held || !item) return;
  change(id, { state: "uploading", progress: 0, problem: null });
  const { done, cancel } = upload(item.conversation, held.file, (progress) => change(id, { progress }));
  held.cancel = cancel;
  try {
    const attachment = await done;
    change(id, { state: "ready", progress: 1, attachment });
    sendWanted(item.conversation);
  } catch (error) {
    const problem = error instanceof ApiError ? error : new ApiError(0, { code: "internal", message: String(error) });
    change(id, { state: "failed", problem });
    sendWanted(item.conversation);
    if (problem.code === "network" || problem.code === "unavailable") whenBack(() => { if (tray.get().some((one) => one.id === id && one.state === "failed")) void start(id); });
  }
}

function whenBack(then: () => void): void {
  const once = (): void => {
    removeEventListener("online", once);
    off();
    then();
  };
  const off = live.onWelcome(once);
  addEventListener("online", once);
}

export const retryFile = (id: Id): void => void start(id);

export function removeFile(id: Id): void {
  files.get(id)?.cancel();
  files.delete(id);
  const preview = tray.get().find((one) => one.id === id)?.preview;
  if (preview) URL.revokeObjectURL(preview);
  const conversation = tray.get().find((one) => one.id === id)?.conversation;
  tray.set((all) => all.filter((one) => one.id !== id));
  if (conversation) goOn(conversation);
}

/** Where the oldest file stands that was sent and is on its way. */
export const uploadingIn = (all: readonly TrayItem[], conversation: Id): Id | null =>
  trayOf(all, conversation).find((one) => one.wanted !== null && one.state === "uploading")?.wanted ?? null;
waitFor((conversation) => uploadingIn(tray.get(), conversation));

/** Sends what is up now; the rest follows by itself, in the order chosen. */
export function sendTray(conversation: Id): void {
  tray.set((all) => all.map((one) => (one.conversation === conversation ? { ...one, wanted: one.wanted ?? newId() } : one)));
  sendWanted(conversation);
}

/** A file does not overtake the one chosen before it, unless that one failed. */
function sendWanted(conversation: Id): void {
  for (const item of trayOf(tray.get(), conversation)) {
    if (!item.wanted || item.state === "uploading") break;
    if (item.state === "failed" || !item.attachment) continue;
    sendAttachment(conversation, item.attachment, item.wanted);
    removeFile(item.id);
  }
  goOn(conversation);
}

/** Deletes that can be taken back: what was deleted is hidden at once and gone for good once the message about it has left. */
import type { QueryClient } from "@tanstack/react-query";
import i18next from "i18next";
import { call } from "../api/client";
import type { Id } from "../api/types";
import { refusal } from "../problem";
import { STAYS, toast } from "../shell/Toasts";
import { createStore, useStore } from "../store";

interface Pending { path: string; timer: ReturnType<typeof setTimeout> }
const pending = createStore<ReadonlyMap<Id, Pending>>(new Map());

function without(id: Id): void {
  const left = new Map(pending.get());
  left.delete(id);
  pending.set(left);
}

// Who closes the tab meant what they did: the rest is sent while the page goes.
addEventListener("pagehide", () => {
  for (const [id, one] of pending.get()) {
    clearTimeout(one.timer);
    void fetch(`/api/v1${one.path}`, { method: "DELETE", credentials: "same-origin", keepalive: true, headers: { "Idempotency-Key": id } });
  }
  pending.set(new Map());
});

interface Deletion { id: Id; path: string; text: string; client: QueryClient; keys: string[] }

export function deleteLater({ id, path, text, client, keys }: Deletion): void {
  const timer = setTimeout(() => {
    void call("DELETE", path)
      .catch((error: unknown) => toast(i18next.t("settings.delete_failed", { reason: refusal(i18next.t, error) })))
      .then(() => Promise.all(keys.map((key) => client.invalidateQueries({ queryKey: [key] }))))
      .finally(() => without(id));
  }, STAYS);
  pending.set(new Map(pending.get()).set(id, { path, timer }));
  toast(text, {
    label: i18next.t("settings.undo"),
    run: () => { clearTimeout(timer); without(id); },
  });
}

/** Those that are to be shown. */
export function useKept<T extends { id: Id }>(items: readonly T[] | undefined): readonly T[] | undefined {
  const gone = useStore(pending);
  return items?.filter((one) => !gone.has(one.id));
}

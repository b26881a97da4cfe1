/** Unsaved changes of forms, by form; they outlive moving between pages and a reload of the tab. */
import { createStore, useStore } from "../store";
import type { Changes } from "./paths";

const KEPT = "stalk.unsaved";
type Drafts = Readonly<Record<string, Changes>>;
const NONE: Changes = {};

function kept(): Drafts {
  try {
    const found: unknown = JSON.parse(sessionStorage.getItem(KEPT) ?? "{}");
    return typeof found === "object" && found !== null ? (found as Drafts) : {};
  } catch {
    return {};
  }
}

const drafts = createStore<Drafts>(kept());

export const draftOf = (key: string): Changes => drafts.get()[key] ?? NONE;

export function setDraft(key: string, changes: Changes): void {
  const { [key]: _before, ...others } = drafts.get();
  drafts.set(Object.keys(changes).length === 0 ? others : { ...others, [key]: changes });
  try {
    sessionStorage.setItem(KEPT, JSON.stringify(drafts.get()));
  } catch {
    // Storage blocked or full: the changes live as long as the page.
  }
}

export const useDraft = (key: string): Changes => useStore(drafts)[key] ?? NONE;

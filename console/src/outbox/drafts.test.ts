import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { draftOf, drafts, draftToSave, keepDraft, openDrafts, takeDraft, takeDrafts } from "./drafts";

const asked: { path: string; body: unknown }[] = [];
let answer = 204;

beforeEach(() => {
  vi.useFakeTimers();
  const kept = new Map<string, string>();
  vi.stubGlobal("localStorage", {
    get length() { return kept.size; }, key: (at: number) => [...kept.keys()][at] ?? null, getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, text: string) => kept.set(key, text), removeItem: (key: string) => kept.delete(key),
  });
  vi.stubGlobal("addEventListener", () => undefined);
  vi.stubGlobal("fetch", (path: string, { body }: { body: string }) => {
    asked.push({ path, body: JSON.parse(body) as unknown });
    return Promise.resolve(answer === 204 ? new Response(null, { status: 204 }) : new Response(JSON.stringify({ code: "unavailable", message: "away" }), { status: answer }));
  });
  asked.length = 0;
  answer = 204;
  openDrafts("me");
  drafts.set({});
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("a burst of keys is one request with the last text", async () => {
  for (const text of ["h", "he", "hel"]) keepDraft("c", "messages", text);
  await vi.advanceTimersByTimeAsync(1000);
  expect(asked).toEqual([{ path: "/api/v1/conversations/c/draft", body: { text: "hel", note: false } }]);
});

test("what another device wrote is taken, but never over what is not saved yet", async () => {
  takeDraft("me", { conversation_id: "c", text: "from the phone", note: false, updated_at: 5 });
  expect(draftOf("c", "messages")).toBe("from the phone");
  keepDraft("c", "messages", "from the desk");
  takeDraft("me", { conversation_id: "c", text: "from the phone, late", note: false, updated_at: 6 });
  expect(draftOf("c", "messages")).toBe("from the desk");
  await vi.advanceTimersByTimeAsync(1000);
  takeDraft("me", { conversation_id: "c", text: "", note: false, updated_at: 9 });
  expect(draftOf("c", "messages")).toBe("");
});

test("a server that is away is asked again until it has the text", async () => {
  answer = 503;
  keepDraft("c", "messages", "hello");
  await vi.advanceTimersByTimeAsync(3000);
  expect(draftOf("c", "messages")).toBe("hello");
  answer = 204;
  await vi.advanceTimersByTimeAsync(40_000);
  expect(asked.length).toBeGreaterThan(1);
  expect(drafts.get()["messages.c"]?.saved).toBe(true);
});

test("the server keeps the lane written last; an emptied one gives way to the other", () => {
  const at = (text: string, when: number) => ({ text, at: when, saved: false });
  expect(draftToSave({ "messages.c": at("a", 1), "notes.c": at("b", 2) }, "c")).toEqual({ text: "b", note: true });
  expect(draftToSave({ "messages.c": at("a", 1), "notes.c": at("", 2) }, "c")).toEqual({ text: "a", note: false });
  expect(draftToSave({}, "c")).toEqual({ text: "", note: false });
});

test("a draft that was sent elsewhere goes when the drafts are read", () => {
  takeDraft("me", { conversation_id: "c", text: "old", note: false, updated_at: 5 });
  takeDrafts("me", [{ conversation_id: "d", text: "other", note: true, updated_at: 6 }]);
  expect([draftOf("c", "messages"), draftOf("d", "notes")]).toEqual(["", "other"]);
});

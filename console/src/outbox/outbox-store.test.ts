import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { outbox, send } from "./outbox-store";

beforeEach(() => {
  vi.stubGlobal("localStorage", { setItem: () => undefined, removeItem: () => undefined });
  outbox.set([]);
});
afterEach(() => vi.unstubAllGlobals());

test("a message to a conversation that was succeeded by another fails with the server's words", async () => {
  const message = "This visitor has a newer conversation. Write there.";
  vi.stubGlobal("fetch", () => Promise.resolve(new Response(JSON.stringify({ code: "conflict", message }), {
    status: 409, headers: { "content-type": "application/json" },
  })));
  send("older", "messages", "Hello");
  await vi.waitFor(() => expect(outbox.get()[0]).toMatchObject({ state: "failed", problem: message, text: "Hello" }));
});

import { afterEach, beforeEach, expect, test, vi } from "vitest";

const { call } = vi.hoisted(() => ({ call: vi.fn() }));
vi.mock("../api/client", async (original) => ({ ...(await original<object>()), call }));
const { links, wantLink } = await import("./links");

beforeEach(() => {
  vi.useFakeTimers();
  call.mockReset();
});
afterEach(() => vi.useRealTimers());

const linked = (id: string) => ({ links: [{ id, url: `https://files.example/${id}`, thumbnail_url: null, expires_at: Date.now() + 3_600_000 }] });

test("a file whose message is just being stored is asked for again, once for all who show it", async () => {
  call.mockRejectedValueOnce(new Error("no such file yet")).mockResolvedValueOnce(linked("f1"));
  wantLink("c", "f1");
  await vi.advanceTimersByTimeAsync(30);
  // Drawn anew while nothing has come yet.
  wantLink("c", "f1");
  await vi.advanceTimersByTimeAsync(10_000);
  expect(call).toHaveBeenCalledTimes(2);
  expect(links.get()["f1"]?.url).toBe("https://files.example/f1");
});

test("what never comes is given up, and asked for when it is shown again", async () => {
  call.mockRejectedValue(new Error("away"));
  wantLink("c", "f2");
  await vi.advanceTimersByTimeAsync(600_000);
  const tries = call.mock.calls.length;
  expect(tries).toBeLessThan(12);
  wantLink("c", "f2");
  await vi.advanceTimersByTimeAsync(30);
  expect(call).toHaveBeenCalledTimes(tries + 1);
  await vi.advanceTimersByTimeAsync(600_000);
});

import { afterEach, beforeEach, expect, test, vi } from "vitest";

type Heard = (...args: unknown[]) => void;
type Acknowledge = (late: Error | null, answer?: unknown) => void;
const { sockets, answers, asked, LATE } = vi.hoisted(() => ({
  LATE: {},
  sockets: [] as { hear: (name: string, value?: unknown) => void }[],
  answers: [] as unknown[],
  asked: [] as [string, Record<string, unknown>][],
}));

vi.mock("../api/client", async (original) => ({ ...(await original<object>()), call: () => Promise.resolve({ token: "t" }) }));
vi.mock("socket.io-client", () => ({
  io: () => {
    const heard: Record<string, Heard> = {};
    const socket = {
      connected: true,
      on: (name: string, listener: Heard) => { heard[name] = listener; },
      off: () => undefined,
      disconnect: () => undefined,
      emit: () => undefined,
      timeout: (ms: number) => ({
        emit: (_: string, { m, p }: { m: string; p: Record<string, unknown> }, acknowledge: Acknowledge) => {
          asked.push([m, p]);
          const answer = answers.shift() ?? { ok: { entries: [], top: 0, more: false } };
          if (answer === LATE) setTimeout(() => acknowledge(new Error("late")), ms);
          else acknowledge(null, answer);
        },
      }),
    };
    sockets.push({ hear: (name, value) => heard[name]?.(value) });
    return socket;
  },
}));

const { live } = await import("./live");
const follower = () => ({ have: () => 3, take: vi.fn(), catchUp: vi.fn(() => Promise.resolve()), signal: () => undefined });
const joins = (): number => asked.filter(([m]) => m === "channel.join").length;
const away = { err: { code: "unavailable", message: "away" } };
const refused = { err: { code: "forbidden", message: "no" } };

beforeEach(async () => {
  vi.useFakeTimers();
  vi.stubGlobal("document", { hidden: false, addEventListener: () => undefined, removeEventListener: () => undefined });
  vi.stubGlobal("addEventListener", () => undefined);
  vi.stubGlobal("removeEventListener", () => undefined);
  answers.length = 0;
  asked.length = 0;
  live.start();
  await vi.advanceTimersByTimeAsync(0);
  sockets.at(-1)!.hear("welcome", { heartbeat: 1e6 });
});
afterEach(() => {
  live.stop();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("a join that may pass is asked again until it passes", async () => {
  answers.push(away, away, { ok: { entries: [], top: 5, more: false } });
  const one = follower();
  const leave = live.follow("c/1", one);
  await vi.advanceTimersByTimeAsync(0);
  expect(joins()).toBe(1);
  await vi.advanceTimersByTimeAsync(5000);
  expect(joins()).toBe(3);
  expect(one.catchUp).toHaveBeenCalledOnce();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(joins()).toBe(3);
  leave();
});

test("a refused join is not asked again, nor one of a log that was closed", async () => {
  answers.push(refused);
  const leaveOne = live.follow("c/1", follower());
  await vi.advanceTimersByTimeAsync(60_000);
  expect(joins()).toBe(1);
  leaveOne();
  answers.push(away);
  const leaveTwo = live.follow("c/2", follower());
  await vi.advanceTimersByTimeAsync(0);
  leaveTwo();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(joins()).toBe(2);
});

test("a request that is not answered within 4 s ends the connection, and another is made", async () => {
  answers.push(LATE);
  const before = sockets.length;
  const answer = live.request("receipt.put", {}).catch((error: { code: string }) => error.code);
  await vi.advanceTimersByTimeAsync(3_999);
  expect(live.connected()).toBe(true);
  await vi.advanceTimersByTimeAsync(1);
  expect(await answer).toBe("timeout");
  expect(live.connected()).toBe(false);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(sockets.length).toBe(before + 1);
});

test("what an earlier connection was asked does not end the present one", async () => {
  answers.push(LATE);
  const answer = live.request("receipt.put", {}).catch((error: { code: string }) => error.code);
  await vi.advanceTimersByTimeAsync(1_000);
  sockets.at(-1)!.hear("disconnect", "transport close");
  await vi.advanceTimersByTimeAsync(2_000);
  sockets.at(-1)!.hear("welcome", { heartbeat: 1e6 });
  await vi.advanceTimersByTimeAsync(2_000);
  expect(await answer).toBe("timeout");
  expect(live.connected()).toBe(true);
});

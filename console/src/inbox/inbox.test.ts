import { describe, expect, test } from "vitest";
import { belongs, counted, placed } from "../api/conversation-pages";
import { EVERYTHING } from "../api/queries";
import type { Conversation, Page } from "../api/types";
import { arranged, withStaying } from "./list-order";

const conversation = (id: string, updated: number, more: Partial<Conversation> = {}): Conversation => ({
  id, channel: `c/${id}`, notes_channel: `n/${id}`, site: { id: "s", name: "Shop" }, visitor: { id: `v${id}`, name: null, email: null, label: "Visitor 4F2A", present: false },
  status: "open", assignee: null, agent_since: null, last_seq: 1, last_note_seq: 0, last_message: null, waiting_since: null, unread: 0,
  receipts: { visitor: { delivered: 0, read: 0 }, operator: { delivered: 0, read: 0 } }, page: null, previous_id: null, tags: [], snoozed_until: null, assigned_at: null, queue_position: null, rating: null, created_at: 0, updated_at: updated, ...more,
});
const pages = (...all: [Conversation[], string | null][]): Page<Conversation>[] => all.map(([items, next_cursor]) => ({ items, next_cursor }));
const ids = (all: Page<Conversation>[]): string[][] => all.map((page) => page.items.map((one) => one.id));

describe("the lists a conversation belongs to", () => {
  test("follow its status and assignee", () => {
    const views = ["queued", "mine", "all", "snoozed", "resolved"] as const;
    const of = (one: Conversation): string[] => views.filter((view) => belongs(one, view, EVERYTHING, "me"));
    expect(of(conversation("1", 0))).toEqual(["queued", "all"]);
    expect(of(conversation("1", 0, { assignee: { id: "me", name: "M" } }))).toEqual(["mine", "all"]);
    expect(of(conversation("1", 0, { assignee: { id: "jun", name: "J" } }))).toEqual(["all"]);
    expect(of(conversation("1", 0, { status: "resolved" }))).toEqual(["resolved"]);
    expect(of(conversation("1", 0, { status: "snoozed", assignee: { id: "me", name: "M" } }))).toEqual(["snoozed"]);
  });

  test("are those of its tags", () => {
    const one = conversation("1", 0, { tags: ["refund"] });
    expect([belongs(one, "all", { site: null, tag: "refund" }, "me"), belongs(one, "all", { site: null, tag: "vip" }, "me")]).toEqual([true, false]);
  });

  test("are those of its site", () => {
    expect(belongs(conversation("1", 0), "all", { site: "other", tag: null }, "me")).toBe(false);
  });
});

describe("placing a conversation", () => {
  const loaded = (): Page<Conversation>[] => pages([[conversation("a", 30), conversation("b", 20)], "next"], [[conversation("c", 10)], "more"]);

  test("puts a changed one where its time says, once", () => {
    expect(ids(placed(loaded(), conversation("c", 25), true))).toEqual([["a", "c", "b"], []]);
  });

  test("leaves out one that lies past what is loaded", () => {
    expect(ids(placed(loaded(), conversation("z", 5), true))).toEqual([["a", "b"], ["c"]]);
  });

  test("appends one to a list that is loaded to its end", () => {
    expect(ids(placed(pages([[conversation("a", 30)], null]), conversation("z", 5), true))).toEqual([["a", "z"]]);
  });

  test("takes away one that does not belong any more", () => {
    expect(ids(placed(loaded(), conversation("b", 40), false))).toEqual([["a"], ["c"]]);
  });
});

describe("a list by who waits longest", () => {
  const list = (): Page<Conversation>[] => pages([[conversation("a", 10, { waiting_since: 100 }), conversation("b", 20, { waiting_since: 300 }), conversation("c", 30)], null]);

  test("puts the one that waits longer above", () => {
    expect(ids(placed(list(), conversation("n", 99, { waiting_since: 200 }), true, "waiting"))).toEqual([["a", "n", "b", "c"]]);
  });

  test("puts an answered one below all that wait", () => {
    expect(ids(placed(list(), conversation("a", 99), true, "waiting"))).toEqual([["b", "a", "c"]]);
  });
});

describe("the numbers on the tabs", () => {
  const counts = { queued: 2, mine: 1, open: 5, snoozed: 0, resolved: 7, offline_unread: 0 };
  const me = { id: "me", name: "M" };

  test("follow one conversation from list to list without asking the server", () => {
    const queued = conversation("1", 0);
    expect(counted(counts, null, queued, "me")).toMatchObject({ queued: 3, open: 6 });
    expect(counted(counts, queued, { ...queued, assignee: me }, "me")).toMatchObject({ queued: 1, mine: 2, open: 5 });
    expect(counted(counts, { ...queued, assignee: me }, { ...queued, assignee: me, status: "resolved" }, "me")).toMatchObject({ mine: 0, open: 4, resolved: 8 });
    expect(counted(counts, queued, { ...queued, status: "snoozed" }, "me")).toMatchObject({ queued: 1, open: 4, snoozed: 1 });
  });

  test("stay where nothing moved, and never fall below nothing", () => {
    const one = conversation("1", 0);
    expect(counted(counts, one, { ...one, unread: 3 }, "me")).toEqual(counts);
    expect(counted({ ...counts, queued: 0 }, one, { ...one, assignee: me }, "me").queued).toBe(0);
  });
});

describe("a list being read", () => {
  const now = [conversation("a", 30), conversation("b", 20), conversation("c", 10)];
  const shown = (fresh: Conversation[], order: string[] | null): [string[], number] => {
    const result = arranged(fresh, order);
    return [result.shown.map((one) => one.id), result.above];
  };

  test("is fresh when nobody reads", () => {
    expect(shown(now, null)).toEqual([["a", "b", "c"], 0]);
  });

  test("keeps still when one moves up, and says so", () => {
    expect(shown([conversation("c", 40), conversation("a", 30), conversation("b", 20)], ["a", "b", "c"])).toEqual([["a", "b", "c"], 1]);
  });

  test("keeps a newcomer above out and says so", () => {
    expect(shown([conversation("n", 50), ...now], ["a", "b", "c"])).toEqual([["a", "b", "c"], 1]);
  });

  test("lets one go that left the list", () => {
    expect(shown([conversation("a", 30), conversation("c", 10)], ["a", "b", "c"])).toEqual([["a", "c"], 0]);
  });

  test("appends the next page without a word", () => {
    expect(shown([...now, conversation("d", 5)], ["a", "b", "c"])).toEqual([["a", "b", "c", "d"], 0]);
  });
});

describe("the conversation that one is at", () => {
  const mine = conversation("b", 60, { assignee: { id: "me", name: "M" } });
  const order = (fresh: Conversation[]): string[] => withStaying(fresh, mine, 20).map((one) => one.id);

  test("stays where it was when it leaves the list", () => {
    expect(order([conversation("a", 30), conversation("c", 10)])).toEqual(["a", "b", "c"]);
    expect(order([conversation("n", 50), conversation("a", 30)])).toEqual(["n", "a", "b"]);
    expect(order([])).toEqual(["b"]);
  });

  test("is there once when the list has it", () => {
    expect(order([mine, conversation("a", 30)])).toEqual(["b", "a"]);
  });
});

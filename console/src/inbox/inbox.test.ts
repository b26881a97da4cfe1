import { describe, expect, test } from "vitest";
import { belongs, placed } from "../api/conversation-pages";
import type { Conversation, Page } from "../api/types";
import { arranged, withStaying } from "./list-order";

const conversation = (id: string, updated: number, more: Partial<Conversation> = {}): Conversation => ({
  id, channel: `c/${id}`, notes_channel: `n/${id}`, site: { id: "s", name: "Shop" }, visitor: { id: `v${id}`, name: null, email: null, label: "Visitor 4F2A", present: false },
  status: "open", assignee: null, last_seq: 1, last_note_seq: 0, last_message: null, waiting_since: null, unread: 0,
  receipts: { visitor: { delivered: 0, read: 0 }, operator: { delivered: 0, read: 0 } }, page: null, previous_id: null, created_at: 0, updated_at: updated, ...more,
});
const pages = (...all: [Conversation[], string | null][]): Page<Conversation>[] => all.map(([items, next_cursor]) => ({ items, next_cursor }));
const ids = (all: Page<Conversation>[]): string[][] => all.map((page) => page.items.map((one) => one.id));

describe("the lists a conversation belongs to", () => {
  test("follow its status and assignee", () => {
    const views = ["queued", "mine", "all", "resolved"] as const;
    const of = (one: Conversation): string[] => views.filter((view) => belongs(one, view, null, "me"));
    expect(of(conversation("1", 0))).toEqual(["queued", "all"]);
    expect(of(conversation("1", 0, { assignee: { id: "me", name: "M" } }))).toEqual(["mine", "all"]);
    expect(of(conversation("1", 0, { assignee: { id: "jun", name: "J" } }))).toEqual(["all"]);
    expect(of(conversation("1", 0, { status: "resolved" }))).toEqual(["resolved"]);
  });

  test("are those of its site", () => {
    expect(belongs(conversation("1", 0), "all", "other", "me")).toBe(false);
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

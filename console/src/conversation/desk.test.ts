import { describe, expect, test } from "vitest";
import type { CannedResponse, Conversation, Tag, Visitor } from "../api/types";
import { matching } from "../commands/search-text";
import { sizeText } from "../files/size";
import { marked, rangesOf } from "../inbox/marked";
import { idleChange, IDLE_AFTER } from "../shell/idle";
import { localInput, snoozeTimes } from "../time/snooze";
import { cannedFor, cannedToken, filled, fillingOf } from "./canned";
import { cardOf, priceText } from "./card";
import { visitsOf } from "./PageTrail";
import { choices, toggled } from "./tags";

describe("canned responses", () => {
  const one = (shortcut: string, text = "", site_id: string | null = null): CannedResponse => ({ id: shortcut, shortcut, text, site_id, updated_at: 0, created_by: { id: "o", name: "Mina" } });

  test("a slash asks for them where a word begins, and not inside of one", () => {
    expect(cannedToken("/", 1)).toEqual({ from: 0, typed: "" });
    expect(cannedToken("네, /배송", 6)).toEqual({ from: 3, typed: "배송" });
    expect(cannedToken("/배송 안내", 6)).toBeNull();
    expect(cannedToken("https://a.example/x", 19)).toBeNull();
    expect(cannedToken("1/2", 3)).toBeNull();
  });

  test("shortcuts that begin so come first, then those that contain it, then texts; other sites' not at all", () => {
    const all = [one("refund", "Money back"), one("no-refund"), one("hello", "About a refund"), one("refund-b", "", "other")];
    expect(cannedFor(all, "REF", "here").map((found) => found.id)).toEqual(["refund", "no-refund", "hello"]);
    expect(cannedFor([one("배송")], "배".normalize("NFD"), "here")).toHaveLength(1);
  });

  test("variables are filled, fall back, and an unknown one stays to be seen", () => {
    const values = { "visitor.name": null, "operator.name": "Mina" };
    expect(filled("Hi {{visitor.name|there}}, {{ operator.name }} here. {{order.id}} {{visitor.name}}.", values)).toBe("Hi there, Mina here. {{order.id}}.");
    expect(filled("Hello {{visitor.name}}, welcome", values)).toBe("Hello, welcome");
  });

  test("the page is the one the visitor is on now", () => {
    const conversation = { site: { id: "s", name: "Shop" }, visitor: { name: "Ben" }, page: { url: "https://old.example", title: "Old" } } as Conversation;
    expect(fillingOf(conversation, { name: "Ben", page: { url: "https://new.example", title: "New", since: 0 } } as Visitor, "Mina")["page.title"]).toBe("New");
    expect(fillingOf(conversation, undefined, "Mina")["page.url"]).toBe("https://old.example");
  });
});

describe("cards", () => {
  const product = { id: null, name: "Coat", price: "129000", currency: "KRW", image: "https://a.example/p.jpg", url: "https://a.example/coat", in_stock: true };

  test("a card speaks the visitor's language", () => {
    expect(cardOf(product, "ko-KR")).toMatchObject({ title: "Coat", price: "₩129,000", buttons: [{ label: "상품 보기", url: "https://a.example/coat" }] });
  });

  test("an address that is not of the web makes no card, and an odd price is shown as it is", () => {
    expect(cardOf({ ...product, url: "javascript:alert(1)" }, "en")).toBeNull();
    expect(cardOf({ ...product, image: "data:image/png,x" }, "en")?.image_url).toBeNull();
    expect(priceText({ price: "ask us", currency: null }, "en")).toBe("ask us");
  });
});

describe("snoozing", () => {
  const choicesAt = (text: string): string[] => snoozeTimes(new Date(text).getTime()).map((one) => one.choice);

  test("offers times that make sense at that hour of that day", () => {
    expect(choicesAt("2026-11-18T10:00")).toEqual(["hour", "three_hours", "evening", "tomorrow", "monday", "week"]);
    expect(choicesAt("2026-11-18T17:00")).not.toContain("evening");
    expect(choicesAt("2026-11-22T10:00")).not.toContain("monday");
  });

  test("every time is to come, in the reader's own morning", () => {
    const now = new Date("2026-11-18T23:30").getTime();
    for (const { at } of snoozeTimes(now)) expect(at).toBeGreaterThan(now);
    expect(localInput(snoozeTimes(now).find((one) => one.choice === "tomorrow")!.at)).toBe("2026-11-19T09:00");
  });
});

describe("tags", () => {
  const tag = (name: string, conversations = 0): Tag => ({ id: name, name, color: 1, conversations });

  test("those on it come first, then the often used; a new name can be made once", () => {
    const { list, fresh } = choices([tag("rare"), tag("often", 9), tag("on")], ["on"], "");
    expect([list.map((one) => one.name), fresh]).toEqual([["on", "often", "rare"], null]);
    expect(choices([tag("Refund")], [], "ref").fresh).toBe("ref");
    expect(choices([tag("Refund")], [], "refund ").fresh).toBeNull();
  });

  test("one more than the server takes is not put on", () => {
    const full = Array.from({ length: 20 }, (_, index) => `t${index}`);
    expect(toggled(full, "x")).toHaveLength(20);
    expect(toggled(full, "t3")).toHaveLength(19);
  });
});

describe("what was found", () => {
  test("is marked by UTF-16 units and loses no letter", () => {
    const pieces = marked("🙂 배송은 언제", [[3, 2]]);
    expect(pieces.filter((piece) => piece.hit).map((piece) => piece.text)).toEqual(["배송"]);
    expect(pieces.map((piece) => piece.text).join("")).toBe("🙂 배송은 언제");
    expect(marked("abc", [[-2, 9], [1, 1], [7, 2]]).map((piece) => piece.text).join("")).toBe("abc");
  });

  test("a name is marked wherever the words stand in it", () => {
    expect(rangesOf("Anna Banana", "an")).toEqual([[0, 2], [6, 2], [8, 2]]);
    expect(rangesOf("x", "")).toEqual([]);
  });
});

test("commands are found by any of their words, beginnings first", () => {
  const all = ["Go to queued", "Set yourself away", "Resolve"].map((text) => ({ text }));
  expect(matching(all, "re").map((one) => one.text)).toEqual(["Resolve"]);
  expect(matching(all, "yourself set").map((one) => one.text)).toEqual(["Set yourself away"]);
  expect(matching(all, "nothing")).toEqual([]);
});

test("away comes by itself and goes by itself only where it came so", () => {
  expect(idleChange("online", IDLE_AFTER, false)).toBe("away");
  expect(idleChange("online", IDLE_AFTER - 1, false)).toBeNull();
  expect(idleChange("away", 0, true)).toBe("online");
  expect(idleChange("away", 0, false)).toBeNull();
  expect(idleChange("offline", IDLE_AFTER, true)).toBeNull();
});

test("sizes are read at a glance", () => {
  expect([sizeText(12, "en"), sizeText(8400, "en"), sizeText(3_240_000, "en")]).toEqual(["12 byte", "8.2 kB", "3.1 MB"]);
});

test("who signs in on a page stayed on it once", () => {
  const view = (at: number, url: string, visit_id: string, left_at: number | null) => ({ at, url, visit_id, left_at, title: url });
  const visits = visitsOf([view(30, "cart", "2", null), view(20, "jar", "2", 30), view(10, "jar", "2", 20), view(1, "jar", "1", 2)]);
  expect(visits.map(({ views }) => views.map(({ at, url, left_at }) => [at, url, left_at]))).toEqual([[[30, "cart", null], [10, "jar", 30]], [[1, "jar", 2]]]);
});

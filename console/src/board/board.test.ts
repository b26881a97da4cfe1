import { expect, test } from "vitest";
import { after, boardOf, grouped, matches, pageKey, type Filter, type LiveVisitor } from "./board";

const ALL: Filter = { words: "", site: null, shown: "all" };
function visitor(id: string, more: Partial<LiveVisitor> = {}): LiveVisitor {
  return {
    id, site_id: "s1", label: `Visitor ${id}`, name: null, email: null, identified: false, page: { url: "https://shop.test/a", title: "A", at: 0 }, product: null, trail: [],
    since: Number(id), referrer: null, campaign: null, browser: "Chrome", os: "Android", device: "phone", language: "ko", visits: 1, cart: null, order: null, conversation: null, connected: true, ...more,
  };
}
const board = (...items: LiveVisitor[]) => boardOf({ channel: "b/t", version: 3, items });

test("a delta puts and takes away, an old one changes nothing, and a missed one is noticed", () => {
  const first = board(visitor("1"), visitor("2"));
  const next = after(first, { version: 4, put: [visitor("2", { name: "Mina" }), visitor("3")], gone: ["1"] });
  expect([...(next?.visitors.keys() ?? [])]).toEqual(["2", "3"]);
  expect(next?.visitors.get("2")?.name).toBe("Mina");
  expect(first.visitors.size).toBe(2);
  expect(after(first, { version: 3, put: [], gone: ["1"] })).toBe(first);
  expect(after(first, { version: 5, put: [], gone: [] })).toBeNull();
});

test("what somebody looks for is found in names, pages and products, in any composition of letters", () => {
  const one = visitor("1", { name: "김미나", page: { url: "https://shop.test/jar", title: "달항아리", at: 0 } });
  expect(matches(one, { ...ALL, words: "미나".normalize("NFD") })).toBe(true);
  expect(matches(one, { ...ALL, words: "JAR" })).toBe(true);
  expect(matches(one, { ...ALL, words: "teapot" })).toBe(false);
  expect(matches(one, { ...ALL, site: "s2" })).toBe(false);
  const talking = visitor("2", { conversation: { id: "c", status: "open", assignee_id: null, assignee_name: null }, cart: { value: 1, currency: "KRW", items: [] } });
  expect([one, talking].map((each) => (["cart", "talking", "silent"] as const).map((shown) => matches(each, { ...ALL, shown })))).toEqual([[false, false, true], [true, true, false]]);
});

test("groups are by page whatever campaign led there, or by product, the largest first and nothing last", () => {
  const jar = { id: "7", name: "Jar", price: null, currency: null, image: null, url: "https://shop.test/jar", in_stock: null };
  const all = board(visitor("1", { page: null }), visitor("2", { product: jar }), visitor("3", { page: { url: "https://shop.test/b?utm_source=x", title: "B", at: 0 } }), visitor("4"));
  expect(grouped(all, ALL, "page").map((group) => [group.key, group.visitors.map((one) => one.id)])).toEqual([["shop.test/a", ["4", "2"]], ["shop.test/b", ["3"]], ["", ["1"]]]);
  expect(grouped(all, ALL, "product").map((group) => [group.title, group.visitors.length])).toEqual([["Jar", 1], ["", 3]]);
  expect(grouped(all, ALL, "none").map((group) => group.visitors.length)).toEqual([4]);
  expect(grouped(board(), ALL, "none")).toEqual([]);
  expect(pageKey("https://shop.test/p?no=1&gclid=2")).toBe("shop.test/p?no=1");
});

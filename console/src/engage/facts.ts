/** What a condition may ask about here, and how; and what a new promotion begins with. */
import type { Condition, Definition, Test, Value } from "../api/engage";

type Is = Test["is"];

export type Kind = "text" | "number" | "flag";
export const FACTS: [name: string, kind: Kind][] = [
  ["page.path", "text"], ["page.title", "text"], ["product.id", "text"], ["product.name", "text"], ["product.price", "number"], ["product.in_stock", "flag"], ["visit.page_views", "number"], ["visit.seconds_on_site", "number"],
  ["visit.seconds_on_page", "number"], ["visit.referrer", "text"], ["visit.campaign", "text"], ["visitor.returning", "flag"], ["visitor.visits", "number"], ["visitor.identified", "flag"], ["visitor.language", "text"],
  ["visitor.device", "text"], ["cart.value", "number"], ["cart.items", "number"], ["orders.count", "number"], ["shop.open", "flag"], ["clock.hour", "number"], ["clock.weekday", "text"],
];
const OPERATORS: Record<Kind, Is[]> = {
  text: ["equals", "not_equals", "contains", "not_contains", "starts_with", "ends_with", "wildcard", "in", "not_in", "exists", "absent"],
  number: ["at_least", "at_most", "above", "below", "equals", "not_equals", "exists", "absent"],
  flag: ["equals"],
};
/** They ask whether something is known, and compare it with nothing. */
export const VALUELESS: readonly Is[] = ["exists", "absent"];
export const TRIGGERS = ["page.enter", "page.stay", "site.stay", "visitor.returned", "cart.changed"] as const;

export const kindOf = (fact: string): Kind => FACTS.find(([name]) => name === fact)?.[1] ?? "text";
export const firstValue = (kind: Kind): Value => (kind === "number" ? 0 : kind === "flag" ? true : "");

/** With the one that is there already, which may be of a program's own making. */
export function operatorsOf(fact: string, held: Is | null): Is[] {
  const known = OPERATORS[kindOf(fact)];
  return held === null || known.includes(held) ? known : [...known, held];
}
export function factsWith(held: string): string[] {
  const known = FACTS.map(([name]) => name);
  return known.includes(held) ? known : [...known, held];
}

export type Join = "all" | "any" | "none";
export interface Group { join: Join; items: Condition[] }
export const isTest = (one: Condition): one is Test => "fact" in one;

/** A condition as a group of conditions; a single test is a group of one. */
export function groupOf(when: Condition): Group {
  if (isTest(when)) return { join: "all", items: [when] };
  const join = (["all", "any", "none"] as const).find((one) => one in when) ?? "all";
  return { join, items: (when as Record<Join, Condition[]>)[join] };
}
export const made = ({ join, items }: Group): Condition => ({ [join]: items }) as Condition;
export const firstTest = (): Test => ({ fact: "page.path", is: "starts_with", value: "/" });

const EMPTY = { look: "bubble", title: {}, text: {}, button: {} } as const;
export const blank = (): Definition => ({
  offer: { ...EMPTY }, on: { event: "page.enter" }, when: { all: [] }, limits: { per_visit: 1 }, priority: 0, holdout: 10, goal: { kind: "order", within_hours: 24 },
});

export const TEMPLATES: Record<"welcome" | "hesitant" | "cart" | "byhand", () => Definition> = {
  welcome: () => ({ ...blank(), offer: { look: "banner", title: { ko: "다시 오셨네요. 반가워요", en: "Good to see you again" }, text: { ko: "오늘은 배송비가 무료예요.", en: "Shipping is free today." }, button: {} }, on: { event: "visitor.returned" }, limits: { per_visit: 1, pause_hours: 168 } }),
  hesitant: () => ({ ...blank(), offer: { look: "bubble", title: { ko: "고민되시면 물어보세요", en: "Questions about this one?" }, text: { ko: "크기, 색, 배송 무엇이든 바로 답해 드려요.", en: "Size, colour, delivery: we answer right away." }, button: { ko: "물어보기", en: "Ask us" } }, on: { event: "page.stay", seconds: 30 }, when: { all: [{ fact: "page.path", is: "starts_with", value: "/products/" }] } }),
  cart: () => ({ ...blank(), offer: { look: "card", title: { ko: "5% 할인 쿠폰이 있어요", en: "A 5% coupon for you" }, text: { ko: "주문할 때 코드를 적어 주세요.", en: "Enter the code at the checkout." }, button: {}, coupon: "THANKS5" }, on: { event: "cart.changed" }, when: { all: [{ fact: "cart.value", is: "at_least", value: 50000 }] }, limits: { per_visitor: 1 } }),
  byhand: () => ({ ...blank(), offer: { look: "card", title: { ko: "지금만 10% 할인", en: "10% off right now" }, text: {}, button: { ko: "보러 가기", en: "See the offer" } }, on: null, limits: {} }),
};

/** What the server says about a field, in the reader's words. Its own words stay where nobody knows others. */
import i18next from "i18next";

type Said = Record<string, string>;

/** In this order; the names of groups are the places to fill in. */
const KNOWN = [
  ["empty", /^must not be empty$/],
  ["password", /^has \d+ characters; (?<least>\d+) to (?<most>\d+) are needed$/],
  ["long", /^has (?<length>\d+) characters; at most (?<most>\d+) are allowed$/],
  ["email", /^must be an e-mail address\b/],
  ["zone", /^must be a time zone\b/],
  ["color", /^must be a colou?r such as\b/],
  ["domains", /^name \d+ to \d+ domains\b/],
  ["domain", /^"(?<domain>[^"]*)" is not a domain such as\b/],
  ["wrong_password", /^is not your password$/],
  ["parent", /is not one of the site's domains or a parent of one\b/],
  ["members", /^name at least one operator\b/],
  ["private", /\bleads to (?<address>[^,]+), inside a private network\b/],
  ["future", /^must be in the future\b/],
  ["range", /^(?:must be|is -?\d+;) (?<from>-?\d+) to (?<to>\d+)\b/],
  ["many", /\bat most (?<most>\d+)\b.* are allowed$/],
] as const;

// Which text it is is known while it runs only.
const t = (key: string, values?: Said): string => String(i18next.t(key as never, (values ?? {}) as never));

export function fieldText(said: string): string {
  for (const [name, pattern] of KNOWN) {
    const found = pattern.exec(said);
    if (found) return t(`field.${name}`, found.groups);
  }
  return t("field.other", { reason: said });
}

export const fieldTexts = (fields: Said): Said => Object.fromEntries(Object.entries(fields).map(([name, said]) => [name, fieldText(said)]));

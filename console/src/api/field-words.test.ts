import { beforeAll, expect, test } from "vitest";
import i18next from "i18next";
import en from "../i18n/en.json";
import ko from "../i18n/ko.json";
import { fieldText } from "./field-words";

beforeAll(() => i18next.init({ resources: { en: { translation: en }, ko: { translation: ko } }, lng: "ko", interpolation: { escapeValue: false } }));

test("what the server says of a field is said in the reader's language", () => {
  for (const [said, told] of [
    ["must not be empty", "비워 둘 수 없어요."],
    ["has 130 characters; at most 120 are allowed", "130자예요. 120자까지 쓸 수 있어요."],
    ["has 3 characters; 10 to 200 are needed", "10자 이상 200자 이하로 정해 주세요."],
    ["must be an e-mail address such as name@example.com", "name@example.com 같은 이메일 주소를 적어 주세요."],
    ['"a b" is not a domain such as shop.example.com, *.example.com or localhost:3000', "a b: shop.example.com이나 *.example.com 같은 주소가 아니에요."],
    ["must be 30 to 3600 seconds, or null", "30에서 3600 사이여야 해요."],
    ["is 900; 0 to 400 pixels are allowed", "0에서 400 사이여야 해요."],
    ["are 60; at most 50 are allowed", "50개까지 쓸 수 있어요."],
    ["the address leads to 10.0.0.7, inside a private network, where webhooks are not sent", "사설 네트워크 안의 10.0.0.7로 가는 주소예요. 그곳으로는 웹훅을 보내지 않아요."],
    ["is a riddle", "이 값은 저장할 수 없어요: is a riddle"],
  ] as const) expect(fieldText(said)).toBe(told);
});

test("and in English where that is theirs", async () => {
  await i18next.changeLanguage("en");
  expect(fieldText("must be 1 to 100, or null for the default")).toBe("This must be 1 to 100.");
});

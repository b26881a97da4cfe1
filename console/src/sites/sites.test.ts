import { expect, test } from "vitest";
import { en as panelEn } from "../../../widget/src/panel/i18n/en";
import { ko as panelKo } from "../../../widget/src/panel/i18n/ko";
import { palette as panelPalette } from "../../../widget/src/panel/theme";
import { textOn as panelTextOn } from "../../../widget/src/shared/color";
import widgetEn from "../i18n/widget.en.json";
import widgetKo from "../i18n/widget.ko.json";
import { cleanColor, contrastWithWhite, isColor, standingOut } from "./color";
import { cleanDomain } from "./domains";
import { palette, textOn } from "./palette";

const COLORS = ["#0f7285", "#ffe600", "#ffffff", "#000000", "#7fd4e4", "#c2334d", "#2f3640"];

test("a pasted address becomes its domain", () => {
  expect(["https://Shop.example.com/cart?x=1", " shop.example.com ", "http://localhost:3000/", "*.example.com"].map(cleanDomain))
    .toEqual(["shop.example.com", "shop.example.com", "localhost:3000", "*.example.com"]);
});

test("a colour that is lost on a white page is made darker, others stay", () => {
  expect(standingOut("#0f7285")).toBe("#0f7285");
  for (const color of ["#ffe600", "#ffffff", "#7fd4e4"]) expect(contrastWithWhite(standingOut(color))).toBeGreaterThanOrEqual(3);
});

test("a colour is # and six digits, and what was meant as one becomes one", () => {
  expect(["#0f7285", "#FFF000", "#fff", "0f7285", "red"].map(isColor)).toEqual([true, true, false, false, false]);
  expect(["FFF", "0F7285", " #0f7285 ", "red"].map(cleanColor)).toEqual(["#ffffff", "#0f7285", "#0f7285", "red"]);
});

test("the picture of the chat has the colours that the chat has", () => {
  for (const color of COLORS) {
    const panel = panelPalette(color);
    expect(palette(color, false)).toEqual({ tint: `rgb(${panel["tint-light"].join(" ")})`, accent: `rgb(${panel["accent-light"].join(" ")})` });
    expect(palette(color, true)).toEqual({ tint: `rgb(${panel["tint-dark"].join(" ")})`, accent: `rgb(${panel["accent-dark"].join(" ")})` });
    expect(textOn(color)).toBe(panelTextOn(color));
  }
});

test("the picture of the chat says what the chat says", () => {
  for (const [texts, panel] of [[widgetEn.site, panelEn], [widgetKo.site, panelKo]] as const) {
    expect([texts.usual_greeting, texts.usual_away, texts.preview_here, texts.typing_told]).toEqual([panel.greeting, panel.away, panel.online, panel.preview]);
  }
});

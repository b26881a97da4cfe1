import { expect, test } from "vitest";
import { contrastWithWhite, isColor, readable } from "./color";
import { cleanDomain } from "./domains";

test("a pasted address becomes its domain", () => {
  expect(["https://Shop.example.com/cart?x=1", " shop.example.com ", "http://localhost:3000/", "*.example.com"].map(cleanDomain))
    .toEqual(["shop.example.com", "shop.example.com", "localhost:3000", "*.example.com"]);
});

test("a colour on which white cannot be read is made darker, others stay", () => {
  expect(readable("#0f7285")).toBe("#0f7285");
  for (const color of ["#ffe600", "#ffffff", "#7fd4e4"]) expect(contrastWithWhite(readable(color))).toBeGreaterThanOrEqual(4.5);
});

test("a colour is # and six digits", () => {
  expect(["#0f7285", "#FFF000", "#fff", "0f7285", "red"].map(isColor)).toEqual([true, true, false, false, false]);
});

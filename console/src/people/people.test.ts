import { expect, test } from "vitest";
import { grantable, isEmail, mayChange } from "./roles";

test("only owners touch owners, and operators nobody", () => {
  expect(mayChange("owner", "owner")).toBe(true);
  expect(mayChange("admin", "owner")).toBe(false);
  expect(mayChange("admin", "admin")).toBe(true);
  expect(mayChange("operator", "operator")).toBe(false);
  expect(grantable("admin")).not.toContain("owner");
});

test("an address has one at sign and a domain", () => {
  expect(["mina@example.com", "a.b+c@sub.example.co.kr"].every(isEmail)).toBe(true);
  expect(["", "mina", "mina@example", "a b@example.com", "a@b@example.com"].some(isEmail)).toBe(false);
});

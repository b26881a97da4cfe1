import { existsSync, readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";

const dist = new URL("../dist/", import.meta.url);
const built = (path: string): string => readFileSync(new URL(path, dist), "utf8");
const weight = (path: string): number => gzipSync(readFileSync(new URL(path, dist)), { level: 9 }).length;

// What an operator waits for before the inbox is there. Areas, forms and fonts come when they are needed.
describe.skipIf(!existsSync(new URL("index.html", dist)))("the first page", () => {
  const named = (): string[] => [...built("index.html").matchAll(/(?:src|href)="\/console\/([^"]+\.(?:js|css))"/g)].map((match) => match[1] ?? "");

  test("keeps its code within 300 KB", () => {
    expect(named().length).toBeGreaterThan(2);
    expect(named().reduce((sum, path) => sum + weight(path), 0)).toBeLessThanOrEqual(300 * 1024);
  });

  test("does not carry the other areas", () => {
    expect(named().filter((path) => /(Sites?|Offline)Page/.test(path))).toEqual([]);
  });

  test("has nothing inline, which its policy would refuse", () => {
    expect(built("index.html")).not.toMatch(/<style|<script(?![^>]*\ssrc=)|\son\w+=|\sstyle=/);
  });
});

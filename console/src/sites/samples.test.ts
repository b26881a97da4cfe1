import { spawnSync } from "node:child_process";
import { createHmac } from "node:crypto";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { SAMPLES } from "./samples";

const SECRET = "a secret of the shop";
const folder = mkdtempSync(join(tmpdir(), "stalk-samples-"));
const codeOf = (name: string): string => SAMPLES.find((one) => one.name === name)?.code ?? "";

function run(program: string, args: string[]): string | null {
  const done = spawnSync(program, args, { cwd: folder, encoding: "utf8", env: { ...process.env, STALK_IDENTITY_SECRET: SECRET } });
  // The machine has no such language: nothing to try.
  if (done.error) return null;
  expect(done.stderr).toBe("");
  return done.stdout.trim();
}

function proves(token: string): void {
  const [head = "", claims = "", signature = ""] = token.split(".");
  expect(signature).toBe(createHmac("sha256", SECRET).update(`${head}.${claims}`).digest("base64url"));
  expect(JSON.parse(Buffer.from(head, "base64url").toString())).toEqual({ alg: "HS256", typ: "JWT" });
  const said = JSON.parse(Buffer.from(claims, "base64url").toString()) as Record<string, unknown>;
  expect(said["sub"]).toBe("42");
  expect(Number(said["exp"])).toBeGreaterThan(Date.now() / 1000 + 3000);
}

function file(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return name;
}

const WAYS: [string, () => string | null][] = [
  ["Node.js", () => run("node", [file("sample.mjs", `${codeOf("Node.js")}\nconsole.log(stalkIdentity({ id: 42, name: "민아", email: "mina@example.com" }));`)])],
  ["Python", () => run("python3", [file("sample.py", `${codeOf("Python")}\nprint(stalk_identity({"id": 42, "name": "민아", "email": "mina@example.com"}))`)])],
  ["PHP", () => run("php", [file("sample.php", `${codeOf("PHP")}\necho stalk_identity(['id' => 42, 'name' => '민아', 'email' => 'mina@example.com']);`)])],
  ["Ruby", () => run("ruby", [file("sample.rb", `${codeOf("Ruby")}\nputs stalk_identity({ id: 42, name: "민아", email: "mina@example.com" })`)])],
  ["Java", () => run("java", [file("Main.java", `${codeOf("Java").replace("public final class", "final class").replace(/^(import[\s\S]*?;\n)\n(?=final)/m, "$1\npublic class Main { public static void main(String[] a) throws Exception { System.out.println(StalkIdentity.of(\"42\")); } }\n")}`)])],
];

test.each(WAYS)("the sample for %s signs what the server will believe", (_name, way) => {
  const token = way();
  if (token !== null) proves(token);
  // A compiler starts slowly where everything else runs too.
}, 60_000);

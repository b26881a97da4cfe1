// Makes src/api/schema.gen.ts from the server's OpenAPI document (OPENAPI, default ../target/openapi.json). `--if-missing` keeps a
// file that is there.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import openapiTS, { astToString } from "openapi-typescript";

const source = process.env.OPENAPI ?? new URL("../../target/openapi.json", import.meta.url).pathname;
const target = new URL("../src/api/schema.gen.ts", import.meta.url).pathname;
if (process.argv.includes("--if-missing") && existsSync(target)) process.exit(0);
if (!existsSync(source)) {
  console.error(`${source} is missing: have the server write its OpenAPI document there, or name one in OPENAPI`);
  process.exit(1);
}
const document = JSON.parse(readFileSync(source, "utf8"));
writeFileSync(target, `// Made by \`npm run types\`; not kept in git.\n${astToString(await openapiTS(document))}`);

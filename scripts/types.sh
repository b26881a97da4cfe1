#!/usr/bin/env bash
# Writes the OpenAPI document of the built binary, makes the console's API types from it, and checks the types of both front
# ends and the syntax of the browser tests. STALK_BIN names another binary.
set -euo pipefail
cd "$(dirname "$0")/.."

mkdir -p target
"${STALK_BIN:-target/release/stalk}" openapi >target/openapi.json.new
mv target/openapi.json.new target/openapi.json
(cd console && npm run --silent types && npm run --silent lint)
(cd widget && npm run --silent lint)
for file in tests/e2e/*.mjs tests/e2e/fixtures/*.mjs; do
    node --check "$file"
done

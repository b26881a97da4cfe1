#!/usr/bin/env bash
# A server that reads the front ends from disk, and builds of both that follow the sources. Ctrl-C ends all of it.
#
#   http://localhost:5173/console/   console, by Vite
#   http://localhost:8082/           demo shop; its loader and panel are built again when widget/src changes
#
# Rust sources are not watched: stop and start again. Its data is in target/dev-data (STALK_DATA names another folder).
set -euo pipefail
cd "$(dirname "$0")/.."

cargo build
(cd widget && npm run --silent build)

# Vite ends with its standard input unless it believes to be in CI, and a job in the background may not read the terminal.
export CI=true
exec </dev/null

# Also kills what the npm scripts started: each is the leader of a group of its own.
set -m
children=()
stop() { for child in "${children[@]}"; do kill -- "-$child" 2>/dev/null || true; done; wait; }
trap stop EXIT
trap 'exit 130' INT TERM

for part in panel more loader; do
    (cd widget && exec npx vite build --watch --logLevel warn --config "vite.$part.config.ts") &
    children+=($!)
done
(cd console && BACKEND=http://127.0.0.1:8080 exec npx vite --port 5173 --strictPort) &
children+=($!)
# The console by Vite is what the server must take for its own address: requests with a login need that very origin.
STALK_DATA=${STALK_DATA:-target/dev-data} STALK_PUBLIC_URL=${STALK_PUBLIC_URL:-http://localhost:5173} target/debug/stalk serve --demo &
children+=($!)
wait -n

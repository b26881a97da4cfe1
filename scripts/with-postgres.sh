#!/usr/bin/env bash
# with-postgres.sh COMMAND …: runs COMMAND beside a private, empty PostgreSQL that ends with it.
#
# COMMAND finds the address in STALK_TEST_POSTGRES (a superuser, the database `postgres`) and PGHOST, PGPORT, PGUSER and the
# server's own programs on the PATH, so that `createdb NAME` works. Set STALK_TEST_POSTGRES beforehand to use a server you have.
set -euo pipefail
cd "$(dirname "$0")/.."

[ -z "${STALK_TEST_POSTGRES:-}" ] || exec "$@"

programs=$(compgen -G '/usr/lib/postgresql/*/bin' | sort -V | tail -n1 || true)
if [ ! -x "$programs/initdb" ]; then
    echo "no PostgreSQL under /usr/lib/postgresql: run scripts/install-test-tools.sh" >&2
    exit 1
fi

# PostgreSQL refuses to run as root; then it runs as the account that its package made.
owner=()
[ "$(id -u)" != 0 ] || owner=(runuser -u postgres --)

mkdir -p target
folder=$(mktemp -d "$PWD/target/postgres.XXXXXX")
if [ ${#owner[@]} -gt 0 ]; then
    chown postgres: "$folder"
    # A checkout under /root is closed to that account.
    if ! (cd / && "${owner[@]}" test -x "$folder"); then
        rmdir "$folder"
        folder=$(mktemp -d "${TMPDIR:-/tmp}/stalk-postgres.XXXXXX")
        chown postgres: "$folder"
    fi
fi

# From / because the account may not be allowed to stand where we do.
postgres() { (cd / && "${owner[@]}" "$programs/$1" "${@:2}"); }

stop() {
    postgres pg_ctl -D "$folder/data" -m immediate stop >/dev/null 2>&1 || true
    rm -rf "$folder"
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

port=$(node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); })')
postgres initdb -D "$folder/data" -U postgres -A trust -E UTF8 --no-locale --no-sync >"$folder/initdb.log" 2>&1 || { cat "$folder/initdb.log" >&2; exit 1; }
# No socket file: its path would be longer than a socket's path may be in a deep checkout.
options="-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c max_connections=300"
postgres pg_ctl -D "$folder/data" -l "$folder/data/server.log" -w -o "$options" start >/dev/null || { cat "$folder/data/server.log" >&2; exit 1; }

export STALK_TEST_POSTGRES="postgres://postgres@127.0.0.1:$port/postgres" PGHOST=127.0.0.1 PGPORT=$port PGUSER=postgres PATH="$PATH:$programs"
"$@"

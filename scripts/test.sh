#!/usr/bin/env bash
# The whole suite, in order; ends at the first failure. `scripts/test.sh PART …` runs parts of it:
#
#   tools   install or name what is missing            start   first start: time, memory, processes
#   front   build and test widget and console          faults  kill -9 in traffic; three nodes, restarted in turn and in trouble
#   bench   every load scenario, small: does it work
#   rust    build all, unit and integration tests      e2e     two browsers and a server
#   xpush   XPUSH's own client library, and three generations of Socket.IO
#   types   API types from the OpenAPI document, tsc          sdk    the TypeScript client, against the server
#   fuzz    anybody's bytes as a rule, for 20 seconds
#
# STALK_TEST_DATABASE (sqlite, postgres) and STALK_TEST_POSTGRES (a superuser's address) steer the integration tests.
set -euo pipefail
cd "$(dirname "$0")/.."

ALL=(tools front rust fuzz types sdk start bench faults xpush e2e)
began=$SECONDS
steps=0
current=
built=no

minutes() { printf '%d min %02d s' $(($1 / 60)) $(($1 % 60)); }

# step HEADING COMMAND …
step() {
    current=$1
    local start=$SECONDS
    shift
    printf '\n==> %s\n' "$current"
    "$@"
    steps=$((steps + 1))
    printf -- '--- %s: %s\n' "$current" "$(minutes $((SECONDS - start)))"
}

finish() {
    local code=$?
    if [ "$code" = 0 ]; then
        printf '\nPASSED: %d steps in %s\n' "$steps" "$(minutes $((SECONDS - began)))"
    else
        printf '\nFAILED at "%s" after %s (%d steps passed)\n' "$current" "$(minutes $((SECONDS - began)))" "$steps" >&2
    fi
}

# in_folder FOLDER COMMAND …
in_folder() { (cd "$1" && "${@:2}"); }

# The loader and the panel have size budgets that their tests weigh, so the build comes first.
part_front() {
    step "front ends: packages and build" make --no-print-directory front
    step "widget: unit tests" in_folder widget npm test --silent
    step "console: unit tests" in_folder console npm test --silent
}

# Always the whole workspace with all targets: another selection would choose other features and compile the dependencies again.
build_all() {
    make --no-print-directory front
    cargo build --release --workspace --all-targets
}

# Once a run: what is there may be older than the sources.
needs_binaries() {
    [ "$built" = no ] || return 0
    step "build" build_all
    built=yes
}

test_sqlite() { STALK_TEST_DATABASE=sqlite cargo test --release --workspace; }
test_postgres() { STALK_TEST_DATABASE=postgres scripts/with-postgres.sh cargo test --release --workspace --test integration; }

part_rust() {
    needs_binaries
    step "Rust tests, integration on SQLite" test_sqlite
    step "integration tests on PostgreSQL" test_postgres
}

part_types() {
    needs_binaries
    step "API types and TypeScript" scripts/types.sh
}

# A linker that has just written a gigabyte keeps the disk busy, and the first start waits for the disk: that is let go first, and the assertion
# has slack. The printed number is what the promise is about.
first_start() {
    sync
    target/release/stalk-load start --slack 3
}

part_fuzz() {
    step "fuzzing the rules" scripts/fuzz.sh 20 -seed=1 -print_final_stats=0 -verbosity=0
}

part_sdk() {
    needs_binaries
    step "SDK: build and tests against the server" make --no-print-directory sdk-test
}

part_start() {
    needs_binaries
    step "first start" first_start
}

part_bench() {
    needs_binaries
    step "load scenarios: packages of the peers" in_folder tests/load/peers npm ci --silent
    step "load scenarios, small" target/release/stalk-load bench --smoke
}

kill_postgres() {
    # shellcheck disable=SC2016 # the inner shell knows these
    scripts/with-postgres.sh bash -eu -c 'createdb stalk_kill; target/release/stalk-load kill --database "${STALK_TEST_POSTGRES%/*}/stalk_kill"'
}

part_faults() {
    needs_binaries
    step "kill -9 in traffic, SQLite" target/release/stalk-load kill --database sqlite
    step "kill -9 in traffic, PostgreSQL" kill_postgres
    step "rolling restart of three nodes" target/release/stalk-load rolling --visitors 60 --slack 5
    step "three nodes and every kind of fault" target/release/stalk-load faults --slack 5 --seed 606
}

part_xpush() {
    needs_binaries
    step "XPUSH's clients: packages" in_folder tests/xpush npm ci --silent
    step "XPUSH's clients" in_folder tests/xpush npm test --silent
}

part_e2e() {
    needs_binaries
    step "browser tests: packages" in_folder tests/e2e npm ci --silent
    step "browser tests" in_folder tests/e2e npm test --silent
}

part_tools() {
    step "toolchain" scripts/check-toolchain.sh
    step "test tools" scripts/install-test-tools.sh
}

[ $# -gt 0 ] || set -- "${ALL[@]}"
for part in "$@"; do
    case " ${ALL[*]} " in
        *" $part "*) ;;
        *) echo "no part is called $part; there are: ${ALL[*]}" >&2; exit 2 ;;
    esac
done
trap finish EXIT
for part in "$@"; do
    current=$part
    "part_$part"
done

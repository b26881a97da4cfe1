#!/usr/bin/env bash
# Fuzzes what reads rules (tests/fuzz) for SECONDS, 60 unless told: `scripts/fuzz.sh [SECONDS] [libFuzzer's options …]`.
# libFuzzer comes with the crate, and its instrumentation is the compiler's own, so that the stable toolchain is enough. What it learns stays in
# target/fuzz/corpus; an input that breaks something is kept in target/fuzz and printed, and the script fails.
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${1:-60}
shift || true
host=$(rustc -vV | sed -n 's/^host: //p')
mkdir -p target/fuzz/corpus
# With a target named, the flags reach the fuzzed code alone, not the build scripts.
RUSTFLAGS="-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
-Cllvm-args=-sanitizer-coverage-pc-table -Cllvm-args=-sanitizer-coverage-trace-compares -Ccodegen-units=1 --cfg fuzzing" \
    cargo build --quiet --release --manifest-path tests/fuzz/Cargo.toml --target "$host" --target-dir target/fuzz/build
exec "target/fuzz/build/$host/release/stalk-fuzz" target/fuzz/corpus tests/fuzz/corpus/rule \
    -max_total_time="$seconds" -timeout=2 -rss_limit_mb=1024 -max_len=8192 -artifact_prefix=target/fuzz/ -print_final_stats=1 "$@"

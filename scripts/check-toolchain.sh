#!/usr/bin/env bash
# Tells at once, and in words, when a compiler that the build needs is missing or too old. Installs nothing.
set -euo pipefail

missing=()
wants() { missing+=("$1"); }

# True when version $1 is at least version $2.
at_least() { [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n1)" = "$2" ]; }

if ! command -v cargo >/dev/null || ! command -v rustc >/dev/null; then
    wants "Rust 1.95 or newer with cargo, clippy and rustfmt (rustup.rs)"
else
    rust=$(rustc --version | cut -d' ' -f2)
    at_least "$rust" 1.95.0 || wants "Rust 1.95 or newer; rustc here is $rust (rustup update stable)"
fi

if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
    wants "Node.js 20.19 or newer with npm (nodejs.org)"
else
    node=$(node --version)
    at_least "${node#v}" 20.19.0 || wants "Node.js 20.19 or newer; node here is ${node#v}"
fi

command -v cc >/dev/null || wants "a C compiler and linker, for the embedded SQLite (Debian/Ubuntu: apt-get install build-essential)"

if [ ${#missing[@]} -gt 0 ]; then
    echo "STALK cannot be built here yet. Please install:" >&2
    printf '  - %s\n' "${missing[@]}" >&2
    exit 1
fi

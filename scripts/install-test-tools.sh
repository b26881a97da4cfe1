#!/usr/bin/env bash
# What the tests need beside Rust and Node: PostgreSQL, Redis, HAProxy, Chromium, a Korean font, an ACME authority, a clock to bend. Installs what is missing as root on Debian or
# Ubuntu; elsewhere says exactly what to install. Does nothing, quickly, when all is there.
set -euo pipefail

has_postgres() {
    compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null
}

# Asked for its version, because Ubuntu's package may be no more than a pointer to a snap.
has_chromium() {
    local name
    for name in ${CHROMIUM:-chromium chromium-browser google-chrome}; do
        if "$name" --version >/dev/null 2>&1; then return 0; fi
    done
    return 1
}

has_korean_font() {
    command -v fc-list >/dev/null && [ -n "$(fc-list :lang=ko)" ]
}

packages() {
    has_postgres || echo postgresql
    command -v redis-server >/dev/null || echo redis-server
    [ -x /usr/sbin/haproxy ] || command -v haproxy >/dev/null || echo haproxy
    command -v pebble >/dev/null || echo pebble
    command -v faketime >/dev/null || echo faketime
    has_chromium || echo chromium
    has_korean_font || printf '%s\n' fontconfig fonts-noto-cjk
}

mapfile -t missing < <(packages)
[ ${#missing[@]} -gt 0 ] || exit 0

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "installing ${missing[*]}"
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -q
    apt-get install -y -q --no-install-recommends "${missing[@]}"
    mapfile -t missing < <(packages)
    [ ${#missing[@]} -gt 0 ] || exit 0
fi

cat >&2 <<TEXT
The tests need packages that are not here and cannot be installed by this user: ${missing[*]}
  Debian, Ubuntu:  sudo apt-get install ${missing[*]}
  elsewhere:       PostgreSQL 14 or newer with its programs under /usr/lib/postgresql/VERSION/bin,
                   redis-server, haproxy, faketime and pebble with pebble-challtestsrv on the PATH, Chromium too (or its path in CHROMIUM), and a font with Korean (Noto Sans CJK)
TEXT
exit 1

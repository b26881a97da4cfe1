# STALK: `make run` serves it, `make test` tests all of it. Each target does its own set-up.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:

WIDGET := widget/dist/panel/index.html
CONSOLE := console/dist/index.html

# What a front end is built from; a change of any of it builds it again, and nothing else does.
sources = $(shell find $(1)/src $(1)/public $(1)/index.html -type f ! -name '*.test.ts' ! -name 'schema.gen.ts' 2>/dev/null)

.PHONY: help
help:
	@echo "make run          build and serve with a demo shop; data in ./data (STALK_DATA names another folder)"
	@echo "make test         the whole suite; parts: scripts/test.sh front rust fuzz types sdk start bench faults e2e"
	@echo "make dist         the binary to install: target/dist/stalk"
	@echo "make dev          server and front ends that follow the sources"
	@echo "make lint         formatting, clippy, TypeScript"
	@echo "make bench        every figure of docs/PERFORMANCE.md, beside Node; NAME=\"fanout two_nodes\" measures some"
	@echo "make profile      where the server's time goes in one of them: NAME=persist_max_sqlite"
	@echo "make talk         the time from a key press to the other screen, in two browsers"
	@echo "make faults       kill -9 in traffic, rolling restart, and faults of every kind on three nodes (FAULTS=200: long)"
	@echo "make fuzz         anybody's bytes as a rule, for a minute (FUZZ=600: ten)"
	@echo "make simulate     the engine in a simulated world: 10,000 seeds of faults"
	@echo "make screenshots  every page and state, into target/screenshots; the README's into docs/images"
	@echo "make front        build widget and console"
	@echo "make sdk          build the TypeScript client into sdk/typescript/dist"
	@echo "make clean        remove what was built, not ./data"

.PHONY: run
run: binary
	exec target/release/stalk serve --demo

# The release binary with both front ends in it.
.PHONY: binary
binary: toolchain front
	cargo build --release --package stalk

.PHONY: front
front: $(WIDGET) $(CONSOLE)

.PHONY: toolchain
toolchain:
	@scripts/check-toolchain.sh

%/node_modules/.package-lock.json: %/package-lock.json | toolchain
	cd $* && npm ci --silent
	@touch $@

$(WIDGET): widget/node_modules/.package-lock.json $(call sources,widget) $(wildcard widget/vite.*.ts)
	cd widget && npm run --silent build

# Types are erased here, so this build needs none of the generated ones.
$(CONSOLE): console/node_modules/.package-lock.json $(call sources,console) console/vite.config.ts $(wildcard console/build-*.ts)
	cd console && npm run --silent build

.PHONY: dev
dev: toolchain front
	scripts/dev.sh

.PHONY: test
test:
	scripts/test.sh

.PHONY: lint
lint: suite
	cargo fmt --all --check
	cargo clippy --release --workspace --all-targets -- -D warnings
	scripts/types.sh

# The binary to install, target/dist/stalk: optimised as a whole, which takes a quarter of an hour on two cores.
.PHONY: dist
dist: toolchain front
	cargo build --profile dist --locked --package stalk

# The binaries exactly as the test suite builds them, so that going from one to the other compiles nothing twice.
.PHONY: suite
suite: toolchain front
	cargo build --release --workspace --all-targets

.PHONY: tools
tools: suite
	scripts/install-test-tools.sh

# What is measured is what is installed.
against := --binary target/dist/stalk --engine target/dist/examples/fanout

.PHONY: measured
measured: tools dist tests/load/peers/node_modules/.package-lock.json
	cargo build --profile dist --package xpush --example fanout

# On a quiet machine. NAME="…" measures the rows whose names begin so.
.PHONY: bench
bench: measured
	target/release/stalk-load bench $(against) $(NAME)

# Where the server's time goes in the rows of NAME: target/bench/profile-ROW.svg. Needs perf (Debian: linux-perf).
.PHONY: profile
profile: measured
	target/release/stalk-load bench --profile $(against) $(NAME)

# The time from a key press in one browser to the other's screen.
.PHONY: talk
talk: tools tests/e2e/node_modules/.package-lock.json
	cd tests/e2e && npm test --silent -- talk

# FAULTS=200 is the long run, with what is away staying away for as long as is promised.
.PHONY: faults
faults: tools
	target/release/stalk-load kill --database sqlite $(LONG)
	scripts/with-postgres.sh bash -eu -c 'createdb stalk_kill; target/release/stalk-load kill --database "$${STALK_TEST_POSTGRES%/*}/stalk_kill" $(LONG)'
	target/release/stalk-load rolling --visitors 230
	$(if $(filter-out 20,$(FAULTS)),$(long_faults),target/release/stalk-load faults)

# Runs of a hundred faults: what each client has seen is kept in memory to its end.
long_faults = for run in $$(seq $$(( ($(FAULTS) + 99) / 100 ))); do target/release/stalk-load faults --faults 100 --long --messages 500000 --visitors 160 --rate 500 --out target/faults/long-$$run; done

FAULTS := 20
LONG := --kills 40 --messages 8000 --visitors 40

FUZZ := 60

.PHONY: fuzz
fuzz: toolchain
	scripts/fuzz.sh $(FUZZ)

# The TypeScript client for tenants' programs, generated from the OpenAPI document of the built binary.
.PHONY: sdk
sdk: binary
	$(MAKE) --no-print-directory sdk-build

.PHONY: sdk-build
sdk-build: sdk/typescript/node_modules/.package-lock.json
	mkdir -p target
	$${STALK_BIN:-target/release/stalk} openapi >target/openapi.json
	cd sdk/typescript && npm run --silent build

.PHONY: sdk-test
sdk-test: sdk-build tests/e2e/node_modules/.package-lock.json
	cd sdk/typescript && npm test --silent

# Seeds of the simulated engine; `make simulate SEEDS=100000` for more, and `SIM_SEED=7 cargo test …` as the failure says to replay one.
.PHONY: simulate
simulate: toolchain
	SIM_SEEDS=$(SEEDS) cargo test --release --workspace --test simulation -- --nocapture

SEEDS := 10000

.PHONY: screenshots
screenshots: tools tests/e2e/node_modules/.package-lock.json
	cd tests/e2e && npm run --silent screenshots

.PHONY: clean
clean:
	cargo clean
	rm -rf widget/dist console/dist console/src/api/schema.gen.ts sdk/typescript/{dist,src/schema.gen.ts} {widget,console,tests/e2e,tests/load/peers,sdk/typescript}/node_modules

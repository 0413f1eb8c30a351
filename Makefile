# Everything a person types. `make` alone lists it.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
BIN := node_modules/.bin
# A young generation of 32 MB: what waits for an append or a batch dies before it is copied, and a pause stays short.
# The old one may double before it is collected; V8 by itself lets it grow to four times what lives (ADR 0042).
NODE_FLAGS := --enable-source-maps --max-semi-space-size=32 --heap-growing-percent=100

.PHONY: help run cluster cluster-test pack test chaos fuzz check bench bench-quick soak scaling schemas fmt clean deps build types lint schemas-check nats

help: ## list what can be made
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20

run: build nats ## start Parley on :3000 with its own nats-server and PostgreSQL; Ctrl-C stops all
	@export NATS_SERVER=$$(deploy/nats-server.sh) && exec node $(NODE_FLAGS) dist/src/main.js dev

cluster: build nats ## three nats-servers (R3), PostgreSQL and two nodes of two workers on this machine; Ctrl-C stops all
	@export NATS_SERVER=$$(deploy/nats-server.sh) && exec node $(NODE_FLAGS) dist/src/main.js cluster

pack: build ## what npm pack makes, installed into an empty project: entries, types, no secrets
	@exec node --enable-source-maps dist/test/run.js pack/

cluster-test: build nats ## journeys over such a cluster, of its own (minutes)
	@export NATS_SERVER=$$(deploy/nats-server.sh) && exec node --enable-source-maps dist/test/run.js cluster/

test: build nats ## all tests, over real servers; T=core/ runs those whose path contains it
	@export NATS_SERVER=$$(deploy/nats-server.sh) && exec node --enable-source-maps dist/test/run.js $(T)

chaos: build nats ## break nodes, nats-servers, PostgreSQL, disks and clocks under load, and prove that nothing got lost; T=nodes, ROUNDS=n
	@export NATS_SERVER=$$(deploy/nats-server.sh) $(if $(ROUNDS),PARLEY_CHAOS_ROUNDS=$(ROUNDS)) && exec node --enable-source-maps dist/test/run.js failure/chaos/$(T)

fuzz: build nats ## fuzzers and models with other values, 2,000 for each route (RUNS=n)
	@export NATS_SERVER=$$(deploy/nats-server.sh) PARLEY_TEST_FUZZ_RUNS=$(or $(RUNS),2000) PARLEY_MODEL_SEED=$$RANDOM && exec node --enable-source-maps dist/test/run.js fuzzed model/

check: build lint schemas-check ## types, lint, format, generated files up to date

bench: build nats ## all benches, with their references, into bench/results/latest.json
	@export NATS_SERVER=$$(deploy/nats-server.sh) && exec node --enable-source-maps dist/bench/run.js

bench-quick: build nats ## the same in less than a minute
	@export NATS_SERVER=$$(deploy/nats-server.sh) && exec node --enable-source-maps dist/bench/run.js --quick

soak: build nats ## ten minutes of overload with slow NATS and PostgreSQL (SEC=n) into bench/results/soak.svg, soak.json
	@export NATS_SERVER=$$(deploy/nats-server.sh) SEC=$(or $(SEC),600) && exec node --enable-source-maps dist/bench/soak/soak.js

scaling: build nats ## curves over workers, conversations and sockets into bench/results/scaling* (15 minutes; O=--quick: two)
	@export NATS_SERVER=$$(deploy/nats-server.sh) && exec node --enable-source-maps dist/bench/scaling/run.js $(O)

schemas: build ## write what is generated from the declarations to schemas/
	@node --enable-source-maps dist/src/main.js schemas

fmt: deps ## format the sources, apply the safe fixes of the linter
	@$(BIN)/biome check --write

clean: ## remove what was built (dependencies, nats-server and data stay)
	@rm -rf dist .tap

# npm ci unless node_modules is what the lockfile says: the copy is ours, the newer file is npm's own.
deps:
	@cmp -s package-lock.json node_modules/.parley-lock.json \
	  || [ node_modules/.package-lock.json -nt package-lock.json ] \
	  || { npm ci --no-audit --no-fund && cp package-lock.json node_modules/.parley-lock.json; }

build: deps dist/console/index.html
	@$(BIN)/tsc -p tsconfig.json
	@chmod +x dist/src/main.js 2>/dev/null || true

# The console: checked and built again only when something that it is made of has changed.
dist/console/index.html: $(shell find src/console src/client -type f 2>/dev/null) package-lock.json | deps
	@$(BIN)/tsc -p src/console
	@$(BIN)/vite build src/console --logLevel warn

nats:
	@deploy/nats-server.sh >/dev/null

lint: deps
	@$(BIN)/biome check --error-on-warnings
	@$(BIN)/tsc -p src/console
	@for script in deploy/*.sh .ci/run; do bash -n $$script; done

schemas-check: build
	@if [ -f src/main.ts ]; then node --enable-source-maps dist/src/main.js schemas --check; fi

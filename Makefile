# Waypost. `make` alone lists the targets; the two that matter on a fresh machine are `make run` and `make test`.

GO       ?= go
FUZZTIME ?= 30s
BENCH    ?= .
COUNT    ?= 1

# Tools are built from their pinned versions into .cache (ignored by git); a new version gets a new name, so it is rebuilt.
GOLANGCI_VERSION    := v2.15.0
GOVULNCHECK_VERSION := v1.9.0
TOOLS       := $(CURDIR)/.cache/bin
GOLANGCI    := $(TOOLS)/golangci-lint-$(GOLANGCI_VERSION)
GOVULNCHECK := $(TOOLS)/govulncheck-$(GOVULNCHECK_VERSION)

# The Go vulnerability database as packed for this project; where it is absent the scan says that it was skipped.
VULNDB              ?= ../shared/data/vulndb.tar.xz
VULNDB_MAX_AGE_DAYS ?= 120

.DEFAULT_GOAL := help
.PHONY: help run check test race fuzz bench book install format vet lint words content book-current fips e2e vulnerabilities

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: ## serve on 127.0.0.1:8080 with the embedded store
	$(GO) run ./cmd/waypost

check: format vet words ## before a commit, under a minute: build, vet, gofmt, short tests, content, book, forbidden words
	$(GO) build ./...
	$(GO) test -short ./...
	@$(MAKE) --no-print-directory content book-current
	@echo "check: all good"

test: install format vet words lint ## install what is missing, then everything: lint, tests, content, book, browser, vulnerabilities
	GO="$(GO)" .ci/tests -count=$(COUNT) ./...
	@$(MAKE) --no-print-directory content book-current fips e2e vulnerabilities
	@echo "test: all good"

race: ## the Go tests under the race detector
	$(GO) test -race -count=$(COUNT) ./...

fuzz: ## every fuzz target in turn, FUZZTIME each (default 30s)
	@set -e; for package in $$($(GO) list ./...); do \
		for target in $$($(GO) test -list '^Fuzz' $$package | grep '^Fuzz' || true); do \
			echo "fuzz: $$package $$target for $(FUZZTIME)"; \
			$(GO) test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) $$package; \
		done; \
	done

bench: ## benchmarks against the budgets of the design, ratios in one run; BENCH=pattern to choose
	$(GO) test -run '^$$' -bench '$(BENCH)' -benchmem ./...

book: ## rewrite docs/clinical-book.en.md from the content; its diff is what a clinician signs
	$(GO) run ./cmd/waypost book

install: ## install what the tests need and this machine lacks (Debian and npm packages)
	@.ci/install

format: ## fail on files that gofmt would change
	@bad=$$(git ls-files -z --cached --others --exclude-standard -- '*.go' | xargs -0 -r sh -c 'for f; do [ -f "$$f" ] && echo "$$f"; done; true' sh | xargs -r gofmt -l); \
	[ -z "$$bad" ] || { echo "format: run gofmt -w on:"; echo "$$bad"; exit 1; }

vet: ## go vet, the product and the browser tests
	$(GO) vet ./...
	cd web/e2e && $(GO) vet ./...

lint: $(GOLANGCI) ## golangci-lint over the product and the browser tests
	$(GOLANGCI) run ./...
	cd web/e2e && $(GOLANGCI) run --config ../../.golangci.yml ./...

words: ## fail on verdicts, promises, machine paths and draft ids
	@.ci/words --self
	@.ci/words

content: ## the content check of the product itself
	$(GO) run ./cmd/waypost check

book-current: ## fail if the clinical book is not what the content says
	$(GO) run ./cmd/waypost book --check

fips: ## what seals and signs, with nothing but the validated cryptographic module
	GOFIPS140=v1.0.0 GODEBUG=fips140=only $(GO) test -short -count=1 ./internal/vault/... ./internal/trail/... ./internal/records/...

e2e: ## the browser tests in Chromium (web/e2e)
	cd web/e2e && GO="$(GO)" ../../.ci/tests -count=1 -timeout 14m ./...

vulnerabilities: $(GOVULNCHECK) ## govulncheck, offline: symbols, packages, modules
	@.ci/vulnerabilities $(GOVULNCHECK) $(VULNDB) $(VULNDB_MAX_AGE_DAYS)

$(GOLANGCI):
	@echo "building golangci-lint $(GOLANGCI_VERSION) (about 90 s the first time)"
	@mkdir -p $(TOOLS)
	GOFLAGS= GOBIN=$(TOOLS)/new $(GO) install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI_VERSION)
	@mv $(TOOLS)/new/golangci-lint $@

$(GOVULNCHECK):
	@mkdir -p $(TOOLS)
	GOFLAGS= GOBIN=$(TOOLS)/new $(GO) install golang.org/x/vuln/cmd/govulncheck@$(GOVULNCHECK_VERSION)
	@mv $(TOOLS)/new/govulncheck $@

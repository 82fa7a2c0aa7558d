# Every target is one script or one command; `make` lists them.
.DEFAULT_GOAL := help
.PHONY: help setup build release test soak fuzz bench lint format demo images deploy undeploy cluster-up cluster-down clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## Install what building, testing and the local cluster need (as root: with apt)
	@.ci/setup

build: ## Build the programs for debugging
	@swift build

release: ## Build optimised programs into .build/release
	@.ci/release

test: ## Lint, build, and run all tests (as root also end to end, on a cluster of their own)
	@.ci/test

soak: ## All faults by chance, for ALMANAC_SOAK_SECONDS (an hour); prints the slopes of memory and tasks
	@.ci/soak

fuzz: ## Feed whatever reads outside bytes with libFuzzer, a minute each
	@.ci/fuzz

bench: release ## Measure the operator against a real API server, the engine beside PyTorch, files and serving beside others'
	@.ci/bench

lint: ## Check formatting, sizes, shell scripts and YAML
	@.ci/lint

format: ## Format the Swift sources
	@swift format --in-place --parallel --recursive Package.swift Sources Tests

demo: ## Train, gate, serve and draw on real data, without a cluster
	@.ci/demo

images: release ## Build the container images, with no registry and no container engine
	@deploy/images/build

deploy: ## Put resource types and operator on the cluster of KUBECONFIG (or the local one)
	@.ci/deploy up

undeploy: ## Remove them again, with every pipeline and service
	@.ci/deploy down

cluster-up: ## Start Kubernetes on this machine, one node (root)
	@deploy/cluster/up

cluster-down: ## Stop that cluster and remove all of it (root)
	@deploy/cluster/down

clean: ## Remove what was built
	@rm -rf .build

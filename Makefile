# Every target is one script or one command; `make` lists them.
.DEFAULT_GOAL := help
.PHONY: help setup build release test lint format demo images cluster-up cluster-down deploy undeploy bench clean

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

lint: ## Check formatting, sizes, shell scripts and YAML
	@.ci/lint

format: ## Format the Swift sources
	@swift format --in-place --parallel --recursive Package.swift Sources Tests

demo: ## Show the whole flow on a local cluster
	@.ci/demo

images: release ## Pack operator and worker into container images in .build/images
	@deploy/images/build

cluster-up: ## Start Kubernetes on this machine, one node (root)
	@deploy/cluster/up

cluster-down: ## Stop that cluster and remove all of it (root)
	@deploy/cluster/down

deploy: ## Put resource types and operator on the cluster of KUBECONFIG, or on the local one
	@.ci/deploy up

undeploy: ## Remove operator and resource types, and with them every pipeline
	@.ci/deploy down

bench: release ## Measure what docs/ state
	@.ci/bench

clean: ## Remove what was built
	@rm -rf .build

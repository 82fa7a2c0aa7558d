#!/usr/bin/env python3
# Copyright 2026 The Almanac authors
# SPDX-License-Identifier: Apache-2.0
"""Writes drift.json: how far generated samples lie from generated training rows, as numpy and scipy say. README.md says
which does what.

python3 -m venv /tmp/venv && /tmp/venv/bin/pip install scipy
/tmp/venv/bin/python drift.py
"""

import importlib.metadata
import json
import pathlib

import numpy as np
from scipy import stats


def shares(values, edges):
    """The share of the values in each bin, which holds its upper edge."""
    return np.bincount(np.searchsorted(edges, values, side="left"), minlength=len(edges) + 1) / len(values)


def stability_index(train, sample):
    edges = np.unique(np.quantile(train, np.arange(1, 10) / 10))
    expected, actual = (np.maximum(shares(values, edges), 1e-4) for values in (train, sample))
    return float(np.sum((actual - expected) * np.log(actual / expected)))


def case(name, train, sample):
    train, sample = np.round(train, 3), np.round(sample, 3)
    quantiles = np.quantile(train, np.arange(101) / 100)
    return {
        "name": name,
        "train": train.tolist(),
        "sample": sample.tolist(),
        "psi": stability_index(train, sample),
        "ks": float(stats.ks_2samp(sample, quantiles).statistic),
        "ksOfAll": float(stats.ks_2samp(sample, train).statistic),
    }


def main():
    random = np.random.default_rng(11)
    train = random.normal(50, 10, 500)
    counts = random.poisson(0.7, 400)
    cases = [
        case("the same spread", train, random.normal(50, 10, 160)),
        case("shifted", train, random.normal(58, 10, 160)),
        case("wider", train, random.normal(50, 25, 160)),
        case("beyond all that was seen", train, random.normal(500, 1, 40)),
        case("one value", train, np.array([50.0])),
        case("counts, most of them 0 or 1", counts, random.poisson(2.5, 150)),
        case("a constant that changed", np.full(200, 7.0), np.full(30, 8.0)),
        case("a constant that stayed", np.full(200, 7.0), np.full(30, 7.0)),
    ]
    versions = {name: importlib.metadata.version(name) for name in ("numpy", "scipy")}
    text = json.dumps({"versions": versions, "cases": cases}, separators=(",", ":"))
    pathlib.Path(__file__).with_name("drift.json").write_text(text + "\n")


if __name__ == "__main__":
    main()

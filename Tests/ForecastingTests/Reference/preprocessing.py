#!/usr/bin/env python3
# Copyright 2026 The Almanac authors
# SPDX-License-Identifier: Apache-2.0
"""Writes preprocessing.json: what other people's libraries make of generated rows. README.md says which does what.

python3 -m venv /tmp/venv && /tmp/venv/bin/pip install pandas scipy scikit-learn
/tmp/venv/bin/python preprocessing.py
"""

import importlib.metadata
import json
import pathlib

import numpy as np
import pandas as pd
from scipy import stats
from sklearn.preprocessing import MaxAbsScaler, MinMaxScaler, RobustScaler, StandardScaler

METHODS = {"Mean": "mean", "Sum": "sum", "Last": "last", "Min": "min", "Max": "max"}
# Our frequency, pandas', and how pandas is told to count and close its bins as we do.
FREQUENCIES = [
    ("10min", "10min", {"origin": "epoch"}), ("7min", "7min", {"origin": "epoch"}), ("1d", "1D", {"origin": "epoch"}),
    ("1w", "W-MON", {}), ("1mo", "MS", {}), ("1y", "YS", {}),
]


def numbers(values):
    """Rounded, so that the file stays small; NaN becomes null."""
    return [None if np.isnan(value) else float(f"{value:.12g}") for value in values]


def scalers(values):
    column = values.reshape(-1, 1)
    fitted = {
        "Standard": (lambda s: (s.mean_, s.scale_))(StandardScaler().fit(column)),
        "MinMax": (lambda s: (s.data_min_, s.data_range_))(MinMaxScaler().fit(column)),
        "Robust": (lambda s: (s.center_, s.scale_))(RobustScaler().fit(column)),
        "MaxAbs": (lambda s: (np.zeros(1), s.scale_))(MaxAbsScaler().fit(column)),
    }
    return {name: {"center": float(center[0]), "scale": float(scale[0])} for name, (center, scale) in fitted.items()}


def limits(values, factor):
    low, high = np.percentile(values, [25, 75])
    deviation = stats.median_abs_deviation(values, scale="normal")
    middle = np.median(values)
    reach = factor * (high - low)
    return {
        "IQR": [float(low - reach), float(high + reach)],
        "MAD": [float(middle - factor * deviation), float(middle + factor * deviation)],
    }


def resampled(generator):
    steps = generator.integers(0, 2_000, 400)
    times = 1_388_000_000 + np.cumsum(np.where(steps < 200, 0, steps) * np.where(steps > 1_900, 300, 1))
    values = generator.normal(size=times.size).round(3)
    values[generator.integers(0, values.size, 30)] = np.nan
    series = pd.Series(values, index=pd.to_datetime(times, unit="s", utc=True))
    cases = []
    for ours, theirs, options in FREQUENCIES:
        bins = series.resample(theirs, closed="left", label="left", **options)
        case = {"frequency": ours, "results": {}}
        for name, method in METHODS.items():
            result = bins.sum(min_count=1) if method == "sum" else getattr(bins, method)()
            case["first"] = int(result.index[0].timestamp())
            case["last"] = int(result.index[-1].timestamp())
            # Most short bins are empty: the first hundred are enough.
            case["rows"] = len(result)
            case["results"][name] = numbers(result.to_numpy()[:100])
        cases.append(case)
    return {"times": times.tolist(), "values": numbers(values), "cases": cases}


def main():
    generator = np.random.default_rng(11)
    samples = []
    for values in (generator.lognormal(1, 0.8, 160), generator.gamma(9, 2, 160) ** 0.4, 50 + generator.normal(size=160)):
        values = np.array(numbers(values))
        series = pd.Series(values)
        rolling = series.rolling(7)
        samples.append({
            "values": numbers(values),
            "scalers": scalers(values),
            "limits": limits(values, 1.5),
            "lambda": float(stats.boxcox(values)[1]),
            "boxCox": numbers(stats.boxcox(values)[0][:20]),
            "rolling": {
                "Mean": numbers(rolling.mean()[6:]), "Std": numbers(rolling.std()[6:]),
                "Min": numbers(rolling.min()[6:]), "Max": numbers(rolling.max()[6:]),
            },
            "difference": numbers(series.diff(12).diff().diff()[14:]),
        })
    names = ("numpy", "pandas", "scipy", "scikit-learn")
    reference = {
        "versions": {name: importlib.metadata.version(name) for name in names},
        "samples": samples,
        "resampling": resampled(generator),
    }
    path = pathlib.Path(__file__).with_name("preprocessing.json")
    path.write_text(json.dumps(reference, separators=(",", ":")).replace('{"values', '\n{"values') + "\n")


main()

#!/usr/bin/env python3
# Copyright 2026 The Almanac authors
# SPDX-License-Identifier: Apache-2.0
"""Writes panel.json: what other people's libraries say of several series together. README.md says which does what.

python3 -m venv /tmp/venv && /tmp/venv/bin/pip install dieboldmariano utilsforecast scikit-learn
/tmp/venv/bin/python panel.py
"""

import importlib.metadata
import json
import pathlib

import numpy as np
import pandas as pd
from dieboldmariano import dm_test
from sklearn.metrics import mean_absolute_error, mean_absolute_percentage_error, mean_squared_error, r2_score
from sklearn.preprocessing import StandardScaler
from utilsforecast.losses import mase, smape

HORIZON, STRIDE, SEASON = 4, 2, 5
# Rows, rows of the train part, the first row's place on the common grid, level, spread. They end at different times.
SERIES = {"east": (60, 30, 0, 20, 1), "north": (90, 45, 6, 800, 30), "south": (48, 24, 2, 150, 4)}


def windows(rows, train):
    """The rows that each window forecasts first: from the last one backwards, as far as the test part goes."""
    return list(range(rows - HORIZON, train - 1, -STRIDE))[::-1]


def forecasts(values, origins, season):
    """[windows x horizon]: the last season before each origin, repeated."""
    return np.array([np.resize(values[origin - season : origin], HORIZON) for origin in origins])


def pooled(parts, data, season):
    """Of all forecast values, but for MASE: utilsforecast gives each series', and the mean is over them."""
    truth = np.concatenate([part["truth"].ravel() for part in parts.values()])
    forecast = np.concatenate([part[season].ravel() for part in parts.values()])
    long = pd.concat(
        pd.DataFrame({"unique_id": name, "y": part["truth"].ravel(), "model": part[season].ravel()})
        for name, part in parts.items()
    )
    train = pd.concat(
        pd.DataFrame({"unique_id": name, "y": values[: SERIES[name][1]]}) for name, values in data.items()
    )
    scales = {name: StandardScaler().fit(values[: SERIES[name][1], None]).scale_[0] for name, values in data.items()}

    def centred(name, which, unit):
        part = parts[name]
        return (part[which] - part["truth"].mean()).ravel() / unit

    def r2(units):
        sides = [np.concatenate([centred(name, which, units[name]) for name in parts]) for which in ("truth", season)]
        return r2_score(*sides)

    units = np.concatenate([np.full(part["truth"].size, scales[name]) for name, part in parts.items()])
    everything = long.assign(unique_id="all")
    return {
        "mae": mean_absolute_error(truth, forecast),
        "mse": mean_squared_error(truth, forecast),
        "mape": 100 * mean_absolute_percentage_error(truth, forecast),
        "smape": 200 * smape(everything, ["model"])["model"].mean(),
        "mase": mase(long, ["model"], seasonality=SEASON, train_df=train)["model"].mean(),
        "r2": r2(dict.fromkeys(parts, 1)),
        "scaledMae": mean_absolute_error(truth / units, forecast / units),
        "scaledMse": mean_squared_error(truth / units, forecast / units),
        "scaledR2": r2(scales),
    }


def test(parts, first, second):
    """By dieboldmariano, on the mean over the series of the differences at each time that windows begin."""
    rows = pd.concat(
        pd.DataFrame(
            {
                "time": part["times"],
                "difference": np.abs(part[first] - part["truth"]).mean(axis=1)
                - np.abs(part[second] - part["truth"]).mean(axis=1),
            }
        )
        for part in parts.values()
    )
    means = rows.groupby("time")["difference"].mean()
    zeros = [0.0] * len(means)
    statistic, p_value = dm_test(
        zeros, means.tolist(), zeros, loss=lambda _, loss: loss, h=-(-HORIZON // STRIDE), harvey_correction=True
    )
    return {"times": len(means), "statistic": statistic, "pValue": p_value}


def main():
    rng = np.random.default_rng(11)
    data, parts = {}, {}
    for name, (rows, train, start, level, spread) in SERIES.items():
        season = np.resize(rng.normal(0, 2 * spread, SEASON), rows)
        values = (level + season + spread * rng.normal(0, 1, rows).cumsum() / 4 + rng.normal(0, spread / 2, rows)).round(3)
        origins = windows(rows, train)
        data[name] = values
        parts[name] = {
            "times": [start + origin for origin in origins],
            "truth": np.array([values[origin : origin + HORIZON] for origin in origins]),
            **{season: forecasts(values, origins, season) for season in (1, 3, 5)},
        }
    result = {
        "libraries": {
            name: importlib.metadata.version(name) for name in ("dieboldmariano", "utilsforecast", "scikit-learn")
        },
        "horizon": HORIZON, "strideSteps": STRIDE, "season": SEASON,
        "series": [
            {"key": name, "trainRows": SERIES[name][1], "start": SERIES[name][2], "values": values.tolist()}
            for name, values in data.items()
        ],
        "overall": {f"{season}": pooled(parts, data, season) for season in (1, 3, 5)},
        "dieboldMariano": {f"3-{other}": test(parts, 3, other) for other in (1, 5)},
    }
    path = pathlib.Path(__file__).with_name("panel.json")
    path.write_text(json.dumps(result) + "\n")


main()

#!/usr/bin/env python3
# Copyright 2026 The Almanac authors
# SPDX-License-Identifier: Apache-2.0
"""Writes backtest.json: what other people's libraries say of backtests on ETTh1. README.md says which does what.

python3 -m venv /tmp/venv && /tmp/venv/bin/pip install dieboldmariano statsforecast utilsforecast scikit-learn
/tmp/venv/bin/python backtest.py ../shared/data/ETTh1.csv
"""

import importlib.metadata
import json
import pathlib
import sys

import numpy as np
import pandas as pd
from dieboldmariano import NegativeVarianceException, dm_test
from sklearn.linear_model import LinearRegression
from sklearn.metrics import (
    mean_absolute_error, mean_absolute_percentage_error, mean_squared_error, r2_score, root_mean_squared_error,
)
from sklearn.preprocessing import StandardScaler
from statsforecast import StatsForecast
from statsforecast.models import Naive, SeasonalNaive
from utilsforecast.losses import mase, smape

ROWS, TRAIN, SEASON = 14_400, 8_640, 24
CASES = [
    {"columns": ["OT"], "lookback": 48, "horizon": 24, "windows": 40, "strideSteps": 24, "mode": "Fixed", "shift": 50},
    {"columns": ["OT"], "lookback": 96, "horizon": 24, "windows": 300, "strideSteps": 5, "mode": "Fixed"},
    {"columns": ["HUFL", "OT"], "lookback": 48, "horizon": 12, "windows": 200, "strideSteps": 1, "mode": "Fixed"},
    {"columns": ["OT"], "lookback": 48, "horizon": 24, "windows": 12, "strideSteps": 48, "mode": "Expanding"},
    {"columns": ["HULL", "OT"], "lookback": 72, "horizon": 48, "windows": 8, "strideSteps": 24, "mode": "Sliding"},
]


def naive_forecasts(frame, case):
    """[windows x horizon x columns] of two models of statsforecast, with its own rolling origins."""
    long = pd.concat(
        pd.DataFrame({"unique_id": name, "ds": frame.index, "y": frame[name].to_numpy()}) for name in case["columns"]
    )
    found = StatsForecast(models=[SeasonalNaive(SEASON), Naive()], freq="h").cross_validation(
        df=long, h=case["horizon"], n_windows=case["windows"], step_size=case["strideSteps"]
    )
    shape = (len(case["columns"]), case["windows"], case["horizon"])
    found = found.set_index("unique_id").loc[case["columns"]].reset_index()
    cubes = {name: found[name].to_numpy().reshape(shape).transpose(1, 2, 0) for name in ("SeasonalNaive", "Naive", "y")}
    times = found["ds"].to_numpy().reshape(shape)[0, :, 0]
    return cubes["SeasonalNaive"], cubes["Naive"], cubes["y"], times


def nlinear_fit(values, lookback, horizon):
    """One linear map of the window less its last value, for all columns, by scikit-learn's least squares."""
    scaler = StandardScaler().fit(values)
    scaled = scaler.transform(values)
    windows = np.concatenate(
        [np.lib.stride_tricks.sliding_window_view(column, lookback + horizon) for column in scaled.T]
    )
    last = windows[:, lookback - 1 : lookback]
    model = LinearRegression().fit(windows[:, : lookback - 1] - last, windows[:, lookback:] - last)

    def forecast(history):
        window = scaler.transform(history).T
        level = window[:, -1:]
        return scaler.inverse_transform((model.predict(window[:, :-1] - level) + level).T)

    return forecast


def nlinear_forecasts(frame, case):
    values = frame[case["columns"]].to_numpy()
    lookback, horizon = case["lookback"], case["horizon"]
    first = ROWS - horizon - (case["windows"] - 1) * case["strideSteps"]
    origins = [first + window * case["strideSteps"] for window in range(case["windows"])]
    fixed = nlinear_fit(values[:TRAIN], lookback, horizon)
    result = []
    for origin in origins:
        model = fixed
        if case["mode"] != "Fixed":
            model = nlinear_fit(values[0 if case["mode"] == "Expanding" else origin - TRAIN : origin], lookback, horizon)
        result.append(model(values[origin - lookback : origin]))
    return np.array(result)


def metrics(frame, case, truth, forecast):
    """Of [… x horizon x columns]; each library's function a column, then the mean over the columns."""
    columns = case["columns"]
    truth, forecast = truth.reshape(-1, len(columns)), forecast.reshape(-1, len(columns))
    long = pd.concat(
        pd.DataFrame({"unique_id": name, "y": truth[:, index], "model": forecast[:, index]})
        for index, name in enumerate(columns)
    )
    train = pd.concat(
        pd.DataFrame({"unique_id": name, "y": frame[name].to_numpy()[:TRAIN]}) for name in columns
    )
    symmetric = smape(long, ["model"])["model"].mean()
    scaled = mase(long, ["model"], seasonality=SEASON, train_df=train)["model"].mean()
    mape = None if (truth == 0).any() else 100 * mean_absolute_percentage_error(truth, forecast)
    return {
        "mae": mean_absolute_error(truth, forecast),
        "mse": mean_squared_error(truth, forecast),
        "rmse": root_mean_squared_error(truth.ravel(), forecast.ravel()),
        "mape": mape,
        "smape": 100 * symmetric * 2,  # utilsforecast leaves the factor out: its values end at 1, ours at 200 %
        "mase": scaled,
        "r2": r2_score(truth, forecast),
    }


def test(truth, first, second, squared, horizon):
    """By dieboldmariano, on the mean loss of each window."""
    def losses(forecast):
        errors = (forecast - truth) ** 2 if squared else np.abs(forecast - truth)
        return errors.mean(axis=(1, 2))

    arguments = ([0.0] * len(truth), losses(first).tolist(), losses(second).tolist())
    options = {"loss": lambda _, loss: loss, "h": horizon, "harvey_correction": True}
    try:
        statistic, p_value = dm_test(*arguments, **options)
        kernel = "Rectangular"
    except NegativeVarianceException:
        statistic, p_value = dm_test(*arguments, **options, variance_estimator="bartlett")
        kernel = "Bartlett"
    return {"statistic": statistic, "pValue": p_value, "kernel": kernel, "squared": squared}


def run(frame, case):
    # All columns of ETTh1 have zeros, for which MAPE is not defined; shifted ones have none.
    frame = frame + case.get("shift", 0)
    seasonal, last, truth, times = naive_forecasts(frame, case)
    nlinear = nlinear_forecasts(frame, case)
    models = {"NLinear": nlinear, "SeasonalNaive": seasonal, "Naive": last}
    overlap = -(-case["horizon"] // case["strideSteps"])
    absolute = {name: np.abs(forecast - truth).mean(axis=(1, 2)) for name, forecast in models.items()}
    return {
        **case,
        "from": str(times[0])[:19] + "Z",
        "overall": {name: metrics(frame, case, truth, forecast) for name, forecast in models.items()},
        "lastWindow": {name: metrics(frame, case, truth[-1], forecast[-1]) for name, forecast in models.items()},
        "windowsWon": {name: int((absolute["NLinear"] < absolute[name]).sum()) for name in ("SeasonalNaive", "Naive")},
        "dieboldMariano": {
            f"{one}-{other}-{'mse' if squared else 'mae'}": test(truth, models[one], models[other], squared, overlap)
            for one, other in (("NLinear", "SeasonalNaive"), ("SeasonalNaive", "Naive"))
            for squared in (False, True)
        },
    }


def synthetic():
    """Tests of made-up losses, for machines without ETTh1; some have a negative variance with full weights."""
    rng = np.random.default_rng(7)
    found = []
    for count, horizon in ((2, 1), (8, 1), (8, 7), (30, 1), (30, 5), (30, 12), (60, 24), (200, 48)):
        first = rng.gamma(2, 1, count).round(6)
        second = (first + rng.normal(0.1, 0.5, count) + np.sin(np.arange(count) * 2 * np.pi / 12)).round(6)
        zeros = np.zeros((count, 1, 1))
        outcome = test(zeros, first.reshape(-1, 1, 1), second.reshape(-1, 1, 1), False, horizon)
        found.append({"first": first.tolist(), "second": np.abs(second).tolist(), "horizon": horizon, **outcome})
    return found


def main():
    frame = pd.read_csv(sys.argv[1], parse_dates=["date"], index_col="date")[:ROWS]
    libraries = ("dieboldmariano", "statsforecast", "utilsforecast", "scikit-learn")
    result = {
        "libraries": {name: importlib.metadata.version(name) for name in libraries},
        "trainRows": TRAIN, "rows": ROWS, "season": SEASON,
        "cases": [run(frame, case) for case in CASES],
        "synthetic": synthetic(),
    }
    path = pathlib.Path(__file__).with_name("backtest.json")
    path.write_text(json.dumps(result) + "\n")


main()

# Copyright 2026 The Almanac authors
# SPDX-License-Identifier: Apache-2.0
"""The twin of our Informer trained on ETTh1 by PyTorch, with the settings of the table in docs/informer.md.

etth1.py ETTh1.csv [width] [column]: prints the errors over the test windows, in scaled units.
"""

import csv
import datetime
import sys

import torch
from torch.nn import functional

from informer import Informer

LOOKBACK, LABEL, HORIZON, BATCH, EPOCHS, PATIENCE = 96, 48, 24, 32, 6, 3
TRAIN_END, VALIDATION_END, TEST_END = 8_640, 11_520, 14_400


def read(path, column):
    rows = list(csv.DictReader(open(path)))
    names = [column] if column else [name for name in rows[0] if name != "date"]
    values = torch.tensor([[float(row[name]) for name in names] for row in rows], dtype=torch.float64)
    train = values[:TRAIN_END]
    values = (values - train.mean(0)) / train.std(0, correction=0)
    times = [datetime.datetime.fromisoformat(row["date"]).timetuple() for row in rows]
    features = [[t.tm_hour / 23, t.tm_wday / 6, (t.tm_mday - 1) / 30, (t.tm_yday - 1) / 365] for t in times]
    return values.float(), torch.tensor(features) - 0.5


def batch(values, marks, starts):
    """What the model is given at windows that begin at these rows, and the truth."""
    history = torch.stack([values[s : s + LOOKBACK] for s in starts])
    history_marks = torch.stack([marks[s : s + LOOKBACK] for s in starts])
    label_marks = torch.stack([marks[s + LOOKBACK - LABEL : s + LOOKBACK + HORIZON] for s in starts])
    unknown = torch.zeros(len(starts), HORIZON, values.shape[1])
    truth = torch.stack([values[s + LOOKBACK : s + LOOKBACK + HORIZON] for s in starts])
    return (history, history_marks, torch.cat([history[:, -LABEL:], unknown], 1), label_marks), truth


def errors(model, values, marks, first, end):
    model.eval()
    starts = torch.arange(first - LOOKBACK, end - LOOKBACK - HORIZON + 1)
    squared = absolute = count = 0
    with torch.inference_mode():
        for some in starts.split(BATCH):
            inputs, truth = batch(values, marks, some)
            difference = model(*inputs) - truth
            squared, absolute = squared + (difference**2).sum().item(), absolute + difference.abs().sum().item()
            count += difference.numel()
    return squared / count, absolute / count


def main():
    path, width = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 64
    values, marks = read(path, sys.argv[3] if len(sys.argv) > 3 else None)
    torch.manual_seed(1)
    model = Informer(
        dict(columns=values.shape[1], marks=4, width=width, heads=8, feedForward=4 * width, factor=5, dropout=0.05)
        | dict(encoderLayers=2, decoderLayers=1, lookback=LOOKBACK, label=LABEL, horizon=HORIZON)
    )
    optimiser = torch.optim.Adam(model.parameters(), lr=1e-4)
    best, kept, waited = float("inf"), None, 0
    for epoch in range(EPOCHS):
        # The authors halve the rate after each epoch but the first.
        optimiser.param_groups[0]["lr"] = 1e-4 * 0.5 ** max(0, epoch - 1)
        model.train()
        order = torch.randperm(TRAIN_END - LOOKBACK - HORIZON + 1)
        for some in order[: len(order) // BATCH * BATCH].split(BATCH):
            inputs, truth = batch(values, marks, some)
            optimiser.zero_grad()
            functional.mse_loss(model(*inputs), truth).backward()
            optimiser.step()
        loss, _ = errors(model, values, marks, TRAIN_END, VALIDATION_END)
        print(f"epoch {epoch + 1}: validation MSE {loss:.4f}", flush=True)
        waited = 0 if loss < best else waited + 1
        if loss < best:
            best, kept = loss, {name: value.clone() for name, value in model.state_dict().items()}
        if waited == PATIENCE:
            break
    model.load_state_dict(kept)
    squared, absolute = errors(model, values, marks, VALIDATION_END, TEST_END)
    print(f"test: MSE {squared:.3f}, MAE {absolute:.3f}")


if __name__ == "__main__":
    main()

# Copyright 2026 The Almanac authors
# SPDX-License-Identifier: Apache-2.0
"""The Informer of Tests/TensorTests/Reference behind FastAPI: what people write who serve a PyTorch model."""

import pathlib
import sys

import torch
from fastapi import FastAPI
from pydantic import BaseModel

sys.path.append(str(pathlib.Path(__file__).parent.parent / "TensorTests/Reference"))
from informer import Informer  # noqa: E402

SIZES = {"columns": 1, "marks": 4, "lookback": 12, "label": 12, "horizon": 6}
SHAPE = {"width": 32, "heads": 4, "feedForward": 128, "encoderLayers": 2, "decoderLayers": 1, "factor": 5}
model = Informer(SIZES | SHAPE | {"dropout": 0}).eval()
app = FastAPI()


class Instance(BaseModel):
    history: list[float]
    end: str


class Request(BaseModel):
    instances: list[Instance]


@app.post("/v1/models/model:predict")
def predict(request: Request):
    history = torch.tensor([instance.history for instance in request.instances]).unsqueeze(2)
    batch = len(request.instances)
    label = torch.zeros(batch, SIZES["label"] + SIZES["horizon"], 1)
    label[:, : SIZES["label"]] = history
    # The marks of the time cost next to nothing, and what they are changes no time.
    marks = lambda rows: torch.zeros(batch, rows, SIZES["marks"])
    with torch.inference_mode():
        forecast = model(history, marks(SIZES["lookback"]), label, marks(label.shape[1]))
    return {"predictions": forecast.squeeze(2).tolist()}

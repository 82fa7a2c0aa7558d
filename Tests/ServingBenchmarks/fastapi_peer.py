# Copyright 2026 The Almanac authors
# SPDX-License-Identifier: Apache-2.0
"""A version in PyTorch behind FastAPI, in KServe's V1 protocol: what people write who serve a PyTorch model."""

import twin
from fastapi import FastAPI
from pydantic import BaseModel

model = twin.from_environment()
app = FastAPI()


class Instance(BaseModel):
    history: list[list[float]]
    end: str


class Request(BaseModel):
    instances: list[Instance]


# A coroutine: a plain function would go to a pool of threads, in which 16 clients fight for few processors.
@app.post("/v1/models/model:predict")
async def predict(request: Request):
    histories = [instance.history for instance in request.instances]
    return {"predictions": model.forecast(histories, [instance.end for instance in request.instances])}

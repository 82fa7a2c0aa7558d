# Copyright 2026 The Almanac authors
# SPDX-License-Identifier: Apache-2.0
"""A version in PyTorch as a runtime of MLServer, in the Open Inference Protocol v2."""

import numpy
import twin
from mlserver import MLModel
from mlserver.codecs import NumpyCodec, StringCodec
from mlserver.types import InferenceRequest, InferenceResponse


class Forecasts(MLModel):
    async def load(self) -> bool:
        self.twin = twin.from_environment()
        return True

    async def predict(self, payload: InferenceRequest) -> InferenceResponse:
        inputs = {tensor.name: tensor for tensor in payload.inputs}
        histories = NumpyCodec.decode_input(inputs["history"])
        forecast = self.twin.forecast(histories, StringCodec.decode_input(inputs["end"]))
        outputs = [NumpyCodec.encode_output("forecast", numpy.array(forecast))]
        return InferenceResponse(model_name=self.name, outputs=outputs)

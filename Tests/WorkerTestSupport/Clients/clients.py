# Copyright 2026 The Almanac authors
# SPDX-License-Identifier: Apache-2.0
"""Asks a server by clients that others wrote: clients.py CLIENT URL, where the model has 48 rows in and 12 out."""

import asyncio
import importlib
import json
import re
import subprocess
import sys
import types
import urllib.request
from pathlib import Path

MODEL = "traffic"
HISTORY = [100.0 + 10 * (row % 24) for row in range(48)]


def expected(url: str) -> list[float]:
    """What a bare request by V1 answers: every client must get the same."""
    body = json.dumps({"instances": [HISTORY]}).encode()
    request = urllib.request.Request(f"{url}/v1/models/{MODEL}:predict", body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)["predictions"][0]


def compare(found, wanted, tolerance=1e-9) -> None:
    found = [float(value) for value in found]
    assert len(found) == len(wanted), (found, wanted)
    assert all(abs(one - other) <= tolerance * abs(other) for one, other in zip(found, wanted)), (found, wanted)


def tritonclient(url: str) -> None:
    import numpy as np
    from tritonclient import http
    from tritonclient.utils import InferenceServerException

    client = http.InferenceServerClient(url.removeprefix("http://"))
    assert client.is_server_live() and client.is_server_ready() and client.is_model_ready(MODEL)
    assert client.get_server_metadata()["extensions"] == ["binary_tensor_data"]
    metadata = client.get_model_metadata(MODEL)
    assert metadata["inputs"][0]["shape"] == [-1, 48, 1] and metadata["outputs"][0]["shape"] == [-1, 12, 1], metadata
    version = metadata["versions"][0]
    assert client.get_model_repository_index()[0] == {"name": MODEL, "version": version, "state": "READY", "reason": ""}
    wanted = expected(url)
    for kind, datatype, tolerance in [(np.float64, "FP64", 1e-9), (np.float32, "FP32", 1e-5)]:
        for is_binary in [True, False]:
            tensor = http.InferInput("history", [2, 48, 1], datatype)
            history = np.array([HISTORY, HISTORY], dtype=kind).reshape(2, 48, 1)
            tensor.set_data_from_numpy(history, binary_data=is_binary)
            for outputs in [None, [http.InferRequestedOutput("forecast", binary_data=is_binary)]]:
                answer = client.infer(MODEL, [tensor], model_version=version, outputs=outputs, request_id="7")
                forecast = answer.as_numpy("forecast")
                assert forecast.shape == (2, 12, 1) and answer.get_response()["id"] == "7"
                compare(forecast[1].ravel(), wanted, tolerance)
    for is_binary in [True, False]:
        tensor = http.InferInput("history", [1, 48, 1], "FP64")
        tensor.set_data_from_numpy(np.array(HISTORY).reshape(1, 48, 1), binary_data=is_binary)
        names = ["quantiles", "forecast"]
        outputs = [http.InferRequestedOutput(name, binary_data=is_binary) for name in names]
        quantiles = client.infer(MODEL, [tensor], outputs=outputs).as_numpy("quantiles")
        assert quantiles.shape == tuple([1, *metadata["outputs"][1]["shape"][1:]]) == (1, 12, 1, 5), quantiles.shape
        assert (np.diff(quantiles, axis=-1) >= 0).all() and (quantiles[..., 0] < quantiles[..., -1]).all()
        answer = client.infer(MODEL, [tensor], parameters={"quantiles": "0.9,0.1"})
        compare(answer.as_numpy("quantiles").ravel(), quantiles[..., [3, 1]].ravel())
        compare(answer.as_numpy("forecast").ravel(), wanted)
    short = http.InferInput("history", [1, 3, 1], "FP64")
    short.set_data_from_numpy(np.zeros((1, 3, 1)))
    try:
        client.infer(MODEL, [short])
        raise AssertionError("three rows were taken")
    except InferenceServerException as error:
        assert error.status() == "400" and "must be [batch,48,1]" in error.message(), error


def load_kserve() -> types.ModuleType:
    """KServe's client without the rest of its package, which needs half a gigabyte of others."""
    folder = next(Path(each) / "kserve" for each in sys.path if (Path(each) / "kserve").is_dir())
    package = types.ModuleType("kserve")
    package.__path__ = [str(folder)]
    sys.modules["kserve"] = package
    return importlib.import_module("kserve.inference_client")


def kserve(url: str) -> None:
    client = load_kserve()
    tensors = importlib.import_module("kserve.protocol.infer_type")
    series = importlib.import_module("kserve.protocol.rest.timeseries.types")
    import numpy as np

    wanted = expected(url)

    async def ask() -> None:
        async with client.InferenceRESTClient(client.RESTConfig(protocol="v1")) as v1:
            assert await v1.is_model_ready(url, MODEL)
            compare((await v1.infer(url, {"instances": [HISTORY]}, MODEL))["predictions"][0], wanted)
        async with client.InferenceRESTClient(client.RESTConfig(protocol="v2")) as v2:
            assert await v2.is_server_live(url) and await v2.is_server_ready(url)
            assert await v2.is_model_ready(url, MODEL)
            for is_binary in [True, False]:
                tensor = tensors.InferInput("history", [1, 48, 1], "FP64")
                tensor.set_data_from_numpy(np.array(HISTORY).reshape(1, 48, 1), binary_data=is_binary)
                answer = await v2.infer(url, tensors.InferRequest(MODEL, [tensor], request_id="7"), MODEL)
                assert answer.model_name == MODEL and answer.id == "7", answer
                compare(answer.outputs[0].as_numpy().ravel(), wanted)

    asyncio.run(ask())
    request = series.ForecastRequest(
        model=MODEL,
        inputs=[{
            "type": "univariate_time_series", "name": "a", "series": HISTORY, "frequency": "H",
            "start_timestamp": "2026-11-21T00:00:00Z",
        }],
        options={"horizon": 5, "quantiles": [0.1, 0.9]},
    )
    # Written as KServe's types write it: with null for all that was left out.
    body = request.model_dump_json().encode()
    post = urllib.request.Request(f"{url}/v1/timeseries/forecast", body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(post) as answer:
        forecast = series.ForecastResponse.model_validate_json(answer.read())
    content = forecast.outputs[0].content[0]
    assert content.start_timestamp == "2026-11-23T00:00:00Z" and content.frequency == series.Frequency.HOUR_SHORT
    compare(content.mean_forecast, wanted[:5])
    assert set(content.quantiles) == {"0.1", "0.9"}, content.quantiles
    assert all(low < high for low, high in zip(content.quantiles["0.1"], content.quantiles["0.9"], strict=True))
    try:
        broken = urllib.request.Request(f"{url}/v1/timeseries/forecast", b'{"inputs": []}')
        urllib.request.urlopen(broken)
        raise AssertionError("a request without inputs was answered")
    except urllib.error.HTTPError as error:
        found = series.ErrorResponse.model_validate_json(error.read()).error
        assert error.code == 400 and found.code == "400" and found.param == "inputs", found


def mlflow(url: str) -> None:
    # The client looks for scipy.sparse and fails where there is no scipy at all.
    sys.modules.setdefault("scipy", types.ModuleType("scipy")).__path__ = []
    import numpy as np
    import pandas as pd
    from mlflow.pyfunc.scoring_server.client import ScoringServerClient

    host, port = url.removeprefix("http://").split(":")
    client = ScoringServerClient(host, port)
    client.ping()
    assert client.get_version()
    wanted = expected(url)
    times = pd.date_range("2026-11-21", periods=48, freq="h")
    frame = pd.DataFrame({"timestamp": times, "value": HISTORY})
    answer = client.invoke(frame).get_predictions()
    compare(answer["value"], wanted)
    assert answer["timestamp"][0] == "2026-11-23T00:00:00Z", answer
    compare(client.invoke(frame[["value"]], params={"horizon": 3}).get_predictions()["value"], wanted[:3])
    compare(client.invoke(np.array([HISTORY])).get_predictions().iloc[0], wanted)
    banded = client.invoke(frame, params={"quantiles": [0.1, 0.9]}).get_predictions()
    compare(banded["value"], wanted)
    assert (banded["value_0.1"] < banded["value_0.9"]).all(), banded
    try:
        client.invoke(frame.head(3))
        raise AssertionError("three rows were taken")
    except Exception as error:
        assert "error code 400" in str(error) and "the model needs at least 48" in str(error), error


# A model of several series: six rows of `sales` in, three out, by `store` and `item`.

STORES = "store-sales"
SALES = [310.0, 220.0, 180.0, 330.0, 240.0, 190.0]
SERIES = [("south", "7"), ("north", "12")]
SOLD = [[190.0] * 3, [330.0, 240.0, 190.0]]


def grouped_tritonclient(url: str) -> None:
    import numpy as np
    from tritonclient import http
    from tritonclient.utils import InferenceServerException

    client = http.InferenceServerClient(url.removeprefix("http://"))
    names = [tensor["name"] for tensor in client.get_model_metadata(STORES)["inputs"]]
    assert names == ["history", "store", "item"], names
    for is_binary in [True, False]:
        history = http.InferInput("history", [2, 6, 1], "FP64")
        history.set_data_from_numpy(np.array([SALES, SALES]).reshape(2, 6, 1), binary_data=is_binary)
        tensors = [history]
        for name, values in zip(["store", "item"], zip(*SERIES, strict=True), strict=True):
            tensor = http.InferInput(name, [2], "BYTES")
            tensor.set_data_from_numpy(np.array(values, dtype=np.object_), binary_data=is_binary)
            tensors.append(tensor)
        assert client.infer(STORES, tensors).as_numpy("forecast")[..., 0].tolist() == SOLD
    try:
        client.infer(STORES, tensors[:2])
        raise AssertionError("half a key was taken")
    except InferenceServerException as error:
        assert error.status() == "400" and "named by 'store', 'item'" in error.message(), error


def grouped_kserve(url: str) -> None:
    client = load_kserve()
    tensors = importlib.import_module("kserve.protocol.infer_type")
    series = importlib.import_module("kserve.protocol.rest.timeseries.types")
    import numpy as np

    async def ask() -> None:
        async with client.InferenceRESTClient(client.RESTConfig(protocol="v1")) as v1:
            instances = [{"history": SALES, "series": {"store": store, "item": item}} for store, item in SERIES]
            assert (await v1.infer(url, {"instances": instances}, STORES))["predictions"] == SOLD
        async with client.InferenceRESTClient(client.RESTConfig(protocol="v2")) as v2:
            for is_binary in [True, False]:
                inputs = [tensors.InferInput("history", [2, 6, 1], "FP64")]
                inputs[0].set_data_from_numpy(np.array([SALES, SALES]).reshape(2, 6, 1), binary_data=is_binary)
                for name, values in zip(["store", "item"], zip(*SERIES, strict=True), strict=True):
                    inputs.append(tensors.InferInput(name, [2], "BYTES"))
                    inputs[-1].set_data_from_numpy(np.array(values, dtype=np.object_), binary_data=is_binary)
                answer = await v2.infer(url, tensors.InferRequest(STORES, inputs), STORES)
                assert answer.outputs[0].as_numpy()[..., 0].tolist() == SOLD, answer

    asyncio.run(ask())
    request = series.ForecastRequest(
        model=STORES,
        inputs=[{
            "type": "univariate_time_series", "name": store, "series": SALES, "frequency": "H",
            "series_id": {"store": store, "item": item},
        } for store, item in SERIES],
        options={"horizon": 3},
    )
    body = request.model_dump_json().encode()
    post = urllib.request.Request(f"{url}/v1/timeseries/forecast", body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(post) as answer:
        text = answer.read()
    forecast = series.ForecastResponse.model_validate_json(text)
    assert [content.mean_forecast for content in forecast.outputs[0].content] == SOLD, forecast
    named = [content["series_id"] for content in json.loads(text)["outputs"][0]["content"]]
    assert named == [{"store": store, "item": item} for store, item in SERIES], named


def grouped_mlflow(url: str) -> None:
    # The client looks for scipy.sparse and fails where there is no scipy at all.
    sys.modules.setdefault("scipy", types.ModuleType("scipy")).__path__ = []
    import pandas as pd
    from mlflow.pyfunc.scoring_server.client import ScoringServerClient

    host, port = url.removeprefix("http://").split(":")
    client = ScoringServerClient(host, port)
    times = pd.date_range("2026-11-21", periods=6, freq="h")
    # Whole numbers as a table of sales has them.
    frames = [
        pd.DataFrame({"timestamp": times, "store": store, "item": int(item), "sales": SALES}) for store, item in SERIES
    ]
    answer = client.invoke(pd.concat(frames).sort_values("timestamp", kind="stable")).get_predictions()
    assert list(answer.columns) == ["store", "item", "timestamp", "sales"], answer
    for (store, item), wanted in zip(SERIES, SOLD, strict=True):
        found = answer[(answer["store"] == store) & (answer["item"] == item)]
        assert found["sales"].tolist() == wanted and found["timestamp"].iloc[0] == "2026-11-21T06:00:00Z", found


def section(page: str, title: str | None) -> str:
    """One section of a page; without a title all but that of several series, which another model answers."""
    parts = re.split(r"^(?=## )", page, flags=re.MULTILINE)
    own = [part for part in parts if part.startswith(f"## {title or 'Several series'}\n")]
    assert len(own) == 1, title
    return own[0] if title else "".join(part for part in parts if part not in own)


def curls(url: str) -> None:
    """Every request of the page for users gets the answer that stands below it."""
    page = section(Path(sys.argv[3]).read_text(), sys.argv[4] if len(sys.argv) > 4 else None)
    found = re.findall(r"```sh\n(curl .*?)```\n```json\n(.*?)```", page, re.DOTALL)
    assert len(found) == page.count("```sh\ncurl") >= 4, found
    for command, wanted in found:
        command = command.replace("http://localhost:8080", url).replace("curl ", "curl --fail-with-body --silent ", 1)
        done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
        assert done.returncode == 0, (command, done.stdout, done.stderr)
        assert json.loads(done.stdout) == json.loads(wanted), (command, done.stdout)


if __name__ == "__main__":
    clients = [tritonclient, kserve, mlflow, grouped_tritonclient, grouped_kserve, grouped_mlflow, curls]
    {client.__name__: client for client in clients}[sys.argv[1]](sys.argv[2])

# Copyright 2026 The Almanac authors
# SPDX-License-Identifier: Apache-2.0
"""Versions that the worker trains for a bench, and requests for their forecasts."""

import datetime
import json
import math
import random
import subprocess

ROWS = 600
INFORMER = {"heads": 4, "encoderLayers": 2}
# Models by name: the block `model` of a specification.
MODELS = {
    "NLinear 12/6": {"lookback": 12, "horizon": 6, "nlinear": {}},
    "Informer d32 12/12/6": {
        "lookback": 12,
        "horizon": 6,
        "informer": INFORMER | {"labelLength": 12, "dModel": 32, "feedForward": 128},
    },
    "Informer d64 96/48/24": {
        "lookback": 96,
        "horizon": 24,
        "informer": INFORMER | {"labelLength": 48, "dModel": 64, "feedForward": 256},
    },
}
COLUMNS = {"Informer d64 96/48/24": 7}


class Pipeline:
    """A model of MODELS, the folder in which its versions are made, and what it is asked."""

    def __init__(self, worker, folder, name):
        self.worker, self.folder, self.model = worker, folder, MODELS[name]
        self.columns = COLUMNS.get(name, 1)
        self.is_informer = "informer" in self.model
        folder.mkdir()
        rows = ["time," + ",".join(f"value{column}" for column in range(self.columns))]
        chance, start = random.Random(7), datetime.datetime(2024, 1, 1)
        for row in range(ROWS):
            values = ",".join(str(value + chance.uniform(-1, 1)) for value in self.row(row))
            rows.append(f"{(start + datetime.timedelta(hours=row)).isoformat()}Z,{values}")
        (folder / "data.csv").write_text("\n".join(rows) + "\n")

    def row(self, number):
        return [100 + (10 + column) * math.sin(2 * math.pi * number / (24 + column)) for column in range(self.columns)]

    def train(self, version="1"):
        """Publishes a version, which differs from others by its seed; returns its path in the store."""
        spec = {
            "source": {"csv": {"path": "data.csv"}},
            "series": {
                "timestamp": "time",
                "targets": [f"value{column}" for column in range(self.columns)],
                "frequency": "1h",
            },
            "model": self.model,
            "training": {"epochs": 1, "seed": int(version)} if self.is_informer else {"epochs": 1},
        }
        request = {
            "schemaVersion": 1,
            "namespace": "bench",
            "pipeline": "model",
            "run": f"model-{version}",
            "version": version,
            "step": "all",
            "tasks": ["Prepare", "Train", "Evaluate", "Publish"],
            "createdTime": "2026-01-01T00:00:00Z",
            "storePath": str(self.folder / "store"),
            "sourcePath": str(self.folder),
            "spec": spec,
        }
        (self.folder / "request.json").write_text(json.dumps(request))
        result = self.folder / "result.json"
        arguments = ["run", "--request", self.folder / "request.json", "--result", result]
        subprocess.run([self.worker, *arguments], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return json.loads(result.read_text())["model"]["uri"]

    def serve(self, port, *arguments):
        """The command of a server."""
        command = [self.worker, "serve", "--store", self.folder / "store", "--host", "127.0.0.1", "--port", str(port)]
        return [*command, "--drain-seconds", "0", *arguments]

    def instance(self, first=0):
        """A history from row `first` on, and the time of its last row."""
        rows = [[round(value, 3) for value in self.row(first + row)] for row in range(self.model["lookback"])]
        end = datetime.datetime(2026, 1, 1) + datetime.timedelta(hours=first)
        return {"history": rows, "end": f"{end.isoformat()}Z"}

    def v1(self, *instances):
        """A body in KServe's V1 protocol."""
        return json.dumps({"instances": instances if self.is_informer else [each["history"] for each in instances]})

    def v2(self, *instances):
        """A body in the Open Inference Protocol v2."""
        numbers = [value for each in instances for row in each["history"] for value in row]
        shape = [len(instances), self.model["lookback"], self.columns]
        history = {"name": "history", "datatype": "FP64", "shape": shape, "data": numbers}
        ends = [each["end"] for each in instances]
        times = {"name": "end", "datatype": "BYTES", "shape": [len(ends)], "data": ends}
        return json.dumps({"inputs": [history, times]})

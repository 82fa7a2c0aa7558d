# Copyright 2026 The Almanac authors
# SPDX-License-Identifier: Apache-2.0
"""Measures `almanac-worker serve` with wrk on loopback, and beside it FastAPI with PyTorch where a Python has both.

    serving.py WORKER [--seconds 5] [--peer PYTHON]

Trains two small models with the worker itself, serves each, and prints a table: requests a second, latencies, resident
memory, and the time from the start of the process to its first answer. Uses the standard library alone.
"""

import argparse
import contextlib
import datetime
import http.client
import json
import math
import pathlib
import random
import re
import signal
import socket
import subprocess
import tempfile
import time

HISTORY, HORIZON = 12, 6
MODELS = {
    "NLinear 12/6": {"lookback": HISTORY, "horizon": HORIZON, "nlinear": {}},
    "Informer d32 12/12/6": {
        "lookback": HISTORY,
        "horizon": HORIZON,
        "informer": {"labelLength": 12, "dModel": 32, "heads": 4, "feedForward": 128, "encoderLayers": 2},
    },
}
# Milliseconds of what wrk prints.
UNITS = {"us": 1e-3, "ms": 1.0, "s": 1e3}


def train(worker, folder, model):
    """Publishes a model of this specification; returns its path in the store."""
    chance, start = random.Random(7), datetime.datetime(2024, 1, 1)
    rows = ["time,value"]
    for row in range(600):
        value = 100 + 10 * math.sin(2 * math.pi * row / 24) + chance.uniform(-1, 1)
        rows.append(f"{(start + datetime.timedelta(hours=row)).isoformat()}Z,{value}")
    (folder / "data.csv").write_text("\n".join(rows) + "\n")
    request = {
        "schemaVersion": 1,
        "namespace": "bench",
        "pipeline": "model",
        "run": "model-1",
        "version": "1",
        "step": "all",
        "tasks": ["Prepare", "Train", "Evaluate", "Publish"],
        "createdTime": "2026-01-01T00:00:00Z",
        "storePath": str(folder / "store"),
        "sourcePath": str(folder),
        "spec": {
            "source": {"csv": {"path": "data.csv"}},
            "series": {"timestamp": "time", "targets": ["value"], "frequency": "1h"},
            "model": model,
            "training": {"epochs": 1},
        },
    }
    (folder / "request.json").write_text(json.dumps(request))
    arguments = ["run", "--request", folder / "request.json", "--result", folder / "result.json"]
    subprocess.run([worker, *arguments], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return json.loads((folder / "result.json").read_text())["model"]["uri"]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def ask(port, path, body):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    connection.request("POST", path, body, {"Content-Type": "application/json"})
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status


@contextlib.contextmanager
def server(command, port, path, body, **options):
    """A server process, and the milliseconds from its start to its first answer."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, **options)
    try:
        while True:
            if process.poll() is not None or time.perf_counter() - start > 60:
                raise SystemExit(f"{command[0]} does not answer")
            with contextlib.suppress(OSError):
                if ask(port, path, body) == 200:
                    break
            time.sleep(0.001)
        yield process.pid, (time.perf_counter() - start) * 1e3
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)


def resident(pid):
    text = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", text).group(1)) / 1024


def load(folder, port, path, body, clients, seconds):
    """What wrk finds: requests a second, and milliseconds that half and 99 % of them stay below."""
    script = folder / "post.lua"
    script.write_text(
        'wrk.method = "POST"\nwrk.headers["Content-Type"] = "application/json"\n' f"wrk.body = [==[{body}]==]\n"
    )
    url = f"http://127.0.0.1:{port}{path}"
    arguments = ["-t1", f"-c{clients}", f"-d{seconds}s", "--latency", "-s", str(script), url]
    text = subprocess.run(["wrk", *arguments], check=True, capture_output=True, text=True).stdout
    if re.search(r"Non-2xx|Socket errors", text):
        raise SystemExit(f"requests failed:\n{text}")
    at = lambda percent: next(
        float(value) * UNITS[unit] for value, unit in re.findall(rf"{percent}%\s+([\d.]+)(us|ms|s)\b", text)
    )
    return float(re.search(r"Requests/sec:\s+([\d.]+)", text).group(1)), at(50), at(99)


def measure(name, command, folder, path, body, seconds, port, **options):
    """Prints a row of the table."""
    with server(command, port, path, body, **options) as (pid, first):
        load(folder, port, path, body, 4, 1)
        one, sixteen = (load(folder, port, path, body, clients, seconds) for clients in (1, 16))
        cells = [f"{one[0]:,.0f}", f"{one[1]:.2f}", f"{sixteen[0]:,.0f}", f"{sixteen[2]:.2f}"]
        print(f"| {name} | {' | '.join(cells)} | {resident(pid):.0f} | {first:.0f} |", flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("worker", type=pathlib.Path)
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--peer", help="a Python with torch, fastapi and uvicorn")
    options = parser.parse_args()
    history = [round(100 + 10 * math.sin(2 * math.pi * row / 24), 3) for row in range(HISTORY)]
    timed = [{"history": history, "end": "2026-01-01T00:00:00Z"}]
    path = "/v1/models/model:predict"
    print("| server | 1 client: req/s | p50 ms | 16 clients: req/s | p99 ms | RSS MB | start to answer ms |")
    print("|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for label, model in MODELS.items():
            place = folder / label.split()[0]
            place.mkdir()
            uri, port = train(options.worker.resolve(), place, model), free_port()
            command = [options.worker.resolve(), "serve", "--store", place / "store", "--model", uri]
            command += ["--host", "127.0.0.1", "--port", str(port), "--drain-seconds", "0"]
            body = json.dumps({"instances": timed if "informer" in model else [history]})
            measure(label, command, place, path, body, options.seconds, port)
            if "informer" in model:
                wide = json.dumps({"instances": timed * 8})
                measure(f"{label}, 8 histories", command, place, path, wide, options.seconds, port)
        if options.peer:
            here, port = pathlib.Path(__file__).parent, free_port()
            command = [options.peer, "-m", "uvicorn", "peer:app", "--port", str(port), "--log-level", "critical"]
            body = json.dumps({"instances": timed})
            measure("FastAPI + torch", command, folder, path, body, options.seconds, port, cwd=here)


if __name__ == "__main__":
    main()

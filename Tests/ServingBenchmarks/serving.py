# Copyright 2026 The Almanac authors
# SPDX-License-Identifier: Apache-2.0
"""Measures `almanac-worker serve` with wrk on loopback, beside the same versions in PyTorch behind other servers.

    serving.py WORKER [--seconds 5] [--fastapi PYTHON] [--ray PYTHON] [--mlserver PYTHON] [--only TEXT]
    serving.py WORKER --soak 10 [--share 0.8]
    serving.py WORKER --instructions

Trains small models with the worker itself, serves each, and prints a table in Markdown, the first of them also with TLS
and to clients that show who they are. A peer serves the version's own
weights, and is measured only if its forecasts are Almanac's: once as it comes, and once as a process of one thread for
each processor. soak.py tells of `--soak`, instructions.py of `--instructions`. Uses the standard library alone.
"""

import argparse
import json
import math
import os
import pathlib
import tempfile

import almanac
import instructions
import load
import soak
from access import Access
from processes import Failure, Target, ask, free_port, memory, processor_seconds, server

HERE = pathlib.Path(__file__).parent
V1, V2 = "/v1/models/model:predict", "/v2/models/model/infer"
TITLES = ["model", "server", "1 client: req/s", "p50 ms", "16 clients: req/s", "p99 ms", "CPU µs a request"]
TITLES += ["Almanac's rate: 1, 16 clients", "memory MB", "start to answer ms"]


def row(*cells):
    print(f"| {' | '.join(cells)} |", flush=True)


def forecasts(answer):
    """The numbers of an answer, in the order of steps and columns."""
    if isinstance(answer, list):
        return [number for part in answer for number in forecasts(part)]
    if isinstance(answer, dict):
        return forecasts(answer["predictions"] if "predictions" in answer else answer["outputs"][0]["data"])
    return [answer]


def require_same(own, others):
    """Fails unless forecasts are equal but for what 32 bits round."""
    if len(own) != len(others) or not all(math.isclose(a, b, rel_tol=1e-5) for a, b in zip(own, others)):
        raise Failure(f"other forecasts: {others[:3]} in place of {own[:3]}, of {len(others)} and {len(own)}")


class Bench:
    """The rows of one model."""

    def __init__(self, name, pipeline, seconds):
        self.name, self.pipeline, self.seconds = name, pipeline, seconds
        self.uri = pipeline.train()
        # Several times and histories, so that a calendar or a scale that is another one shows.
        self.questions = [pipeline.instance(first) for first in (0, 7, 1003)]
        self.answers, self.rates = [], None

    def measure(self, label, command, target, encode, instances=1, **options):
        body, log = encode(*self.questions[:1] * instances), self.pipeline.folder / "log"
        with server(command, target, body, log, **options) as (pid, _, first):
            if instances == 1:
                answers = [forecasts(json.loads(ask(target, encode(each))[1])) for each in self.questions]
                self.answers = self.answers or answers
                for own, others in zip(self.answers, answers):
                    require_same(own, others)
            load.warm(target, body)
            one = load.closed(target, body, 1, self.seconds)
            before = processor_seconds(pid)
            sixteen = load.closed(target, body, 16, self.seconds)
            cost = (processor_seconds(pid) - before) * 1e6 / sixteen["requests"]
            rates = [one["rate"], sixteen["rate"]]
            self.rates = self.rates or rates
            times = "" if self.rates is rates or instances > 1 else self.compared(rates)
            cells = [f"{rates[0]:,.0f}", f"{one['p50']:.2f}", f"{rates[1]:,.0f}", f"{sixteen['p99']:.2f}"]
            row(self.name, label, *cells, f"{cost:,.0f}", times, f"{memory(pid):.0f}", f"{first:,.0f}")

    def compared(self, rates):
        return ", ".join(f"{own / other:.3g} x" for own, other in zip(self.rates, rates))

    def own(self, *extra, instances=1, flags=(), **needs):
        target = Target(free_port(), V1, **needs)
        label = ", ".join(["Almanac", *extra])
        command = self.pipeline.serve(target.port, "--model", self.uri, *flags)
        self.measure(label, command, target, self.pipeline.v1, instances)

    def guarded(self):
        """The rows of a server that has TLS, or wants to be shown who asks."""
        access = Access(self.pipeline.folder / "access")
        self.own("TLS", flags=access.tls, certificate=access.certificate)
        self.own("API key", flags=access.keys, token=access.key)
        self.own("token (JWT, RS256)", flags=access.tokens, token=access.token)
        both = [*access.tls, *access.tokens]
        self.own("TLS and token", flags=both, certificate=access.certificate, token=access.token)

    def peer(self, label, prepare, python, processes):
        """Measures a peer as it comes, or as processes of one thread; or says why not and goes on."""
        port = free_port()
        environment = os.environ | {
            "ALMANAC_BENCH_VERSION": str(self.pipeline.folder / "store" / self.uri),
            "PATH": f"{pathlib.Path(python).parent}:{os.environ['PATH']}",
            "PYTHONPATH": str(HERE),
            "RAY_USAGE_STATS_ENABLED": "0",
            "RAY_TMPDIR": str(self.pipeline.folder.parent),
        }
        if processes:
            environment["OMP_NUM_THREADS"] = "1"
            label += f", {processes} processes of 1 thread"
        command, path, encode = prepare(self.pipeline, python, port, processes)
        try:
            self.measure(label, command, Target(port, path), encode, cwd=HERE, env=environment)
        except Failure as failure:
            row(self.name, label, f"not measured: {failure}", *[""] * (len(TITLES) - 3))


def fastapi(pipeline, python, port, processes):
    command = [python, "-m", "uvicorn", "fastapi_peer:app", "--port", str(port), "--log-level", "critical"]
    return command + (["--workers", str(processes)] if processes else []), V1, pipeline.v1


def ray(pipeline, python, port, processes):
    return [python, "ray_peer.py", str(port), str(processes or 1)], V1, pipeline.v1


def mlserver(pipeline, python, port, processes):
    folder = pipeline.folder / "mlserver"
    folder.mkdir(exist_ok=True)
    settings = {"host": "127.0.0.1", "http_port": port, "grpc_port": free_port(), "metrics_port": free_port()}
    settings |= {"debug": False} | ({"parallel_workers": processes} if processes else {})
    (folder / "settings.json").write_text(json.dumps(settings))
    model = {"name": "model", "implementation": "mlserver_peer.Forecasts"}
    (folder / "model-settings.json").write_text(json.dumps(model))
    return [str(pathlib.Path(python).with_name("mlserver")), "start", str(folder)], V2, pipeline.v2


PEERS = {"fastapi": ("FastAPI + torch", fastapi), "ray": ("Ray Serve + torch", ray)}
PEERS["mlserver"] = ("MLServer + torch", mlserver)


def table(options, folder):
    row(*TITLES)
    row(*["---"] * len(TITLES))
    for name in almanac.MODELS:
        if options.only not in name:
            continue
        pipeline = almanac.Pipeline(options.worker.resolve(), folder / name.replace("/", "-"), name)
        bench = Bench(name, pipeline, options.seconds)
        bench.own()
        if not pipeline.is_informer:
            bench.guarded()
            continue
        bench.own("8 histories in a request", instances=8)
        for key, (label, prepare) in PEERS.items():
            if python := getattr(options, key):
                bench.peer(label, prepare, python, None)
                bench.peer(label, prepare, python, os.cpu_count())


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("worker", type=pathlib.Path)
    parser.add_argument("--seconds", type=int, default=5, help="of each measurement")
    parser.add_argument("--only", default="", help="models whose name has this in it")
    parser.add_argument("--fastapi", help="a Python with torch, fastapi and uvicorn")
    parser.add_argument("--ray", help="a Python with torch and ray[serve]")
    parser.add_argument("--mlserver", help="a Python with torch and mlserver")
    parser.add_argument("--soak", type=float, metavar="MINUTES", help="under load, in place of the table")
    parser.add_argument("--share", type=float, default=0.8, help="of the peak, under --soak")
    parser.add_argument("--instructions", action="store_true", help="a request's, in place of the table")
    options = parser.parse_args()
    if options.soak is not None and options.soak < soak.LEAST_MINUTES:
        parser.error(f"--soak: at least {soak.LEAST_MINUTES}, for a slope of the memory")
    with tempfile.TemporaryDirectory() as name:
        try:
            run = soak.run if options.soak else instructions.run if options.instructions else table
            status = run(options, pathlib.Path(name))
        except Failure as failure:
            raise SystemExit(f"error: {failure}") from None
    raise SystemExit(status)


if __name__ == "__main__":
    main()

# Copyright 2026 The Almanac authors
# SPDX-License-Identifier: Apache-2.0
"""Minutes of load at a share of the peak, through a switch of versions and a canary, with the memory of each second.

Requests are sent by a schedule that waits for no answer, so a server that stalls meets all that was due meanwhile. The
file that the server follows is rewritten while it answers, as an operator's ConfigMap is.
"""

import json
import math
import os
import time

import almanac
from load import Load, closed, warm
from processes import Target, ask, ending, free_port, resident, server

MODEL = "Informer d32 12/12/6"
PATH = "/v1/models/model:predict"
# More than the server computes and lets wait at a time, so that it can refuse.
CONNECTIONS = 384
PEAK_SECONDS = 10
LEAST_MINUTES = 0.5
# 499 is the server's word for a client that hung up, as wrk does with what is on its way when its time is over.
GOOD_CODES = {"200", "499"}
# When, as a share of the time, which versions serve: the stable one, the canary and its percentage.
STAGES = [
    (0, "1", None, 0),
    (0.2, "2", None, 0),
    (0.4, "2", "3", 10),
    (0.6, "2", "3", 50),
    (0.8, "3", None, 0),
]


class Configuration:
    """The file that says what is served."""

    def __init__(self, path, uris):
        self.path, self.uris, self.revision = path, uris, 0

    def write(self, stable, canary, percent):
        self.revision += 1
        version = lambda name: {"version": name, "uri": self.uris[name]}
        content = {"schemaVersion": 1, "revision": str(self.revision), "name": "model", "stable": version(stable)}
        if canary:
            content["canary"] = {"version": version(canary), "trafficPercent": percent}
        draft = self.path.with_suffix(".new")
        draft.write_text(json.dumps(content))
        os.replace(draft, self.path)


def slope(values):
    """The least-squares slope of values a second apart, in their unit an hour."""
    middle, mean = (len(values) - 1) / 2, sum(values) / len(values)
    spread = sum((second - middle) ** 2 for second in range(len(values)))
    return sum((second - middle) * (value - mean) for second, value in enumerate(values)) / spread * 3600


class Soak:
    """A server under load, second by second."""

    def __init__(self, pid, admin, configuration, seconds):
        self.pid, self.admin, self.configuration, self.seconds = pid, admin, configuration, seconds
        self.memory, self.notes, self.pending = [], [], None

    def report(self):
        return json.loads(ask(Target(self.admin, "/almanac/v1/report"))[1])

    def follow(self, load):
        """Goes through the stages while the load lasts, and notes each second's memory."""
        start, stages = time.monotonic(), list(STAGES[1:])
        while load.lasts:
            passed = time.monotonic() - start
            if passed >= len(self.memory) and passed < self.seconds:
                self.memory.append(resident(self.pid))
            if stages and passed >= stages[0][0] * self.seconds:
                _, stable, canary, percent = stages.pop(0)
                self.configuration.write(stable, canary, percent)
                what = f"version {stable}" + (f", canary {canary} at {percent} %" if canary else "")
                self.pending = (what, passed)
            if self.pending and self.report()["revision"] == str(self.configuration.revision):
                what, since = self.pending
                took = time.monotonic() - start - since
                self.notes.append(f"{since:.0f} s: {what}, taken up in {took:.1f} s")
                self.pending = None
            time.sleep(0.05)

    def answers(self, label, before=None):
        """Answers by a label's values, as the server counted them since `before`."""
        counts = {value: -count for value, count in (before or {}).items()}
        for line in ask(Target(self.admin, "/metrics"))[1].decode().splitlines():
            if line.startswith("almanac_serving_requests_total{"):
                value = line.partition(f'{label}="')[2].partition('"')[0]
                counts[value] = counts.get(value, 0) + int(float(line.rpartition(" ")[2]))
        return {value: count for value, count in counts.items() if count}


def run(options, folder):
    """Prints the table; returns an exit status: 0 where no request failed and every stage was taken up."""
    pipeline = almanac.Pipeline(options.worker.resolve(), folder / "soak", MODEL)
    uris = {version: pipeline.train(version) for version in ("1", "2", "3")}
    configuration = Configuration(folder / "serving.json", uris)
    configuration.write(*STAGES[0][1:])
    port, admin, seconds = free_port(), free_port(), round(options.soak * 60)
    command = pipeline.serve(port, "--configuration", configuration.path, "--admin-port", str(admin))
    target, body = Target(port, PATH), pipeline.v1(pipeline.instance())
    with server(command, target, body, folder / "log") as (pid, _, _):
        warm(target, body)
        peak = closed(target, body, 16, PEAK_SECONDS)["rate"]
        soak = Soak(pid, admin, configuration, seconds)
        rate = options.share * peak
        # While it loaded its first version it answered with 503.
        before = {label: soak.answers(label) for label in ("code", "version")}
        with Load(target, body, CONNECTIONS, seconds, rate) as load:
            soak.follow(load)
            found = load.result()
        codes, versions = (soak.answers(label, before[label]) for label in ("code", "version"))
    print_table(peak, rate, found, codes, versions, soak)
    failed = found["unanswered"] + found["refused"] + sum(codes[code] for code in codes if code not in GOOD_CODES)
    complete = len(soak.notes) == len(STAGES) - 1
    if failed or not complete:
        print(f"FAILED: {failed} requests, {len(soak.notes)} changes of {len(STAGES) - 1}; {ending(folder / 'log')}")
    return 0 if complete and not failed else 1


def print_table(peak, rate, found, codes, versions, soak):
    counts = lambda found: ", ".join(f"{key}: {found[key]:,}" for key in sorted(found))
    minute = min(60, len(soak.memory) // 5)
    first, last = (sum(part) / minute for part in (soak.memory[:minute], soak.memory[-minute:]))
    starts = [math.ceil(stage[0] * len(soak.memory)) for stage in STAGES]
    stages = [soak.memory[start:end] for start, end in zip(starts, [*starts[1:], None])]
    rest = stages[-1][minute // 2 :]
    rows = [
        ("peak, 16 clients", f"{peak:,.0f} requests/s"),
        ("load", f"{rate:,.0f} requests/s by schedule, {found['rate']:,.0f} answered, for {found['seconds']:.0f} s"),
        ("requests", f"{found['requests']:,}"),
        ("without an answer", f"{found['unanswered']:,}"),
        ("refused or failed", f"{found['refused']:,}"),
        ("answers by code and by version, as the server counts", f"{counts(codes)}; {counts(versions)}"),
        ("sent later than due", f"{found['late']:,} by more than 10 ms, one by {found['latest']:.0f} ms"),
        ("latency", f"p50 {found['p50']:.2f} ms, p99 {found['p99']:.2f} ms, p99.9 {found['p999']:.2f} ms"),
        ("changes", "; ".join(soak.notes)),
        ("RSS, mean of the first and the last minute", f"{first:.1f} and {last:.1f} MiB: {last - first:+.1f} MiB"),
        ("RSS, mean between two changes", ", ".join(f"{sum(part) / len(part):.1f}" for part in stages) + " MiB"),
        ("RSS, slope", f"{slope(soak.memory):+.1f} MiB/h; after the last change {slope(rest):+.1f} MiB/h"),
    ]
    print("| | |\n|---|---|")
    for name, value in rows:
        print(f"| {name} | {value} |")

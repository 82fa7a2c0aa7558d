# Copyright 2026 The Almanac authors
# SPDX-License-Identifier: Apache-2.0
"""wrk on loopback, in one thread: closed loops of some clients, or a schedule that waits for no answer."""

import json
import os
import pathlib
import subprocess
import tempfile

from processes import Failure

SCRIPT = pathlib.Path(__file__).with_name("load.lua")


class Load:
    """A wrk that runs; `rate` is in requests a second, in all."""

    def __init__(self, target, body, clients, seconds, rate=None):
        with tempfile.NamedTemporaryFile("w", prefix="almanac-body-", delete=False) as file:
            file.write(body)
        self.file = file.name
        environment = os.environ | {"BODY": self.file} | ({"RATE": str(rate)} if rate else {})
        headers = [part for name, value in target.headers.items() for part in ("-H", f"{name}: {value}")]
        arguments = ["-t1", f"-c{clients}", f"-d{seconds}s", "--timeout", "10s", "-s", SCRIPT, *headers]
        command = ["wrk", *arguments, target.url]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        os.unlink(self.file)

    @property
    def lasts(self):
        return self.process.poll() is None

    def result(self):
        """What it found, when it has ended; latencies in milliseconds."""
        text = self.process.communicate()[0]
        if self.process.returncode != 0:
            raise Failure(f"wrk ended with {self.process.returncode}: {text}")
        found = json.loads(text.strip().splitlines()[-1])
        found["rate"] = found["requests"] / found["seconds"]
        return found


def closed(target, body, clients, seconds):
    """What wrk finds where each client sends its next request when it has its answer; all must be answered with 2xx."""
    with Load(target, body, clients, seconds) as load:
        found = load.result()
    if found["unanswered"] or found["refused"] or not found["requests"]:
        counts = ", ".join(f"{found[kind]} {kind}" for kind in ("requests", "unanswered", "refused"))
        raise Failure(f"{clients} clients had in {seconds} s: {counts}")
    return found


def warm(target, body):
    """Lets a server find its pace."""
    with Load(target, body, 4, 1) as load:
        load.result()

# Copyright 2026 The Almanac authors
# SPDX-License-Identifier: Apache-2.0
"""Server processes: started, asked, measured and ended."""

import contextlib
import dataclasses
import http.client
import json
import os
import pathlib
import re
import signal
import socket
import ssl
import subprocess
import time


class Failure(Exception):
    """What keeps a server from being measured."""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@dataclasses.dataclass(frozen=True)
class Target:
    """A path of a server on loopback, and what a client needs there."""

    port: int
    path: str
    # What the server's certificate is checked with; None where it serves without TLS.
    certificate: pathlib.Path | None = None
    # What is shown as `Authorization: Bearer`.
    token: str | None = None

    @property
    def url(self):
        return f"{'https' if self.certificate else 'http'}://127.0.0.1:{self.port}{self.path}"

    @property
    def headers(self):
        shown = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        return {"Content-Type": "application/json"} | shown

    def connection(self):
        if not self.certificate:
            return http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        trust = ssl.create_default_context(cafile=self.certificate)
        return http.client.HTTPSConnection("127.0.0.1", self.port, timeout=30, context=trust)


def ask(target, body=None):
    """The status and the body of an answer."""
    with contextlib.closing(target.connection()) as connection:
        connection.request("POST" if body else "GET", target.path, body, target.headers)
        answer = connection.getresponse()
        return answer.status, answer.read()


@contextlib.contextmanager
def server(command, target, body, log, seconds=120, **options):
    """A running server, its first answer, and the milliseconds from its start to that."""
    start = time.perf_counter()
    with open(log, "w") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, **options)
    try:
        answer = None
        while answer is None:
            if process.poll() is not None or time.perf_counter() - start > seconds:
                raise Failure(f"no answer within {time.perf_counter() - start:.0f} s; its log ends: {ending(log)}")
            with contextlib.suppress(OSError, http.client.HTTPException):
                status, content = ask(target, body)
                answer = json.loads(content) if status == 200 else None
            time.sleep(0.001)
        yield process.pid, answer, (time.perf_counter() - start) * 1e3
    finally:
        end(process)


def end(process):
    """SIGTERM, and SIGKILL to itself after 30 s and to whatever it started and left behind."""
    with contextlib.ExitStack() as stack:
        handles = []
        for pid in family(process.pid):
            with contextlib.suppress(ProcessLookupError):
                handles.append(os.pidfd_open(pid))
                stack.callback(os.close, handles[-1])
        process.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(30)
        for handle in handles:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(handle, signal.SIGKILL)
        process.wait()


def family(pid):
    """A process and all that descend from it."""
    children = {}
    for entry in pathlib.Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            parent = entry.read_text().rpartition(")")[2].split()[1]
            children.setdefault(int(parent), []).append(int(entry.parent.name))
    found = [pid]
    for each in found:
        found += children.get(each, [])
    return found


def processor_seconds(pid):
    """What a process and its descendants have had of the processors so far."""
    ticks = 0
    for each in family(pid):
        with contextlib.suppress(OSError):
            fields = pathlib.Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def memory(pid):
    """MB of a process and its descendants: their proportional shares, in which no page counts twice."""
    total = 0
    for each in family(pid):
        with contextlib.suppress(OSError):
            shares = pathlib.Path(f"/proc/{each}/smaps_rollup").read_text()
            total += int(re.search(r"^Pss:\s+(\d+)", shares, re.MULTILINE)[1])
    return total / 1024


def resident(pid):
    """MiB of one process."""
    return int(re.search(r"VmRSS:\s+(\d+)", pathlib.Path(f"/proc/{pid}/status").read_text())[1]) / 1024


def ending(log):
    lines = pathlib.Path(log).read_text(errors="replace").strip().splitlines()
    return " / ".join(lines[-3:]) or "(empty)"

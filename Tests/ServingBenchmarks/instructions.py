# Copyright 2026 The Almanac authors
# SPDX-License-Identifier: Apache-2.0
"""How many instructions a server executes for a request, as valgrind counts them.

The number does not depend on what else a machine does, and varies by a percent or so: it shows what a change of the code
costs where rates do not. What processors wait for, such as memory that several of them write to, is not in it.
"""

import http.client
import re
import shutil
import subprocess

import almanac
from processes import Failure, Target, free_port, server

PATH = "/v1/models/model:predict"
WARM, COUNTED = 100, 1000


def run(options, folder):
    """Prints the table."""
    for tool in ("valgrind", "callgrind_control", "objcopy"):
        if not shutil.which(tool):
            raise Failure(f"no {tool}: install valgrind and binutils")
    worker = folder / "worker"
    # Valgrind reads no debug information of this kind, and needs none to count.
    subprocess.run(["objcopy", "--strip-debug", options.worker, worker], check=True)
    print("| model | instructions a request |\n|---|---|")
    for name in almanac.MODELS:
        if options.only in name:
            print(f"| {name} | {count(worker, folder / name.replace('/', '-'), name):,.0f} |", flush=True)
    return 0


def count(worker, folder, name):
    pipeline = almanac.Pipeline(worker, folder, name)
    target, body = Target(free_port(), PATH), pipeline.v1(pipeline.instance())
    found = folder / "callgrind.out"
    command = ["valgrind", "--tool=callgrind", "--instr-atstart=no", f"--callgrind-out-file={found}"]
    command += pipeline.serve(target.port, "--model", pipeline.train())
    with server(command, target, body, folder / "log") as (pid, _, _):
        ask_often(target, body, WARM)
        switch("on", pid)
        ask_often(target, body, COUNTED)
        switch("off", pid)
    return int(re.search(r"^totals: (\d+)", found.read_text(), re.MULTILINE)[1]) / COUNTED


def switch(state, pid):
    subprocess.run(["callgrind_control", "-i", state, str(pid)], check=True, capture_output=True)


def ask_often(target, body, times):
    """Asks one request after the other on one connection."""
    connection = http.client.HTTPConnection("127.0.0.1", target.port, timeout=30)
    for _ in range(times):
        connection.request("POST", target.path, body, target.headers)
        answer = connection.getresponse()
        answer.read()
        if answer.status != 200:
            raise Failure(f"answered with {answer.status}")
    connection.close()

#!/usr/bin/env python3
# Copyright 2026 The Almanac authors
# SPDX-License-Identifier: Apache-2.0
"""What pyarrow takes to read Parquet. Answers each line of its input with a line of JSON.

write ROWS PATH    writes a file of a time and eight numbers, in row groups of a million rows
read THREADS PATH  reads it, row group by row group, and tells the seconds, the rows and the most memory held so far
"""

import json
import resource
import sys
import time

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

GROUP = 1_000_000


def table(first: int, rows: int) -> pa.Table:
    minute = 60_000_000
    times = pa.array(range(first * minute, (first + rows) * minute, minute), pa.timestamp("us", "UTC"))
    columns = {"time": times}
    for index in range(8):
        # Measurements of three decimals, counts, and a column that lacks one value in a hundred.
        draw = pc.random(rows, initializer=first + index)
        values = pc.round(pc.multiply(draw, 100), 3) if index < 6 else pc.floor(pc.multiply(draw, 500))
        if index == 0:
            lacks = pc.less(pc.random(rows, initializer=first + 8), 0.01)
            values = pc.if_else(lacks, pa.scalar(None, pa.float64()), values)
        columns[f"value{index}"] = values
    return pa.table(columns)


def write(rows: int, path: str) -> dict:
    with pq.ParquetWriter(path, table(0, 1).schema) as writer:
        for first in range(0, rows, GROUP):
            writer.write_table(table(first, min(GROUP, rows - first)), row_group_size=GROUP)
    return {"version": pa.__version__}


def read(threads: int, path: str) -> dict:
    pa.set_cpu_count(threads)
    start = time.perf_counter()
    file = pq.ParquetFile(path)
    groups = (file.read_row_group(index, use_threads=threads > 1) for index in range(file.num_row_groups))
    rows = sum(group.num_rows for group in groups)
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return {"seconds": seconds, "rows": rows, "peakBytes": peak}


def main() -> None:
    for line in sys.stdin:
        command, number, path = line.rstrip("\n").split(" ", 2)
        answer = write(int(number), path) if command == "write" else read(int(number), path)
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
# Copyright 2026 The Almanac authors
# SPDX-License-Identifier: Apache-2.0
"""What pyarrow takes to read Parquet, and pandas to preprocess. Answers each line of its input with a line of JSON.

write ROWS PATH    writes a file of a time and eight numbers, in row groups of a million rows
read THREADS PATH  reads it, row group by row group, and tells the seconds, the rows and the most memory held so far
features ROWS -    resamples rows of every five seconds to ten, scales them by their first 70 % and adds lags
"""

import functools
import json
import resource
import sys
import time

import numpy as np
import pandas as pd
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


@functools.cache
def series(rows: int) -> pd.Series:
    index = np.arange(rows, dtype=np.int64)
    times = pd.to_datetime(1_700_000_000 + 5 * index, unit="s", utc=True)
    return pd.Series(index * 7_919 % 10_007 / 100, index=times)


def features(rows: int) -> dict:
    """Lags begin where all of them are there, and each channel is scaled by its own train rows."""
    values = series(rows)
    start = time.perf_counter()
    grid = values.resample("10s").mean()
    channels = pd.DataFrame({lag: grid.shift(lag) for lag in (0, 1, 24, 168)})[168:]
    train = channels[: int(0.7 * len(grid)) - 168]
    scaled = (channels - train.mean()) / train.std(ddof=0)
    seconds = time.perf_counter() - start
    last = scaled.iloc[-1].tolist()
    return {"version": pd.__version__, "seconds": seconds, "channels": len(last), "last": last}


def main() -> None:
    for line in sys.stdin:
        command, number, path = line.rstrip("\n").split(" ", 2)
        match command:
            case "write": answer = write(int(number), path)
            case "read": answer = read(int(number), path)
            case _: answer = features(int(number))
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
# Copyright 2026 The Almanac authors
# SPDX-License-Identifier: Apache-2.0
"""What others take to read data and to preprocess. Its argument is the number of threads; each line of its input is answered
with one of JSON.

write ROWS PATH      writes Parquet of a time and eight numbers, in row groups of a million rows
csv ROWS PATH        writes the same as CSV, with the time in seconds since 1970
read THREADS PATH    reads Parquet with pyarrow, row group by row group
pandas THREADS PATH  reads CSV with pandas' C parser, which has one thread
polars THREADS PATH  reads CSV with polars
features ROWS -      resamples rows of every five seconds to ten with pandas, scales them by their first 70 % and adds lags

Readers tell the seconds, the rows and the most memory held so far.
"""

import functools
import json
import os
import resource
import sys
import time

# polars asks once, when it is imported.
os.environ["POLARS_MAX_THREADS"] = sys.argv[1]

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
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


def tables(rows: int):
    return (table(first, min(GROUP, rows - first)) for first in range(0, rows, GROUP))


def write(rows: int, path: str) -> dict:
    with pq.ParquetWriter(path, table(0, 1).schema) as writer:
        for part in tables(rows):
            writer.write_table(part, row_group_size=GROUP)
    return {"version": pa.__version__}


def write_csv(rows: int, path: str) -> dict:
    def plain(part: pa.Table) -> pa.Table:
        seconds = pc.divide(part["time"].cast(pa.int64()), 1_000_000)
        return part.set_column(0, "time", seconds)

    options = pyarrow.csv.WriteOptions(quoting_style="none")
    with pyarrow.csv.CSVWriter(path, plain(table(0, 1)).schema, write_options=options) as writer:
        for part in tables(rows):
            writer.write_table(plain(part))
    return {"version": pa.__version__}


def read(threads: int, path: str) -> tuple[int, str]:
    pa.set_cpu_count(threads)
    file = pq.ParquetFile(path)
    groups = (file.read_row_group(index, use_threads=threads > 1) for index in range(file.num_row_groups))
    return sum(group.num_rows for group in groups), pa.__version__


def read_with_pandas(_: int, path: str) -> tuple[int, str]:
    import pandas

    return len(pandas.read_csv(path, engine="c")), pandas.__version__


def read_with_polars(_: int, path: str) -> tuple[int, str]:
    import polars

    return len(polars.read_csv(path)), polars.__version__


def measured(work, threads: int, path: str) -> dict:
    start = time.perf_counter()
    rows, version = work(threads, path)
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return {"seconds": seconds, "rows": rows, "peakBytes": peak, "version": version}


@functools.cache
def series(rows: int):
    import numpy as np
    import pandas as pd

    index = np.arange(rows, dtype=np.int64)
    times = pd.to_datetime(1_700_000_000 + 5 * index, unit="s", utc=True)
    return pd.Series(index * 7_919 % 10_007 / 100, index=times)


def features(rows: int) -> dict:
    """Lags begin where all of them are there, and each channel is scaled by its own train rows."""
    import pandas as pd

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
    readers = {"read": read, "pandas": read_with_pandas, "polars": read_with_polars}
    writers = {"write": write, "csv": write_csv, "features": lambda rows, _: features(rows)}
    for line in sys.stdin:
        command, number, path = line.rstrip("\n").split(" ", 2)
        if command in readers:
            # An import is no reading.
            for name in ("pandas", "polars"):
                if command == name:
                    __import__(name)
            answer = measured(readers[command], int(number), path)
        else:
            answer = writers[command](int(number), path)
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()

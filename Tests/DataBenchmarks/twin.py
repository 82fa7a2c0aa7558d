#!/usr/bin/env python3
# Copyright 2026 The Almanac authors
# SPDX-License-Identifier: Apache-2.0
"""What others take to read data. Its argument is the number of threads; each line of its input is answered with one of JSON.

write ROWS PATH      writes Parquet of a time and eight numbers, in row groups of a million rows
csv ROWS PATH        writes the same as CSV, with the time in seconds since 1970
read THREADS PATH    reads Parquet with pyarrow, row group by row group
pandas THREADS PATH  reads CSV with pandas' C parser, which has one thread
polars THREADS PATH  reads CSV with polars

Readers tell the seconds, the rows and the most memory held so far.
"""

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


def main() -> None:
    readers = {"read": read, "pandas": read_with_pandas, "polars": read_with_polars}
    writers = {"write": write, "csv": write_csv}
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

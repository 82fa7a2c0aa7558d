#!/usr/bin/env python3
# Copyright 2026 The Almanac authors
# SPDX-License-Identifier: Apache-2.0
"""What pyarrow makes of Parquet files.

reference.py write FOLDER     writes files of all types, encodings, codecs, null patterns and page versions, and
                              expected.json: which file has which table, and the tables' values
reference.py read FILE...     prints the files' values as JSON, in the same form; checks sums and statistics
reference.py samples FOLDER   writes the few files that are committed

A value is written as text: whole numbers in decimal, floats and bytes as the hexadecimal digits of their bytes,
timestamps as nanoseconds since 1970, decimals without their point. Numbers are there a second time as doubles.
"""

import decimal
import json
import pathlib
import random
import struct
import sys

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

UNITS = {"s": 10**9, "ms": 10**6, "us": 10**3, "ns": 1}
PATTERNS = ["required", "full", "some", "first", "none"]
CODECS = ["none", "snappy", "gzip", "zstd"]


def double(value: float) -> str:
    return struct.pack("<d", value).hex()


def texts(type_: pa.DataType, column: pa.ChunkedArray) -> list[str | None]:
    if pa.types.is_timestamp(type_):
        factor = UNITS[type_.unit]
        return [None if each is None else str(each * factor) for each in column.cast(pa.int64()).to_pylist()]
    if pa.types.is_time32(type_) or pa.types.is_date32(type_):
        return [None if each is None else str(each) for each in column.cast(pa.int32()).to_pylist()]
    if pa.types.is_time64(type_):
        return [None if each is None else str(each) for each in column.cast(pa.int64()).to_pylist()]
    return [None if each is None else text(type_, each) for each in column.to_pylist()]


def text(type_: pa.DataType, value) -> str:
    if pa.types.is_boolean(type_):
        return "1" if value else "0"
    if pa.types.is_integer(type_):
        return str(value)
    if pa.types.is_float16(type_):
        return struct.pack("<e", value).hex()
    if pa.types.is_float32(type_):
        return struct.pack("<f", value).hex()
    if pa.types.is_float64(type_):
        return double(value)
    if pa.types.is_decimal(type_):
        return str(int(value.scaleb(type_.scale, decimal.Context(prec=60))))
    return (value.encode() if isinstance(value, str) else value).hex()


def numbers(type_: pa.DataType, column: pa.ChunkedArray) -> list[str | None] | None:
    if not (pa.types.is_boolean(type_) or pa.types.is_integer(type_) or pa.types.is_floating(type_)
            or pa.types.is_decimal(type_)):
        return None
    return [None if each is None else double(float(each)) for each in column.to_pylist()]


def describe(table: pa.Table) -> dict:
    return {
        field.name: {"texts": texts(field.type, column), "numbers": numbers(field.type, column)}
        for field, column in zip(table.schema, table.columns)
    }


def integers(draw: random.Random, count: int, bits: int, signed: bool) -> list[int]:
    low, high = (-(1 << (bits - 1)), (1 << (bits - 1)) - 1) if signed else (0, (1 << bits) - 1)
    kinds = [
        lambda _: draw.randint(low, high),
        lambda _: draw.choice([low, high, 0, 1]),
        lambda index: min(high, max(low, index * 3)),
        lambda _: draw.randint(0, 9),
    ]
    # Runs of one kind, so that blocks of differences have widths of their own.
    return [kinds[index // 60 % len(kinds)](index) for index in range(count)]


def floats(draw: random.Random, count: int, pack: str) -> list[float]:
    edges = [0.0, -0.0, 1.0, -1.5, float("inf"), float("-inf"), float("nan"), 6e-8]
    values = [draw.choice(edges) if draw.random() < 0.4 else draw.gauss(0, 1000) for _ in range(count)]
    return [struct.unpack(pack, struct.pack(pack, each))[0] for each in values]


def strings(draw: random.Random, count: int) -> list[str]:
    words = ["", "a", "Ünïcode ✓", "prefix", "prefix-shared", "x" * 300]
    kinds = [lambda _: draw.choice(words), lambda index: f"sensor-{index:05d}", lambda _: "%x" % draw.getrandbits(200)]
    return [kinds[index // 70 % len(kinds)](index) for index in range(count)]


def decimals(draw: random.Random, count: int, precision: int, scale: int) -> list[decimal.Decimal]:
    limit = 10**precision - 1
    edges = [0, 1, -1, limit, -limit]
    drawn = [draw.choice(edges) if draw.random() < 0.2 else draw.randint(-limit, limit) for _ in range(count)]
    return [decimal.Decimal(each).scaleb(-scale, decimal.Context(prec=60)) for each in drawn]


def instants(draw: random.Random, count: int, unit: str) -> list[int]:
    second = 10**9 // UNITS[unit]
    steady = [1_700_000_000 * second + index * 600 * second for index in range(count)]
    return [draw.randint(-3 * 10**9, 3 * 10**9) * second + draw.randrange(second) if draw.random() < 0.2 else each
            for each in steady]


def columns(draw: random.Random, count: int) -> list[tuple[pa.DataType, list, list[str]]]:
    """Type, values and the encodings to write them in besides PLAIN and a dictionary."""
    delta, split = "DELTA_BINARY_PACKED", "BYTE_STREAM_SPLIT"
    found = [(pa.bool_(), [draw.random() < 0.3 for _ in range(count)], ["RLE"])]
    for bits in (8, 16, 32, 64):
        for signed in (True, False):
            type_ = getattr(pa, f"{'' if signed else 'u'}int{bits}")()
            found.append((type_, integers(draw, count, bits, signed), [delta, split]))
    found.append((pa.float16(), floats(draw, count, "<e"), [split]))
    found.append((pa.float32(), floats(draw, count, "<f"), [split]))
    found.append((pa.float64(), floats(draw, count, "<d"), [split]))
    arrays = ["DELTA_LENGTH_BYTE_ARRAY", "DELTA_BYTE_ARRAY"]
    found.append((pa.string(), strings(draw, count), arrays))
    found.append((pa.binary(), [each.encode()[::-1] for each in strings(draw, count)], arrays))
    fixed = [bytes([index % 5]) * 3 + draw.randbytes(4) for index in range(count)]
    found.append((pa.binary(7), fixed, [split, "DELTA_BYTE_ARRAY"]))
    found.append((pa.date32(), [draw.randint(-100_000, 100_000) for _ in range(count)], [delta]))
    found.append((pa.time32("ms"), [draw.randrange(86_400_000) for _ in range(count)], [delta]))
    found.append((pa.time64("us"), [draw.randrange(86_400_000_000) for _ in range(count)], [delta]))
    found.append((pa.time64("ns"), [draw.randrange(86_400_000_000_000) for _ in range(count)], [delta]))
    for unit in ("s", "ms", "us", "ns"):
        for zone in (None, "UTC", "Europe/Amsterdam"):
            found.append((pa.timestamp(unit, zone), instants(draw, count, unit), [delta]))
    for precision, scale in ((5, 2), (9, 0), (18, 6), (38, 10), (30, 30)):
        found.append((pa.decimal128(precision, scale), decimals(draw, count, precision, scale), [split]))
    return found


def with_nulls(values: list, pattern: str, draw: random.Random) -> list:
    if pattern == "some":
        return [None if draw.random() < 0.3 else each for each in values]
    if pattern == "first":
        return [None if index < len(values) // 2 else each for index, each in enumerate(values)]
    return [None] * len(values) if pattern == "none" else values


def table_of(pattern: str, count: int) -> tuple[pa.Table, dict[str, str], list[str]]:
    """A table, the encodings of its columns, and the columns that get a dictionary."""
    draw = random.Random(f"{pattern} {count}")
    arrays, fields, encodings, dictionaries = [], [], {}, []
    for type_, values, special in columns(draw, count):
        array = pa.array(with_nulls(values, pattern, draw), type=type_)
        for encoding in ["PLAIN", "DICTIONARY", *special]:
            name = f"{type_} {encoding}"
            if encoding == "DICTIONARY":
                if pa.types.is_boolean(type_):
                    continue
                dictionaries.append(name)
            else:
                encodings[name] = encoding
            arrays.append(array)
            fields.append(pa.field(name, type_, nullable=pattern != "required"))
    return pa.table(arrays, schema=pa.schema(fields)), encodings, dictionaries


def write(folder: pathlib.Path) -> None:
    tables, files = {}, {}
    for pattern in PATTERNS:
        for count in (0, 1, 500):
            table, encodings, dictionaries = table_of(pattern, count)
            name = f"{pattern} {count}"
            tables[name] = describe(table)
            # Old timestamps are nanoseconds, so that one table serves both.
            for codec in CODECS:
                for page in ("1.0", "2.0"):
                    for group in (500, 130):
                        file = f"{name} {codec} {page} {group}.parquet"
                        pq.write_table(
                            table, folder / file, compression=codec, data_page_version=page, row_group_size=group,
                            use_dictionary=dictionaries, column_encoding=encodings, version="2.6",
                            data_page_size=700 if group == 130 else 1 << 20, write_page_checksum=codec != "gzip",
                            dictionary_pagesize_limit=400 if codec == "zstd" else 1 << 20,
                            store_decimal_as_integer=codec == "snappy", write_statistics=codec != "none",
                        )
                        files[file] = name
    write_old_timestamps(folder, tables, files)
    write_others(folder, tables, files)
    (folder / "expected.json").write_text(json.dumps({"tables": tables, "files": files}))


def write_old_timestamps(folder: pathlib.Path, tables: dict, files: dict) -> None:
    values = [0, -1, 1, 1_700_000_000 * 10**9, -(10**18), 3 * 10**18, None]
    table = pa.table({"t": pa.array(values, pa.timestamp("ns"))})
    tables["int96"] = describe(table)
    for dictionary in (True, False):
        file = f"int96 {dictionary}.parquet"
        pq.write_table(table, folder / file, use_deprecated_int96_timestamps=True, use_dictionary=dictionary)
        files[file] = "int96"


def write_others(folder: pathlib.Path, tables: dict, files: dict) -> None:
    """Files of other writers, where they are installed; pyarrow says what they hold."""
    rows = 3000
    draw = random.Random(7)
    frame = {
        "t": [1_700_000_000_000_000 + index * 600_000_000 for index in range(rows)],
        "a": [None if draw.random() < 0.1 else draw.gauss(20, 5) for _ in range(rows)],
        "b": [draw.randint(0, 50) for _ in range(rows)],
        "s": [f"room {draw.randint(0, 9)}" for _ in range(rows)],
        "f": [draw.random() < 0.5 for _ in range(rows)],
    }
    made = []
    try:
        import polars

        for codec in ("uncompressed", "snappy", "gzip", "zstd"):
            made.append(f"polars {codec}.parquet")
            data = polars.DataFrame(frame).with_columns(polars.col("t").cast(polars.Datetime("us")))
            data.write_parquet(folder / made[-1], compression=codec, row_group_size=1000, use_pyarrow=False)
    except ImportError:
        pass
    try:
        import duckdb

        source = pa.table(frame)
        assert source.num_rows == rows
        for codec in ("uncompressed", "snappy", "gzip", "zstd"):
            for version in ("V1", "V2"):
                made.append(f"duckdb {codec} {version}.parquet")
                duckdb.sql(
                    f"COPY (SELECT * REPLACE (make_timestamp(t) AS t) FROM source) TO '{folder / made[-1]}' "
                    f"(FORMAT parquet, COMPRESSION {codec}, PARQUET_VERSION {version}, ROW_GROUP_SIZE 2048)"
                )
    except ImportError:
        pass
    for file in made:
        tables[file] = describe(pq.read_table(folder / file))
        files[file] = file


def samples(folder: pathlib.Path) -> None:
    count = 16
    tables = {}
    kept = (("some", "snappy", "1.0"), ("required", "none", "2.0"), ("first", "gzip", "2.0"), ("full", "zstd", "1.0"))
    for pattern, codec, page in kept:
        table, encodings, dictionaries = table_of(pattern, count)
        file = f"{pattern}-{codec}.parquet"
        pq.write_table(
            table, folder / file, compression=codec, data_page_version=page, row_group_size=10,
            use_dictionary=dictionaries, column_encoding=encodings, store_schema=False,
            # Without checksums the fuzz tests get behind the first changed byte.
            write_page_checksum=codec in ("snappy", "zstd"),
        )
        tables[file] = describe(table)
    nested = pa.table({"id": [1, 2], "list": [[1, 2], []], "struct": [{"x": 1, "y": [2]}, None], "value": [0.5, 1.5]})
    pq.write_table(nested, folder / "nested.parquet", store_schema=False)
    tables["nested.parquet"] = describe(nested.select(["id", "value"]))
    files = {file: file for file in tables}
    (folder / "expected.json").write_text(json.dumps({"tables": tables, "files": files}) + "\n")


def read(path: str) -> dict:
    file = pq.ParquetFile(path, page_checksum_verification=True)
    for group in range(file.num_row_groups):
        table = file.read_row_group(group)
        for index, column in enumerate(table.columns):
            statistics = file.metadata.row_group(group).column(index).statistics
            assert statistics.null_count == column.null_count, (path, index)
            values = column.drop_null()
            if pa.types.is_floating(column.type):
                values = values.filter(pc.invert(pc.is_nan(values)))
            assert statistics.has_min_max or len(values) == 0 or pa.types.is_string(column.type), (path, index)
            if statistics.has_min_max:
                if pa.types.is_temporal(column.type):
                    # Not every date of the file is one of Python's.
                    values = values.cast(pa.int32() if column.type.bit_width == 32 else pa.int64())
                    found = (statistics.min_raw, statistics.max_raw)
                else:
                    found = (statistics.min, statistics.max)
                bounds = pc.min_max(values)
                assert found == (bounds["min"].as_py(), bounds["max"].as_py()), (path, index, found, bounds)
    return describe(file.read())


def main() -> None:
    command, *arguments = sys.argv[1:]
    if command == "read":
        print(json.dumps({each: read(each) for each in arguments}))
    else:
        {"write": write, "samples": samples}[command](pathlib.Path(arguments[0]))


if __name__ == "__main__":
    main()

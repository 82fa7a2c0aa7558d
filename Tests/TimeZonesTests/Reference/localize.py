#!/usr/bin/env python3
# Copyright 2026 The Almanac authors
# SPDX-License-Identifier: Apache-2.0
"""Asks pandas what local times mean, for LocalReferenceTests.swift.

localize.py SEED  prints a line for each of some random series round the days on which clocks are put back: the zone, the
step in seconds, the local times (seconds as if the clock were UTC's), and what tz_localize(ambiguous="infer") makes of
them (seconds since 1970), or "refused".
"""

import random
import sys
import zoneinfo

import pandas

ZONES = [
    "Europe/Amsterdam", "America/New_York", "Australia/Lord_Howe", "America/Havana", "America/Sao_Paulo",
    "Europe/Dublin", "Africa/Cairo", "Asia/Tehran", "Antarctica/Troll", "Pacific/Auckland",
]  # fmt: skip


def folds(zone: str) -> list[pandas.Timestamp]:
    """Hours of UTC in which the clock of a zone is put back, from 1996 to 2036."""
    hours = pandas.date_range("1996-01-01", "2036-01-01", freq="h", tz="UTC")
    local = hours.tz_convert(zone).tz_localize(None).as_unit("s").asi8
    return list(hours[1:][local[1:] - local[:-1] < 3_600])


def seconds(index: pandas.DatetimeIndex) -> str:
    return " ".join(str(each) for each in index.as_unit("s").asi8)


def main(seed: int) -> None:
    rng = random.Random(seed)
    for zone in ZONES:
        zoneinfo.ZoneInfo(zone)
        changes = folds(zone)
        for _ in range(60):
            step = rng.choice([300, 600, 900, 1_800, 3_600])
            start = rng.choice(changes) - pandas.Timedelta(seconds=step * rng.randrange(0, 30))
            instants = pandas.date_range(start, periods=rng.randrange(1, 60), freq=f"{step}s")
            share = rng.choice([0.0, 0.0, 0.1, 0.4])
            instants = instants[[rng.random() >= share for _ in instants]]
            local = instants.tz_convert(zone).tz_localize(None)
            try:
                found = seconds(local.tz_localize(zone, ambiguous="infer").tz_convert("UTC").tz_localize(None))
            except Exception:  # pytz's and pandas' errors have no common class
                found = "refused"
            print(f"{zone}|{step}|{seconds(local)}|{found}")


if __name__ == "__main__":
    main(int(sys.argv[1]))

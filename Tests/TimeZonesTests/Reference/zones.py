#!/usr/bin/env python3
# Copyright 2026 The Almanac authors
# SPDX-License-Identifier: Apache-2.0
"""Says what Python's zoneinfo makes of the machine's time zones, for ZoneReferenceTests.swift.

zones.py write        writes zones.txt: for each zone how often its offset changes from 1900 to 2100, and a digest
zones.py sample SEED  prints for each zone its offset at 300 random instants of those years, and round two changes
"""

import datetime
import os
import pathlib
import random
import sys
import zoneinfo

FOLDER = pathlib.Path(os.environ.get("TZDIR") or "/usr/share/zoneinfo")
START, END = -2_208_988_800, 4_102_444_800  # 1900 and 2100
STEP = 12 * 3_600  # no zone has changed its offset twice within half a day
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)


def offset(zone: zoneinfo.ZoneInfo, instant: int) -> int:
    moment = EPOCH + datetime.timedelta(seconds=instant)
    return round(moment.astimezone(zone).utcoffset().total_seconds())


def change(zone: zoneinfo.ZoneInfo, low: int, high: int) -> int:
    """The instant between two, whose offsets differ, from which the later one holds."""
    before = offset(zone, low)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if offset(zone, middle) == before else (low, middle)
    return high


def changes(zone: zoneinfo.ZoneInfo, moments: list[datetime.datetime]) -> list[tuple[int, int]]:
    found = []
    before = moments[0].astimezone(zone).utcoffset()
    for number, moment in enumerate(moments):
        if (after := moment.astimezone(zone).utcoffset()) != before:
            instant = START + number * STEP
            found.append((change(zone, instant - STEP, instant), round(after.total_seconds())))
            before = after
    return found


def digest(text: str) -> str:
    """FNV-1a with 64 bits."""
    state = 0xCBF29CE484222325
    for byte in text.encode():
        state = ((state ^ byte) * 0x100000001B3) % 2**64
    return f"{state:016x}"


def names() -> list[str]:
    return sorted(each for each in zoneinfo.available_timezones() if each[0].isupper() and each != "Factory")


def write() -> None:
    version = (FOLDER / "tzdata.zi").read_text().split("\n")[0].removeprefix("# version ")
    lines = [f"# tzdata {version}, Python {sys.version.split()[0]}: zone, changes from 1900 to 2100, digest"]
    moments = [EPOCH + datetime.timedelta(seconds=instant) for instant in range(START, END + 1, STEP)]
    for name in names():
        zone = zoneinfo.ZoneInfo(name)
        found = [(START, offset(zone, START)), *changes(zone, moments)]
        lines.append(f"{name} {len(found) - 1} {digest(''.join(f'{at} {east};' for at, east in found))}")
    pathlib.Path(__file__).with_name("zones.txt").write_text("\n".join(lines) + "\n")


def sample(seed: int) -> None:
    rng = random.Random(seed)
    for name in names():
        zone = zoneinfo.ZoneInfo(name)
        instants = [rng.randrange(START, END) for _ in range(300)]
        for one in instants[:20]:
            later = one + 200 * 86_400
            if offset(zone, one) != offset(zone, later):
                at = change(zone, one, later)
                instants += [at - 1, at]
        print(name, *(f"{instant}:{offset(zone, instant)}" for instant in instants))


if __name__ == "__main__":
    zoneinfo.reset_tzpath([str(FOLDER)])
    sample(int(sys.argv[2])) if sys.argv[1:2] == ["sample"] else write()

#!/usr/bin/env python3
# Copyright 2026 The Almanac authors
# SPDX-License-Identifier: Apache-2.0
"""Writes reference.json: what croniter and cronsim say that schedules are. README.md says which rules are shared.

python3 -m venv /tmp/venv && /tmp/venv/bin/pip install croniter cronsim tzdata && /tmp/venv/bin/python compare.py
"""

import datetime
import importlib.metadata
import json
import pathlib
import random
import zoneinfo

import croniter
import cronsim

UTC = datetime.timezone.utc
ZONES = (
    "Europe/Amsterdam America/New_York Australia/Lord_Howe Africa/Cairo America/Sao_Paulo America/Scoresbysund "
    "Asia/Tehran Pacific/Apia Africa/Casablanca Europe/Dublin Asia/Gaza America/Caracas UTC"
).split()
FIELDS = [(0, 59, 0.1), (0, 23, 0.3), (1, 28, 0.6), (1, 12, 0.8), (0, 7, 0.6)]
NAMES = {3: "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split(), 4: "SUN MON TUE WED THU FRI SAT".split()}


def part(rng: random.Random, field: int, low: int, high: int, steps: bool) -> str:
    first = rng.randint(low, high)
    first = min(first, high - 1)  # croniter takes a range of one value, such as 16-16, for a star
    last = rng.randint(first + 1, high)
    kind = rng.choice(["value", "value", "range", "step", "star", "name"] if steps else ["value", "range", "name"])
    if kind == "range":
        return f"{first}-{last}"
    if kind == "step":
        return f"{first}-{last}/{rng.randint(1, last - first + 1)}"
    if kind == "star" and field < 4:
        return f"*/{rng.randint(2, 12)}"
    if kind == "name" and field in NAMES and first - low < len(NAMES[field]):
        return rng.choice([str.upper, str.lower, str.title])(NAMES[field][first - low])
    return str(first)


def expression(rng: random.Random, steps: bool) -> str:
    fields = []
    for field, (low, high, stars) in enumerate(FIELDS):
        if rng.random() < stars:
            fields.append("*")
        else:
            fields.append(",".join(part(rng, field, low, high, steps) for _ in range(rng.choice([1, 1, 1, 2, 3]))))
    return " ".join(fields)


def seconds(moment: datetime.datetime) -> int:
    return round(moment.astimezone(UTC).timestamp())


def calendar_cases(rng: random.Random, count: int) -> list[dict]:
    """Without a zone: what the fields mean. croniter, and cronsim wherever neither day field has a step on a star."""
    cases = []
    while len(cases) < count:
        cron = expression(rng, steps=True)
        start = datetime.datetime.fromtimestamp(rng.randint(0, 2**32), UTC).replace(microsecond=0)
        iterator = croniter.croniter(cron, start)
        instants = [seconds(iterator.get_next(datetime.datetime)) for _ in range(5)]
        fields = cron.split()
        if "*/" not in fields[2] + fields[4]:
            other = cronsim.CronSim(cron, start)
            assert [seconds(next(other)) for _ in range(5)] == instants, (cron, start)
        cases.append({"cron": cron, "after": seconds(start), "instants": instants})
    return cases


def zone_cases(rng: random.Random, count: int) -> list[dict]:
    """With a zone, around the days on which its clock jumps: Debian's rules, which cronsim follows."""
    cases = []
    while len(cases) < count:
        name = rng.choice(ZONES)
        zone = zoneinfo.ZoneInfo(name)
        start = jump(rng, zone).astimezone(zone)
        cron = expression(rng, steps=False)
        fields = cron.split()
        fields[1] = rng.choice(["*", "0-4", str(rng.randint(0, 3)), "1-3/2", "2", "23"])
        fields[0] = "*/10" if fields[1] == "*" and rng.random() < 0.5 else rng.choice(["0", "30", "15,45", "5-55/10"])
        if rng.random() < 0.7:
            fields[2:] = ["*", "*", "*"]
        iterator = cronsim.CronSim(" ".join(fields), start)
        instants = [seconds(next(iterator)) for _ in range(8)]
        cases.append({"cron": " ".join(fields), "zone": name, "after": seconds(start), "instants": instants})
    return cases


def jump(rng: random.Random, zone: zoneinfo.ZoneInfo) -> datetime.datetime:
    """Noon UTC one or two days before a change of the zone's offset in the years 2005 to 2024, or any day."""
    days = [datetime.datetime(2005, 1, 1, 12, tzinfo=UTC) + datetime.timedelta(days=n) for n in range(20 * 365)]
    offsets = [day.astimezone(zone).utcoffset() for day in days]
    changes = [n for n in range(3, len(days)) if offsets[n] != offsets[n - 1]]
    return days[rng.choice(changes) - rng.randint(2, 3) if changes else rng.randrange(len(days))]


def main() -> None:
    rng = random.Random(1)
    names = ["croniter", "cronsim", "tzdata"]
    versions = {each: importlib.metadata.version(each) for each in names}
    reference = {"versions": versions, "calendar": calendar_cases(rng, 200), "zones": zone_cases(rng, 200)}
    lines = [f'"versions": {json.dumps(versions)}']
    for key in ("calendar", "zones"):
        rows = ",\n".join("  " + json.dumps(case) for case in reference[key])
        lines.append(f'"{key}": [\n{rows}\n]')
    path = pathlib.Path(__file__).with_name("reference.json")
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n")
    print(f"{path}: {len(reference['calendar'])} calendar and {len(reference['zones'])} zone cases, {versions}")


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Puts the rows of one part into the table of the full run, in the place of those it had.

    rows.py TABLE PART DATE COMMIT ROWS LEAST PARTS…

ROWS is a file of lines `| test | count | what held |`, as the tests write them; fewer than LEAST fail,
for a test that wrote none was not run. PARTS are all parts, in the order of the table.
"""

import os
import platform
import sys
import tempfile
from pathlib import Path

HEAD = "| part | test | count | what held | date | commit |"
RULE = "|------|------|-------|-----------|------|--------|"
TEXT = """# The last full run

Written by `.ci/full [PART…]`: a part that passes replaces its rows. Last on {machine}.

The fuzzers mutate bytes of seeds and are not guided by coverage: `cargo fuzz` would compile the
whole query engine once more.

"""


def machine():
    words = Path("/proc/meminfo").read_text().split()
    memory = round(int(words[words.index("MemTotal:") + 1]) / 1048576)
    return f"{os.cpu_count()} cores, {memory} GiB, {platform.system()} {platform.machine()}"


def part_of(row):
    return row.split("|")[1].strip()


def main(table, part, date, commit, rows, least, *parts):
    new = [line.strip() for line in Path(rows).read_text().splitlines() if line.strip()]
    if len(new) < int(least):
        sys.exit(f"{part}: {len(new)} rows, where {least} tests write one or more each: was one not run?")
    new = [f"| {part} {row} {date} | {commit} |" for row in new]
    path = Path(table)
    lines = path.read_text().splitlines() if path.exists() else []
    old = lines[lines.index(RULE) + 1 :] if RULE in lines else []
    kept = [row for row in old if row.startswith("|") and part_of(row) != part]
    # Stable: within a part the order of its run.
    place = {name: n for n, name in enumerate(parts)}
    ordered = sorted(kept + new, key=lambda row: place.get(part_of(row), len(place)))
    text = TEXT.format(machine=machine()) + "\n".join([HEAD, RULE, *ordered]) + "\n"
    # A reader sees the whole table or the one before.
    with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False) as file:
        file.write(text)
    os.chmod(file.name, 0o644)
    os.replace(file.name, path)


if __name__ == "__main__":
    main(*sys.argv[1:])

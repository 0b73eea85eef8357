"""Writes a table of 50 columns, and two contracts that state 50 and 1,000 clauses of it.

    make_wide.py ROWS FOLDER

FOLDER becomes a project: `data/`, `wide-50.odcs.yaml`, `wide-1000.odcs.yaml`. Deterministic: a value
depends on the numbers of its row and column alone.

Both contracts look at the same 48 columns, so that what differs between them is the work of clauses
and not of decoding; `comment_1` and `comment_2` are declared and nothing is said of them. Half of the
strings have a hundred values and half hardly repeat one: a dictionary helps with the first alone.
"""

import json
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

FILES = 10
CHUNK = 250_000
KINDS = ["integer"] * 14 + ["number"] * 14 + ["code"] * 7 + ["token"] * 7 + ["date"] * 3 + ["timestamp"] * 3
COLUMNS = [(f"{kind}_{number:02}", kind) for number, kind in enumerate(KINDS)]
COMMENTS = ["comment_1", "comment_2"]
DAY = 20_454  # 2026-01-01, counted from 1970
BUILT_IN = 2  # clauses that every table has: files are readable, no column is undeclared


def mix(numbers, column):
    """splitmix64 of a row's number, other for each column."""
    z = (numbers * np.uint64(64) + np.uint64(column)) * np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return (z ^ (z >> np.uint64(31))).astype(np.int64) & np.int64(2**62 - 1)


def text(prefix, numbers, digits):
    """`prefix` and as many digits as asked: all of one length."""
    return pc.binary_join_element_wise(
        prefix, pc.utf8_slice_codeunits(pc.cast(pa.array(numbers + 10**digits), pa.string()), 1), ""
    )


def array(kind, hashes):
    if kind == "integer":
        return pa.array(hashes % 2_000 * 5)
    if kind == "number":  # one NULL in sixteen
        return pa.array(hashes % 1_000_000 / 100, mask=hashes >> 20 & 15 == 0)
    if kind == "code":
        return text("code-", hashes % 100, 2)
    if kind == "token":
        return text("t", hashes % 10**12, 12)
    if kind == "comment":
        return text("comment ", hashes % 1_000, 3)
    if kind == "date":
        return pa.array((hashes % 365 + DAY).astype(np.int32), pa.date32())
    seconds = hashes % (365 * 86_400) + DAY * 86_400
    return pa.array(seconds * 1_000_000, pa.timestamp("us", tz="UTC"))


def write(rows, folder):
    folder.mkdir(parents=True)
    columns = COLUMNS + [(name, "comment") for name in COMMENTS]
    per_file = -(-rows // FILES)
    for number, first in enumerate(range(0, rows, per_file)):
        end = min(first + per_file, rows)
        writer = None
        for at in range(first, end, CHUNK):
            numbers = np.arange(at, min(at + CHUNK, end), dtype=np.uint64)
            arrays = [array(kind, mix(numbers, i)) for i, (_, kind) in enumerate(columns)]
            table = pa.table(arrays, names=[name for name, _ in columns])
            writer = writer or pq.ParquetWriter(folder / f"part-{number:02}.parquet", table.schema, compression="zstd")
            writer.write_table(table)
        writer.close()


def rule(metric, operator, bound, **more):
    """A rule of the standard's library, of rows or with `unit="percent"`."""
    return "quality", {"metric": metric, **more, operator: bound}


def missing(values):
    """A rule for each value that is said to stand for a missing one, as in exports of old systems."""
    return [rule("missingValues", "mustBe", 0, arguments={"missingValues": [value]}) for value in values]


def nulls(*percents):
    """Two thresholds, as for a warning and an error; by metric alone their ids would be the same."""
    return [rule("nullValues", "mustBeLessThan", p, unit="percent", id=f"nulls-below-{p}") for p in percents]


def options(**bounds):
    return [("logicalTypeOptions", {key: value}) for key, value in bounds.items()]


def clauses(kind):
    """21 clauses of a column, the one that stands alone in the short contract first, types second."""
    if kind in ("code", "token"):
        pattern, length = ("^code-[0-9]{2}$", 7) if kind == "code" else ("^t[0-9]{12}$", 13)
        invalid = {"pattern": pattern}
        if kind == "code":
            invalid = {"validValues": [f"code-{n:02}" for n in range(100)]}
        return [
            rule("invalidValues", "mustBe", 0, arguments=invalid),
            ("logicalType", "string"),
            ("required", True),
            *options(minLength=1, maxLength=length, pattern=pattern[:-1]),
            rule("invalidValues", "mustBe", 0, arguments={"pattern": "[0-9]$"}),
            rule("invalidValues", "mustBe", 0, arguments={"pattern": "^[^ ]+$"}),
            *nulls(1, 5),
            *missing(["", "#N/A", "-", "?", "n/a", "N/A", "none", "null", "unknown", "tbd", "nan"]),
        ]
    if kind == "integer":
        alone = missing([-1])[0]
        bounds = options(minimum=0, maximum=9_995, exclusiveMinimum=-1, exclusiveMaximum=9_996, multipleOf=5)
        sentinels = [-2, -9, -99, -999, -9999, -(2**31), 99_999, 999_999, 9_999_999, 2**31 - 1, 2**63 - 1]
        percents = [1, 5]
    elif kind == "number":
        alone = nulls(10)[0]
        bounds = options(minimum=0, maximum=10_000, exclusiveMinimum=-0.5, exclusiveMaximum=10_000.5)
        sentinels = [-1, -2, -9, -99, -999, -9999, -99_999, 99_999, 999_999, 9_999_999, 1e9, 1e12, 1e300]
        percents = [15, 20]
    else:
        time = "T00:00:00Z" if kind == "timestamp" else ""
        alone = missing([f"1970-01-01{time}"])[0]
        bounds = options(
            minimum=f"2026-01-01{time}",
            maximum=f"2027-01-01{time}",
            exclusiveMinimum=f"2025-12-31{time}",
            exclusiveMaximum=f"2027-01-02{time}",
        )
        past = ["0001-01-01", "1601-01-01", "1899-12-30", "1899-12-31", "1900-01-01", "1904-01-01", "1969-12-31"]
        future = ["2038-01-19", "2079-06-06", "2099-12-31", "2100-01-01", "9999-12-31"]
        sentinels = [day + time for day in past + future]
        percents = [1, 5]
    required = [] if kind == "number" else [("required", True)]
    return [alone, ("logicalType", kind), *required, *bounds, *missing(sentinels), *nulls(*percents)]


def contract(count):
    """The document with `count` clauses, spread over the columns."""
    each, more = divmod(count - BUILT_IN, len(COLUMNS))
    properties = []
    for number, (name, kind) in enumerate(COLUMNS):
        column = {"name": name}
        for key, value in clauses(kind)[: each + (number < more)]:
            if key == "quality":
                column.setdefault(key, []).append(value)
            elif key == "logicalTypeOptions":
                column.setdefault(key, {}).update(value)
            else:
                column[key] = value
        properties.append(column)
    properties += [{"name": name} for name in COMMENTS]
    return {
        "apiVersion": "v3.1.0",
        "kind": "DataContract",
        "id": f"wide-{count}",
        "name": f"wide_{count}",
        "version": "1.0.0",
        "status": "active",
        "team": {"name": "performance"},
        "description": {"purpose": f"{count} clauses of one table."},
        "schema": [{"name": "items", "description": "One row for each number.", "properties": properties}],
    }


def main(rows, folder):
    write(rows, folder / "data")
    (folder / "pactum.yaml").write_text("contracts: .\n")
    for count in (50, 1000):
        # JSON is YAML.
        (folder / f"wide-{count}.odcs.yaml").write_text(json.dumps(contract(count), indent=1) + "\n")


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))

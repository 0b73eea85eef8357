#!/usr/bin/env python3
"""A contract `edges` whose tables hold the values at the edges of every type, and its delivery.

    edges.py FOLDER

writes FOLDER/contracts/edges.odcs.yaml and FOLDER/edges/<table>.parquet. The same values go into
PostgreSQL; nothing here is random.
"""

import sys
from datetime import date, datetime, timezone
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

NAN, INF = float("nan"), float("inf")
LEAST64, MOST64 = -(2**63), 2**63 - 1
TINY, HUGE = 5e-324, 1.7976931348623157e308
TINY32, HUGE32 = 1.401298464324817e-45, 3.4028234663852886e38


def zoned(*parts):
    return datetime(*parts, tzinfo=timezone.utc)


D, T = date, datetime

# Column, Arrow type, and its lines in the contract.
EXTREMES = [
    ("id", pa.int32(), "logicalType: integer, physicalType: integer, primaryKey: true"),
    ("small", pa.int16(), "logicalType: integer, physicalType: smallint"),
    ("whole", pa.int32(), "logicalType: integer, physicalType: integer"),
    ("big", pa.int64(), "logicalType: integer, physicalType: bigint"),
    ("single", pa.float32(), "logicalType: number, physicalType: real"),
    ("dbl", pa.float64(), "logicalType: number, physicalType: double"),
    ("price", pa.decimal128(12, 2), 'logicalType: number, physicalType: "decimal(12,2)"'),
    ("exact", pa.decimal128(38, 10), 'logicalType: number, physicalType: "decimal(38,10)"'),
    ("flag", pa.bool_(), "logicalType: boolean"),
    ("word", pa.string(), "logicalType: string"),
    ("bytes", pa.binary(), "logicalType: string, logicalTypeOptions: { format: binary }"),
    ("day", pa.date32(), "logicalType: date"),
    ("wall", pa.timestamp("us"), "logicalType: timestamp, logicalTypeOptions: { timezone: false }"),
    ("at", pa.timestamp("us", "UTC"), "logicalType: timestamp"),
]

# One line a row, in the order of the columns; the id is the place. Each type's extremes stand beside
# ordinary values, so that sums and products of columns overflow in some rows only.
EXTREMES_ROWS = [
    (0, 0, 0, 0.0, 0.0, "0.00", "0", False, "", b"", D(1970, 1, 1), T(1970, 1, 1), zoned(1970, 1, 1)),
    (1, 1, 1, 1.5, 1.5, "1.50", "1.5", True, "a", b"a", D(2024, 2, 29), T(2024, 2, 29, 12, 30), zoned(2024, 2, 29, 12, 30)),
    (-1, -1, -1, -1.5, -1.5, "-1.50", "-1.5", False, "A", b"\x00", D(1900, 2, 28), T(1900, 2, 28, 23, 59, 59, 999999), zoned(1900, 2, 28, 23, 59, 59, 999999)),
    (32767, 2147483647, MOST64, HUGE32, HUGE, "9999999999.99", "9999999999999999999999999999.9999999999", True, "ä", b"\xff\xfe", D(9999, 12, 31), T(9999, 12, 31, 23, 59, 59, 999999), zoned(9999, 12, 31, 23, 59, 59, 999999)),
    (-32768, -2147483648, LEAST64, -HUGE32, -HUGE, "-9999999999.99", "-9999999999999999999999999999.9999999999", False, "Ä", b"\x80", D(1, 1, 1), T(1, 1, 1), zoned(1, 1, 1)),
    (None,) * 13,
    (7, 7, 7, NAN, NAN, "7.77", "7.7777777777", None, "naïve café", b"caf\xc3\xa9", D(2024, 3, 31), T(2024, 3, 31, 2, 30), zoned(2024, 3, 31, 0, 59, 59)),
    (8, 8, 8, INF, INF, "8.88", "0.0000000001", True, "日本語", b"\xe6\x97\xa5", D(2024, 3, 31), T(2024, 3, 31, 3, 0), zoned(2024, 3, 31, 1, 0, 0)),
    (9, 9, 9, -INF, -INF, "-9.99", "-0.0000000001", False, "🦀 crab", b"\xf0\x9f\xa6\x80", D(2024, 10, 27), T(2024, 10, 27, 2, 30), zoned(2024, 10, 27, 0, 30, 0)),
    (10, 10, 10, -0.0, -0.0, "0.01", "12345.6789", True, " padded ", b" ", D(2024, 10, 27), T(2024, 10, 27, 3, 0), zoned(2024, 10, 27, 1, 30, 0)),
    (11, 11, 11, TINY32, TINY, "-0.01", "-12345.6789", None, "per%cent_under", b"%_", D(1582, 10, 4), T(1582, 10, 4, 12), zoned(1582, 10, 4, 12)),
    (12, 12, 12, -TINY32, -TINY, "100.00", "100", False, "back\\slash", b"\\", D(1582, 10, 15), T(1582, 10, 15, 12), zoned(1582, 10, 15, 12)),
    (13, 2147483, 2147483648, 0.1, 0.1, "0.10", "0.1", True, "it's \"quoted\"", b"'\"", D(2000, 1, 1), T(2000, 1, 1), zoned(2000, 1, 1)),
    (14, -2147483, -2147483649, 2.5, 2.5, "2.50", "2.5", True, "line\nbreak\ttab", b"\n\t", D(1999, 12, 31), T(1999, 12, 31, 23, 59, 59), zoned(1999, 12, 31, 23, 59, 59)),
    (15, 100000, 9007199254740993, 3.5, 3.5, "3.50", "3.5", False, "1234", b"1234", D(2023, 1, 1), T(2023, 1, 1, 0, 0, 0, 1), zoned(2023, 1, 1, 0, 0, 0, 1)),
    (16, 65536, 4294967296, -2.5, -2.5, "-2.50", "-2.5", True, "-12.5e3", b"-1", D(2023, 12, 31), T(2023, 12, 31, 8, 15, 30, 123456), zoned(2023, 12, 31, 8, 15, 30, 123456)),
    (17, 46341, 3037000500, 0.30000001192092896, 0.30000000000000004, "0.30", "0.3", None, "NaN", b"NaN", D(2262, 4, 11), T(2262, 4, 11, 23, 47, 16, 854775), zoned(2262, 4, 11, 23, 47, 16, 854775)),
    (18, 46340, 3037000499, 16777216.0, 9007199254740992.0, "18.18", "99999999999999999999.5", True, "null", b"null", D(2262, 4, 12), T(2262, 4, 12), zoned(2262, 4, 12)),
    (19, 123456789, 1234567890123456789, 1e10, 1e22, "1234567.89", "1234567890.1234567890", False, "true", b"\x01\x02\x03", D(1677, 9, 21), T(1677, 9, 21, 0, 12, 43, 145224), zoned(1677, 9, 21, 0, 12, 43, 145224)),
    (20, -20, -20, 1e-10, 1e-7, "-20.00", "-20.0000000001", True, "2024-02-29", b"2024", D(2100, 2, 28), T(2100, 2, 28, 6), zoned(2100, 2, 28, 6)),
    (1, 1, 1, 1.5, 1.5, "1.50", "1.5", True, "a", b"a", D(2024, 2, 29), T(2024, 2, 29, 12, 30), zoned(2024, 2, 29, 12, 30)),
    (None, 21, None, 21.0, None, "21.00", None, True, None, b"", None, T(2024, 1, 31), None),
    (22, None, 22, None, 22.25, None, "22.22", None, "ß straße", None, D(2024, 1, 31), None, zoned(2024, 1, 31)),
    (23, 23, None, 0.0, -0.0, None, None, False, "e\u0301 combining", b"\x7f", D(2024, 12, 30), T(2024, 12, 30, 0, 0), zoned(2024, 12, 30)),
]  # fmt: skip

# Keys that repeat and are missing, on both sides of a join; small values whose sums stay small.
PAIRS = [
    ("id", pa.int32(), "logicalType: integer, physicalType: integer, primaryKey: true"),
    ("k", pa.int32(), "logicalType: integer, physicalType: integer"),
    ("g", pa.string(), "logicalType: string"),
    ("v", pa.int64(), "logicalType: integer, physicalType: bigint"),
    ("x", pa.float64(), "logicalType: number, physicalType: double"),
    ("n", pa.decimal128(8, 2), 'logicalType: number, physicalType: "decimal(8,2)"'),
    ("on_day", pa.date32(), "logicalType: date"),
    ("ok", pa.bool_(), "logicalType: boolean"),
]

PAIRS_ROWS = [
    (1, "a", 10, 0.5, "1.00", D(2024, 1, 1), True),
    (1, "a", 20, 1.5, "2.50", D(2024, 1, 2), False),
    (1, "b", 30, -0.0, "3.00", D(2024, 1, 3), True),
    (2, "b", 40, 0.0, "-4.25", D(2024, 1, 3), None),
    (2, "B", -50, NAN, "0.00", D(2024, 2, 1), False),
    (None, "a", 60, NAN, "6.00", D(2024, 2, 29), True),
    (None, None, None, None, None, None, None),
    (3, None, 70, 2.25, None, D(2023, 12, 31), True),
    (4, "c", None, -3.75, "7.77", None, False),
    (4, "", 80, INF, "8.00", D(2024, 1, 1), True),
    (5, "ä", 10, -INF, "10.10", D(2024, 3, 1), True),
    (5, "a", 10, 0.5, "1.00", D(2024, 1, 1), None),
]  # fmt: skip

LISTS = [
    ("id", pa.int32(), "logicalType: integer, physicalType: integer, primaryKey: true"),
    ("ints", pa.list_(pa.int32()), "logicalType: array, items: { logicalType: integer, physicalType: integer }"),
    ("words", pa.list_(pa.string()), "logicalType: array, items: { logicalType: string }"),
    ("dbls", pa.list_(pa.float64()), "logicalType: array, items: { logicalType: number, physicalType: double }"),
    ("doc", pa.string(), "logicalType: string"),
]  # fmt: skip

LISTS_ROWS = [
    ([1, 2, 3], ["a", "b"], [0.5, 1.5], '{"a": 1, "b": [1, 2, {"c": "x"}], "n": null}'),
    ([], [], [], "{}"),
    (None, None, None, None),
    ([None], [None], [None], "[1, 2.50, null, true]"),
    ([3, 1, 2, 1, None], ["b", "", "a", None, "b"], [NAN, -0.0, 0.0, INF], '{"a": {"b": {"c": 3}}}'),
    ([2147483647, -2147483648], ["é", "日本", "x,y", '"q"', "{}"], [1e308, -1e308], '"text"'),
    ([1, 2, 3], ["a", "b"], [0.5, 1.5], '{"é": "ü", "a b": "c\\"d", "a": "1"}'),
]  # fmt: skip

TABLES = {"extremes": (EXTREMES, EXTREMES_ROWS), "pairs": (PAIRS, PAIRS_ROWS), "lists": (LISTS, LISTS_ROWS)}


def contract():
    lines = [
        "apiVersion: v3.2.0",
        "kind: DataContract",
        "id: edges",
        "name: edges",
        "version: 1.0.0",
        "status: active",
        "description: { purpose: Values at the edges of every type. }",
        "team: { name: tests }",
        "schema:",
    ]
    for table, (columns, _) in TABLES.items():
        lines += [f"  - name: {table}", "    properties:"]
        lines += [f"      - {{ name: {name}, {terms} }}" for name, _, terms in columns]
    return "\n".join(lines) + "\n"


def table(name):
    """The rows as an Arrow table, with their numbers as ids."""
    columns, rows = TABLES[name]
    arrays = []
    for place, (_, kind, _) in enumerate(columns):
        column = [number if place == 0 else row[place - 1] for number, row in enumerate(rows)]
        if pa.types.is_decimal(kind):
            column = [None if v is None else Decimal(v) for v in column]
        arrays.append(pa.array(column, kind))
    return pa.table(arrays, names=[column for column, _, _ in columns])


def write(folder):
    for inner in ("contracts", "edges"):
        (folder / inner).mkdir(parents=True, exist_ok=True)
    (folder / "contracts/edges.odcs.yaml").write_text(contract())
    for name in TABLES:
        pq.write_table(table(name), folder / "edges" / f"{name}.parquet")


if __name__ == "__main__":
    write(Path(sys.argv[1]))

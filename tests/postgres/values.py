"""One form for the values and types of both sides, so that they can be compared.

A value is a bool, int, Decimal, float, str or bytes, None, a tuple of values (an array, a record), or one of
the times below. A type is its PostgreSQL name.
"""

import struct
from datetime import date
from decimal import Decimal, localcontext
from typing import NamedTuple

import pyarrow as pa

DAY = 86_400_000_000


class Date(NamedTuple):
    """Days since 1970, or ±infinity."""

    days: int | str

    def __str__(self):
        return written_date(self.days)


class Time(NamedTuple):
    """Microseconds since midnight."""

    micros: int

    def __str__(self):
        return written_time(self.micros)


class Timestamp(NamedTuple):
    """Microseconds since 1970, or ±infinity."""

    micros: int | str

    def __str__(self):
        if isinstance(self.micros, str):
            return self.micros
        days, rest = divmod(self.micros, DAY)
        return f"{written_date(days)} {written_time(rest)}"


class Interval(NamedTuple):
    months: int
    days: int
    micros: int

    def __str__(self):
        return f"{self.months} mons {self.days} days {self.micros} us"


TIMES = (Date, Time, Timestamp, Interval)


def written_date(days):
    """ISO 8601; what a calendar of four digits does not reach is a count of days."""
    ordinal = days + 719_163 if isinstance(days, int) else 0
    return date.fromordinal(ordinal).isoformat() if 0 < ordinal <= date.max.toordinal() else f"day {days}"


def written_time(micros):
    seconds, rest = divmod(micros, 1_000_000)
    fraction = f".{rest:06}".rstrip("0").rstrip(".") if rest else ""
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}{fraction}"


# Days and microseconds between 1970, where Arrow counts from, and 2000, where PostgreSQL does.
EPOCH_DAYS = 10957
EPOCH_MICROS = EPOCH_DAYS * DAY
EVER = {Date: 2**31 - 1, Timestamp: 2**63 - 1}


# --- PostgreSQL's binary format -------------------------------------------------------------------


def unpacked(form, data):
    return struct.unpack(form, data)[0]


def numeric(data):
    digits, weight, sign, scale = struct.unpack_from("!HhHH", data)
    if sign in (0xC000, 0xD000, 0xF000):
        return Decimal({0xC000: "NaN", 0xD000: "Infinity", 0xF000: "-Infinity"}[sign])
    groups = struct.unpack_from(f"!{digits}H", data, 8)
    whole = 0
    for group in groups:
        whole = whole * 10000 + group
    exponent = (weight - digits + 1) * 4
    with localcontext() as context:
        context.prec = 3000
        value = Decimal(whole).scaleb(exponent) if groups else Decimal(0)
        value = value.quantize(Decimal(1).scaleb(-scale))
    return value.copy_negate() if sign == 0x4000 else value


def since_1970(kind, form, offset):
    def read(data):
        value = unpacked(form, data)
        if value in (EVER[kind], -EVER[kind] - 1):
            return kind("infinity" if value > 0 else "-infinity")
        return kind(value + offset)

    return read


def interval(data):
    micros, days, months = struct.unpack("!qii", data)
    return Interval(months, days, micros)


def array(data):
    dimensions, _, oid = struct.unpack_from("!iiI", data)
    sizes = [struct.unpack_from("!ii", data, 12 + 8 * n)[0] for n in range(dimensions)]
    at = 12 + 8 * dimensions
    items = []
    count = 1 if dimensions else 0
    for size in sizes:
        count *= size
    for _ in range(count):
        length = unpacked("!i", data[at : at + 4])
        at += 4
        items.append(None if length < 0 else decoded(oid, data[at : at + length]))
        at += max(length, 0)
    for size in reversed(sizes[1:]):
        items = [tuple(items[n : n + size]) for n in range(0, len(items), size)]
    return tuple(items)


def record(data):
    count = unpacked("!i", data[:4])
    at = 4
    items = []
    for _ in range(count):
        oid, length = struct.unpack_from("!Ii", data, at)
        at += 8
        items.append(None if length < 0 else decoded(oid, data[at : at + length]))
        at += max(length, 0)
    return tuple(items)


def text(data):
    return data.decode("utf-8")


# By oid; filled when a connection is made.
TYPE_NAMES = {}

BY_OID = {
    16: ("boolean", lambda d: d != b"\0"),
    17: ("bytea", bytes),
    18: ("text", text),
    19: ("text", text),
    20: ("bigint", lambda d: unpacked("!q", d)),
    21: ("smallint", lambda d: unpacked("!h", d)),
    23: ("integer", lambda d: unpacked("!i", d)),
    25: ("text", text),
    26: ("oid", lambda d: unpacked("!I", d)),
    # JSON is a text in Arrow.
    114: ("text", text),
    700: ("real", lambda d: unpacked("!f", d)),
    701: ("double precision", lambda d: unpacked("!d", d)),
    705: ("text", text),
    1042: ("text", text),
    1043: ("text", text),
    1082: ("date", since_1970(Date, "!i", EPOCH_DAYS)),
    1083: ("time", lambda d: Time(unpacked("!q", d))),
    1114: ("timestamp", since_1970(Timestamp, "!q", EPOCH_MICROS)),
    1184: ("timestamptz", since_1970(Timestamp, "!q", EPOCH_MICROS)),
    1186: ("interval", interval),
    1700: ("numeric", numeric),
    # Ours is a text with the type's name.
    2206: ("text", lambda d: TYPE_NAMES.get(unpacked("!I", d))),
    2249: ("record", record),
    1560: ("bit", bytes),
    1562: ("bit", bytes),
    2950: ("uuid", lambda d: d.hex()),
    3802: ("text", lambda d: d[1:].decode("utf-8")),
}
ARRAYS = {
    1000: 16, 1001: 17, 1003: 19, 1005: 21, 1007: 23, 1009: 25, 1014: 1042, 1015: 1043, 1016: 20, 199: 114,
    1021: 700, 1022: 701, 1182: 1082, 1183: 1083, 1115: 1114, 1185: 1184, 1187: 1186, 1231: 1700,
    2287: 2249, 3807: 3802,
}  # fmt: skip


def type_of_oid(oid):
    if oid in ARRAYS:
        return type_of_oid(ARRAYS[oid]) + "[]"
    return BY_OID[oid][0] if oid in BY_OID else f"oid {oid}"


def decoded(oid, data):
    if oid in ARRAYS:
        return array(data)
    return BY_OID[oid][1](data) if oid in BY_OID else bytes(data)


# --- Arrow ----------------------------------------------------------------------------------------

PLAIN = {
    pa.bool_(): "boolean",
    pa.int8(): "tinyint",
    pa.int16(): "smallint",
    pa.int32(): "integer",
    pa.int64(): "bigint",
    pa.uint8(): "unsigned tinyint",
    pa.uint16(): "unsigned smallint",
    pa.uint32(): "unsigned integer",
    pa.uint64(): "unsigned bigint",
    pa.float32(): "real",
    pa.float64(): "double precision",
    pa.string(): "text",
    pa.large_string(): "text",
    pa.string_view(): "text",
    pa.binary(): "bytea",
    pa.large_binary(): "bytea",
    pa.binary_view(): "bytea",
    pa.date32(): "date",
    pa.null(): "null",
    pa.month_day_nano_interval(): "interval",
}


def type_of_arrow(kind):
    if kind in PLAIN:
        return PLAIN[kind]
    if pa.types.is_decimal(kind):
        return "numeric"
    if pa.types.is_timestamp(kind):
        finer = "" if kind.unit == "us" else f" in {kind.unit}"
        return ("timestamptz" if kind.tz else "timestamp") + finer
    if pa.types.is_time(kind):
        return "time"
    if pa.types.is_dictionary(kind):
        return type_of_arrow(kind.value_type)
    if is_list(kind):
        inner = type_of_arrow(kind.value_type)
        return inner if inner.endswith("[]") else inner + "[]"
    return "record" if pa.types.is_struct(kind) else str(kind)


def interval_of(value):
    whole, rest = divmod(value.nanoseconds, 1000)
    return Interval(value.months, value.days, whole if rest == 0 else value.nanoseconds / 1000)


def is_list(kind):
    tests = (pa.types.is_list, pa.types.is_large_list, pa.types.is_fixed_size_list, pa.types.is_list_view)
    return any(test(kind) for test in tests)


PER_MICRO = {"s": 1_000_000, "ms": 1_000, "us": 1}


def micros(kind, value):
    """Microseconds of a number in the type's unit; nanoseconds that are lost make a fraction."""
    if kind.unit == "ns":
        return value // 1000 if value % 1000 == 0 else value / 1000
    return value * PER_MICRO[kind.unit]


def of_arrow(array):
    """The values of a column."""
    kind = array.type
    if pa.types.is_dictionary(kind):
        return of_arrow(array.cast(kind.value_type))
    if pa.types.is_timestamp(kind):
        return [v and Timestamp(micros(kind, v[0])) for v in numbers(array, pa.int64())]
    if pa.types.is_time(kind):
        width = pa.int32() if pa.types.is_time32(kind) else pa.int64()
        return [v and Time(micros(kind, v[0])) for v in numbers(array, width)]
    if pa.types.is_date32(kind):
        return [v and Date(v[0]) for v in numbers(array, pa.int32())]
    if kind == pa.month_day_nano_interval():
        return [v and interval_of(v) for v in array.to_pylist()]
    if is_list(kind):
        return [None if not v.is_valid else tuple(of_arrow(v.values)) for v in array]
    if pa.types.is_struct(kind):
        columns = [of_arrow(array.field(n)) for n in range(kind.num_fields)]
        rows = list(zip(*columns)) if columns else [()] * len(array)
        return [row if valid else None for row, valid in zip(rows, array.is_valid().to_pylist())]
    return array.to_pylist()


def numbers(array, width):
    """The numbers behind times, each in a tuple, so that zero differs from nothing."""
    return [None if v is None else (v,) for v in array.view(width).to_pylist()]


"""Whether two answers are equal: names, types, values, and the order where a statement asks for one."""

import math
import re
from decimal import ROUND_HALF_UP, Decimal, localcontext

# Floats may differ by the order in which sums were added up, and by the last digit of a library's
# function.
TOLERANCE = 1e-9

# Which of two equal values stands for a group, is the least, or comes before a limit, no engine promises: 0
# or -0.
MERGES_ZEROS = re.compile(
    r"\b(group by|distinct|union|intersect|except|min|max|greatest|least|using|limit|offset)\b", re.I
)

# A number of this form may be the text of a numeric: its column has one scale here, whatever its values have.
NUMERIC = re.compile(r"-?\d+(\.\d+)?")


def difference(theirs, ours, sql):
    """What differs, in words; empty where the answers are equal."""
    if len(theirs.names) != len(ours.names):
        return f"columns: {theirs.names} against {ours.names}"
    if expected_names(theirs.names) != [name.lower() for name in ours.names]:
        return f"names: {theirs.names} against {ours.names}"
    if theirs.types != ours.types:
        return f"types: {theirs.types} against {ours.types}"
    if len(theirs.rows) != len(ours.rows):
        return f"{len(theirs.rows)} rows against {len(ours.rows)}"
    # Rows that differ by the sign of a zero are equal where they are put in order.
    in_order = is_ordered(sql) and rows_differ(theirs.rows, ours.rows, ours.scales, signed=False)
    signed = not MERGES_ZEROS.search(sql)
    left, right = (sorted(side.rows, key=lambda row: sort_key(row, signed)) for side in (theirs, ours))
    return in_order or rows_differ(left, right, ours.scales, signed)


def rows_differ(theirs, ours, scales, signed):
    for number, rows in enumerate(zip(theirs, ours)):
        one, other = matched(*rows, scales)
        if not same(one, other, signed):
            return f"row {number + 1}: {shown(one)} against {shown(other)}"
    return ""


def expected_names(names):
    """PostgreSQL's names; ours number those that repeat."""
    taken = {name.lower() for name in names}
    seen, expected = set(), []
    for name in (name.lower() for name in names):
        number, unique = 2, name
        while unique in seen or (unique != name and unique in taken):
            unique, number = f"{name}_{number}", number + 1
        seen.add(unique)
        expected.append(unique)
    return expected


def matched(theirs, ours, scales):
    """Both rows, their numerics at a common scale."""
    pairs = [at_one_scale(*three) for three in zip(theirs, ours, scales)]
    return tuple(one for one, _ in pairs), tuple(other for _, other in pairs)


def at_one_scale(theirs, ours, scale):
    """PostgreSQL's rounded to the scale that is announced here. Where it computed fewer digits than that,
    although it computes 16 at least, ours are rounded to its own."""
    if scale is None or not (isinstance(theirs, Decimal) and isinstance(ours, Decimal)):
        return theirs, ours
    if not (theirs.is_finite() and ours.is_finite()):
        return theirs, ours
    places = -theirs.as_tuple().exponent
    if places < scale and len(theirs.as_tuple().digits) >= 16:
        return theirs, at_scale(ours, places)
    theirs = at_scale(theirs, scale)
    # A quotient within an expression has 16 places, and PostgreSQL's may have more: that may show in the last.
    is_near = scale >= 16 and abs(theirs - ours) <= Decimal(1).scaleb(-scale)
    return (ours, ours) if is_near else (theirs, ours)


def at_scale(value, scale):
    with localcontext() as context:
        context.prec = 3000
        return value.quantize(Decimal(1).scaleb(-scale), rounding=ROUND_HALF_UP)


def same(one, other, signed):
    if isinstance(one, tuple) and isinstance(other, tuple):
        return len(one) == len(other) and all(same(a, b, signed) for a, b in zip(one, other))
    if isinstance(one, float) and isinstance(other, float):
        return same_float(one, other, signed)
    if isinstance(one, Decimal) and isinstance(other, Decimal) and (one.is_nan() or other.is_nan()):
        return one.is_nan() and other.is_nan()
    if isinstance(one, str) and isinstance(other, str) and one != other:
        return same_places(one, other)
    return one == other and isinstance(one, bool) == isinstance(other, bool)


def same_places(one, other):
    """Whether two texts are one numeric, but for zeros at its end."""
    if not (NUMERIC.fullmatch(one) and NUMERIC.fullmatch(other)):
        return False
    return Decimal(one) == Decimal(other) and ("." in one or "." in other)


def same_float(one, other, signed):
    if math.isnan(one) or math.isnan(other):
        return math.isnan(one) and math.isnan(other)
    if one == 0 and other == 0 and signed:
        return math.copysign(1, one) == math.copysign(1, other)
    return one == other or math.isclose(one, other, rel_tol=TOLERANCE, abs_tol=1e-12)


def sort_key(value, signed):
    """An order of all values; floats are rounded so that nearly equal ones keep their places."""
    if isinstance(value, tuple):
        return (7, tuple(sort_key(item, signed) for item in value))
    if value is None:
        return (9, 0)
    if isinstance(value, float):
        sign = math.copysign(1, value) if signed and value == 0 else 0
        return (4, "NaN") if math.isnan(value) else (3, float(f"{value:.6e}") + 0.0, sign)
    if isinstance(value, (bool, int, Decimal)):
        return (4, "NaN") if value != value else (3, value, 0)
    return (5, str(value))


def shown(row):
    return "(" + ", ".join("NULL" if v is None else str(v) for v in row) + ")"


def is_ordered(sql):
    """Whether the statement itself ends in ORDER BY: outside of parentheses, quotes and comments."""
    bare = re.sub(r"'(?:[^']|'')*'|\"[^\"]*\"|--[^\n]*|\$\$.*?\$\$", "''", sql, flags=re.S)
    inner = re.compile(r"\([^()]*\)")
    while inner.search(bare):
        bare = inner.sub(" ", bare)
    return re.search(r"\border\s+by\b", bare, flags=re.I) is not None

"""Random expressions of a given type over the columns in scope.

Every expression has an answer in PostgreSQL on every row: what could overflow or fail is computed from
tame columns alone, whose values are small. (An error that only some rows cause would depend on the order
in which a server evaluates its conditions.) A numeric quotient has other operators around it nowhere: how
many of its digits are computed differs by design, and would show in theirs.
"""

from dataclasses import dataclass

NUMBERS = ("int", "big", "num", "dbl")
TYPES = ("int", "big", "num", "dbl", "text", "bool", "date", "ts", "tstz", "ints", "texts")
SORTED = ("int", "big", "num", "dbl", "text", "bool", "date", "ts", "tstz")
WORDS = ("a", "b", "B", "", "ä", "日本", "x,y", " a ", "O''Hara", "50%", "a_b", "NaN", "12")
PATTERNS = ("a%", "%b", "%a%", "_", "", "%ä%", "%\\%%", "A%", "%")
REGEXES = ("^a", "b$", "[a-c]+", "^$", "[^ ]", "(a|b)", "\\d", "a.b", "\\w+")
DATES = ("2024-01-01", "2024-02-29", "2023-12-31", "2000-01-01", "1970-01-01", "2024-03-31", "9999-12-31")
TIMES = ("2024-01-01", "2024-02-29 12:30", "2024-03-31 02:30", "1999-12-31 23:59:59.999999", "2024-10-27 01:30:15.5")
ZONES = ("UTC", "Europe/Brussels", "America/New_York", "Asia/Kolkata")
INTERVALS = ("1 day", "1 month", "36 hours", "1 year 2 months", "-3 days", "00:15:00", "1 month -1 day", "90 minutes")
UNITS = ("year", "quarter", "month", "week", "day", "hour", "minute", "second")
FIELDS = ("year", "month", "day", "quarter", "week", "dow", "isodow", "doy", "isoyear", "epoch")
CLOCK = ("hour", "minute", "second", "milliseconds", "microseconds")
FORMATS = ("YYYY-MM-DD", "DD Mon YYYY", "FMDay, FMDD FMMonth", "HH24:MI:SS", "YY/MM/DD HH12:MI AM", "IYYY-IW", "DDD", "Q")

CONVERSIONS = {
    "int": (("text", "length({})"), ("date", "extract(day from {})::int"), ("bool", "{}::int"), ("ints", "cardinality({})")),
    "big": (("int", "{}::bigint"), ("text", "length({})::bigint")),
    "num": (("int", "{}::numeric"), ("big", "{}::numeric"), ("ts", "extract(second from {})")),
    "dbl": (("int", "{}::float8"), ("big", "{}::float8"), ("num", "{}::float8")),
    "text": (("int", "{}::text"), ("num", "{}::text"), ("date", "{}::text"), ("bool", "{}::text"), ("texts", "{}[1]")),
    "bool": (("int", "({} > 3)"), ("text", "({} like 'a%')"), ("date", "({} < '2024-02-01')"), ("dbl", "({} is null)")),
    "date": (("ts", "{}::date"), ("tstz", "{}::date")),
    "ts": (("date", "{}::timestamp"), ("tstz", "({} at time zone 'UTC')")),
    "tstz": (("ts", "{}::timestamptz"), ("date", "{}::timestamptz")),
    "ints": (("int", "array[{}, 1]"),),
    "texts": (("text", "array[{}, 'a']"),),
}


@dataclass(frozen=True)
class Column:
    sql: str
    type: str
    # Whether sums and products of a few of its values overflow nowhere.
    tame: bool = True


class Expressions:
    def __init__(self, random, scope, subqueries=None):
        self.random, self.scope, self.subqueries = random, scope, subqueries

    def pick(self, *options):
        return self.random.choice(options)

    def chance(self, share):
        return self.random.random() < share

    def column(self, kind, tame=False):
        found = [c for c in self.scope if c.type == kind and (c.tame or not tame)]
        return self.random.choice(found).sql if found else None

    def kind(self, kinds):
        """One of the types; mostly one that a column has."""
        here = [c.type for c in self.scope if c.type in kinds]
        return self.random.choice(here if here and self.chance(0.75) else kinds)

    def of(self, kind, depth=2, tame=False):
        """An expression of the type."""
        if depth <= 0 or (self.chance(0.3) and self.column(kind, tame)):
            return self.leaf(kind, tame)
        if self.chance(0.12):
            return self.choice_between(kind, depth, tame)
        return getattr(self, kind)(depth - 1, tame)

    def leaf(self, kind, tame):
        column = self.column(kind, tame)
        if column:
            return column if self.chance(0.9) else self.literal(kind)
        made = self.converted(kind, tame) if self.chance(0.8) else None
        return made or self.literal(kind)

    def converted(self, kind, tame):
        """A column of another type, made one of this; `None` where there is none."""
        ways = [
            (form.format(column.sql), column)
            for other, form in CONVERSIONS[kind]
            for column in self.scope
            if column.type == other and (column.tame or not tame)
        ]
        return self.random.choice(ways)[0] if ways else None

    def literal(self, kind):
        number = self.random.randint(-9, 30)
        return {
            "int": lambda: str(number) if number >= 0 else f"({number})",
            "big": lambda: f"{number}::bigint" if number >= 0 else f"({number})::bigint",
            "num": lambda: self.pick("0.5", "1.25", "(-2.50)", "10.0", "0.1", "100::numeric", "3.14159"),
            "dbl": lambda: self.pick("0.5::float8", "1e3::float8", "(-2.25)::float8", "0::float8", "'1.5'::float8"),
            "text": lambda: f"'{self.pick(*WORDS)}'",
            "bool": lambda: self.pick("true", "false", "null::boolean"),
            "date": lambda: f"date '{self.pick(*DATES)}'",
            "ts": lambda: f"timestamp '{self.pick(*TIMES)}'",
            "tstz": lambda: f"timestamptz '{self.pick(*TIMES)}+00'",
            "ints": lambda: self.pick("array[1, 2, 3]", "array[3]", "'{}'::int[]", "array[1, null]", "'{2,1}'::int[]"),
            "texts": lambda: self.pick("array['a', 'b']", "'{}'::text[]", "array['', null]", "'{a,\"x y\"}'::text[]"),
        }[kind]()

    def choice_between(self, kind, depth, tame):
        one, other = self.of(kind, depth - 1, tame), self.of(kind, depth - 1, tame)
        condition = self.of("bool", depth - 1)
        return self.pick(
            f"case when {condition} then {one} else {other} end",
            f"case when {condition} then {one} end",
            f"coalesce({one}, {other})",
            f"nullif({one}, {other})",
            *([f"greatest({one}, {other})", f"least({one}, {other})"] if kind in SORTED and kind != "bool" else []),
        )

    def any_number(self, depth, tame=False):
        return self.of(self.kind(NUMBERS), depth, tame)

    # One method a type.

    def int(self, depth, tame):
        one = lambda kind="int": self.of(kind, depth, True)
        return self.pick(
            lambda: f"({one()} + {one()})",
            lambda: f"({one()} - {self.literal('int')})",
            lambda: f"({self.column('int', True) or 2} * {self.random.randint(2, 9)})",
            lambda: f"({self.of('int', depth)} / {self.pick(2, 3, 7, -4)})",
            lambda: f"({self.of('int', depth)} % {self.pick(2, 3, 7, -4)})",
            lambda: f"mod({self.of('int', depth)}, 5)",
            lambda: f"abs({one()})",
            lambda: f"length({self.of('text', depth)})",
            lambda: f"octet_length({self.of('text', depth)})",
            lambda: f"position('a' in {self.of('text', depth)})",
            lambda: f"strpos({self.of('text', depth)}, 'b')",
            lambda: f"ascii({self.of('text', depth)})",
            lambda: f"(date '2024-02-01' - {self.column('date') or self.literal('date')})",
            lambda: f"extract({self.pick(*FIELDS[:-1])} from {self.of('date', depth)})::int",
            lambda: f"cardinality({self.of('ints', depth)})",
            lambda: f"array_length({self.of('texts', depth)}, 1)",
            lambda: f"({self.of('ints', depth)})[{self.random.randint(0, 3)}]",
            lambda: f"array_position({self.of('ints', depth)}, {self.literal('int')})",
            lambda: f"round({self.of('num', 0, True)})::int",
            lambda: f"{self.of('dbl', 0, True)}::int",
            lambda: f"({self.of('bool', depth)})::int",
            lambda: f"num_nulls({self.of('int', 0)}, {self.of('text', 0)})",
            lambda: f"regexp_count({self.of('text', depth)}, 'a')",
            lambda: f"({self.of('int', depth)} & {self.literal('int')})",
            lambda: f"sign({one()})::int",
        )()

    def big(self, depth, tame):
        return self.pick(
            lambda: f"({self.of('big', depth, True)} + {self.of('int', depth, True)})",
            lambda: f"({self.of('big', 0, True)} * {self.random.randint(2, 9)})",
            lambda: f"({self.of('big', depth)} / {self.pick(2, 3, 1000)})",
            lambda: f"({self.of('big', depth)} % {self.pick(2, 10, 1000)})",
            lambda: f"{self.of('int', depth, tame)}::bigint",
            lambda: f"abs({self.of('big', depth, True)})",
            lambda: f"trunc({self.of('num', 0, True)})::bigint",
        )()

    def num(self, depth, tame):
        one = lambda: self.of("num", depth, True)
        return self.pick(
            lambda: f"({one()} + {one()})",
            lambda: f"({one()} - {self.of('int', depth, True)})",
            lambda: f"({self.of('num', 0, True)} * {self.of('int', 0, True)})",
            lambda: f"({self.of('num', 0, True)} * {self.literal('num')})",
            lambda: f"({self.of('num', 0, True)} % 3)",
            lambda: f"round({one()}, {self.random.randint(0, 3)})",
            lambda: f"trunc({one()}, {self.random.randint(0, 2)})",
            lambda: f"{self.pick('ceil', 'floor', 'abs', 'sign', 'round', 'trunc')}({one()})",
            lambda: f"{self.of('int', depth, True)}::numeric",
            lambda: f"{self.of('num', 0, True)}::numeric(12,2)",
            lambda: f"extract({self.pick(*FIELDS)} from {self.of('date', depth)})",
            lambda: f"extract({self.pick(*CLOCK)} from {self.of('ts', depth)})",
            lambda: f"(-{one()})",
        )()

    def dbl(self, depth, tame):
        one = lambda: self.of("dbl", depth, True)
        return self.pick(
            lambda: f"({one()} + {one()})",
            lambda: f"({one()} - {self.of('int', depth, True)})",
            lambda: f"({self.of('dbl', 0, True)} * {self.of('num', 0, True)})",
            lambda: f"({one()} / {self.pick('2', '3.5', '0.1::float8')})",
            lambda: f"{self.pick('abs', 'ceil', 'floor', 'round', 'trunc', 'sign')}({self.of('dbl', depth, tame)})",
            lambda: f"sqrt(abs({one()}))",
            lambda: f"{self.of('int', depth, True)}::float8",
            lambda: f"{self.of('num', depth, True)}::float8",
            lambda: f"(-{self.of('dbl', depth, tame)})",
            lambda: f"date_part('{self.pick(*FIELDS)}', {self.of('date', depth)})",
            lambda: f"power({self.of('int', 0, True)}, 2)",
            lambda: f"atan({one()})",
        )()

    def text(self, depth, tame):
        one = lambda: self.of("text", depth)
        small = self.random.randint(-2, 5)
        return self.pick(
            lambda: f"({one()} || {one()})",
            lambda: f"({one()} || {self.of('int', depth)})",
            lambda: f"concat({one()}, {self.of('int', depth)}, {self.of('bool', 0)})",
            lambda: f"concat_ws('-', {one()}, {one()})",
            lambda: f"{self.pick('upper', 'lower', 'initcap', 'reverse', 'trim', 'ltrim', 'md5')}({one()})",
            lambda: f"{self.pick('left', 'right')}({one()}, {small})",
            lambda: f"substr({one()}, {small})",
            lambda: f"substring({one()} from {small} for {abs(small)})",
            lambda: f"replace({one()}, 'a', '{self.pick(*WORDS)}')",
            lambda: f"{self.pick('lpad', 'rpad')}({one()}, {small + 3}, '*-')",
            lambda: f"repeat({one()}, {small})",
            lambda: f"split_part({one()}, '{self.pick('a', ',', ' ')}', {self.random.randint(1, 3)})",
            lambda: f"translate({one()}, 'ab', 'x')",
            lambda: f"regexp_replace({one()}, '{self.pick(*REGEXES)}', '<\\&>'{self.pick('', ', ' + chr(39) + 'g' + chr(39))})",
            lambda: f"({self.of(self.pick('int', 'big', 'num', 'bool', 'date'), depth)})::text",
            lambda: f"to_char({self.of('date', depth)}, '{self.pick(*FORMATS)}')",
            lambda: f"to_char({self.of('ts', depth)}, '{self.pick(*FORMATS)}')",
            lambda: f"array_to_string({self.of('texts', depth)}, ','{self.pick('', ', ' + chr(39) + '?' + chr(39))})",
            lambda: f"({self.of('texts', depth)})[{self.random.randint(1, 2)}]",
            lambda: f"overlay({one()} placing 'Z' from 1)",
        )()

    def bool(self, depth, tame):
        kind = self.kind(SORTED)
        one = lambda k=kind: self.of(k, depth)
        operator = self.pick("=", "<>", "<", "<=", ">", ">=")
        choices = [
            lambda: f"({one()} {operator} {one()})",
            lambda: f"({self.any_number(depth)} {operator} {self.any_number(depth)})",
            lambda: f"({self.of('date', depth)} {operator} {self.of('ts', depth)})",
            lambda: f"({one('bool')} {self.pick('and', 'or')} {one('bool')})",
            lambda: f"(not {one('bool')})",
            lambda: f"({one()} is {self.pick('', 'not ')}null)",
            lambda: f"({one('bool')} is {self.pick('', 'not ')}{self.pick('true', 'false', 'unknown')})",
            lambda: f"({one()} is {self.pick('', 'not ')}distinct from {one()})",
            lambda: f"({one()} {self.pick('', 'not ')}in ({one()}, {self.literal(kind)}, {self.pick(self.literal(kind), 'null')}))",
            lambda: f"({one()} {self.pick('', 'not ')}between {self.literal(kind)} and {one()})",
            lambda: f"({one('text')} {self.pick('', 'not ')}{self.pick('like', 'ilike')} '{self.pick(*PATTERNS)}')",
            lambda: f"({one('text')} {self.pick('~', '~*', '!~')} '{self.pick(*REGEXES)}')",
            lambda: f"starts_with({one('text')}, 'a')",
            lambda: f"({one('int')} = {self.pick('any', 'all')}({one('ints')}))",
            lambda: f"({one('ints')} {self.pick('@>', '<@', '&&', '=', '<')} {one('ints')})",
            lambda: f"(({one('ts')} - {one('ts')}) {operator} interval '{self.pick(*INTERVALS)}')",
        ]
        if self.subqueries and self.chance(0.25):
            return self.subqueries.condition(self, depth)
        return self.random.choice(choices)()

    def date(self, depth, tame):
        return self.pick(
            lambda: f"({self.of('date', 0, True)} + {self.random.randint(-400, 400)})",
            lambda: f"({self.of('date', 0, True)} - {self.random.randint(0, 60)})",
            lambda: f"({self.of('ts', depth)})::date",
            lambda: f"date_trunc('{self.pick(*UNITS[:5])}', {self.of('date', depth)})::date",
            lambda: f"make_date(2024, {self.random.randint(1, 12)}, {self.random.randint(1, 28)})",
            lambda: f"({self.of('tstz', 0)} at time zone '{self.pick(*ZONES)}')::date",
        )()

    def ts(self, depth, tame):
        return self.pick(
            lambda: f"({self.of('date', 0, True)} + interval '{self.pick(*INTERVALS)}')",
            lambda: f"({self.of('ts', 0, True)} {self.pick('+', '-')} interval '{self.pick(*INTERVALS)}')",
            lambda: f"date_trunc('{self.pick(*UNITS)}', {self.of('ts', depth)})",
            lambda: f"({self.of('tstz', 0)} at time zone '{self.pick(*ZONES)}')",
            lambda: f"{self.of('date', depth)}::timestamp",
        )()

    def tstz(self, depth, tame):
        return self.pick(
            lambda: f"({self.of('ts', 0, True)} at time zone '{self.pick(*ZONES)}')",
            lambda: f"({self.of('tstz', 0, True)} + interval '{self.pick(*INTERVALS)}')",
            lambda: f"date_trunc('{self.pick(*UNITS)}', {self.of('tstz', depth)})",
            lambda: f"{self.of('ts', depth)}::timestamptz",
        )()

    def ints(self, depth, tame):
        return self.pick(
            lambda: f"({self.of('ints', depth)} || {self.literal('int')})",
            lambda: f"array_append({self.of('ints', depth)}, {self.of('int', 0)})",
            lambda: f"array_remove({self.of('ints', depth)}, 1)",
            lambda: f"array_replace({self.of('ints', depth)}, 1, 9)",
            lambda: f"({self.of('ints', depth)})[{self.random.randint(1, 2)}:{self.random.randint(1, 3)}]",
            lambda: f"array[{self.of('int', 0)}, {self.of('int', 0)}]",
        )()

    def texts(self, depth, tame):
        return self.pick(
            lambda: f"({self.of('texts', depth)} || {self.of('texts', 0)})",
            lambda: f"array_prepend({self.of('text', 0)}, {self.of('texts', depth)})",
            lambda: f"string_to_array({self.of('text', depth)}, ',')",
            lambda: f"array[{self.of('text', 0)}, {self.of('text', 0)}]",
            lambda: f"regexp_split_to_array({self.of('text', depth)}, 'a')",
        )()

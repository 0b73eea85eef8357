"""What a file of the corpus sets up: run in PostgreSQL, and copied to the workbench from there."""

import random
import re
from decimal import Decimal

import psycopg
import pyarrow as pa

import values

# Tables with more rows prove nothing more, and take long.
MOST_ROWS = 20_000
MADE_ROWS = 100

# Types of other dialects, and what PostgreSQL has in their place.
TYPES = (
    (r"\btinyint unsigned\b", "smallint"), (r"\bsmallint unsigned\b", "integer"),
    (r"\b(int|integer) unsigned\b", "bigint"), (r"\bbigint unsigned\b", "numeric(20,0)"),
    (r"\btinyint\b", "smallint"), (r"\bstring\b", "text"), (r"\bdouble\b(?! precision)", "double precision"),
    (r"\bbytes?\b", "bytea"), (r"\bdatetime\b", "timestamp"), (r"\bblob\b", "bytea"),
)  # fmt: skip
CREATE = re.compile(
    r"\s*create\s+(?:or\s+replace\s+)?(?:unbounded\s+)?(external\s+)?table\s+(?:if\s+not\s+exists\s+)?([\w.\"]+)\s*"
    r"(\((?:[^()]|\([^()]*\))*\))?\s*(as\b.*)?",
    re.I | re.S,
)
RELATIONS = """select relname, case relkind when 'v' then 'view' else 'table' end from pg_class
where relnamespace = current_schema()::regnamespace and relkind in ('r', 'v')"""
SETS_UP = re.compile(r"\s*(create|insert|update|delete|drop|alter|truncate|copy)\b", re.I)
COPIED = re.compile(r"\s*copy\s+([\w.]+)\s+from\b", re.I)
ARROW = {
    "boolean": pa.bool_(), "smallint": pa.int16(), "integer": pa.int32(), "bigint": pa.int64(), "real": pa.float32(),
    "double precision": pa.float64(), "text": pa.string(), "bytea": pa.binary(), "date": pa.date32(),
    "timestamp": pa.timestamp("us"), "timestamptz": pa.timestamp("us", "UTC"), "time": pa.time64("us"),
}  # fmt: skip


class Tables:
    """The tables of a file, on both sides."""

    def __init__(self, postgres, workbench):
        self.postgres, self.workbench = postgres, workbench
        self.changed = False
        self.copied = set()

    def run(self, sql):
        """Runs a statement of the set-up; what PostgreSQL does not have sets up nothing."""
        if not SETS_UP.match(sql):
            return
        copied = COPIED.match(sql)
        steps = [] if copied else as_postgres(sql)
        for step in steps:
            try:
                self.postgres.connection.execute(step)
                self.changed = True
            except psycopg.Error:
                return
        made = CREATE.match(sql)
        if copied or (made and made[1]):
            self.fill(copied[1] if copied else made[2])

    def fill(self, name):
        """Rows for a table whose file the crate does not hold."""
        answer = self.postgres.answer(f"select * from {name} limit 0")
        source = random.Random(name)
        made = [[made_up(source, kind) for kind in answer.types] for _ in range(MADE_ROWS)]
        places = ", ".join(["%s"] * len(answer.types))
        self.changed = True
        with self.postgres.connection.cursor() as cursor:
            cursor.executemany(f"insert into {name} values ({places})", made)

    def copy_changed(self):
        if not self.changed:
            return
        self.changed = False
        kinds = dict(self.postgres.answer(RELATIONS).rows)
        for name in self.copied - set(kinds):
            self.workbench.remove(name)
        self.copied = {name for name, kind in kinds.items() if self.copy(name, kind)}

    def copy(self, name, kind):
        """Whether the table can be copied; one that cannot is not there on either side."""
        answer = self.postgres.answer(f"select * from {quoted(name)} limit {MOST_ROWS + 1}")
        if not answer.failed and len(answer.rows) <= MOST_ROWS and (table := as_arrow(answer)) is not None:
            self.workbench.put(name, table)
            return True
        self.postgres.connection.execute(f"drop {kind} if exists {quoted(name)} cascade")
        self.workbench.remove(name)
        return False

    def otherwise(self, sql):
        """PostgreSQL's answers with the rows of each table the other way round and in disorder, and by other
        operators."""
        disorders = [f"md5('{word}' || n)" for word in ("a", "b", "c", "d", "e", "f")]
        return (self.in_order(sql, order) for order in ("n desc", *disorders))

    def in_order(self, sql, order):
        connection = self.postgres.connection
        connection.execute("begin")
        try:
            for setting in ("enable_hashagg", "enable_hashjoin", "enable_mergejoin"):
                connection.execute(f"set local {setting} = off")
            for name in self.copied:
                rows = f"select * from (select *, row_number() over () as n from {quoted(name)}) as t order by {order}"
                connection.execute(f"create temporary table {quoted(name)} as {rows}")
                connection.execute(f"alter table pg_temp.{quoted(name)} drop column n")
            return self.postgres.answer(sql)
        finally:
            connection.execute("rollback")


def quoted(name):
    return '"' + name.replace('"', '""') + '"'


def as_postgres(sql):
    """The statement in PostgreSQL's words: a table with typed columns is made and filled in two steps."""
    made = CREATE.match(sql)
    if not made:
        return [sql]
    external, name, columns, query = made.groups()
    if external and not columns:
        return ["select external_table_without_columns"]
    if not columns:
        return [re.sub(r"^\s*create\s+or\s+replace", "create", sql, flags=re.I)]
    for pattern, plain in TYPES:
        columns = re.sub(pattern, plain, columns, flags=re.I)
    steps = [f"create table {name} {columns}"]
    if re.search(r"\bor\s+replace\b", sql.split("table")[0], re.I):
        steps.insert(0, f"drop table if exists {name}")
    return steps + ([f"insert into {name} {re.sub('^as', '', query, flags=re.I)}"] if query else [])


def made_up(source, kind):
    """A value of the type: those of few types repeat, so that most orders leave no ties."""
    number = source.randint(-100, 100)
    return {
        "boolean": number > 0,
        "integer": source.randint(-(10**6), 10**6),
        "bigint": source.randint(-(10**9), 10**9),
        "text": source.choice("abcde") + ("" if number > -50 else str(number)),
        "real": number / 8,
        "double precision": source.random() * 100,
        "numeric": Decimal(number) / 4,
        "date": f"2024-{1 + number % 12:02}-{1 + number % 28:02}",
        "timestamp": f"2024-{1 + number % 12:02}-{1 + number % 28:02} 12:00:{number % 60:02}",
        "timestamptz": f"2024-{1 + number % 12:02}-{1 + number % 28:02} 12:00:{number % 60:02}+00",
        "bytea": bytes([number % 256]),
    }.get(kind, number)


def as_arrow(answer):
    """The rows as an Arrow table; `None` where a type or a value has no place in one."""
    columns = list(zip(*answer.rows)) or [()] * len(answer.names)
    try:
        arrays = [arrow_column(kind, column) for kind, column in zip(answer.types, columns)]
    except (KeyError, TypeError, ValueError, pa.ArrowException):
        return None
    return pa.Table.from_arrays(arrays, names=answer.names)


def arrow_column(kind, column):
    if kind == "numeric":
        scale = max((-v.as_tuple().exponent for v in column if v is not None), default=0)
        return pa.array(column, pa.decimal128(38, scale))
    if kind.endswith("[]"):
        return pa.array(column, pa.list_(ARROW[kind.removesuffix("[]")]))
    plain = [v[0] if isinstance(v, values.TIMES) else v for v in column]
    return pa.array(plain, ARROW[kind])

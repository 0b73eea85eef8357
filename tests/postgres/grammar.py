"""Random queries over the released tables: the same seed gives the same queries.

Each names its columns, and orders by all of them where it has a limit, so that the answer is one and only
one. What may stand in an expression is in expressions.py.
"""

import random

from expressions import NUMBERS, SORTED, Column, Expressions

C = Column
TABLES = {
    "edges.pairs": [
        C("id", "int"), C("k", "int"), C("g", "text"), C("v", "big"), C("x", "dbl", False), C("n", "num"),
        C("on_day", "date"), C("ok", "bool"),
    ],
    "edges.extremes": [
        C("id", "int"), C("whole", "int", False), C("big", "big", False), C("dbl", "dbl", False), C("price", "num", False),
        C("flag", "bool"), C("word", "text"), C("day", "date", False), C("wall", "ts", False), C("at", "tstz", False),
    ],
    "edges.lists": [C("id", "int"), C("ints", "ints"), C("words", "texts")],
    "learning.courses": [C("course_id", "big"), C("title", "text"), C("level", "text"), C("hours", "dbl", False)],
    "learning.learners": [C("learner_id", "big"), C("email", "text"), C("country", "text"), C("joined_at", "tstz")],
    "recommendations.metadata": [C("module", "text"), C("algorithm", "text"), C("trained_at", "tstz")],
    "oulad.courses": [C("code_module", "text"), C("code_presentation", "text"), C("module_presentation_length", "big")],
    "oulad.assessments": [C("id_assessment", "big"), C("code_module", "text"), C("assessment_type", "text"), C("weight", "dbl", False)],
}  # fmt: skip
# Small ones more often: their joins stay small.
WEIGHTS = {"edges.pairs": 8, "edges.extremes": 6, "edges.lists": 2, "learning.courses": 1, "learning.learners": 1,
           "recommendations.metadata": 1, "oulad.courses": 1, "oulad.assessments": 1}  # fmt: skip
LARGE = ("learning.learners", "oulad.assessments")

AGGREGATES = {
    "count(*)": None, "count({})": SORTED, "count(distinct {})": SORTED, "sum({})": ("int", "big", "num"),
    "avg({})": ("int", "big", "num"), "min({})": SORTED[:5] + SORTED[6:], "max({})": SORTED[:5] + SORTED[6:],
    "bool_and({})": ("bool",), "bool_or({})": ("bool",), "sum(distinct {})": ("int", "big"),
    "stddev({})": ("int", "num"), "var_pop({})": ("int",), "bit_or({})": ("int",),
}  # fmt: skip
FRAMES = (
    "", "rows between 1 preceding and 1 following", "rows unbounded preceding", "rows between current row and unbounded following",
    "range between unbounded preceding and current row", "groups between 1 preceding and 1 following",
    "rows between 2 preceding and 1 preceding", "rows between unbounded preceding and unbounded following",
    "rows 2 preceding", "rows between 1 following and 2 following",
)  # fmt: skip


def queries(seed, count):
    for number in range(count):
        yield Queries(random.Random(f"{seed}/{number}")).query()


class Queries:
    def __init__(self, source):
        self.random = source
        self.names = 0

    def pick(self, *options):
        return self.random.choice(options)

    def chance(self, share):
        return self.random.random() < share

    def alias(self):
        self.names += 1
        return f"t{self.names}"

    def query(self):
        kinds = {
            self.plain: 24, self.grouped: 16, self.windowed: 12, self.joined: 16, self.united: 10,
            self.with_parts: 8, self.distinct: 5, self.without_table: 8, self.unnested: 5, self.recursive: 2,
        }  # fmt: skip
        return self.random.choices(list(kinds), list(kinds.values()))[0]()

    # What stands behind FROM.

    def source(self, depth=1):
        """A table or a subquery under an alias, and its columns."""
        alias = self.alias()
        if depth > 0 and self.chance(0.15):
            text, columns = self.subselect(depth - 1)
            return f"({text}) as {alias}", [C(f"{alias}.{c.sql}", c.type, c.tame) for c in columns]
        table = self.random.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
        return f"{table} as {alias}", [C(f"{alias}.{c.sql}", c.type, c.tame) for c in TABLES[table]]

    def small_source(self):
        while True:
            text, scope = self.source()
            if not any(large in text for large in LARGE):
                return text, scope

    def subselect(self, depth):
        """A query whose columns a derived table or WITH hands on."""
        text, scope = self.source(depth)
        make = Expressions(self.random, scope)
        columns = [C(f"c{n}", make.kind(SORTED)) for n in range(self.random.randint(1, 3))]
        items = ", ".join(f"{make.of(c.type, 1)} as {c.sql}" for c in columns)
        # Computed values may be large: no sums of them overflow, but products could.
        columns = [C(c.sql, c.type, False) for c in columns]
        where = f" where {make.of('bool', 1)}" if self.chance(0.5) else ""
        return f"select {items} from {text}{where}", columns

    def condition(self, outer, depth):
        """A condition by a subquery, which may look at the outer row."""
        text, scope = self.source(0)
        kind = self.pick(*[k for k in ("int", "big", "text", "date") if any(c.type == k for c in scope)] or ["int"])
        if self.chance(0.15):
            kind = self.pick("ints", "texts")
        inner = Expressions(self.random, scope)
        both = Expressions(self.random, scope + outer.scope)
        value, shown = outer.of(kind, 0), inner.of(kind, 0)
        if self.chance(0.7):
            where = f" where {inner.of(kind, 0)} {self.pick('=', '<', '<>')} {outer.of(kind, 0)}"
        else:
            where = f" where {both.of('bool', 1)}"
        return self.pick(
            f"{self.pick('', 'not ')}exists (select 1 from {text}{where})",
            f"({value} {self.pick('', 'not ')}in (select {shown} from {text}{where}))",
            f"({value} {self.pick('=', '<', '>=', '<>')} {self.pick('any', 'all')} (select {shown} from {text}{where}))",
            f"({value} {self.pick('=', '<', '>')} (select {self.pick('max', 'min')}({shown}) from {text}{where}))",
            f"((select count(*) from {text}{where}) {self.pick('>', '=', '<')} {self.random.randint(0, 4)})",
        )

    # The parts of a select.

    def expressions(self, scope, subqueries=True):
        return Expressions(self.random, scope, self if subqueries else None)

    def items(self, make, kinds, count=None):
        count = count or self.random.randint(1, 4)
        return [make.of(make.kind(kinds), self.random.randint(0, 3)) for _ in range(count)]

    def named(self, items):
        """Half of them with names of their own; the others have PostgreSQL's."""
        return ", ".join(f"{item} as r{n}" if self.chance(0.5) else item for n, item in enumerate(items))

    def where(self, make, share=0.6):
        return f" where {make.of('bool', 2)}" if self.chance(share) else ""

    def order(self, count, limits=True):
        """An order by all columns, and perhaps a limit; or none at all."""
        if self.chance(0.25):
            return ""
        places = list(range(1, count + 1))
        self.random.shuffle(places)
        text = " order by " + ", ".join(str(place) + self.direction() for place in places)
        if limits and self.chance(0.3):
            text += f" limit {self.random.randint(0, 8)}"
            text += f" offset {self.random.randint(0, 4)}" if self.chance(0.4) else ""
        return text

    def direction(self):
        return self.pick("", "", " desc", " nulls first", " desc nulls last", " asc nulls last")

    # The kinds of queries.

    def plain(self):
        text, scope = self.source()
        make = self.expressions(scope)
        items = self.items(make, SORTED + ("ints", "texts"))
        return f"select {self.named(items)} from {text}{self.where(make)}{self.order(len(items))}"

    def distinct(self):
        text, scope = self.source()
        make = self.expressions(scope)
        items = self.items(make, SORTED, self.random.randint(1, 3))
        if self.chance(0.6):
            return f"select distinct {self.named(items)} from {text}{self.where(make)}{self.order(len(items))}"
        rest = "".join(f", {place}{self.direction()}" for place in range(2, len(items) + 1))
        return f"select distinct on ({items[0]}) {self.named(items)} from {text}{self.where(make)} order by 1{self.direction()}{rest}"

    def without_table(self):
        make = self.expressions([])
        return f"select {self.named(self.items(make, SORTED + ('ints', 'texts')))}"

    def aggregate(self, make):
        call = self.pick(*AGGREGATES)
        kinds = AGGREGATES[call]
        text = call.format(make.of(make.kind(kinds), 1, True)) if kinds else call
        if self.chance(0.15):
            text = self.listed(make)
        return f"{text} filter (where {make.of('bool', 1)})" if self.chance(0.15) else text

    def listed(self, make):
        value, kind = self.pick(("array_agg({0} order by {0}{1})", "int"), ("string_agg({0}, ',' order by {0}{1})", "text"),
                                ("array_agg(distinct {0}::text order by {0}::text{1})", "text"))  # fmt: skip
        return value.format(make.of(kind, 1), self.direction())

    def grouped(self):
        text, scope = self.source()
        make = self.expressions(scope, subqueries=False)
        keys = [make.of(make.kind(SORTED), self.random.randint(0, 1)) for _ in range(self.random.randint(0, 2))]
        # A constant is a place in the list.
        keys = [key for key in dict.fromkeys(keys) if "t1." in key or "t2." in key]
        items = keys + [self.aggregate(make) for _ in range(self.random.randint(1, 3))]
        group = ""
        if keys:
            group = " group by " + self.sets(keys)
            if "grouping sets" in group or "rollup" in group or "cube" in group:
                items.append(f"grouping({', '.join(keys)})")
        having = f" having {self.aggregate_condition(make)}" if self.chance(0.2) else ""
        return f"select {self.named(items)} from {text}{self.where(make, 0.4)}{group}{having}{self.order(len(items))}"

    def sets(self, keys):
        listed = ", ".join(keys)
        plain = ", ".join(str(n + 1) for n in range(len(keys)))
        return self.pick(listed, listed, plain, f"rollup ({listed})", f"cube ({listed})",
                         f"grouping sets (({listed}), ({keys[0]}), ())")  # fmt: skip

    def aggregate_condition(self, make):
        return self.pick("count(*) > 1", f"count({make.of('int', 1)}) < 5", f"max({make.of('text', 1)}) > 'a'",
                         f"sum({make.of('int', 0, True)}) is not null")  # fmt: skip

    def windowed(self):
        table = self.pick("edges.pairs", "edges.extremes")
        scope = [C(f"t1.{c.sql}", c.type, c.tame) for c in TABLES[table]]
        make = self.expressions(scope, subqueries=False)
        calls = [self.window_call(make) for _ in range(self.random.randint(1, 3))]
        items = ["t1.id", *calls]
        return f"select {self.named(items)} from {table} as t1{self.where(make, 0.3)}{self.order(len(items))}"

    def window_call(self, make):
        partition = f"partition by {make.of(make.kind(SORTED), 1)} " if self.chance(0.5) else ""
        by = make.of(make.kind(SORTED), 1)
        total = f"order by {by}{self.direction()}, t1.id{self.pick('', ' desc')}"
        partial = f"order by {by if 't1.' in by else 't1.id'}{self.direction()}"
        ranked = self.pick("rank()", "dense_rank()", "percent_rank()", "cume_dist()")
        placed = self.pick("row_number()", f"ntile({self.random.randint(1, 5)})", f"lag({make.of('int', 1)})",
                           f"lead({make.of('text', 1)}, 2)", f"lag({make.of('big', 0)}, 1, 0::bigint)")  # fmt: skip
        framed = self.pick(*(c for c in AGGREGATES if "distinct" not in c and "std" not in c and "var" not in c))
        kinds = AGGREGATES[framed]
        framed = framed.format(make.of(make.kind(kinds), 1, True)) if kinds else framed
        valued = f"{self.pick('first_value', 'last_value')}({make.of(make.kind(SORTED), 1)})"
        frame = self.pick(*FRAMES)
        return self.pick(
            f"{ranked} over ({partition}{partial})",
            f"{placed} over ({partition}{total})",
            f"{framed} over ({partition}{total} {frame})",
            f"{framed} over ({partition}{partial if 'rows' not in frame else total} {frame})",
            f"{framed} over ({partition.strip()})",
            f"{valued} over ({partition}{total} {frame})",
        )

    def joined(self):
        left, scope = self.small_source()
        right, more = self.small_source()
        text = f"{left} {self.joining(left, right, scope, more)}"
        scope = scope + more
        if self.chance(0.25):
            third, last = self.small_source()
            text, scope = f"{text} {self.joining(text, third, scope, last)}", scope + last
        make = self.expressions(scope, subqueries=self.chance(0.3))
        if self.chance(0.3):
            items = [self.aggregate(self.expressions(scope, False)) for _ in range(2)]
            return f"select {self.named(items)} from {text}{self.where(make, 0.4)}"
        items = self.items(make, SORTED)
        return f"select {self.named(items)} from {text}{self.where(make)}{self.order(len(items))}"

    def joining(self, left, right, scope, more):
        kind = self.pick("join", "left join", "right join", "full join", "cross join")
        if kind == "cross join":
            return f"cross join {right}"
        if kind != "full join" and self.chance(0.2):
            return f"{kind} {right} on {Expressions(self.random, scope + more).of('bool', 1)}"
        shared = [(a, b) for a in scope for b in more if a.type == b.type or {a.type, b.type} <= set(NUMBERS)]
        if not shared:
            return f"cross join {right}"
        one, other = self.random.choice(shared)
        extra = f" and {Expressions(self.random, more).of('bool', 1)}" if kind != "full join" and self.chance(0.2) else ""
        return f"{kind} {right} on {one.sql} = {other.sql}{extra}"

    def united(self):
        operator = self.pick("union", "union all", "intersect", "except", "except all", "intersect all")
        kinds = [self.pick(*SORTED) for _ in range(self.random.randint(1, 2))]
        branches = []
        for place in range(2):
            text, scope = self.source()
            make = self.expressions(scope)
            # Numbers of other types, too: the result has the wider one.
            own = [self.pick(*NUMBERS) if place and kind in NUMBERS and self.chance(0.4) else kind for kind in kinds]
            items = ", ".join(f"{make.of(kind, 1)} as c{n}" for n, kind in enumerate(own))
            branches.append(f"select {items} from {text}{self.where(make, 0.5)}")
        return f"{branches[0]} {operator} {branches[1]}{self.order(len(kinds))}"

    def with_parts(self):
        text, columns = self.subselect(1)
        scope = [C(f"p1.{c.sql}", c.type, c.tame) for c in columns]
        source = "p as p1"
        if self.chance(0.5):
            one = self.random.choice(columns)
            source += f" {self.pick('join', 'left join', 'full join')} p as p2 on p1.{one.sql} = p2.{one.sql}"
            scope += [C(f"p2.{c.sql}", c.type, c.tame) for c in columns]
        make = self.expressions(scope)
        items = self.items(make, SORTED, self.random.randint(1, 3))
        limited = text if self.chance(0.5) else f"{text} order by {', '.join(str(n + 1) for n in range(len(columns)))} limit 20"
        return f"with p as ({limited}) select {self.named(items)} from {source}{self.where(make, 0.4)}{self.order(len(items))}"

    def unnested(self):
        column, kind = self.pick(("ints", "int"), ("words", "text"))
        scope = [C("t1.id", "int"), C("u.e", kind, False), C(f"t1.{column}", "ints" if kind == "int" else "texts")]
        numbered = self.chance(0.4)
        if numbered:
            scope.append(C("u.place", "big"))
        make = self.expressions(scope, subqueries=False)
        items = self.items(make, SORTED)
        over = f"unnest(t1.{column}){' with ordinality' if numbered else ''} as u(e{', place' if numbered else ''})"
        lateral = self.pick(f", {over}", f" cross join lateral {over}", f" left join lateral {over} on true")
        return f"select {self.named(items)} from edges.lists as t1{lateral}{self.where(make, 0.4)}{self.order(len(items))}"

    def recursive(self):
        start, step, end = self.random.randint(0, 5), self.random.randint(1, 3), self.random.randint(5, 30)
        make = self.expressions([C("r.n", "int"), C("r.d", "date")], subqueries=False)
        items = self.items(make, ("int", "num", "text", "date", "bool"), 2)
        return (
            f"with recursive r(n, d) as (select {start}, date '2024-01-30' {self.pick('union', 'union all')} "
            f"select n + {step}, d + {step} from r where n < {end}) select {self.named(items)} from r{self.order(2)}"
        )

"""The queries of the crate datafusion-sqllogictest, asked of both sides.

The crate is fetched by cargo as a source, and its files are read where cargo puts them. What a file sets
up runs in PostgreSQL, and its tables are copied from there, so that both sides have the same rows. Files of
data that the crate does not hold are replaced by rows made up for the columns. Statements that PostgreSQL
does not have are no queries here: EXPLAIN, COPY, SET, external tables in other formats than CSV.
"""

import os
import re
import subprocess
import tempfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import compare
import judge
import setup
from sides import Answer, Postgres, Workbench

CRATE = "datafusion-sqllogictest"
MANIFEST = f"""[package]
name = "corpus"
version = "0.0.0"
edition = "2024"
[dependencies]
{CRATE} = "55"
"""
ROOT = Path(__file__).resolve().parents[2]
AT_ONCE = 3
MOST_ROWS = 100_000
LIMIT = re.compile(r"\s+(limit|offset)\s+\d+(\s+(limit|offset)\s+\d+)?\s*$", re.I)
WINDOW = re.compile(r"(\w+)\s*\([^()]*\)\s*over\s*\(([^()]*order by[^()]*)\)", re.I | re.S)
BY_ROW = ("row_number", "lag", "lead", "ntile", "first_value", "last_value", "nth_value")
SELECT_LIST = re.compile(r"^(\s*select\s)(.*?)(\sfrom\s.*)$", re.I | re.S)
QUERY = re.compile(r"^\s*(select|with|values|\(|table\b)", re.I)


@dataclass
class Record:
    """One record of a file: a statement or a query, or another file to read."""

    kind: str
    sql: str


def fetched():
    """The folder of the crate's files."""
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        (folder / "src").mkdir()
        (folder / "src/lib.rs").touch()
        (folder / "Cargo.toml").write_text(MANIFEST)
        # The versions that are here already, as far as they are the same.
        (folder / "Cargo.lock").write_text((ROOT / "Cargo.lock").read_text())
        cargo = [os.environ.get("CARGO", "cargo")]
        subprocess.run([*cargo, "fetch", "--quiet"], cwd=folder, check=True)
        shown = subprocess.run([*cargo, "metadata", "--format-version", "1", "--offline"], cwd=folder,
                               capture_output=True, check=True).stdout.decode()  # fmt: skip
    found = re.search(rf'"manifest_path":"([^"]*/{CRATE}-[^"/]*)/Cargo.toml"', shown)
    return Path(found[1]) / "test_files"


def files(folder):
    """Every file of tests, those that PostgreSQL runs as well first."""
    found = [path for path in folder.rglob("*.slt")]
    return sorted(found, key=lambda path: (path.parent.name != "pg_compat", path))


def records(path):
    """The records of a file as PostgreSQL would run it, with those of the files that it includes."""
    blocks = re.split(r"\n\s*\n", path.read_text(errors="replace"))
    for block in blocks:
        lines = [line for line in block.splitlines() if not line.startswith("#")]
        if is_for_another(lines):
            continue
        lines = [line for line in lines if not line.startswith(("onlyif", "skipif"))]
        if not lines:
            continue
        words = lines[0].split()
        if words and words[0] == "include":
            yield from (record for file in path.parent.glob(words[1]) for record in records(file))
        elif words and words[0] in ("query", "statement"):
            body = "\n".join(lines[1:]).split("\n----")[0]
            yield Record(" ".join(words[:2]), body.strip().rstrip(";"))


def is_for_another(lines):
    """Whether conditions leave the record out for PostgreSQL."""
    conditions = [line.split() for line in lines if line.startswith(("onlyif", "skipif"))]
    return any((word == "onlyif") != (engine.lower() == "postgres") for word, engine, *_ in conditions)


class File:
    """A file of tests under way: what it has set up, and what became of its queries."""

    def __init__(self, dsn, door, deviations, number):
        self.postgres = Postgres(dsn, f"corpus_{number}")
        # Some ask for more rows than there is memory.
        self.postgres.connection.execute("set statement_timeout = '20s'")
        self.tables = setup.Tables(self.postgres, Workbench(door))
        self.judge = judge.Verdicts(deviations)

    def outcomes(self, path):
        for record in records(path):
            if QUERY.match(record.sql):
                self.tables.copy_changed()
                yield self.outcome(record.sql)
            elif record.kind != "statement error":
                self.tables.run(record.sql)

    def outcome(self, sql):
        theirs, ours = self.postgres.answer(sql), self.tables.workbench.answer(sql)
        outcome = judge.Outcome(sql, *self.judge.verdict(sql, theirs, ours))
        # Views, other schemas and PostgreSQL's own catalog are not on the workbench.
        if outcome.verdict == judge.UNLISTED_REFUSAL and "there is no table" in ours.message:
            outcome.verdict = judge.LEFT_OPEN
        if outcome.verdict == judge.DIFFERENT and self.is_left_open(sql, theirs, ours):
            outcome.verdict = judge.LEFT_OPEN
        return outcome

    def is_left_open(self, sql, theirs, ours):
        """Whether PostgreSQL itself answers otherwise when rows come in another order, or the rows are the
        same without their order and limit, or a window counts rows that have one place in its order: the
        statement orders by too little, or limits without an order. What it is called and which types it has
        stay judged."""
        is_alike = theirs.types == ours.types and compare.difference(empty(theirs), empty(ours), sql) == ""
        if not is_alike:
            return False
        if self.varies(sql, theirs):
            return True
        whole = LIMIT.sub("", sql)
        if not self.is_small(whole):
            return False
        theirs, ours = self.postgres.answer(whole), self.tables.workbench.answer(whole)
        unordered = f"select * from ({whole}) as whole"
        if self.varies(whole, theirs) or compare.difference(theirs, ours, unordered) == "":
            return True
        return any(self.number(sql) > 1 for sql in peers(whole))

    def is_small(self, sql):
        return 0 < self.number(f"select count(*) from ({sql}) as whole") <= MOST_ROWS

    def number(self, sql):
        """The one number that PostgreSQL answers; 0 where it does not."""
        answer = self.postgres.answer(sql)
        return 0 if answer.failed else answer.rows[0][0] or 0

    def varies(self, sql, theirs):
        return any(compare.difference(theirs, other, sql) for other in self.tables.otherwise(sql))


def peers(sql):
    """A query for each window that tells rows apart which its order does not: how many rows have one place."""
    found = SELECT_LIST.match(sql)
    for function, window in WINDOW.findall(found[2]) if found else ():
        ordered, *rows = re.split(r"\srows\s", window, flags=re.I)
        if rows or function.lower() in BY_ROW:
            yield f"select max(n) from (select count(*) over ({ordered} range current row) as n {found[3]}) as peers"


def empty(answer):
    return Answer(answer.names, answer.types, [], answer.scales)


def outcomes(dsn, door):
    """The outcomes of all queries, file by file."""
    deviations = judge.Deviations()

    def of_file(numbered):
        number, path = numbered
        return list(File(dsn, door, deviations, number).outcomes(path))

    with ThreadPoolExecutor(AT_ONCE) as pool:
        for found in pool.map(of_file, enumerate(files(fetched()))):
            yield from found

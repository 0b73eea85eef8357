"""Writes what PostgreSQL answers as sqllogictest files, which tests/it/recorded.rs holds ours against.

The first line of an answer names its columns and their types; then comes a line for each row. A statement
that is refused here alone stands with the words of our refusal, and one that both refuse with PostgreSQL's
SQLSTATE, where ours is the same. One that is a finding is left out, and told of.
"""

import json
from decimal import Decimal
from pathlib import Path

import judge
import statements
import values

FOLDER = Path(__file__).resolve().parents[1] / "sql/postgres"
HEAD = """# What PostgreSQL 15 answers to tests/postgres/statements/{name}.sql, of the tables of the demo and of
# tests/postgres/edges.py. Written by `tests/postgres/run.py record`: do not edit.
"""


def write(judging):
    """Writes a file for each file of statements; whether there was no finding."""
    FOLDER.mkdir(exist_ok=True)
    findings, count = 0, 0
    for name, listed in statements.by_file(recorded=True).items():
        outcomes = list(judging.outcomes(listed))
        kept = [outcome for outcome in outcomes if outcome.verdict not in judge.FINDINGS]
        for outcome in outcomes:
            if outcome.verdict in judge.FINDINGS:
                print(judge.told(outcome))
        findings += len(outcomes) - len(kept)
        count += len(kept)
        text = HEAD.format(name=name) + "".join(entry(outcome, judging.deviations) for outcome in kept)
        (FOLDER / f"{name}.slt").write_text(text)
    print(f"{count} recorded")
    return findings == 0


def entry(outcome, deviations):
    sql = outcome.sql.rstrip()
    if outcome.verdict == judge.EXTENSION:
        return ""
    if outcome.verdict == judge.REFUSED:
        return f"\n# Refused: {outcome.why}\nquery error (?i){deviations.words_of(outcome.why)}\n{sql}\n"
    if outcome.verdict == judge.BOTH_REFUSE:
        is_same = outcome.theirs.state == outcome.ours.state
        words = f" \\[{outcome.theirs.state}\\]" if is_same else ""
        return f"\nquery error{words}\n{sql}\n"
    lines = [header(outcome.theirs), *map(row, outcome.theirs.rows)]
    return "\n".join(["", "query T", sql, "----", *lines, ""])


def header(answer):
    return " | ".join(f"{word(name).lower()}:{kind}" for name, kind in zip(answer.names, answer.types)) or "(no columns)"


def row(cells):
    return " | ".join(map(cell, cells)) or "(no columns)"


def cell(value):
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return repr(value).replace("inf", "Infinity").replace("nan", "NaN")
    if isinstance(value, bytes):
        return f"\\x{value.hex()}"
    if isinstance(value, str):
        return word(value)
    if isinstance(value, values.TIMES):
        return str(value)
    if isinstance(value, tuple):
        return "{" + ",".join(map(cell, value)) + "}"
    return f"{value:f}" if isinstance(value, Decimal) and value.is_finite() else str(value)


def word(text):
    """A text on one line, told apart from NULL, from the rule between cells and from its own margins."""
    if text in ("", "NULL"):
        return "(empty)" if not text else "(null)"
    bare = json.dumps(text, ensure_ascii=False)[1:-1].replace('\\"', '"').replace("|", "\\u007c")
    inner = bare.strip(" ")
    left, right = len(bare) - len(bare.lstrip(" ")), len(bare) - len(bare.rstrip(" "))
    return "␠" * left + inner + "␠" * (right if inner else 0)

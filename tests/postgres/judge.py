"""What becomes of a statement: equal, refused as the list of deviations says, or a finding."""

import re
import threading
import tomllib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import compare
from sides import Answer, Pactum, Postgres

HERE = Path(__file__).resolve().parent
AT_ONCE = 3

# What may become of a statement without being a finding.
EQUAL, BOTH_REFUSE, REFUSED, EXTENSION = "equal", "refused by both", "refused", "extension"
# The statement leaves open what its answer is.
LEFT_OPEN = "left open"
# Findings.
DIFFERENT, UNLISTED_REFUSAL, UNLISTED_ANSWER = "different", "refused, not listed", "answered, not listed"
FINDINGS = (DIFFERENT, UNLISTED_REFUSAL, UNLISTED_ANSWER)


@dataclass
class Outcome:
    sql: str
    verdict: str
    theirs: Answer
    ours: Answer
    # The deviation that holds it, or what differs.
    why: str = ""


class Deviations:
    """`deviations.toml`: kinds of refusals, by our message; extensions, by why PostgreSQL refuses, and by the
    statement where that says too little."""

    def __init__(self, path=HERE / "deviations.toml"):
        listed = tomllib.loads(path.read_text())
        self.refused = {kind["kind"]: compiled(kind["message"]) for kind in listed["refused"]}
        self.extensions = {
            kind["kind"]: (compiled(kind["postgresql"]), compiled(kind.get("statement", "")))
            for kind in listed["extension"]
        }

    def of_refusal(self, message):
        """The kind that holds a refusal, or nothing."""
        return next((kind for kind, pattern in self.refused.items() if pattern.search(message)), "")

    def of_extension(self, sql, message):
        """The kind that holds an answer where PostgreSQL refuses with this message, or nothing."""
        for kind, (reason, statement) in self.extensions.items():
            if reason.search(message) and statement.search(sql):
                return kind
        return ""

    def words_of(self, kind):
        """The pattern of a refusal's message."""
        return self.refused[kind].pattern


def compiled(pattern):
    return re.compile(pattern, re.I | re.S)


class Verdicts:
    """Judges answers by a list of deviations."""

    def __init__(self, deviations):
        self.deviations = deviations

    def verdict(self, sql, theirs, ours):
        if theirs.failed and ours.failed:
            return BOTH_REFUSE, theirs, ours, ""
        if ours.failed:
            kind = self.deviations.of_refusal(ours.message)
            return (REFUSED if kind else UNLISTED_REFUSAL), theirs, ours, kind
        if theirs.failed:
            kind = self.deviations.of_extension(sql, theirs.message)
            return (EXTENSION if kind else UNLISTED_ANSWER), theirs, ours, kind
        why = compare.difference(theirs, ours, sql)
        return (DIFFERENT if why else EQUAL), theirs, ours, why


class Judge(Verdicts):
    """Asks both sides about released tables, several statements at once."""

    def __init__(self, dsn, door):
        super().__init__(Deviations())
        self.dsn, self.door = dsn, door
        self.here = threading.local()

    def outcomes(self, statements):
        """The outcomes, in the order of the statements."""
        with ThreadPoolExecutor(AT_ONCE) as pool:
            yield from pool.map(self.outcome, statements)

    def outcome(self, sql):
        if not hasattr(self.here, "sides"):
            self.here.sides = (Postgres(self.dsn), Pactum(self.door))
        theirs, ours = (side.answer(sql) for side in self.here.sides)
        return Outcome(sql, *self.verdict(sql, theirs, ours))


def told(outcome):
    """A finding in words."""
    lines = [f"{outcome.verdict}: {outcome.sql}"]
    lines += [f"  {side}: {summary(answer)}" for side, answer in sides(outcome)]
    return "\n".join(lines + ([f"  {outcome.why[:400]}"] if outcome.why else []))


def sides(outcome):
    return (("PostgreSQL", outcome.theirs), ("Pactum    ", outcome.ours))


def summary(answer):
    if answer.failed:
        return f"error {answer.state}: {answer.message[:300]}"
    columns = ", ".join(f"{name} {kind}" for name, kind in zip(answer.names, answer.types))
    rows = " ".join(map(compare.shown, answer.rows[:6]))
    return f"{columns}: {rows}{' …' if len(answer.rows) > 6 else ''}"[:600]

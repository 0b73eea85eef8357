#!/usr/bin/env python3
"""Compares Pactum's answers with PostgreSQL's. `.ci/full postgres` runs it, through tests/it/postgres.rs.

    run.py written DOOR      the statements of tests/postgres/statements
    run.py random DOOR       PACTUM_TEST_QUERIES random queries; PACTUM_TEST_SEED gives them again
    run.py corpus DOOR       the queries of the crate datafusion-sqllogictest
    run.py tpch DOOR         TPC-H's 22 queries, over the tables that are released behind DOOR
    run.py record DOOR       writes tests/sql/postgres/*.slt from PostgreSQL's answers

DOOR is a socket behind which Pactum answers. A finding is printed and makes the run fail: an answer that
differs, a refusal that deviations.toml does not list, an answer where PostgreSQL refuses. The last line is
the count of statements and what became of them.
"""

import os
import sys
import time
from collections import Counter
from pathlib import Path

import cluster
import corpus
import grammar
import judge
import record
import statements
import tables
import tpch
from sides import Pactum


ROOT = Path(__file__).resolve().parents[2]


def written(judging):
    return judging.outcomes(statements.all_written())


def random(judging):
    count = int(os.environ.get("PACTUM_TEST_QUERIES", "300"))
    seed = int(os.environ.get("PACTUM_TEST_SEED", time.time()))
    print(f"seed {seed}: PACTUM_TEST_SEED={seed} gives the same queries", flush=True)
    return judging.outcomes(grammar.queries(seed, count))


def compared(outcomes):
    """Prints the findings and the counts; whether there was none."""
    counts = Counter()
    for outcome in outcomes:
        counts[outcome.verdict] += 1
        if outcome.verdict in judge.FINDINGS:
            print(judge.told(outcome), flush=True)
    words = [f"{counts[verdict]} {verdict}" for verdict in sorted(counts, key=counts.get, reverse=True)]
    print(f"{counts.total()} {', '.join(words)}")
    return not any(counts[finding] for finding in judge.FINDINGS)


def main(part, door):
    with cluster.cluster() as dsn:
        if part == "corpus":
            return compared(corpus.outcomes(dsn, door))
        if part == "tpch":
            tpch.load(Pactum(door), dsn)
            return compared(judge.Judge(dsn, door).outcomes(tpch.queries(ROOT)))
        tables.load(Pactum(door), dsn)
        judging = judge.Judge(dsn, door)
        if part == "record":
            return record.write(judging)
        return compared({"written": written, "random": random}[part](judging))


if __name__ == "__main__":
    sys.exit(not main(*sys.argv[1:]))

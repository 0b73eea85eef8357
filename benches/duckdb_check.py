"""The clauses of large-28.odcs.yaml in SQL for DuckDB, as one would write them by hand.

    duckdb_check.py FOLDER

One pass over all columns and two group-bys, because a key and a count for each learner are no
aggregates of one pass. Prints what breaks each clause; exits 1 if anything does. Expressions are the
fastest of those that count: `count_if` beats `filter`, and `count(*) - count(x)` beats `x is null`.
"""

import sys

import duckdb

TYPES = {
    "learner_id": "BIGINT",
    "rank": "INTEGER",
    "course": "VARCHAR",
    "score": "DOUBLE",
    "module": "VARCHAR",
    "model": "VARCHAR",
    "computed_at": "TIMESTAMP WITH TIME ZONE",
}

SCALARS = {
    **{f"{column} required": f"count(*) - count({column})" for column in TYPES},
    "learner_id minimum": "count_if(learner_id < 1)",
    "rank minimum": "count_if(rank < 1)",
    "rank maximum": "count_if(rank > 10)",
    # DuckDB orders NaN above every number: the maximum alone catches it, which Pactum counts in both.
    "score minimum": "count_if(score < 0)",
    "score maximum": "count_if(score > 1)",
    "course pattern": "count_if(not regexp_matches(course, '^course-[0-9]{5}$'))",
    "course maxLength": "count_if(length(course) > 12)",
    "module enum": "count_if(module not in"
    " ('recent_activity', 'because_you_viewed', 'cold_start', 'trending'))",
    "note nullValues": "(100 * (count(*) - count(note)) >= 99 * count(*))::int",
    "rowCount": "(count(*) not between 1 and 10000000000)::int",
}

GROUPS = {
    "primaryKey": "select count(*) from"
    " (select 1 from items group by learner_id, rank having count(*) > 1)",
    "ten-ranks-a-learner": "select count(*) from"
    " (select 1 from items group by learner_id having count(*) <> 10)",
}


def main(folder):
    db = duckdb.connect()
    db.read_parquet(f"{folder}/*.parquet").create_view("items")
    found = {row[0]: row[1] for row in db.execute("describe items").fetchall()}

    breaks = {"readable": 0}  # DuckDB would have raised
    breaks["additionalColumns"] = len(found.keys() - TYPES.keys() - {"note"})
    for column, type_ in TYPES.items():
        breaks[f"{column} logicalType"] = int(found.get(column) != type_)
    scalars = ", ".join(SCALARS.values())
    breaks |= zip(SCALARS, db.execute(f"select {scalars} from items").fetchone())
    for clause, query in GROUPS.items():
        breaks[clause] = db.execute(query).fetchone()[0]

    for clause, count in breaks.items():
        print(f"{clause}: {count}")
    return int(any(breaks.values()))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))

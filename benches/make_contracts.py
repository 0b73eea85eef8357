"""Makes a repository of contracts of 50 columns and as many consumers, with two changes in git.

`make_contracts.py N FOLDER` writes FOLDER/repository with the revisions `base`, `few` (one contract in
fifty gains a column) and `all` (every contract does), and FOLDER/previous.odcs.yaml and
FOLDER/current.odcs.yaml, one pair of them.
"""

import subprocess
import sys
from pathlib import Path

COLUMNS = 50
TYPES = [
    ("integer", "bigint"),
    ("number", "double"),
    ("string", "varchar"),
    ("boolean", "boolean"),
    ("date", "date"),
    ("timestamp", "timestamptz"),
]


def contract(n, version="1.0.0", added=""):
    lines = [
        "apiVersion: v3.1.0",
        "kind: DataContract",
        f"id: contract-{n:04}",
        f"name: c{n:04}",
        f"version: {version}",
        "status: active",
        "schema:",
        "- name: events",
        "  properties:",
    ]
    for column in range(COLUMNS):
        logical, physical = TYPES[column % len(TYPES)]
        lines += [
            f"  - name: col_{column}",
            f"    logicalType: {logical}",
            f"    physicalType: {physical}",
            f"    description: Column {column} of the table",
        ]
        if column == 0:
            lines += ["    primaryKey: true"]
        elif column % 5 == 0:
            lines += ["    required: true"]
        if logical == "integer":
            lines += ["    logicalTypeOptions: {minimum: 0}"]
    if added:
        lines += [f"  - name: {added}", "    logicalType: string"]
    return "\n".join(lines) + "\n"


def consumer(n, count):
    return f"""-- owner: team-{n % 40}
-- summary: Query {n}
-- params:
--   id: {{type: bigint, required: true}}
select a.col_0, a.col_1, b.col_2, count(*) as n
from c{n:04}.events a join c{(n * 7 + 3) % count:04}.events b on a.col_0 = b.col_0
where a.col_0 = $id and b.col_{n % 8 * 6 + 1} > 0.5
group by 1, 2, 3
order by n desc
"""


def main():
    count, folder = int(sys.argv[1]), Path(sys.argv[2])
    repository = folder / "repository"
    for name in ["contracts", "sql"]:
        (repository / name).mkdir(parents=True)
    (repository / "pactum.yaml").write_text("contracts: contracts\n")

    def git(*arguments):
        who = ["-c", "user.name=bench", "-c", "user.email=bench@example.org", "-c", "commit.gpgsign=false"]
        subprocess.run(["git", *who, *arguments], cwd=repository, check=True, capture_output=True)

    def write(numbers, version="1.0.0", added=""):
        for n in numbers:
            (repository / f"contracts/c{n:04}.odcs.yaml").write_text(contract(n, version, added))

    git("init", "-q", "-b", "main")
    write(range(count))
    for n in range(count):
        (repository / f"sql/q{n:04}.sql").write_text(consumer(n, count))
    for name, numbers in [("base", []), ("few", range(0, count, 50)), ("all", range(count))]:
        write(numbers, "1.1.0", "extra")
        git("add", "-A")
        git("commit", "-qm", name)
        git("tag", name)
    (folder / "previous.odcs.yaml").write_text(contract(0))
    (folder / "current.odcs.yaml").write_text(contract(0, "1.1.0", "extra"))


main()

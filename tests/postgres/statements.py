"""Statements written in files: each ends with a semicolon at the end of a line; `--` begins a comment."""

from pathlib import Path

HERE = Path(__file__).resolve().parent
# Statements over real deliveries, which are not part of the repository.
REAL = "real"


def read(path):
    found, lines = [], []
    for line in path.read_text().splitlines():
        if not lines and (not line.strip() or line.startswith("--")):
            continue
        lines.append(line)
        if line.rstrip().endswith(";"):
            found.append("\n".join(lines).rstrip().removesuffix(";"))
            lines = []
    if lines:
        raise ValueError(f"{path}: the last statement has no semicolon")
    return found


def by_file(recorded=False):
    """The statements of every file, by its name; of those alone whose tables every run has."""
    paths = sorted((HERE / "statements").glob("*.sql"))
    return {path.stem: read(path) for path in paths if not (recorded and path.stem == REAL)}


def all_written():
    return [sql for found in by_file().values() for sql in found]

"""Measures `pactum check`, `query`, `lint` and `diff`, beside their rivals; prints a Markdown table.

`benches/run` starts it with what it needs in the environment. Imports the standard library alone:
a child's peak memory starts at that of the process that forks it.
"""

import argparse
import datetime
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent
BIN = Path(os.environ["PACTUM_BENCH_BIN"]).resolve()
DATA = Path(os.environ["PACTUM_BENCH_DATA"]).resolve()
PYTHON = sys.executable
DATACONTRACT = Path(os.environ["PACTUM_BENCH_DATACONTRACT"]).resolve() / "bin/datacontract"
BEGIN, END = "<!-- written by benches/run -->", "<!-- end -->"
WORKS = ["T", "U", "growth", "wide", "scan", "tpch", "changes"]
FULL = 100_000_000
TPCH = HERE.parent / "examples/tpch"


@dataclass
class Contender:
    name: str
    command: list
    clauses: Callable[[str], int]  # from what it printed: how many clauses it answered
    cwd: Path = Path(tempfile.gettempdir())
    runs: int | None = None  # where fewer than the others
    seconds: list = field(default_factory=list)
    peaks: list = field(default_factory=list)
    answered: int = 0
    failure: str = ""

    def run(self):
        # Settings of the caller's shell, such as PACTUM_THREADS, are not part of the benchmark.
        env = {k: v for k, v in os.environ.items() if not k.startswith("PACTUM_")}
        with tempfile.TemporaryFile("w+") as out:
            start = time.perf_counter()
            child = subprocess.Popen(self.command, cwd=self.cwd, env=env, stdout=out, stderr=subprocess.STDOUT)
            _, status, usage = os.wait4(child.pid, 0)
            seconds = time.perf_counter() - start
            child.returncode = os.waitstatus_to_exitcode(status)
            out.seek(0)
            text = out.read()
        if child.returncode != 0:
            self.failure = f"exit {child.returncode}"
            print(f"{self.name}: {self.failure}\n{text[-2000:]}", file=sys.stderr)
            return
        self.answered = self.clauses(text)
        self.seconds.append(seconds)
        self.peaks.append(usage.ru_maxrss)
        print(f"  {self.name}: {seconds:.2f} s, {usage.ru_maxrss >> 10} MiB", file=sys.stderr)


def pactum(name, project, contract, data):
    def clauses(text):
        report = json.loads(text)
        assert report["verdict"] == "passed", report["verdict"]
        return sum(len(table["clauses"]) for table in report["tables"])

    command = [BIN / "pactum", "--project", project, "check", contract, data, "--format", "json"]
    return Contender(name, command, clauses)


def duckdb(data):
    return Contender("DuckDB", [PYTHON, "-B", HERE / "duckdb_check.py", data], lambda text: len(text.splitlines()))


def datacontract(data):
    report = DATA / "datacontract.json"

    def clauses(_):
        # It warns about types, which it does not compare. That each column is there says no more
        # than that the files are readable: one clause.
        passed = [c for c in json.loads(report.read_text())["checks"] if c["result"] == "passed"]
        return sum(c["type"] != "field_is_present" for c in passed) + 1

    command = [DATACONTRACT, "test", HERE / "datacontract.yaml", "--output-format", "json", "--output", report]
    # Its contract names the files relative to where it runs.
    return Contender("datacontract-cli", command, clauses, cwd=data, runs=1)


def measure(contenders, runs, folder):
    """Runs them in turns: what else the machine does then falls on all of them. All must pass."""
    for file in sorted(folder.rglob("*.parquet")):  # no first run pays for a cold disk
        with open(file, "rb") as data:
            while data.read(1 << 20):
                pass
    for number in range(runs):
        order = contenders if number % 2 == 0 else contenders[::-1]
        for contender in order:
            if not contender.failure and number < (contender.runs or runs):
                contender.run()
                if contender.failure and contender.runs is None:
                    sys.exit(f"{contender.name} does not pass: there is nothing to compare")


def generate(folder, command):
    """Data of an earlier run are taken again; a run that was interrupted leaves none."""
    if not folder.exists():
        print(f"generating {folder}", file=sys.stderr)
        part = folder.with_name(folder.name + ".part")
        shutil.rmtree(part, ignore_errors=True)
        subprocess.run([*command, part], check=True)
        part.rename(folder)
    return folder


def items(rows, shuffled=False):
    folder = DATA / f"items-{rows}{'-shuffled' if shuffled else ''}"
    program = BIN / "examples/generate_large"
    # Its options may stand anywhere; the folder comes last.
    return generate(folder, [program, *(["--shuffled"] if shuffled else []), str(rows)])


def line(work, what, contender, base=None, of=""):
    """A row of the table; a contender that could not finish says so."""
    if contender.failure:
        return f"| {work} | {what} | {contender.failure} | | |"
    seconds = statistics.median(contender.seconds)
    ratio = ""
    if base and base is not contender:
        ratio = f"{seconds / statistics.median(base.seconds):.2f} × {of}"
    return f"| {work} | {what} | {seconds:.2f} | {max(contender.peaks) / 1024:,.0f} | {ratio} |"


def rivals(work, rows, shuffled, options, with_datacontract):
    data = items(rows, shuffled)
    ours, duck = pactum("Pactum", HERE, "large-28", data), duckdb(data)
    contenders = [ours, duck] + ([datacontract(data)] if with_datacontract else [])
    print(f"{work}: {rows:,} rows", file=sys.stderr)
    measure(contenders, options.runs, data)
    if ours.answered != duck.answered:
        sys.exit(f"Pactum answers {ours.answered} clauses and DuckDB {duck.answered}: change the one that lags")
    label = f"{work}: {rows:,} rows, {'shuffled' if shuffled else 'sorted by the key'}"
    return ours, [line(label, f"{c.name}, {c.answered} clauses", c, duck, "DuckDB") for c in contenders]


def growth(options, measured):
    """From a hundredth of T's rows to T's own, which are measured already if T is."""
    lines = []
    for rows in [options.rows // 100, options.rows // 10, options.rows] + [options.rows * 10] * options.all:
        ours = measured.get(rows)
        if ours is None:
            data = items(rows)
            ours = pactum("Pactum", HERE, "large-28", data)
            print(f"growth: {rows:,} rows", file=sys.stderr)
            measure([ours], options.runs, data)
        lines.append(line(f"growth: {rows:,} rows", f"Pactum, {ours.answered} clauses", ours))
    return lines


def wide(options):
    rows = options.rows // 10
    folder = generate(DATA / f"wide-{rows}", [PYTHON, "-B", HERE / "make_wide.py", str(rows)])
    few, many = (pactum(f"Pactum, wide-{n}", folder, f"wide-{n}", folder / "data") for n in (50, 1000))
    print(f"wide: {rows:,} rows", file=sys.stderr)
    measure([few, many], options.runs, folder / "data")
    label = f"wide: {rows:,} rows, 50 columns"
    return [line(label, f"Pactum, {c.answered:,} clauses", c, few, f"{few.answered} clauses") for c in (few, many)]


def command(name, folder, *arguments):
    return Contender(name, list(arguments), lambda text: 0, cwd=folder)


def released(rows):
    """T as a release, and the same release as one of a version that recorded no hashes."""
    folder = DATA / f"released-{rows}"
    if not folder.exists():
        data = items(rows)
        print(f"publishing {folder}", file=sys.stderr)
        part = folder.with_name(folder.name + ".part")
        shutil.rmtree(part, ignore_errors=True)
        to = ["--project", HERE, "--warehouse", part / "hashed"]
        subprocess.run([BIN / "pactum", *to, "publish", "large-28", f"items={data}"], check=True, stdout=sys.stderr)
        shutil.copytree(part / "hashed", part / "bare")
        table = part / "bare/large-28/v1/items"
        shutil.rmtree(table / "_blocks")
        for commit in table.glob("_delta_log/*.json"):
            actions = [json.loads(line) for line in commit.read_text().splitlines()]
            for action in actions:
                action.get("add", {}).pop("tags", None)
            commit.write_text("".join(json.dumps(action) + "\n" for action in actions))
        part.rename(folder)
    return folder


def scans(options):
    """What comparing blocks with their hashes costs: a scan of every column, and one key."""
    rows = options.rows // 10
    folder = released(rows)
    every = """select sum(learner_id), sum(rank), sum(score), max(computed_at), sum(octet_length(course)),
        sum(octet_length(module)), sum(octet_length(model)), sum(octet_length(note)) from large_28.items"""
    one = f"select course, score from large_28.items where learner_id = {rows // 20} and rank = 3"
    lines = []
    for what, sql, runs in [("every column", every, options.runs), ("one key", one, max(options.runs, 21))]:
        hashed, bare = (
            command(f"Pactum query, {what}, {kind}", folder, BIN / "pactum", "--warehouse", folder / name, "query", sql)
            for kind, name in [("with hashes", "hashed"), ("without", "bare")]
        )
        print(f"scan: {rows:,} rows, {what}", file=sys.stderr)
        measure([hashed, bare], runs, folder)
        lines += [line(f"scan: {rows:,} released rows", c.name, c, bare, "without") for c in (hashed, bare)]
    return lines


def tpch_released(scale):
    """The tables of TPC-H as a release."""
    folder = DATA / f"tpch-{scale}"
    if not folder.exists():
        data = generate(DATA / f"tpch-{scale}-data", [BIN / "examples/generate_tpch", str(scale)])
        print(f"publishing {folder}", file=sys.stderr)
        part = folder.with_name(folder.name + ".part")
        shutil.rmtree(part, ignore_errors=True)
        tables = [f"{table.name}={table}/part-0.parquet" for table in sorted(data.iterdir())]
        to = ["--project", TPCH, "--warehouse", part]
        subprocess.run([BIN / "pactum", *to, "publish", "tpch", *tables], check=True, stdout=sys.stderr)
        part.rename(folder)
    return folder


def tpch(options):
    """The 22 queries, each engine in one process; the seconds are the sum of the queries' medians."""
    warehouse = tpch_released(options.scale)
    program, sql, runs = BIN / "examples/tpch_queries", TPCH / "sql", str(max(options.runs, 5))
    engines = {
        "Pactum's gateway": [program, "gateway", warehouse, sql, runs],
        "DataFusion's listing tables": [program, "listing", warehouse, sql, runs],
        "DuckDB": [PYTHON, "-B", HERE / "duckdb_tpch.py", warehouse, sql, runs],
    }
    seconds, counts = {}, {}
    for name, started in engines.items():
        print(f"tpch: scale {options.scale}, {name}", file=sys.stderr)
        lines = subprocess.run(started, check=True, capture_output=True, text=True).stdout.splitlines()
        answers = [line.split() for line in lines]
        seconds[name] = {query: float(median) for query, median, _ in answers}
        counts[name] = {query: rows for query, _, rows in answers}
        print("  " + " ".join(f"{query} {took:.2f}" for query, took in seconds[name].items()), file=sys.stderr)
    if len({tuple(sorted(c.items())) for c in counts.values()}) > 1:
        sys.exit(f"the engines answer different numbers of rows: {counts}")
    ours = sum(seconds["Pactum's gateway"].values())
    label = f"tpch: scale {options.scale}, 22 queries"
    lines = []
    for name, medians in seconds.items():
        total = sum(medians.values())
        ratio = "" if total == ours else f"Pactum {ours / total:.2f} ×"
        lines.append(f"| {label} | {name} | {total:.2f} | | {ratio} |")
    return lines


def changes(options):
    """A repository of a thousand contracts and a thousand consumers; then one pair of contracts."""
    count = max(options.rows // 100_000, 50)
    folder = generate(DATA / f"contracts-{count}", [PYTHON, "-B", HERE / "make_contracts.py", str(count)])
    repository = folder / "repository"
    diff = [BIN / "pactum", "diff"]
    large = [
        command("Pactum diff, one contract in 50 changed", repository, *diff, "base..few"),
        command("Pactum diff, every contract changed", repository, *diff, "base..all"),
        command("Pactum lint", repository, BIN / "pactum", "lint"),
    ]
    pair = ["previous.odcs.yaml", "current.odcs.yaml"]
    ours = command("Pactum diff", folder, *diff, *pair)
    small = [ours]
    if "datacontract" not in options.without:
        small.append(command("datacontract-cli breaking", folder, DATACONTRACT, "breaking", *pair))
    print(f"changes: {count:,} contracts", file=sys.stderr)
    for contenders in (large, small):
        measure(contenders, options.runs, folder)
    label = f"changes: {count:,} contracts of 50 columns, {count:,} consumers"
    lines = [line(label, c.name, c) for c in large]
    return lines + [line("changes: one pair of contracts", c.name, c, ours, "Pactum") for c in small]


def machine(options):
    def said(*command):
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    model = next((l.split(":")[1].strip() for l in open("/proc/cpuinfo") if l.startswith("model name")), "")
    facts = [
        f"{datetime.date.today()}",
        f"{os.cpu_count()} cores ({model or platform.machine()}), {memory:.0f} GiB, {platform.system()}",
        said(BIN / "pactum", "--version"),
        "DuckDB " + said(PYTHON, "-c", "import duckdb; print(duckdb.__version__)"),
    ]
    if "datacontract" not in options.without:
        facts.append("datacontract-cli " + said(DATACONTRACT, "--version").split()[-1])
    return "; ".join(facts) + f". Median of {options.runs}, peak memory of all; datacontract-cli runs once."


def main():
    parser = argparse.ArgumentParser(prog="benches/run", description="Measures checks; a full run writes the table of the README.")
    parser.add_argument("--rows", type=int, default=FULL, help="rows of T and U [default: 100 million]")
    parser.add_argument("--scale", default="1", help="scale of TPC-H [default: 1]")
    parser.add_argument("--runs", type=int, default=3, help="runs of each contender [default: 3]")
    parser.add_argument("--only", choices=WORKS, action="append", help="this work alone; may be repeated")
    parser.add_argument("--without", choices=["datacontract"], action="append", default=[], help="not this contender")
    parser.add_argument("--all", action="store_true", help="growth to ten times the rows of T too")
    options = parser.parse_args()
    DATA.mkdir(parents=True, exist_ok=True)
    works = options.only or WORKS

    lines, measured = [], {}
    if "T" in works:
        ours, more = rivals("T", options.rows, False, options, "datacontract" not in options.without)
        measured[options.rows] = ours
        lines += more
    if "U" in works:
        lines += rivals("U", options.rows, True, options, False)[1]
    if "growth" in works:
        lines += growth(options, measured)
    if "wide" in works:
        lines += wide(options)

    if "scan" in works:
        lines += scans(options)
    if "tpch" in works:
        lines += tpch(options)
    if "changes" in works:
        lines += changes(options)

    head = ["| work | what | seconds | peak RSS, MiB | ratio |", "|---|---|--:|--:|--:|"]
    table = "\n".join([machine(options), "", *head, *lines]) + "\n"
    print(table)
    if options.rows == FULL and not options.only:  # a trial leaves the page alone
        readme = HERE.parent / "README.md"
        before, rest = readme.read_text().split(BEGIN, 1)
        _, after = rest.split(END, 1)
        readme.write_text(f"{before}{BEGIN}\n{table}{END}{after}")


if __name__ == "__main__":
    main()

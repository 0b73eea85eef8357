#!/usr/bin/env python3
"""Changes the code in many small ways, one at a time, and sees whether a test notices.

    run.py [--only WORD…] [--list]

The changes stand in `tests/mutants/*.toml`:

    [[change]]
    file = "src/check/threshold.rs"
    what = "exactly the limit is too much"
    find = "test(v, |a, b| «a <= b»)"
    put = "a < b"

`find` must occur in the file exactly once (a run of white space matches any other). What is replaced is
the part between « and », or all of it. It is an expression, or a statement with its semicolon; an empty
`put` leaves a statement or a block out. Both sides must compile with the same type: every change is built into one
binary as `if crate::mutants::on(17) { put } else { original }`, for a build takes minutes and there are
many changes. Changes may overlap when one contains the other. Patterns and `const` cannot be changed so.

To add one: write it, then `tests/mutants/run.py --only WORD`, where WORD occurs in its file or words.

A change that no test notices fails the run, unless it says why that is right: `explained = "…"`.

How it runs: the sources are copied to `$CARGO_TARGET_DIR/mutants` and built there once. Each test runs
alone, unchanged, and must pass; on its way it records which changes it passes by. Then each change is
switched on, and the tests that pass by it run, quick ones first, until one fails or hangs.
"""

import argparse
import concurrent.futures
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
TARGET = Path(os.environ.get("CARGO_TARGET_DIR") or Path.home() / ".cache/pactum-target").resolve()
WORK = TARGET / "mutants"
COPY = WORK / "pactum"
CARGO = os.environ.get("CARGO", "cargo")
AT_ONCE = 2
MINUTES = float(os.environ.get("PACTUM_TEST_MUTANTS_MINUTES", "57"))
# A test that a change makes hang is noticed after this many seconds, or ten times as long as it took.
LEAST_LIMIT = 30
EXPLAINED_SECONDS = 20

# Tests that say nothing of a change: they look at texts, take a fixed time, or measure time.
LEFT_OUT = [
    "layering::",
    "fuzz::",
    "edits::",
    "malformed_files_get_a_verdict",
    "every_block_of_the_readme",
    "the_page_of_the_rules_of_change",
]

# Counts of the tests that repeat something: what notices a change at all notices it soon.
COUNTS = {
    "PACTUM_TEST_KILLS": "3",
    "PACTUM_TEST_TABLES": "60",
    "PACTUM_TEST_MUTATIONS": "30",
}

SWITCH = """//! Which change is switched on. Written by `tests/mutants/run.py`.
use std::io::Write;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

static ON: OnceLock<usize> = OnceLock::new();
static LOG: OnceLock<Option<std::ffi::OsString>> = OnceLock::new();
static PASSED: [AtomicBool; COUNT] = [const { AtomicBool::new(false) }; COUNT];

pub(crate) fn on(n: usize) -> bool {
    if let Some(log) = LOG.get_or_init(|| std::env::var_os("MUTANT_LOG"))
        && !PASSED[n].swap(true, Ordering::Relaxed)
    {
        let file = std::fs::OpenOptions::new().append(true).create(true).open(log);
        let _ = file.and_then(|mut file| file.write_all(format!("{n}\\n").as_bytes()));
    }
    let read = || std::env::var("MUTANT").ok().and_then(|n| n.parse().ok()).unwrap_or(0);
    *ON.get_or_init(read) == n
}
"""


class Failure(Exception):
    pass


@dataclass
class Change:
    number: int
    file: str
    what: str
    find: str
    put: str
    explained: str = ""
    listed: str = ""
    start: int = 0
    end: int = 0

    @property
    def name(self):
        return f"{self.file}: {self.what}"


@dataclass
class Test:
    binary: str
    name: str
    seconds: float = 0.0
    passes: set = field(default_factory=set)


def changes():
    found = []
    for path in sorted(HERE.glob("*.toml")):
        for entry in tomllib.loads(path.read_text()).get("change", []):
            known = {"file", "what", "find", "put", "explained"}
            if unknown := set(entry) - known:
                raise Failure(f"{path.name}: unknown key {', '.join(sorted(unknown))}")
            try:
                change = Change(
                    len(found) + 1,
                    entry["file"],
                    entry["what"],
                    entry["find"],
                    entry["put"],
                    entry.get("explained", ""),
                    path.name,
                )
            except KeyError as key:
                raise Failure(f"{path.name}: a change lacks {key}: {entry}") from None
            found.append(change)
    names = [change.name for change in found]
    if twice := {name for name in names if names.count(name) > 1}:
        raise Failure(f"two changes have one name: {', '.join(sorted(twice))}")
    return found


def locate(change, text):
    """Sets where the change begins and ends."""
    before, _, rest = change.find.rpartition("«")
    part, closed, after = rest.partition("»") if "«" in change.find else (rest, "", "")
    if ("«" in change.find) != bool(closed):
        raise Failure(f"{change.listed}: « without » in: {change.find}")

    def spaced(snippet):
        lead, tail = snippet[:1].isspace(), snippet[-1:].isspace()
        words = r"\s+".join(re.escape(word) for word in snippet.split())
        return (r"\s+" if lead and words else "") + words + (r"\s+" if tail and words else "")

    pattern = f"{spaced(before)}({spaced(part)}){spaced(after)}"
    places = list(re.finditer(pattern, text))
    if len(places) != 1:
        raise Failure(
            f"{change.listed}: the list is stale: “{change.what}” is found {len(places)} times in"
            f" {change.file}, must be once:\n    {change.find}"
        )
    change.start, change.end = places[0].span(1)


def rewritten(text, all_changes):
    """The text with a switch at every change."""
    spans = {}
    for change in all_changes:
        spans.setdefault((change.start, change.end), []).append(change)
    ordered = sorted(spans, key=lambda span: (span[0], -span[1]))

    def render(start, end, inside):
        out, at = [], start
        while inside:
            span = inside.pop(0)
            children = []
            while inside and inside[0][0] < span[1]:
                child = inside.pop(0)
                if child[1] > span[1]:
                    names = [c.name for c in spans[span] + spans[child]]
                    raise Failure(f"changes overlap in part: {'; '.join(names)}")
                children.append(child)
            out.append(text[at : span[0]])
            original = render(span[0], span[1], children)
            switches = [
                f"if crate::mutants::on({c.number}) {{ {c.put} }} else " for c in spans[span]
            ]
            switch = f"{''.join(switches)}{{ {original} }}"
            statement = original.rstrip().endswith(";") or any(not c.put for c in spans[span])
            out.append(switch if statement else f"({switch})")
            at = span[1]
        out.append(text[at:end])
        return "".join(out)

    return render(0, len(text), ordered)


def copy_sources(all_changes):
    """Writes what differs, so that cargo builds no more than it must."""
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listed, cwd=ROOT, check=True, capture_output=True).stdout.decode()
    wanted = {}
    for name in filter(None, names.split("\0")):
        if (ROOT / name).is_file():
            wanted[name] = (ROOT / name).read_bytes()
    by_file = {}
    for change in all_changes:
        by_file.setdefault(change.file, []).append(change)
    for name, own in by_file.items():
        if name not in wanted:
            raise Failure(f"{own[0].listed}: {name} is not there")
        text = wanted[name].decode()
        for change in own:
            locate(change, text)
        wanted[name] = rewritten(text, own).encode()
    lib = wanted["src/lib.rs"].decode()
    wanted["src/lib.rs"] = f"#![allow(warnings)]\n{lib}\nmod mutants;\n".encode()
    count = f"const COUNT: usize = {len(all_changes) + 1};\n"
    wanted["src/mutants.rs"] = (SWITCH + "\n" + count).encode()
    for path in [p for p in COPY.rglob("*") if p.is_file()]:
        if str(path.relative_to(COPY)) not in wanted:
            path.unlink()
    for name, content in wanted.items():
        path = COPY / name
        if not path.is_file() or path.read_bytes() != content:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            path.chmod((ROOT / name).stat().st_mode if (ROOT / name).exists() else 0o644)
    # Data beside the repository, which some tests read.
    beside, link = ROOT.parent / "shared", COPY.parent / "shared"
    if beside.is_dir() and not link.exists():
        link.symlink_to(beside)


def link_dependencies():
    """Takes over what is built of the dependencies: by hard links, without pactum itself."""
    lock = (ROOT / "Cargo.lock").read_bytes() + (ROOT / "Cargo.toml").read_bytes()
    marker, own, debug = WORK / "linked", WORK / "target", TARGET / "debug"
    if marker.is_file() and marker.read_bytes() == lock:
        return
    shutil.rmtree(own, ignore_errors=True)
    (own / "debug").mkdir(parents=True)
    for part in ["deps", "build", ".fingerprint"]:
        if not (debug / part).is_dir():
            continue
        subprocess.run(["cp", "-al", debug / part, own / "debug" / part], check=True)
        for path in (own / "debug" / part).iterdir():
            if re.match(r"(lib)?pactum-|it-[0-9a-f]{16}", path.name):
                shutil.rmtree(path) if path.is_dir() else path.unlink()
    if (TARGET / "CACHEDIR.TAG").is_file():
        shutil.copy(TARGET / "CACHEDIR.TAG", own / "CACHEDIR.TAG")
    marker.write_bytes(lock)


def build():
    """The test binaries, by kind."""
    command = [CARGO, "test", "--no-run", "--lib", "--test", "it"]
    env = os.environ | {"CARGO_TARGET_DIR": str(WORK / "target"), "CARGO_TERM_COLOR": "never"}
    messages = [*command, "--message-format", "json-render-diagnostics"]
    done = subprocess.run(messages, cwd=COPY, env=env, stdout=subprocess.PIPE, text=True)
    if done.returncode != 0:
        raise Failure(f"the changed sources do not compile; they stand in {COPY}")
    found = {}
    for line in done.stdout.splitlines():
        message = json.loads(line) if line.startswith("{") else {}
        if message.get("reason") == "compiler-artifact" and message.get("executable"):
            if message["profile"]["test"]:
                found[message["target"]["name"]] = message["executable"]
    return found


class Runner:
    """Runs tests in processes of their own, each with everything that it starts."""

    def __init__(self, binaries, temporary):
        self.binaries, self.temporary = binaries, temporary
        self.running, self.lock = set(), threading.Lock()
        venv = Path(os.environ.get("PACTUM_VENV", Path.home() / ".cache/pactum-venv"))
        own = {name: value for name, value in os.environ.items() if not name.startswith("PACTUM_")}
        # Snapshots are found without asking cargo, whose lock a build may hold.
        root = {"INSTA_WORKSPACE_ROOT": str(COPY), "INSTA_UPDATE": "no"}
        self.env = own | COUNTS | root | {"RUST_BACKTRACE": "0"}
        if (venv / "bin/python").is_file():
            self.env["PACTUM_TEST_PYTHON"] = str(venv / "bin/python")

    def names(self):
        found = []
        for binary, path in sorted(self.binaries.items()):
            listed = [path, "--list", "--format", "terse"]
            text = subprocess.run(listed, cwd=COPY, check=True, capture_output=True, text=True)
            for line in text.stdout.splitlines():
                name, _, kind = line.rpartition(": ")
                if kind == "test" and not any(out in name for out in LEFT_OUT):
                    found.append(Test(binary, name))
        return found

    def run(self, test, limit, **more):
        """`passed`, `failed` or `hung`, and what the test printed."""
        with tempfile.TemporaryDirectory(dir=self.temporary, ignore_cleanup_errors=True) as folder:
            command = [self.binaries[test.binary], "--exact", test.name]
            env = self.env | {"TMPDIR": folder} | more
            with open(f"{folder}/out", "w+b") as out:
                child = subprocess.Popen(
                    command,
                    cwd=COPY,
                    env=env,
                    stdin=subprocess.DEVNULL,
                    stdout=out,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
                with self.lock:
                    self.running.add(child.pid)
                try:
                    outcome = "passed" if child.wait(limit) == 0 else "failed"
                except subprocess.TimeoutExpired:
                    outcome = "hung"
                finally:
                    self.kill(child.pid)
                    child.wait()
                out.seek(0)
                return outcome, out.read().decode(errors="replace")

    def kill(self, group):
        with self.lock:
            self.running.discard(group)
        try:
            os.killpg(group, signal.SIGKILL)
        except ProcessLookupError:
            pass

    def kill_all(self):
        for group in list(self.running):
            self.kill(group)

    def unchanged(self, test):
        """Runs a test as it is; notes how long it takes and what it passes by."""
        log = Path(tempfile.mkstemp(dir=self.temporary)[1])
        begun = time.monotonic()
        outcome, text = self.run(test, 300, MUTANT_LOG=str(log))
        test.seconds = time.monotonic() - begun
        test.passes = {int(line) for line in log.read_text().split()}
        log.unlink()
        return outcome, text


def words(text):
    """What a name is about: its longer words, without their endings."""
    return {word[:5] for word in re.split(r"[^a-z]+", text.lower()) if len(word) > 4}


def tried(runner, change, tests, kills, deadline):
    """The test that notices a change and how, or None."""
    reached = [test for test in tests if change.number in test.passes]
    about = words(change.what)
    # Why none notices an explained change is known: the likely ones must do.
    explained_until = time.monotonic() + EXPLAINED_SECONDS
    while reached:
        # The one that noticed it last time; what is about the same; what has noticed other changes of
        # the file; the quick ones.
        def cost(test):
            known = kills.get(change.name) == test.name
            alike = bool(about & words(test.name)) and test.seconds < 10
            return (
                not known,
                not alike,
                test.seconds / (1 + kills.get((change.file, test.name), 0)),
            )

        test = min(reached, key=cost)
        reached.remove(test)
        now = time.monotonic()
        if now > deadline:
            raise TimeoutError
        if change.explained and now > explained_until:
            return None
        limit = max(LEAST_LIMIT, 10 * test.seconds)
        switched_on = {"MUTANT": str(change.number)}
        outcome, _ = runner.run(test, limit, **switched_on)
        # A test that fails once may be one that a busy machine makes fail.
        if outcome == "failed":
            outcome, _ = runner.run(test, limit, **switched_on)
        if outcome != "passed":
            kills[change.name] = test.name
            kills[(change.file, test.name)] = kills.get((change.file, test.name), 0) + 1
            return test, outcome
    return None


def note(lines):
    """Rows of the table of the full run, where one is being made."""
    if path := os.environ.get("PACTUM_TEST_TABLE"):
        with open(path, "a") as table:
            for test, count, held in lines:
                table.write(f"| {test} | {count} | {held} |\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", nargs="+", default=[], metavar="WORD")
    parser.add_argument("--list", action="store_true", help="prints the changes and ends")
    arguments = parser.parse_args()
    begun = time.monotonic()
    deadline = begun + MINUTES * 60
    every = changes()
    wanted = [c for c in every if not arguments.only or any(w in c.name for w in arguments.only)]
    if arguments.list:
        for change in wanted:
            print(f"{change.number:4}  {change.name}")
        return 0
    if not wanted:
        raise Failure("no change has such a word")
    COPY.mkdir(parents=True, exist_ok=True)
    copy_sources(every)
    link_dependencies()
    binaries = build()
    print(f"built after {time.monotonic() - begun:.0f} s", flush=True)

    temporary = tempfile.mkdtemp(prefix="mutants-")
    runner = Runner(binaries, temporary)

    def stop(number, _):
        print(f"ended by {signal.Signals(number).name}", file=sys.stderr, flush=True)
        runner.kill_all()
        shutil.rmtree(temporary, ignore_errors=True)
        os._exit(1)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    try:
        return run(runner, wanted, every, arguments, begun, deadline)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def unchanged(runner, arguments):
    """The tests, each run as it is. With `--only`, which is for work in progress, what an earlier run of
    the same build has found is taken, and tests that fail are left out."""
    kept = WORK / "unchanged.json"
    build = [[path, os.stat(path).st_mtime_ns] for path in sorted(runner.binaries.values())]
    if arguments.only and kept.is_file():
        found = json.loads(kept.read_text())
        if found["build"] == build:
            return [Test(b, n, seconds, set(passes)) for b, n, seconds, passes in found["tests"]]
    tests = runner.names()
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        outcomes = list(pool.map(runner.unchanged, tests))
    bad = [(t, o, text) for t, (o, text) in zip(tests, outcomes) if o != "passed"]
    for test, outcome, text in bad:
        print(f"{text}\n{test.name} {outcome} without any change", flush=True)
    if bad and not arguments.only:
        raise Failure(f"{len(bad)} tests do not pass as they are")
    for test, _, _ in bad:
        tests.remove(test)
    listed = [[t.binary, t.name, t.seconds, sorted(t.passes)] for t in tests]
    kept.write_text(json.dumps({"build": build, "tests": listed}))
    return tests


def run(runner, wanted, every, arguments, begun, deadline):
    tests = unchanged(runner, arguments)
    print(f"{len(tests)} tests pass unchanged after {time.monotonic() - begun:.0f} s", flush=True)
    slow = sorted(tests, key=lambda test: test.seconds)[-5:]
    print("the slowest: " + ", ".join(f"{t.name} {t.seconds:.0f} s" for t in reversed(slow)))

    # What noticed which change last time is tried first.
    remembered = WORK / "kills.json"
    kills = json.loads(remembered.read_text()) if remembered.is_file() else {}
    lock, survivors, untried, done = threading.Lock(), [], [], 0

    def one(change):
        nonlocal done
        try:
            found = tried(runner, change, tests, kills, deadline)
        except TimeoutError:
            untried.append(change)
            return
        with lock:
            done += 1
            head = f"{done}/{len(wanted)} [{time.monotonic() - begun:.0f} s] {change.name}:"
            if found:
                test, outcome = found
                verb = "hangs" if outcome == "hung" else "fails"
                stale = " — but the list explains why none does" if change.explained else ""
                print(f"{head} {test.name} {verb}{stale}", flush=True)
                return
            survivors.append(change)
            reach = sum(change.number in test.passes for test in tests)
            why = f"explained: {change.explained}" if change.explained else "SURVIVES"
            print(f"{head} {why} ({reach} tests pass by it)", flush=True)

    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(one, wanted))

    names = {name: test for name, test in kills.items() if isinstance(name, str)}
    remembered.write_text(json.dumps(names))
    survivors.sort(key=lambda change: change.number)
    explained = [change for change in survivors if change.explained]
    unexplained = [change for change in survivors if not change.explained]
    noticed = done - len(survivors)
    print(f"\n{len(wanted)} changes: {noticed} noticed, {len(explained)} explained,", end=" ")
    print(f"{len(unexplained)} unnoticed, {len(untried)} not tried")
    for change in unexplained:
        print(f"unnoticed: {change.listed}: {change.name}")
    for change in untried:
        print(f"not tried in {MINUTES:.0f} minutes: {change.name}")
    if unexplained or untried:
        return 1
    if wanted == every:
        rows = [
            (
                "small changes to the code, one at a time",
                len(every),
                f"{noticed} noticed by a test, {len(explained)} explained",
            )
        ]
        rows += [(f"unnoticed: {c.name}", 1, c.explained) for c in explained]
        note([(name.replace("|", "\\|"), n, held.replace("|", "\\|")) for name, n, held in rows])
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failure as failure:
        sys.exit(f"mutants: {failure}")

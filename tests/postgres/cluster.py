"""A PostgreSQL 15 server of its own: installed where it is missing, gone when the comparison ends."""

import os
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path

PROGRAMS = Path("/usr/lib/postgresql/15/bin")
OWNER = "postgres"


@contextmanager
def cluster():
    """Yields how to connect to a new database in C.UTF-8 whose time zone is UTC."""
    given = os.environ.get("PACTUM_TEST_POSTGRES_SERVER")
    if given:
        yield given
        return
    install()
    folder = Path(tempfile.mkdtemp(prefix="pactum-postgres-"))
    try:
        hand_over(folder)
        run("initdb", "-D", folder / "data", "-U", OWNER, "-E", "UTF8", "--locale=C.UTF-8", "-A", "trust")
        options = f"-k {folder} -c listen_addresses='' -c timezone=UTC -c fsync=off"
        run("pg_ctl", "-D", folder / "data", "-w", "-o", options, "-l", folder / "log", "start")
        yield f"host={folder} user={OWNER} dbname=postgres"
    finally:
        run("pg_ctl", "-D", folder / "data", "-m", "immediate", "stop", check=False)
        shutil.rmtree(folder, ignore_errors=True)


def install():
    if (PROGRAMS / "initdb").exists():
        return
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for step in (["apt-get", "update"], ["apt-get", "install", "-y", "postgresql-15"]):
        subprocess.run(step, env=environment, stdout=subprocess.DEVNULL, check=True)


def hand_over(folder):
    """The server refuses to run as root."""
    if os.geteuid() == 0:
        shutil.chown(folder, OWNER, OWNER)


def run(program, *arguments, check=True):
    command = [str(PROGRAMS / program), *map(str, arguments)]
    if os.geteuid() == 0:
        command = ["runuser", "-u", OWNER, "--", *command]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd="/")
    if check and done.returncode:
        raise RuntimeError(f"{program}: {done.stdout.decode()}")

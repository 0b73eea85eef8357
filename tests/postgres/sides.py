"""The two sides of a comparison: PostgreSQL, and Pactum. Each answers a statement."""

import json
import socket
import struct
from dataclasses import dataclass, field

import psycopg
import pyarrow as pa
from psycopg import pq

import values


@dataclass
class Answer:
    names: list = field(default_factory=list)
    types: list = field(default_factory=list)
    rows: list = field(default_factory=list)
    # Of Pactum's numerics, as they are announced.
    scales: list = field(default_factory=list)
    # Of a failure: its SQLSTATE.
    state: str = ""
    message: str = ""

    @property
    def failed(self):
        return bool(self.state)


class Postgres:
    """A connection that only reads, unless a schema is given that it may write."""

    def __init__(self, dsn, schema=None):
        self.connection = psycopg.connect(dsn, autocommit=True)
        self.connection.execute("set timezone = 'UTC'; set statement_timeout = '900s'")
        if schema:
            self.connection.execute(f"drop schema if exists {schema} cascade; create schema {schema}")
            self.connection.execute(f"set search_path = {schema}")
        else:
            self.connection.execute("set default_transaction_read_only = on")
        types = self.connection.execute("select oid::int, oid::regtype::text from pg_type")
        values.TYPE_NAMES.update(types.fetchall())

    def answer(self, sql):
        result = self.connection.pgconn.exec_params(sql.encode(), None, result_format=pq.Format.BINARY)
        if result.status not in (pq.ExecStatus.TUPLES_OK, pq.ExecStatus.COMMAND_OK):
            state = result.error_field(pq.DiagnosticField.SQLSTATE) or b"08006"
            message = result.error_field(pq.DiagnosticField.MESSAGE_PRIMARY) or result.error_message
            return Answer(state=state.decode(), message=message.decode())
        columns = range(result.nfields)
        oids = [result.ftype(n) for n in columns]
        rows = [
            tuple(self.value(oids[n], result.get_value(row, n)) for n in columns)
            for row in range(result.ntuples)
        ]
        types = [values.type_of_oid(oid) for oid in oids]
        names = [result.fname(n).decode() for n in columns]
        return Answer(names, types, rows, [None] * len(names))

    @staticmethod
    def value(oid, data):
        return None if data is None else values.decoded(oid, data)


class Pactum:
    """A test's process behind a socket (tests/it/door.rs)."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(path)

    def answer(self, sql):
        """The answer over released tables."""
        return self.asked(b"q", sql)

    def table(self, sql):
        """As above, as Arrow has it."""
        self.send(b"q", sql.encode())
        sign, data = self.received()
        if sign != b"+":
            raise RuntimeError(f"{sql}: {data.decode()}")
        return read(data)

    def asked(self, verb, sql):
        self.send(verb, sql.encode())
        sign, data = self.received()
        return of_table(read(data)) if sign == b"+" else of_error(json.loads(data))

    def send(self, verb, data):
        self.socket.sendall(struct.pack("!cI", verb, len(data)) + data)

    def received(self):
        sign, length = struct.unpack("!cI", self.read(5))
        return sign, self.read(length)

    def read(self, count):
        parts = []
        while count:
            part = self.socket.recv(min(count, 1 << 20))
            if not part:
                raise ConnectionError("Pactum's process has ended: a statement aborted it")
            parts.append(part)
            count -= len(part)
        return b"".join(parts)


class Workbench(Pactum):
    """Tables in memory, which are read under bare names."""

    def answer(self, sql):
        return self.asked(b"w", sql)

    def put(self, name, table):
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, table.schema) as writer:
            writer.write_table(table)
        self.send(b"p", name.encode() + b"\0" + sink.getvalue().to_pybytes())

    def remove(self, name):
        self.send(b"r", name.encode())


def of_error(error):
    hint = f" ({error['hint']})" if error["hint"] else ""
    return Answer(state=error["state"], message=error["message"] + hint)


def read(stream):
    return pa.ipc.open_stream(stream).read_all()


def of_table(table):
    columns = [
        [value for chunk in column.chunks for value in values.of_arrow(chunk)] for column in table.columns
    ]
    rows = list(zip(*columns)) if columns else [()] * table.num_rows
    scales = [f.type.scale if pa.types.is_decimal(f.type) else None for f in table.schema]
    types = [values.type_of_arrow(f.type) for f in table.schema]
    return Answer(table.schema.names, types, rows, scales)

"""TPC-H's queries over tables of any scale, released here and loaded into PostgreSQL."""

import pyarrow as pa
import pyarrow.csv as pc

import psycopg
import tables

ROOT_QUERIES = "examples/tpch/sql"
# What PostgreSQL needs so as not to look through a table for each row of another.
INDEXES = ("lineitem (l_orderkey)", "lineitem (l_partkey, l_suppkey)", "orders (o_orderkey)",
           "orders (o_custkey)", "partsupp (ps_partkey, ps_suppkey)", "part (p_partkey)",
           "supplier (s_suppkey)", "customer (c_custkey)")  # fmt: skip


def queries(root):
    return [path.read_text() for path in sorted((root / ROOT_QUERIES).glob("q*.sql"))]


def load(pactum, dsn):
    """Rows without NULL, and without texts that CSV could not tell: they are copied as CSV."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("create schema tpch")
        for name in tables.released(pactum):
            table = pactum.table(f"select * from {name}")
            columns = ", ".join(f"{f.name} {tables.declared(f.type)}" for f in table.schema)
            connection.execute(f"create table {name} ({columns})")
            with connection.cursor().copy(f"copy {name} from stdin (format csv)") as copy:
                for batch in table.to_batches():
                    sink = pa.BufferOutputStream()
                    pc.write_csv(batch, sink, pc.WriteOptions(include_header=False))
                    copy.write(sink.getvalue().to_pybytes())
        for index in INDEXES:
            connection.execute(f"create index on tpch.{index}")
        connection.execute("analyze")

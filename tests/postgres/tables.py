"""The released tables of a warehouse, loaded into PostgreSQL under the same names."""

import psycopg
import pyarrow as pa

import values


def released(pactum):
    """The names of the released tables."""
    answer = pactum.answer('select schema, "table" from pactum.tables where rows is not null order by 1, 2')
    return [f"{schema}.{table.lower()}" for schema, table in answer.rows]


def load(pactum, dsn):
    with psycopg.connect(dsn, autocommit=True) as connection:
        for name in released(pactum):
            load_table(connection, name, pactum.table(f"select * from {name}"))


def load_table(connection, name, table):
    schema = name.split(".")[0]
    columns = ", ".join(f"{quoted(f.name)} {declared(f.type)}" for f in table.schema)
    connection.execute(f"create schema if not exists {schema}")
    connection.execute(f"drop table if exists {name}")
    connection.execute(f"create table {name} ({columns})")
    with connection.cursor().copy(f"copy {name} from stdin") as copy:
        for batch in table.to_batches():
            for row in zip(*(column.to_pylist() for column in batch.columns)):
                copy.write_row(row)
    connection.execute(f"analyze {name}")


def quoted(name):
    """Folded as PostgreSQL folds a name without quotes; Pactum's match in any case."""
    return f'"{name.lower()}"'


def declared(kind):
    if pa.types.is_decimal(kind):
        return f"numeric({kind.precision},{kind.scale})"
    return values.type_of_arrow(kind)

"""The 22 queries of TPC-H by DuckDB over the files of a release: name, median seconds and rows of each."""

import statistics
import sys
import time
from pathlib import Path

import duckdb

TABLES = ["region", "nation", "supplier", "customer", "part", "partsupp", "orders", "lineitem"]


def main():
    warehouse, folder, runs = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
    connection = duckdb.connect()
    connection.execute("create schema tpch")
    for table in TABLES:
        files = warehouse / "tpch/v1" / table / "*.parquet"
        connection.execute(f"create view tpch.{table} as select * from read_parquet('{files}')")
    for file in sorted(folder.glob("*.sql")):
        sql = file.read_text()
        seconds = []
        for _ in range(runs):
            start = time.perf_counter()
            rows = connection.sql(sql).to_arrow_table().num_rows
            seconds.append(time.perf_counter() - start)
        print(f"{file.stem} {statistics.median(seconds):.4f} {rows}")


if __name__ == "__main__":
    main()

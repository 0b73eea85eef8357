"""Prints the rows of a Delta table's head as JSON, sorted by the first column."""

import json
import os
import sys

from deltalake import DeltaTable

table = DeltaTable(sys.argv[1]).to_pyarrow_table()
rows = table.sort_by(table.column_names[0]).to_pylist()
json.dump(rows, sys.stdout, default=str)
sys.stdout.flush()
# Threads of the reader may abort the interpreter while it shuts down; the answer is out.
os._exit(0)

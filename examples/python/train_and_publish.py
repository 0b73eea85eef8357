"""A scientist's day: train something small, publish its scores, read them back.

    python examples/python/train_and_publish.py --pactum target/release/pactum

Needs pandas, pyarrow and deltalake (tests/python/requirements.txt).
"""

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import pandas as pd
from deltalake import DeltaTable

CONTRACT = """\
apiVersion: v3.2.0
kind: DataContract
id: churn
name: churn
version: 1.0.0
status: active
description:
  purpose: How likely each customer is to leave.
team:
  name: data-science
schema:
  - name: scores
    description: One row for each customer.
    properties:
      - {name: customer_id, logicalType: integer, primaryKey: true, description: The customer.}
      - name: score
        logicalType: number
        required: true
        logicalTypeOptions: {minimum: 0, maximum: 1}
        description: Probability that the customer leaves within 30 days.
      - {name: scored_at, logicalType: timestamp, required: true, description: When the model ran.}
"""


def train(customers: int, seed: int) -> pd.DataFrame:
    """Logistic regression by gradient descent on made-up customers."""
    random = np.random.default_rng(seed)
    features = np.column_stack([np.ones(customers), random.normal(size=(customers, 2))])
    truth = features @ np.array([-1.0, 2.0, -0.5])
    left = random.random(customers) < 1 / (1 + np.exp(-truth))
    weights = np.zeros(3)
    for _ in range(200):
        predicted = 1 / (1 + np.exp(-features @ weights))
        weights -= 0.5 * features.T @ (predicted - left) / customers
    return pd.DataFrame(
        {
            "customer_id": np.arange(1, customers + 1),
            "score": 1 / (1 + np.exp(-features @ weights)),
            "scored_at": pd.Timestamp("2026-01-01", tz="UTC"),
        }
    )


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--pactum", default="pactum", help="the binary")
    arguments.add_argument("--folder", type=pathlib.Path, help="where to work")
    options = arguments.parse_args()
    folder = options.folder or pathlib.Path(tempfile.mkdtemp(prefix="pactum-python-"))

    (folder / "contracts").mkdir(parents=True, exist_ok=True)
    (folder / "pactum.yaml").write_text("warehouse: ./warehouse\n")
    (folder / "contracts" / "churn.odcs.yaml").write_text(CONTRACT)

    def pactum(*words: str) -> subprocess.CompletedProcess:
        return subprocess.run(
            [options.pactum, "--project", str(folder), *words], capture_output=True, check=False
        )

    scores = train(customers=1000, seed=1)
    delivery = folder / "scores.parquet"
    scores.to_parquet(delivery, index=False)
    published = pactum("publish", "churn", f"scores={delivery}", "--format", "json",
                       "--label", "model=logistic")
    report = json.loads(published.stdout)
    if report.get("outcome") != "released":
        print(published.stdout.decode(), published.stderr.decode(), file=sys.stderr)
        return 1
    print(f"published {len(scores)} scores as release {report['release']}")

    # As an engineer reads them: SQL, with the result as an Arrow stream.
    import pyarrow.ipc

    answer = pactum("query", "select count(*) as n, avg(score) as mean from churn.scores",
                    "--format", "arrow")
    row = pyarrow.ipc.open_stream(answer.stdout).read_all().to_pylist()[0]
    # As any other tool reads them: an ordinary Delta table.
    table = DeltaTable(str(folder / "warehouse" / "churn" / "v1" / "scores")).to_pandas()
    same = np.allclose(table.sort_values("customer_id")["score"], scores["score"], rtol=0, atol=0)
    if row["n"] != len(scores) or not same or not np.isclose(row["mean"], scores["score"].mean()):
        print("what was read back differs", file=sys.stderr)
        return 1
    print(f"read back {row['n']} rows, mean score {row['mean']:.3f}")

    # A run that went wrong is rejected, and the release stays.
    scores.loc[3, "score"] = 1.5
    scores.to_parquet(delivery, index=False)
    rejected = pactum("publish", "churn", f"scores={delivery}", "--format", "json")
    if json.loads(rejected.stdout)["outcome"] != "rejected" or rejected.returncode != 1:
        print("a score of 1.5 was not rejected", file=sys.stderr)
        return 1
    print("a score of 1.5 was rejected; release 1 stays")
    return 0


if __name__ == "__main__":
    sys.exit(main())

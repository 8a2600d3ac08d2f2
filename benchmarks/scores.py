#!/usr/bin/python3
"""Scores of all 15,625 architectures of NAS-Bench-201 in docs/nasbench201-scores.csv: how well each ranks, and how the table was made.

An architecture is written as six digits, its operations in the order of the notation: 0 none, 1 skip_connect, 2 nor_conv_1x1, 3 nor_conv_3x3,
4 avg_pool_3x3. A cell is empty where it was not measured. Needs numpy.

    python3 benchmarks/scores.py nasbench201.csv                          # tau of every column, and of sums of log ranks
    python3 benchmarks/scores.py --make NAME=RANKING.csv:COLUMN …         # puts columns in from what panda rank wrote
"""
import csv
import pathlib
import re
import sys

import numpy as np

from public_scores import live_operations, live_weights, precision, tau

TABLE = pathlib.Path(__file__).parent.parent / "docs/nasbench201-scores.csv"
OPERATIONS = ["none", "skip_connect", "nor_conv_1x1", "nor_conv_3x3", "avg_pool_3x3"]
FORMER = {"live_params": 1, "jacov": 1}
DEFAULT = {"live_params": 1, "jacov": 0.5, "featcov": 0.75, "meco": 0.25}
SUMS = [FORMER, DEFAULT, *({name: weight, **of} for name in ("balanced", "panda", "panda_long") for weight in (0.25, 0.5)
                            for of in (FORMER, DEFAULT))]


def digits(architecture):
    return "".join(str(OPERATIONS.index(operation)) for operation in re.findall(r"(\w+)~", architecture))


def make(columns):
    with open(TABLE, newline="") as file:
        rows = list(csv.DictReader(file))
    scores = {name: {row["operations"]: row[name] for row in rows} for name in list(rows[0])[1:]}
    for column in columns:
        name, path, key = re.fullmatch(r"(\w+)=(.+):([\w-]+)", column).groups()
        with open(path, newline="") as file:
            scores[name] = {digits(row["architecture"]): row[key] for row in csv.DictReader(file)}
    with open(TABLE, "w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["operations", *scores])
        for one in sorted(set().union(*scores.values())):
            writer.writerow([one, *(f"{float(value):.6g}" if (value := some.get(one)) else "" for some in scores.values())])


def log_rank(values):
    """Equal ones share their average rank."""
    sorted_values = np.sort(values)
    return np.log((np.searchsorted(sorted_values, values, "left") + np.searchsorted(sorted_values, values, "right") + 1) / 2)


def show(truth_path):
    with open(truth_path, newline="") as file:
        rows = list(csv.DictReader(file))
    truth = {digits(row["architecture"]): float(row["cifar10"]) for row in rows}
    live_params = {digits(row["architecture"]): live_weights(live_operations(row["architecture"])) for row in rows}
    with open(TABLE, newline="") as file:
        table = {row["operations"]: row for row in csv.DictReader(file)}
    names = list(next(iter(table.values())))[1:]
    for weights in [*({name: 1} for name in ["live_params", *names]), *SUMS]:
        # All have these; what is not finite has the lowest rank.
        known = [one for one in table if all(name in ("live_params", "jacov", "featcov", "meco") or table[one][name] for name in weights)]
        summed = sum(weight * log_rank(np.array([
            live_params[one] if name == "live_params" else float(table[one][name] or -np.inf) for one in known]))
            for name, weight in weights.items())
        true = np.array([truth[one] for one in known])
        text = "+".join(name if weight == 1 else f"{weight}*{name}" for name, weight in weights.items())
        print(f"{text}: {len(known)} architectures, tau {tau(summed, true):.3f}, P@Top5% {precision(summed, true):.2f}, "
              f"regret of the first {true.max() - true[np.argmax(summed)]:.2f}", flush=True)


if __name__ == "__main__":
    make(sys.argv[2:]) if sys.argv[1] == "--make" else show(sys.argv[1])

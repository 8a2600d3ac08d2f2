#!/usr/bin/env python3
"""Writes seed_statistics.json: quantiles of Student's t and paired t intervals by SciPy.

Run in this folder: python3 make_seed_statistics.py   (needs NumPy and SciPy)
"""
import json

import numpy
import scipy
from scipy.stats import t, ttest_rel

DEGREES = [1, 2, 3, 4, 5, 6, 7, 9, 10, 19, 30, 99, 100]
PROBABILITIES = [0.5, 0.9, 0.95, 0.99]


def main():
    generator = numpy.random.default_rng(20230618)
    quantiles = [
        {"probability": p, "degrees": d, "t": float(t.ppf((1 + p) / 2, d))} for d in DEGREES for p in PROBABILITIES
    ]
    pairs = []
    for n in [2, 3, 4, 5, 10, 30]:
        values, reference = generator.normal(0.7, 0.05, n), generator.normal(0.5, 0.05, n)
        interval = ttest_rel(values, reference).confidence_interval(0.95)
        pairs.append({
            "values": values.tolist(), "reference": reference.tolist(), "mean": float(values.mean()), "deviation": float(values.std(ddof=1)),
            "difference": float((values - reference).mean()), "lower": float(interval.low), "upper": float(interval.high),
        })
    document = {"numpy": numpy.__version__, "scipy": scipy.__version__, "quantiles": quantiles, "pairs": pairs}
    with open("seed_statistics.json", "w", encoding="utf-8") as file:
        json.dump(document, file, indent=None, separators=(",", ":"), allow_nan=False)
        file.write("\n")


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Writes seed_statistics.json: means, deviations and paired t intervals by NumPy and SciPy.

Run in this folder: python3 make_seed_statistics.py   (needs NumPy and SciPy)
"""
import json

import numpy
import scipy
from scipy.stats import ttest_rel


def main():
    generator = numpy.random.default_rng(20230618)
    pairs = []
    for n in [2, 3, 4, 5, 10, 30]:
        values, reference = generator.normal(0.7, 0.05, n), generator.normal(0.5, 0.05, n)
        interval = ttest_rel(values, reference).confidence_interval(0.95)
        pairs.append({
            "values": values.tolist(), "reference": reference.tolist(), "mean": float(values.mean()), "deviation": float(values.std(ddof=1)),
            "difference": float((values - reference).mean()), "lower": float(interval.low), "upper": float(interval.high),
        })
    document = {"numpy": numpy.__version__, "scipy": scipy.__version__, "pairs": pairs}
    with open("seed_statistics.json", "w", encoding="utf-8") as file:
        json.dump(document, file, indent=None, separators=(",", ":"), allow_nan=False)
        file.write("\n")


if __name__ == "__main__":
    main()

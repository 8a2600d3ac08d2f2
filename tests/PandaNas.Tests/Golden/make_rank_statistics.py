#!/usr/bin/env python3
"""Writes rank_statistics.json: paired data with SciPy's rank correlations and brute-force top-k statistics.

Run in this folder: python3 make_rank_statistics.py   (needs NumPy and SciPy)
Ties in the best-first order are broken by index, as RankStatistics documents. A statistic that is not defined is null.
"""
import json
import math
import warnings

import numpy
import scipy
from scipy.stats import kendalltau, spearmanr

FRACTIONS = [0.05, 0.1, 0.5]
KS = [1, 2, 10, 50]


def best_first(values):
    return sorted(range(len(values)), key=lambda index: (-values[index], index))


def number(value):
    value = float(value)
    return None if math.isnan(value) else value


def tau_b(predicted, truth):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return number(kendalltau(predicted, truth, variant="b").statistic)


def case(name, predicted, truth):
    n = len(predicted)
    rank = {index: place + 1 for place, index in enumerate(best_first(truth))}
    order = best_first(predicted)
    precision = []
    for fraction in FRACTIONS:
        top = max(1, round(fraction * n))
        common = set(order[:top]) & set(best_first(truth)[:top])
        precision.append({"fraction": fraction, "value": len(common) / top})
    at_k = []
    for k in (k for k in KS if k <= n):
        ranks = [rank[index] for index in order[:k]]
        regret = max(truth) - max(truth[index] for index in order[:k])
        common = set(order[:k]) & set(best_first(truth)[:k])
        tau = tau_b([predicted[index] for index in order[:k]], [truth[index] for index in order[:k]])
        at_k.append({"k": k, "best": min(ranks), "worst": max(ranks), "regret": regret, "precision": len(common) / k, "kendall_tau_b": tau})
    tau = tau_b(predicted, truth)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        rho = spearmanr(predicted, truth).statistic
    return {"name": name, "predicted": predicted, "truth": truth, "kendall_tau_b": tau, "spearman": number(rho),
            "precision_at_top": precision, "at_k": at_k}


def whole_space():
    """As many pairs as NAS-Bench-201 has architectures, with ties, from a formula so that the file need not hold them."""
    index = numpy.arange(15625, dtype=numpy.int64)
    truth = (index * 7919) % 1009
    predicted = truth + (index * index * 31 + index * 17) % 499
    return {"n": len(index), "kendall_tau_b": tau_b(predicted, truth), "spearman": number(spearmanr(predicted, truth).statistic)}


def main():
    generator = numpy.random.default_rng(20230618)
    cases = []
    for n in [2, 3, 4, 5, 7, 10, 25, 64, 100, 257, 500]:
        truth = generator.normal(size=n)
        noisy = truth + generator.normal(size=n)
        cases.append(case(f"no ties, n={n}", noisy.tolist(), truth.tolist()))
        cases.append(case(f"ties in the prediction, n={n}", numpy.round(noisy, 1).tolist(), truth.tolist()))
        cases.append(case(f"ties in both, n={n}", numpy.round(noisy, 1).tolist(), numpy.round(truth * 2).tolist()))
        cases.append(case(f"two values, n={n}", (noisy > 0).astype(float).tolist(), (truth > 0).astype(float).tolist()))
        cases.append(case(f"opposed, n={n}", (-truth).tolist(), truth.tolist()))
    cases.append(case("constant prediction", [1.0] * 20, generator.normal(size=20).tolist()))
    cases.append(case("constant truth", generator.normal(size=20).tolist(), [0.5] * 20))
    document = {"numpy": numpy.__version__, "scipy": scipy.__version__, "cases": cases, "whole_space": whole_space()}
    with open("rank_statistics.json", "w", encoding="utf-8") as file:
        json.dump(document, file, indent=None, separators=(",", ":"), allow_nan=False)
        file.write("\n")


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""What orders retrained architectures best: tau of every score of `panda rank` and of sums of log ranks, beside counting.

Reads truth.csv of retrained_truth.py and ranking.csv of a `panda rank` of the same architectures by a ranker of all scores. Ranks are
taken among these architectures. Intervals of 95% come from 2,000 resamplings of architectures; differences to counting are of the same.
"Within bands" counts only pairs in the same fifth of live multiply-adds. Needs only Python itself.

  benchmarks/truth_rankers.py runs/truth/truth.csv runs/supernet/ranking.csv accuracy+jacov 0.25*accuracy+live-params+jacov
"""
import csv
import math
import random
import sys

BANDS, RESAMPLINGS = 5, 2000


def column(rows, name):
    found = [float(row[name]) if row.get(name) else -math.inf for row in rows]
    return [-math.inf if math.isnan(value) else value for value in found]


def log_ranks(values):
    """Of the share of values that are no larger, ties in the middle."""
    return [math.log(sum((other < value) + 0.5 * (other == value) for other in values) / len(values)) for value in values]


def score(formula, rows):
    terms = [part.split("*") if "*" in part else ("1", part) for part in formula.split("+")]
    if len(terms) == 1:
        return column(rows, terms[0][1])
    ranks = [(float(weight), log_ranks(column(rows, name))) for weight, name in terms]
    return [sum(weight * one[i] for weight, one in ranks) for i in range(len(rows))]


def signs(values, pairs):
    return [(values[i] > values[j]) - (values[i] < values[j]) for i, j in pairs]


def tau(a, b, weights):
    """Kendall's tau-b of pairs that count so many times."""
    both = sum(w * x * y for w, x, y in zip(weights, a, b))
    left = sum(w for w, x in zip(weights, a) if x)
    right = sum(w for w, y in zip(weights, b) if y)
    return both / math.sqrt(left * right) if left and right else 0


def main():
    truth = {row["architecture"]: float(row["truth"]) for row in csv.DictReader(open(sys.argv[1], newline=""))}
    rows = [row for row in csv.DictReader(open(sys.argv[2], newline="")) if row["architecture"] in truth]
    for row in rows:
        # Rankings by the accuracy alone have costs, but no columns of scores for them.
        for name in ("params", "macs"):
            row["live-" + name] = row.get("live-" + name) or row[name]
    single = [name for name in ("accuracy", "loss", "live-params", "live-macs", "depth", "jacov", "naswot", "synflow", "featcov", "meco") if rows[0].get(name)]
    formulas = list(dict.fromkeys(single + sys.argv[3:]))
    size = len(rows)
    pairs = [(i, j) for i in range(size) for j in range(i)]
    places = sorted(range(size), key=lambda i: float(rows[i]["live-macs"]))
    band = {place: order * BANDS // size for order, place in enumerate(places)}
    same = [float(band[i] == band[j]) for i, j in pairs]
    true = signs([truth[row["architecture"]] for row in rows], pairs)
    found = {formula: signs(score(formula, rows), pairs) for formula in formulas}
    counting = max(("live-params", "live-macs"), key=lambda name: tau(found[name], true, [1] * len(pairs)))

    stream, draws, resampled = random.Random(0), {formula: [] for formula in formulas}, []
    for _ in range(RESAMPLINGS):
        times = [0] * size
        for _ in range(size):
            times[stream.randrange(size)] += 1
        resampled.append([times[i] * times[j] for i, j in pairs])
    for formula in formulas:
        draws[formula] = [tau(found[formula], true, weights) for weights in resampled]

    def interval(values):
        ordered = sorted(values)
        return f"{ordered[int(0.025 * RESAMPLINGS)]:+.3f} to {ordered[int(0.975 * RESAMPLINGS)]:+.3f}"

    print(f"{size} architectures; counting is {counting}")
    print("| ranker | tau (95%) | above counting (95%) | within bands |\n|---|---|---|---|")
    for formula in formulas:
        ones = [1] * len(pairs)
        all_tau = tau(found[formula], true, ones)
        gain = all_tau - tau(found[counting], true, ones)
        gains = interval([a - b for a, b in zip(draws[formula], draws[counting])])
        print(f"| {formula} | {all_tau:.3f} ({interval(draws[formula])}) | {gain:+.3f} ({gains}) | {tau(found[formula], true, same):.3f} |")


if __name__ == "__main__":
    main()

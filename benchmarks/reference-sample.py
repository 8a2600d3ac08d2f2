#!/usr/bin/python3
"""How large must the reference sample of a ranker be? From published scores, on all 15,625 architectures of NAS-Bench-201.

Orders by accuracy with published supernets plus live parameters, as `--ranker accuracy+live-params` does, with reference samples of several
sizes for the accuracy (live parameters: 1,000), drawn with five seeds; tau on 2,500 random architectures, P@Top5% on all. Needs numpy.

    python3 benchmarks/reference-sample.py public-scores.csv nasbench201.csv
"""
import csv
import sys

import numpy as np

SUPERNETS = ["uniform_c16_1000ep_seed0", "uniform_c16_250ep_seed0", "balanced_c5_1000ep_seed0"]


def read(path):
    with open(path, newline="") as file:
        return {row["architecture"]: row for row in csv.DictReader(file)}


def live_weights(architecture):
    """Weights of a cell's live convolutions, in units of those of a 1x1."""
    nodes = [[edge.split("~") for edge in node.strip("|").split("|")] for node in architecture.split("+")]
    edges = {(int(source), target + 1): operation for target, node in enumerate(nodes) for operation, source in node}
    filled, reaches = {0}, {3}
    for target in (1, 2, 3):
        if any(edges[source, target] != "none" and source in filled for source in range(target)):
            filled.add(target)
    for source in (2, 1, 0):
        if any(edges[source, target] != "none" and target in reaches for target in range(source + 1, 4)):
            reaches.add(source)
    return sum(
        {"nor_conv_3x3": 9, "nor_conv_1x1": 1}.get(operation, 0)
        for (source, target), operation in edges.items() if source in filled and target in reaches)


def relative_rank(sample, scores):
    """As src/PandaNas/Ranking/Rankers/ReferenceRanks.cs, for finite scores."""
    values, counts = np.unique(sample, return_counts=True)
    ranks, gap, count = np.cumsum(counts) - (counts - 1) / 2, (values[-1] - values[0]) / max(1, len(values) - 1), len(sample)
    result, low, high = np.interp(scores, values, ranks), scores < values[0], scores > values[-1]
    result[low] = ranks[0] - (ranks[0] - 0.5) * (1 - 1 / (1 + (values[0] - scores[low]) / gap))
    result[high] = ranks[-1] + (count + 0.5 - ranks[-1]) * (1 - 1 / (1 + (scores[high] - values[-1]) / gap))
    return result / (count + 0.5)


def tau(one, other):
    one, other = np.sign(one[:, None] - one[None]), np.sign(other[:, None] - other[None])
    return (one * other).sum() / np.sqrt((one**2).sum() * (other**2).sum())


def precision(predicted, truth):
    top = round(0.05 * len(truth))
    best = [set(np.argsort(-values, kind="stable")[:top]) for values in (predicted, truth)]
    return len(best[0] & best[1]) / top


def main(scores, truths):
    scores, truths = read(scores), read(truths)
    names = list(scores)
    truth = np.array([float(truths[name]["cifar10"]) for name in names])
    weights = np.array([live_weights(name) for name in names], dtype=float)
    part = np.random.default_rng(0).choice(len(names), 2500, replace=False)
    for supernet in SUPERNETS:
        accuracy = np.array([float(scores[name][supernet]) for name in names])
        print(f"{supernet}: alone tau {tau(accuracy[part], truth[part]):.3f}, P@Top5% {precision(accuracy, truth):.2f}")
        for size in (len(names), 1000, 300, 100, 50):
            found = []
            for seed in range(5 if size < len(names) else 1):
                drawn = np.random.default_rng(seed).permutation(len(names))
                ranked = np.log(relative_rank(accuracy[drawn[:size]], accuracy))
                ranked += np.log(relative_rank(weights[drawn[:max(size, 1000)]], weights))
                found.append((tau(ranked[part], truth[part]), precision(ranked, truth)))
            mean, deviation = np.mean(found, axis=0), np.std(found, axis=0, ddof=1) if len(found) > 1 else (0, 0)
            print(f"  {size}: tau {mean[0]:.4f} ± {deviation[0]:.4f}, P@Top5% {mean[1]:.3f} ± {deviation[1]:.3f}")


if __name__ == "__main__":
    main(*sys.argv[1:])

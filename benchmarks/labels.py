#!/usr/bin/python3
"""What do labels buy? From published scores and true accuracies, on all 15,625 architectures of NAS-Bench-201, without any training.

Orders by accuracy with published supernets plus live parameters, and by a predictor that learns from K true accuracies, as
`panda search --ranker accuracy+live-params --labels K` does (src/PandaNas/Ranking/Predictors/), with five seeds of pool and labels. Proxies
are those that were published. Needs numpy.

    python3 benchmarks/labels.py public-scores.csv nasbench201.csv
"""
import itertools
import sys

import numpy as np

from public_scores import along_paths, live_operations, live_weights, precision, read, relative_rank, tau

SUPERNETS = ["uniform_c16_1000ep_seed0", "uniform_c16_250ep_seed0", "balanced_c5_1000ep_seed0"]
PROXIES = ["jacov", "nwot", "synflow"]
LABELS = [0, 10, 20, 30, 60]
SEEDS, REFERENCE, POOL, LEAST_ERROR = 5, 1000, 500, 0.5

CONVOLUTIONS, KERNELS, POOLINGS = {"nor_conv_1x1", "nor_conv_3x3"}, {"nor_conv_3x3"}, {"avg_pool_3x3"}
LINEARS, SMOOTHS, LENGTHS, NOISES = [0, 0.03, 0.1, 0.3, 1], [0.03, 0.1, 0.3, 1], [0.5, 1, 2], [0.01, 0.03, 0.1, 0.3]


def mean(values):
    return sum(values) / len(values)


def facts(names, scores):
    """Scores by name, and features of the paths; proxies, which are known of live graphs alone, as those have them."""
    live = [live_operations(name) for name in names]
    known = {one: scores[name] for name, one in zip(names, live) if scores[name][PROXIES[0]]}
    columns = {"params": np.array([live_weights(one) for one in live], dtype=float)}
    # Multiply-adds have the same ranks here.
    columns["macs"] = columns["params"]
    columns["depth"] = np.array([along_paths(one, CONVOLUTIONS, max) for one in live])
    for proxy in PROXIES:
        values = np.array([float(known[one][proxy]) if one in known else np.nan for one in live])
        values[~np.isfinite(values)] = np.nan
        columns[proxy] = np.where(np.isnan(values), np.nanmin(values) - 1, values)
    paths = [(CONVOLUTIONS, min), (CONVOLUTIONS, mean), (KERNELS, max), (POOLINGS, min)]
    return live, columns, np.array([[along_paths(one, counted, merge) for counted, merge in paths] for one in live])


def distances(one, other):
    return ((one**2).sum(1)[:, None] + (other**2).sum(1)[None] - 2 * one @ other.T).clip(0) / one.shape[1]


class Process:
    """As src/PandaNas/Statistics/GaussianProcess.cs."""

    def __init__(self, prior, features, targets):
        self.prior, self.features = prior, features
        fixed, linear, apart = 1 + np.outer(prior, prior), features @ features.T / features.shape[1], distances(features, features)
        self.kernels = list(itertools.product(LINEARS, SMOOTHS, LENGTHS, NOISES))
        coefficients, evidence = [], []
        for a, f, s, n in self.kernels:
            root = np.linalg.cholesky(fixed + a * linear + f * np.exp(-apart / (2 * s * s)) + n * np.eye(len(targets)))
            coefficients.append(np.linalg.solve(root.T, np.linalg.solve(root, targets)))
            evidence.append(-targets @ coefficients[-1] / 2 - np.log(np.diag(root)).sum())
        weights = np.exp(np.array(evidence) - max(evidence))
        self.best = self.kernels[int(np.argmax(weights))]
        self.weighted = (weights / weights.sum())[:, None] * np.array(coefficients)

    def predict(self, prior, features):
        kernels = np.array(self.kernels)
        result = (1 + np.outer(prior, self.prior)) @ self.weighted.sum(0)
        result += features @ (self.features.T @ (kernels[:, :1] * self.weighted).sum(0)) / features.shape[1]
        apart = distances(features, self.features)
        for s in LENGTHS:
            result += np.exp(-apart / (2 * s * s)) @ (kernels[:, 1:2] * self.weighted)[kernels[:, 2] == s].sum(0)
        return result


def most_telling(kernel, prior, features, known, count):
    a, f, s, n = kernel
    left = 1 + np.outer(prior, prior) + a * features @ features.T / features.shape[1]
    left += f * np.exp(-distances(features, features) / (2 * s * s))
    chosen = []
    for place in [*known, *[None] * count]:
        if place is None:
            gains = (left**2).sum(0) / (np.diag(left) + n)
            gains[[*known, *chosen]] = -1
            place = int(np.argmax(gains))
            chosen.append(place)
        left = left - np.outer(left[:, place], left[place]) / (left[place, place] + n)
    return chosen


def learn(prior, features, pool, truth, count):
    def fit(places):
        targets = -np.log(100 + LEAST_ERROR - truth[places])
        return Process(prior[places], features[places], (targets - targets.mean()) / targets.std())

    first, ascending = (count + 1) // 2, np.argsort(prior[pool], kind="stable")
    spread = ascending[(2 * np.arange(first) + 1) * len(pool) // (2 * first)]
    more = most_telling(fit(pool[spread]).best, prior[pool], features[pool], list(spread), count - first)
    return fit(pool[[*spread, *more]])


def main(scores, truths):
    scores, truths = read(scores), read(truths)
    names = list(scores)
    truth = np.array([float(truths[name]["cifar10"]) for name in names])
    live, columns, paths = facts(names, scores)
    for supernet in SUPERNETS:
        columns["accuracy"] = np.array([float(scores[name][supernet]) for name in names])
        for count in LABELS:
            found = []
            for seed in range(SEEDS):
                sample = np.random.default_rng(seed).permutation(len(names))[:REFERENCE]
                pool = np.array(list({live[one]: one for one in sample[::-1]}.values())[::-1][:POOL])
                ranks = {name: np.log(relative_rank(column[sample], column)) for name, column in columns.items()}
                prior, rows = ranks["accuracy"] + ranks["params"], np.column_stack([*ranks.values(), paths])
                centre, scale = rows[pool].mean(0), rows[pool].std(0)
                prior, rows = (prior - prior[pool].mean()) / prior[pool].std(), (rows - centre) / np.where(scale > 0, scale, np.inf)
                predicted = prior if count == 0 else learn(prior, rows, pool, truth, count).predict(prior, rows)
                found.append((tau(predicted, truth), precision(predicted, truth), truth.max() - truth[np.argmax(predicted)]))
            middle, deviation = np.mean(found, axis=0), np.std(found, axis=0, ddof=1)
            print(f"{supernet}, {count} labels: " + ", ".join(
                f"{name} {m:.3f} ± {d:.3f}" for name, m, d in zip(("tau", "P@Top5%", "regret"), middle, deviation)), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])

#!/usr/bin/python3
"""How large must the reference sample of a ranker be? From published scores, on all 15,625 architectures of NAS-Bench-201.

Orders by accuracy with published supernets plus live parameters, as `--ranker accuracy+live-params` does, with reference samples of several
sizes for the accuracy (live parameters: 1,000), drawn with five seeds; tau on 2,500 random architectures, P@Top5% on all. Needs numpy.

    python3 benchmarks/reference-sample.py public-scores.csv nasbench201.csv
"""
import sys

import numpy as np

from public_scores import live_operations, live_weights, precision, read, relative_rank, tau

SUPERNETS = ["uniform_c16_1000ep_seed0", "uniform_c16_250ep_seed0", "balanced_c5_1000ep_seed0"]


def main(scores, truths):
    scores, truths = read(scores), read(truths)
    names = list(scores)
    truth = np.array([float(truths[name]["cifar10"]) for name in names])
    weights = np.array([live_weights(live_operations(name)) for name in names], dtype=float)
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

"""Published scores and true accuracies of all 15,625 architectures of NAS-Bench-201, for what is tried without training. Needs numpy."""
import csv

import numpy as np

EDGES = [(0, 1), (0, 2), (1, 2), (0, 3), (1, 3), (2, 3)]


def read(path):
    with open(path, newline="") as file:
        return {row["architecture"]: row for row in csv.DictReader(file)}


def live_operations(architecture):
    """The operation of every edge, 'none' where the output does not depend on it."""
    nodes = [[edge.split("~") for edge in node.strip("|").split("|")] for node in architecture.split("+")]
    edges = {(int(source), target + 1): operation for target, node in enumerate(nodes) for operation, source in node}
    filled, reaches = {0}, {3}
    for target in (1, 2, 3):
        if any(edges[source, target] != "none" and source in filled for source in range(target)):
            filled.add(target)
    for source in (2, 1, 0):
        if any(edges[source, target] != "none" and target in reaches for target in range(source + 1, 4)):
            reaches.add(source)
    return tuple(edges[edge] if edge[0] in filled and edge[1] in reaches else "none" for edge in EDGES)


def live_weights(operations):
    """Weights of a cell's live convolutions, in units of those of a 1x1."""
    return sum({"nor_conv_3x3": 9, "nor_conv_1x1": 1}.get(operation, 0) for operation in operations)


def along_paths(operations, counted, merge):
    """How many of the counted operations lie on the paths through a cell; 0 without a path."""
    counts = {0: 0.0}
    for target in (1, 2, 3):
        inputs = [
            counts[source] + (operation in counted) for (source, end), operation in zip(EDGES, operations)
            if end == target and operation != "none" and source in counts]
        if inputs:
            counts[target] = merge(inputs)
    return counts.get(3, 0.0)


def relative_rank(sample, scores):
    """As src/PandaNas/Ranking/Rankers/ReferenceRanks.cs, for finite scores."""
    values, counts = np.unique(sample, return_counts=True)
    ranks, gap, count = np.cumsum(counts) - (counts - 1) / 2, (values[-1] - values[0]) / max(1, len(values) - 1), len(sample)
    result, low, high = np.interp(scores, values, ranks), scores < values[0], scores > values[-1]
    result[low] = ranks[0] - (ranks[0] - 0.5) * (1 - 1 / (1 + (values[0] - scores[low]) / gap))
    result[high] = ranks[-1] + (count + 0.5 - ranks[-1]) * (1 - 1 / (1 + (scores[high] - values[-1]) / gap))
    return result / (count + 0.5)


def tau(one, other):
    """tau-b; by signs of all pairs, some thousand rows at a time."""
    sums = np.zeros(3)
    for start in range(0, len(one), 1000):
        a = np.sign(one[start:start + 1000, None] - one[None]).astype(np.int8)
        b = np.sign(other[start:start + 1000, None] - other[None]).astype(np.int8)
        sums += [np.sum(a * b, dtype=np.int64), np.count_nonzero(a), np.count_nonzero(b)]
    return sums[0] / np.sqrt(sums[1] * sums[2])


def precision(predicted, truth):
    top = round(0.05 * len(truth))
    best = [set(np.argsort(-values, kind="stable")[:top]) for values in (predicted, truth)]
    return len(best[0] & best[1]) / top

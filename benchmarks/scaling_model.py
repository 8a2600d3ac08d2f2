#!/usr/bin/env python3
"""Predicts how long a training step takes that N ranks divide, from what `panda bench --distributed` measured.

    mpirun.mpich -n 2 panda bench --distributed --threads 1 --precision float32 --json > two.json
    python3 benchmarks/scaling_model.py two.json [more.json ...] --plot docs/images/scaling.svg

Every rank keeps the images that it had when measured (weak scaling): N ranks train batches N times as large as one rank's. A step is

    compute + straggling(N) + sum of gradients(N) + logits of all(N) + agreement(N)

    compute             of one rank's images, measured
    straggling          compute * s * sqrt(2 ln N): how far the slowest of N is from the mean if they scatter normally; s is assumed
    sum of gradients    2(N-1) a + 2(N-1)/N * bytes / b: every rank adds up a part and hands it out (all-to-all, all-gather)
    logits of all       log2(N) a + (N-1)/N * bytes / b
    agreement           log2(N) a: whether a rank was asked to stop

with a network's latency a and bandwidth b, which are assumed (NETWORKS below), but for shared memory, where they are measured. Prints
tables in Markdown; with --measured the step times of other reports beside what the model says for them. Reports that were measured beside
other work compute too long, which flatters every network: --beside F predicts from an F-th of that.
"""

import argparse
import json
import math
from pathlib import Path

# Seconds and bytes a second: round figures of the kinds, not measured here.
NETWORKS = {
    "1 Gbit/s": (50e-6, 0.118e9),
    "10 Gbit/s": (20e-6, 1.18e9),
    "100 Gbit/s": (5e-6, 11.8e9),
    "InfiniBand HDR": (1.5e-6, 24e9),
}
COLOURS = ["#b0413e", "#d99a2b", "#3a7d6c", "#2f5d8a"]
RANKS = [8, 16, 32, 64, 128, 256, 512, 1024]
STRAGGLING = 0.02  # relative deviation of ranks that have their processors to themselves
LARGEST_BATCH = 8192  # Goyal et al. 2017: beyond it ResNet-50 on ImageNet lost accuracy, with warm-up and a linear rate
CLASSES = 10


def step(report, ranks, latency, bandwidth, straggling=STRAGGLING):
    """Seconds of a step of N ranks, each with the images that a rank of the report had."""
    compute = report["compute_seconds"]
    if ranks == 1:
        return compute
    images = report["options"]["batch_size"] // report["ranks"]
    share = (ranks - 1) / ranks
    gradients = 2 * (ranks - 1) * latency + 2 * share * 4 * report["gradient_floats"] / bandwidth
    logits = math.log2(ranks) * latency + share * 4 * images * ranks * (CLASSES + 1) / bandwidth
    agreement = math.log2(ranks) * latency
    return compute * (1 + straggling * math.sqrt(2 * math.log(ranks))) + gradients + logits + agreement


def title(report):
    options = report["options"]
    images = options["batch_size"] // report["ranks"]
    return f"{options['space']}, {options['image_size']}x{options['image_size']}, {images} images a rank"


def table(report):
    images = report["options"]["batch_size"] // report["ranks"]
    print(f"\n**{title(report)}**: {1000 * report['compute_seconds']:.0f} ms to compute, {report['gradient_floats'] / 1e6:.2f} million floats of gradient\n")
    print("| ranks | batch | " + " | ".join(NETWORKS) + " |")
    print("|---|---|" + "---|" * len(NETWORKS))
    for ranks in RANKS:
        cells = [f"{1000 * (seconds := step(report, ranks, *network)):.0f} ms ({report['compute_seconds'] / seconds:.0%})" for network in NETWORKS.values()]
        mark = " (*)" if images * ranks > LARGEST_BATCH else ""
        print(f"| {ranks:,} | {images * ranks:,}{mark} | " + " | ".join(cells) + " |")


def validate(reports):
    print("\n| measured | ranks | step | of it computing | model with the measured latency, bandwidth and straggling |")
    print("|---|---|---|---|---|")
    for report in reports:
        ranks = report["ranks"]
        model = step(report, ranks, max(report["latency_seconds"], 0), max(report["bandwidth_gigabytes"], 1e-3) * 1e9, report["straggler_deviation"])
        print(
            f"| {title(report)} | {ranks} | {1000 * report['step_seconds']:.1f} ms | {1000 * report['compute_seconds']:.1f} ms "
            f"| {1000 * model:.1f} ms ({model / report['step_seconds'] - 1:+.0%}) |")


def plot(reports, path):
    """Efficiency by ranks, a panel for each report, as SVG."""
    width, height, left, top, gap = 270, 200, 46, 46, 62
    total = left + len(reports) * (width + gap) - gap + 16
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{total}" height="{top + height + 84}" font-family="sans-serif" font-size="11">',
        "<title>Predicted share of a step that ranks compute, by the number of ranks</title>",
        f'<rect width="{total}" height="{top + height + 84}" fill="white"/>',
    ]
    for number, report in enumerate(reports):
        x0 = left + number * (width + gap)

        def x(ranks):
            return x0 + width * math.log2(ranks) / 10

        def y(share):
            return top + height * (1 - share)

        images = report["options"]["batch_size"] // report["ranks"]
        lines.append(f'<text x="{x0}" y="{top - 12}" font-weight="bold">{title(report)}</text>')
        for percent in range(0, 101, 25):
            lines.append(f'<line x1="{x0}" x2="{x0 + width}" y1="{y(percent / 100)}" y2="{y(percent / 100)}" stroke="#ddd"/>')
            lines.append(f'<text x="{x0 - 6}" y="{y(percent / 100) + 4}" text-anchor="end">{percent}%</text>')
        for ranks in [1, 4, 16, 64, 256, 1024]:
            lines.append(f'<text x="{x(ranks)}" y="{top + height + 16}" text-anchor="middle">{ranks}</text>')
        if images <= LARGEST_BATCH < images * 1024:
            edge = x(LARGEST_BATCH / images)
            lines.append(f'<rect x="{edge:.1f}" y="{top}" width="{x0 + width - edge:.1f}" height="{height}" fill="#888" fill-opacity="0.13"/>')
        for colour, network in zip(COLOURS, NETWORKS.values()):
            points = " ".join(f"{x(2 ** k):.1f},{y(report['compute_seconds'] / step(report, 2 ** k, *network)):.1f}" for k in range(11))
            lines.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>')
        lines.append(f'<text x="{x0 + width / 2}" y="{top + height + 34}" text-anchor="middle">ranks</text>')
    at = left
    for colour, name in zip(COLOURS, NETWORKS):
        lines.append(f'<line x1="{at}" x2="{at + 20}" y1="{top + height + 60}" y2="{top + height + 60}" stroke="{colour}" stroke-width="2"/>')
        lines.append(f'<text x="{at + 26}" y="{top + height + 64}">{name}</text>')
        at += 120
    lines.append(f'<rect x="{at}" y="{top + height + 52}" width="20" height="14" fill="#888" fill-opacity="0.13"/>')
    lines.append(f'<text x="{at + 26}" y="{top + height + 64}">batches above {LARGEST_BATCH:,}</text>')
    lines.append("</svg>")
    Path(path).write_text("\n".join(lines) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("reports", nargs="+", help="of panda bench --distributed --json; predicted from, a panel each")
    parser.add_argument("--measured", nargs="*", default=[], help="reports to hold the model against")
    parser.add_argument("--beside", type=float, default=1, help="how many times as long as alone the machine computed when it was measured")
    parser.add_argument("--plot", help="an SVG file")
    arguments = parser.parse_args()
    reports = [json.loads(Path(path).read_text()) for path in arguments.reports]
    validate([*reports, *(json.loads(Path(path).read_text()) for path in arguments.measured)])
    for report in reports:
        report["compute_seconds"] /= arguments.beside
        table(report)
    if arguments.plot:
        plot(reports, arguments.plot)


if __name__ == "__main__":
    main()

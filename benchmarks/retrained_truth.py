#!/usr/bin/env python3
"""True accuracies for a space without a benchmark table: DARTS or ProxylessNAS, hours of retraining, to be stopped and continued at will.

Draws random architectures and keeps some that are spread evenly over the parameters of what they compute, retrains each, and some of
these once more with another seed, so that it is known whether architectures differ by more than retrainings of one do. Everything lies in
FOLDER; what is done is not done again, an interrupted retraining goes on. After every retraining FOLDER/truth.csv (for `panda rank
--truth`) and FOLDER/truth.json are written anew. Needs only Python itself.

  benchmarks/retrained_truth.py --preset darts-cpu --data images:cifar10 --out runs/darts-truth
"""
import argparse
import csv
import json
import math
import pathlib
import random
import statistics
import subprocess
import sys
import time

PANDA = pathlib.Path(__file__).parent.parent / "src/PandaNas.Cli/bin/Release/net10.0/panda"

# An interrupted program has saved.
INTERRUPTED = 130

# Seeds of the repetitions, beside 0 of all.
REPEATED = (1,)


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--preset", required=True, help="one of darts or proxylessnas")
    parser.add_argument("--data", required=True)
    parser.add_argument("--out", required=True, type=pathlib.Path)
    parser.add_argument("--architectures", type=int, default=30)
    parser.add_argument("--repeated", type=int, default=6, help="architectures that are retrained twice")
    parser.add_argument("--epochs", type=int, default=30)
    parser.add_argument("--images", type=int, default=25000, help="that train; 0 is all")
    parser.add_argument("--drawn", type=int, default=1000, help="random architectures from which those are taken")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=math.inf, help="begin no retraining after so many")
    parser.add_argument("--retrain", default="", help="more flags of panda retrain, separated by spaces: --retrain='--image-size 16'")
    parser.add_argument("--panda", default=str(PANDA), help="the program, words separated by spaces")
    options = parser.parse_args()
    if not 2 <= options.repeated <= options.architectures <= options.drawn:
        parser.error("expected 2 <= repeated <= architectures <= drawn")
    return options


def draw_darts(stream):
    # How many operations have no weights differs from architecture to architecture: uniform draws all cost nearly the same.
    free = stream.random()

    def operation():
        if stream.random() < free:
            return stream.choice(("max_pool_3x3", "avg_pool_3x3", "skip_connect"))
        return stream.choice(("sep_conv_3x3", "sep_conv_5x5", "dil_conv_3x3", "dil_conv_5x5"))

    def cell():
        edges = [(operation(), source) for node in range(4) for source in sorted(stream.sample(range(node + 2), 2))]
        return "[" + ", ".join(f"('{name}', {source})" for name, source in edges) + "]"

    return f"Genotype(normal={cell()}, normal_concat=range(2, 6), reduce={cell()}, reduce_concat=range(2, 6))"


def draw_proxylessnas(stream):
    # How many layers are left out or wide differs from architecture to architecture: uniform draws all cost nearly the same.
    skipped, wide = stream.random(), stream.random()
    # The first layer of a stage changes width or size, so it cannot be left out.
    first = {0, 4, 8, 12, 16, 20}

    def layer(place):
        if place not in first and stream.random() < skipped:
            return "skip"
        return f"k{stream.choice((3, 5, 7))}e{6 if stream.random() < wide else 3}"

    return "-".join(layer(place) for place in range(21))


DRAW = {"darts": draw_darts, "proxylessnas": draw_proxylessnas}


class Truth:
    def __init__(self, options):
        self.options = options
        options.out.mkdir(parents=True, exist_ok=True)

    def panda(self, *arguments):
        """What a verb prints."""
        command = [*self.options.panda.split(), *map(str, arguments)]
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if done.returncode == INTERRUPTED:
            sys.exit("interrupted after saving: the same command goes on")
        if done.returncode != 0:
            sys.exit(f"{' '.join(command)} failed:\n{done.stderr[-2000:]}")
        return done.stdout

    def chosen(self):
        """Architectures and their parameters, cheapest first: the middle of every quantile."""
        o, kept = self.options, self.options.out / "chosen.json"
        if not kept.exists():
            name, stream = o.preset.split("-")[0], random.Random(0)
            if name not in DRAW:
                sys.exit(f"'{o.preset}' is of no space that this script draws from: {', '.join(DRAW)}")
            listed = o.out / "drawn.txt"
            listed.write_text("".join(f"{one}\n" for one in sorted({DRAW[name](stream) for _ in range(o.drawn)})))
            rows = csv.DictReader(self.panda("cost", "--preset", o.preset, "--architectures", listed).splitlines())
            costs = sorted((int(row["params"]), row["architecture"]) for row in rows)
            places = [(2 * i + 1) * len(costs) // (2 * o.architectures) for i in range(o.architectures)]
            kept.write_text(json.dumps([{"architecture": costs[i][1], "params": costs[i][0]} for i in places], indent=1))
        return json.loads(kept.read_text())

    def retrain(self, architecture, number, seed):
        """Test accuracy in percent."""
        o, name = self.options, f"{number:03}-seed{seed}"
        result = o.out / f"{name}.json"
        if not result.exists():
            report = self.panda(
                "retrain", "--preset", o.preset, "--architecture", architecture, "--data", o.data, "--epochs", o.epochs,
                "--train-images", o.images, "--seed", seed, "--threads", o.threads, "--out", o.out / name, "--resume", "--json",
                *o.retrain.split())
            temporary = result.with_suffix(".new")
            temporary.write_text(report)
            temporary.replace(result)
        return 100 * json.loads(result.read_text())["test_accuracy"]

    def write(self, chosen, accuracies):
        """The table, and how far architectures differ beside retrainings of one."""
        done = [(one, accuracies[i]) for i, one in enumerate(chosen) if accuracies[i]]
        with open(self.options.out / "truth.csv", "w", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(["architecture", "truth"])
            # The first seed alone: means of some would be less noisy than others.
            writer.writerows((one["architecture"], f"{found[0]:.4f}") for one, found in done)
        spread = statistics.stdev(found[0] for _, found in done) if len(done) > 1 else None
        variances = [statistics.variance(found) for _, found in done if len(found) > 1]
        noise = math.sqrt(statistics.mean(variances)) if variances else None
        summary = {
            "preset": self.options.preset, "epochs": self.options.epochs, "train_images": self.options.images,
            "retrained": len(done), "of": len(chosen), "repeated": len(variances),
            "spread": spread, "noise": noise, "spread_to_noise": spread / noise if spread and noise else None,
            "architectures": [{**one, "test_accuracies": found} for one, found in done],
        }
        (self.options.out / "truth.json").write_text(json.dumps(summary, indent=1) + "\n")
        return summary

    def work(self):
        o, chosen = self.options, self.chosen()
        # Evenly over cost, as the rest.
        repeated = {(2 * i + 1) * len(chosen) // (2 * o.repeated) for i in range(o.repeated)}
        # In an order in which any beginning is spread over cost too.
        order = sorted(range(len(chosen)), key=lambda i: int(f"{i:08b}"[::-1], 2))
        tasks = [(i, 0) for i in order] + [(i, seed) for seed in REPEATED for i in order if i in repeated]
        accuracies, started, summary = [[] for _ in chosen], time.monotonic(), None
        for number, (i, seed) in enumerate(tasks, 1):
            if time.monotonic() - started > 60 * o.minutes:
                print(f"{o.minutes:g} minutes are over: the same command goes on")
                break
            accuracies[i].append(self.retrain(chosen[i]["architecture"], i, seed))
            summary = self.write(chosen, accuracies)
            spent = time.monotonic() - started
            print(f"{number} of {len(tasks)}: {accuracies[i][-1]:.2f}% with {chosen[i]['params']} parameters, seed {seed}; "
                  f"{spent / 60:.0f} minutes", flush=True)
        if summary and summary["spread_to_noise"]:
            print(f"spread {summary['spread']:.2f} points, noise {summary['noise']:.2f}: {summary['spread_to_noise']:.1f} times")


if __name__ == "__main__":
    Truth(parse()).work()

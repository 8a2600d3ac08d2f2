#!/usr/bin/env python3
"""Which supernet, ordered by which ranker, ranks an architecture benchmark best, and in how many minutes?

Trains every supernet with every seed, evaluates and measures its architectures once, and computes every ranker from what is kept. A row a
supernet, seed and ranker, with its command, in FOLDER/rows.csv; means over the seeds in FOLDER/table.md. Nothing is done twice: killed at any
moment, the same command goes on, and more supernets, seeds and rankers may be asked for later. Needs only Python itself.

  benchmarks/ranking-study.py --data images:cifar10 --truth nasbench201.csv --out runs/study \\
      --supernet "panda=--method panda" --supernet "balanced=--method balanced --epochs 60" --seeds 0,1,2
"""
import argparse
import csv
import json
import pathlib
import shlex
import statistics
import subprocess

PANDA = pathlib.Path(__file__).parent.parent / "src/PandaNas.Cli/bin/Release/net10.0/panda"
RANKERS = "accuracy,loss,live-params,jacov,accuracy+live-params,loss+live-params,live-params+jacov,loss+live-params+jacov"
MEASURES = [
    ("tau", "kendall_tau"), ("Spearman", "spearman"), ("P@Top5%", "precision_at_top5"), ("regret of the first", "regret_top1"),
    ("of ten", "regret_top10"), ("tau, unique", "tau_unique"), ("tau to live parameters", "tau_to_live_params"),
    ("tau among equals", "tau_within_bands"), ("minutes of training", "training_minutes"), ("of ranking", "ranking_minutes")]


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--supernet", action="append", required=True, metavar="NAME=OPTIONS", help="what `panda train` takes")
    parser.add_argument("--data", required=True)
    parser.add_argument("--truth", required=True)
    parser.add_argument("--truth-column", default="cifar10")
    parser.add_argument("--out", required=True, type=pathlib.Path)
    parser.add_argument("--preset", default="nasbench201-cpu")
    parser.add_argument("--seeds", default="0")
    parser.add_argument("--rankers", default=RANKERS, help="joined by commas")
    parser.add_argument("--architectures", default="all", help="all, or a number of random ones")
    parser.add_argument("--images", default="1000", help="images that score each")
    parser.add_argument("--ranking", default="", metavar="OPTIONS", help="what else `panda rank` takes, for example --initial-networks 2")
    parser.add_argument("--threads", default="1")
    parser.add_argument("--panda", default=str(PANDA), help="the program, words separated by spaces")
    return parser.parse_args()


def call(options, *arguments):
    command = ["panda", *arguments]
    print(shlex.join(command), flush=True)
    done = subprocess.run([*options.panda.split(), *arguments], stdout=subprocess.PIPE, text=True, check=True)
    return shlex.join(command), done.stdout


def kept(path, make):
    """The content of a file, which is made first where it is missing."""
    if not path.exists():
        content = make()
        new = path.with_suffix(".new")
        new.write_text(json.dumps(content, indent=1))
        new.replace(path)
    return json.loads(path.read_text())


def rank(options, run, ranker):
    command, output = call(
        options, "rank", str(run), "--architectures", options.architectures, "--images", options.images, "--threads", options.threads,
        "--ranker", ranker, "--truth", options.truth, "--truth-column", options.truth_column, "--allow-mismatch", "--json",
        *shlex.split(options.ranking))
    return {"command": command, "result": json.loads(output)}


def row(name, seed, ranker, training, measuring, ranking):
    quality = ranking["result"]
    return {
        "supernet": name, "seed": seed, "ranker": ranker, **{key: quality.get(key) for _, key in MEASURES[:5]},
        "tau_unique": quality["kendall_tau_unique"]["kendall_tau"],
        "tau_to_live_params": quality["counting"]["kendall_tau_to_live_params"],
        "tau_within_bands": quality["counting"]["kendall_tau_within_bands"],
        "architectures": quality["architectures"],
        "training_minutes": training["result"]["seconds"] / 60,
        # Of the accuracies and of all scores together, however few of them this ranker takes.
        "ranking_minutes": measuring["result"]["seconds"] / 60,
        "commands": f"{training['command']}; {ranking['command']}"}


def rows(options):
    rankers = options.rankers.split(",")
    everything = "+".join(dict.fromkeys(term.split("*")[-1] for ranker in rankers for term in ranker.split("+")))
    for seed in options.seeds.split(","):
        for supernet in options.supernet:
            name, _, words = supernet.partition("=")
            run = options.out / f"{name}-seed{seed}"

            def train():
                command, output = call(
                    options, "train", "--preset", options.preset, "--data", options.data, "--seed", seed, "--threads", options.threads,
                    "--out", str(run), "--resume", "--json", *shlex.split(words))
                return {"command": command, "result": json.loads(output)}

            training = kept(options.out / f"{run.name}.train.json", train)
            size = f"{options.architectures}-{options.images}" + options.ranking.replace(" ", "")
            measuring = kept(options.out / f"{run.name}.{size}.{everything}.json", lambda: rank(options, run, everything))
            for ranker in rankers:
                ranking = kept(options.out / f"{run.name}.{size}.{ranker}.json", lambda: rank(options, run, ranker))
                yield row(name, seed, ranker, training, measuring, ranking)


def text(values):
    values = [value for value in values if value is not None]
    if not values:
        return ""
    spread = f" ± {statistics.stdev(values):.3f}" if len(values) > 1 else ""
    return f"{statistics.mean(values):.3f}{spread}"


def table(done):
    lines = ["| supernet | ranker | seeds | architectures | " + " | ".join(heading for heading, _ in MEASURES) + " |"]
    lines.append("|---" * (4 + len(MEASURES)) + "|")
    groups = {}
    for one in done:
        groups.setdefault((one["supernet"], one["ranker"]), []).append(one)
    for (name, ranker), group in groups.items():
        cells = [name, ranker, ", ".join(one["seed"] for one in group), str(group[0]["architectures"])]
        lines.append("| " + " | ".join(cells + [text([one[key] for one in group]) for _, key in MEASURES]) + " |")
    return "\n".join(lines) + "\n"


def main():
    options = parse()
    options.out.mkdir(parents=True, exist_ok=True)
    done = []
    for one in rows(options):
        done.append(one)
        with open(options.out / "rows.csv", "w", newline="") as file:
            writer = csv.DictWriter(file, list(one))
            writer.writeheader()
            writer.writerows(done)
        (options.out / "table.md").write_text(table(done))
    print(table(done))


main()

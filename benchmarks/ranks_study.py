#!/usr/bin/env python3
"""What dividing a training among ranks does to tau: PA&DA with N ranks, batch norms by rank or synchronised, against one process.

    python3 benchmarks/ranks_study.py --panda "dotnet panda.dll" --data images:/data/cifar10 --truth nasbench201.csv --folder study \\
        [--ranks 1,2,4] [--seeds 0,1,2] [--preset nasbench201-cpu] [--launcher mpirun.mpich] [--more "--epochs 30"] [--architectures 1000]

Trains every combination in a folder of its own under --folder, one after the other with one thread a rank, ranks all unique architectures
with a truth by each supernet, and prints a table in Markdown: tau by seed, its mean, and the difference to one process of the same seed. Goes
on where it was stopped: what is trained or ranked is not done again. A training of nasbench201-cpu takes 5 to 12 minutes on an idle machine of
two processors; with the defaults that are 15 trainings, so plan for three hours.
"""

import argparse
import json
import shlex
import statistics
import subprocess
import sys
from pathlib import Path


def trained(arguments, folder, ranks, sync, seed):
    if (folder / "train.json").exists():
        return
    command = [
        *shlex.split(arguments.panda), "train", "--preset", arguments.preset, "--data", arguments.data, "--method", "panda", "--seed", str(seed),
        "--threads", "1", "--precision", "float32", *(["--sync-norm"] if sync else []), *shlex.split(arguments.more), "--out", str(folder), "--resume"]
    if ranks > 1:
        machine = ["--allow-run-as-root", "--oversubscribe", "--bind-to", "none"] if "openmpi" in arguments.launcher else []
        command = [arguments.launcher, *machine, "-n", str(ranks), *command]
    subprocess.run(command, check=True, stdout=sys.stderr)


def ranked(arguments, folder):
    result = folder / "tau.json"
    if not result.exists():
        command = [
            *shlex.split(arguments.panda), "rank", str(folder), "--ranker", "accuracy", "--architectures", arguments.architectures,
            *(["--unique"] if arguments.architectures == "all" else []), "--images", "1000", "--allow-mismatch", "--truth", arguments.truth,
            "--truth-column", arguments.truth_column,
            "--threads", "1", "--json"]
        made = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
        result.write_text(made)
    return json.loads(result.read_text())["kendall_tau"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--panda", required=True, help="the command")
    parser.add_argument("--data", required=True)
    parser.add_argument("--truth", required=True, help="CSV of stand-alone accuracies")
    parser.add_argument("--truth-column", default="cifar10")
    parser.add_argument("--folder", required=True, type=Path)
    parser.add_argument("--ranks", default="1,2,4")
    parser.add_argument("--seeds", default="0,1,2")
    parser.add_argument("--preset", default="nasbench201-cpu")
    parser.add_argument("--launcher", default="mpirun.mpich")
    parser.add_argument("--architectures", default="all", help="all unique ones, or so many random ones, the same for each training")
    parser.add_argument("--more", default="", help="more flags of the trainings")
    arguments = parser.parse_args()
    seeds = [int(seed) for seed in arguments.seeds.split(",")]
    settings = [(int(ranks), sync) for ranks in arguments.ranks.split(",") for sync in ([False] if ranks == "1" else [False, True])]
    taus = {}
    # Seed by seed, so that a stopped study compares what it has.
    for seed in seeds:
        for ranks, sync in settings:
            folder = arguments.folder / f"ranks{ranks}{'-sync' if sync else ''}-seed{seed}"
            trained(arguments, folder, ranks, sync, seed)
            taus[ranks, sync, seed] = ranked(arguments, folder)
            print(f"{folder.name}: tau {taus[ranks, sync, seed]:.4f}", file=sys.stderr, flush=True)
    print("| ranks | statistics | " + " | ".join(f"seed {seed}" for seed in seeds) + " | mean | to one process |")
    print("|---|---|" + "---|" * (len(seeds) + 2))
    for ranks, sync in settings:
        values = [taus[ranks, sync, seed] for seed in seeds]
        differences = [taus[ranks, sync, seed] - taus[1, False, seed] for seed in seeds] if (1, False, seeds[0]) in taus and ranks > 1 else []
        kind = "" if ranks == 1 else "synchronised" if sync else "by rank"
        difference = f"{statistics.mean(differences):+.4f}" if differences else ""
        print(f"| {ranks} | {kind} | " + " | ".join(f"{value:.4f}" for value in values) + f" | {statistics.mean(values):.4f} | {difference} |")


if __name__ == "__main__":
    main()

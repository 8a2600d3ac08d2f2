#!/usr/bin/env python3
"""The gradient variances that trainings recorded (--variance-every), as one CSV on stdout: what figures are drawn from.

Takes folders of comparisons or of trainings. Needs only Python itself.

  panda compare --preset nasbench201-cpu --data images:cifar10 --methods spos,pa,da,panda --variance-every 15 --out runs/comparison …
  benchmarks/gradient_variance.py runs/comparison > gradient-variance.csv
"""
import argparse
import csv
import json
import pathlib
import re
import sys

COLUMNS = ["method", "seed", "epoch", "samples", "distribution", "kind", "group", "variance", "lower", "upper"]


def option(options, key):
    found = re.search(rf"^{key}: *'?\"?([^'\"\n]*)", options, re.MULTILINE)
    return found.group(1) if found else ""


def trainings(folder):
    return [log.parent for log in sorted(folder.glob("**/log.jsonl"))]


def estimates(variance):
    yield "all", variance["total"]
    for group in variance["groups"]:
        yield group["name"], group["estimate"]


def rows(run):
    options = (run / "options.yaml").read_text()
    method, seed = option(options, "method"), option(options, "seed")
    for line in (run / "log.jsonl").read_text().splitlines():
        record = json.loads(line)
        for pair in record.get("gradient_variance", []):
            for kind in ("raw", "corrected"):
                if pair[kind] is None:
                    continue
                for group, estimate in estimates(pair[kind]):
                    yield [method, seed, record["epoch"], record["samples"], pair["name"], kind, group,
                           f"{estimate['variance']:.6g}", *(f"{end:.6g}" for end in estimate["ci95"])]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=pathlib.Path, metavar="FOLDER")
    folders = parser.parse_args().folders
    found = [row for folder in folders for run in trainings(folder) for row in rows(run)]
    if not found:
        sys.exit(f"no gradient variance is recorded below {', '.join(map(str, folders))}: train with --variance-every")
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(found)


main()

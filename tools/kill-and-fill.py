#!/usr/bin/env python3
"""Kills panda at random moments, and takes its disk space away, until it has to be shown that nothing is lost by that.

    python3 tools/kill-and-fill.py --panda src/PandaNas.Cli/bin/Release/net10.0/panda.dll [--kills 120] [--fills 60] [--seed 1]

Every kind of work (train, retrain, search, rank, compare) is done once undisturbed. Then it is done again in new folders, each
process killed with SIGKILL after a random time, and continued with --resume (search and rank: with the same command) until it
ends by itself. After that it is done with a random limit on the size of files, which stands for a full disk, and continued without.
In the end every result must have the bytes of the undisturbed one, no temporary file may be left, and every command that failed
must have said so in one line. Prints the totals; exit code 1 when something did not hold.
"""

import argparse
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

IMAGES = "--data fashion-mnist-small --image-size 8 --channels 2 --cells 1 --threads 1 --precision float32".split()
TRAINING = [*IMAGES, "--train-images", "400", "--batch-size", "32"]
SUPERNET = [*TRAINING, "--validation-images", "60"]
CELL = "|nor_conv_3x3~0|+|nor_conv_3x3~0|none~1|+|skip_connect~0|none~1|nor_conv_3x3~2|"
FINISHED, FAILED = 0, 1
LARGEST_FILE = 120_000  # bytes; more than any file of these runs


class Work:
    """One kind of work: its command in a folder, and the files that tell its result."""

    def __init__(self, name, command, results, needs=None):
        self.name, self.command, self.results, self.needs = name, command, results, needs


def works(trained):
    newest = "checkpoints/*/tensors.safetensors"
    return [
        Work("train", lambda run: ["train", *SUPERNET, "--epochs", "12", "--out", run, "--resume"], ["weights.safetensors", newest]),
        Work("retrain", lambda run: ["retrain", *TRAINING, "--architecture", CELL, "--epochs", "12", "--out", run, "--resume"], ["weights.safetensors", newest]),
        Work("search", lambda run: ["search", run, "--population", "20", "--generations", "6", "--seed", "3"], ["search.json"], needs=trained),
        Work("rank", lambda run: ["rank", run, "--architectures", "150"], ["ranking.csv"], needs=trained),
        Work(
            "compare",
            lambda run: ["compare", *SUPERNET, "--methods", "spos,panda", "--seeds", "0,1", "--epochs", "2", "--architectures", "12", "--out", run, "--resume"],
            ["plan.json", "rankings/*.csv", "*/weights.safetensors"],
        ),
    ]


def contents(work, run):
    """Every result by its name; of checkpoints the newest, because a killed run saves others before it."""
    found = {}
    for pattern in work.results:
        paths = sorted(Path(run).glob(pattern))
        for path in paths[-1:] if pattern.startswith("checkpoints") else paths:
            found[str(path.relative_to(run))] = path.read_bytes()
    return found


def temporary(run):
    return [str(path) for path in Path(run).rglob(".*.tmp")]


class Campaign:
    def __init__(self, panda, seed):
        self.panda, self.random = panda, random.Random(seed)
        self.root = Path(tempfile.mkdtemp(prefix="panda-campaign-"))
        self.kills, self.fills, self.refused, self.faults = {}, {}, 0, []
        # The runtime's double mapping of code is a large file in memory, which a limit forbids.
        self.environment = dict(os.environ, DOTNET_EnableWriteXorExecute="0", DOTNET_EnableDiagnostics="0", XDG_CACHE_HOME=str(self.root / "cache"))

    def start(self, arguments, limit=None):
        def prepare():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

        return subprocess.Popen(
            ["dotnet", self.panda, *arguments, "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=self.environment,
            preexec_fn=prepare if limit else None)

    def run(self, arguments, limit=None):
        process = self.start(arguments, limit)
        _, error = process.communicate()
        return process.returncode, error

    def folder(self, work, name):
        run = str(self.root / name)
        if work.needs:
            shutil.copytree(work.needs, run)
        return run

    def fault(self, text):
        print("FAULT:", text, flush=True)
        self.faults.append(text)

    def check(self, work, run, expected, how):
        code, error = self.run(work.command(run))
        if code != FINISHED:
            self.fault(f"{work.name} after {how}: exit code {code}: {error[-300:]}")
            return
        actual = contents(work, run)
        for name in sorted(expected.keys() | actual.keys()):
            if expected.get(name) != actual.get(name):
                self.fault(f"{work.name} after {how}: {name} differs from the undisturbed one ({run})")
        if temporary(run):
            self.fault(f"{work.name} after {how}: left {temporary(run)}")

    def kill(self, work, expected, seconds, count):
        done = round_ = 0
        while done < count:
            round_ += 1
            run, here = self.folder(work, f"{work.name}-killed-{round_}"), 0
            while here < 6 and done < count:
                process = self.start(work.command(run))
                time.sleep(self.random.uniform(0, seconds))
                if process.poll() is not None:
                    process.communicate()
                    break
                process.kill()
                process.communicate()
                here, done = here + 1, done + 1
            self.check(work, run, expected, f"{here} kills")
            shutil.rmtree(run, ignore_errors=True)
        self.kills[work.name] = done

    def fill(self, work, expected, count):
        for number in range(count):
            run, limit = self.folder(work, f"{work.name}-filled-{number}"), int(2 ** self.random.uniform(6, 17))
            if not work.needs or limit < LARGEST_FILE:
                code, error = self.run(work.command(run), limit)
                lines = [line for line in error.splitlines() if line.startswith("panda: ")]
                if code == FAILED and len(lines) == 1 and "cannot write" in lines[0]:
                    self.refused += 1
                elif code != FINISHED:
                    self.fault(f"{work.name} with files of at most {limit} bytes: exit code {code}: {error[-300:]}")
                if temporary(run):
                    self.fault(f"{work.name} with files of at most {limit} bytes: left {temporary(run)}")
            self.check(work, run, expected, f"files of at most {limit} bytes")
            shutil.rmtree(run, ignore_errors=True)
        self.fills[work.name] = count


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--panda", required=True, help="panda.dll")
    parser.add_argument("--kills", type=int, default=120)
    parser.add_argument("--fills", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    campaign = Campaign(str(Path(arguments.panda).resolve()), arguments.seed)
    trained = str(campaign.root / "trained")
    kinds = works(trained)
    code, error = campaign.run(["train", *SUPERNET, "--epochs", "1", "--out", trained])
    if code != FINISHED:
        sys.exit(error)
    for number, work in enumerate(kinds):
        run = campaign.folder(work, f"{work.name}-whole")
        started = time.monotonic()
        code, error = campaign.run(work.command(run))
        seconds = time.monotonic() - started
        if code != FINISHED:
            sys.exit(error)
        expected = contents(work, run)
        assert len(expected) >= len(work.results), f"{work.name} has no results to compare"
        campaign.kill(work, expected, seconds, share(arguments.kills, number, len(kinds)))
        campaign.fill(work, expected, share(arguments.fills, number, len(kinds)))
        print(f"{work.name}: {campaign.kills[work.name]} kills, {campaign.fills[work.name]} small disks, undisturbed in {seconds:.1f} s", flush=True)
    print(
        f"{sum(campaign.kills.values())} kills, {sum(campaign.fills.values())} small disks ({campaign.refused} commands said that they cannot write), "
        f"{len(campaign.faults)} faults")
    shutil.rmtree(campaign.root, ignore_errors=True)
    sys.exit(1 if campaign.faults else 0)


def share(total, number, kinds):
    return total // kinds + (number < total % kinds)


if __name__ == "__main__":
    main()

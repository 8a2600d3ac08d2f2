#!/usr/bin/env python3
"""Kills panda at random moments, and takes its disk space away, until it has to be shown that nothing is lost by that.

    python3 tools/kill-and-fill.py --panda src/PandaNas.Cli/bin/Release/net10.0/panda.dll [--kills 120] [--fills 60] [--seed 1]
        [--launcher mpirun.openmpi|mpirun.mpich --ranks 2]

Every kind of work (train, retrain, search, rank, compare) is done once undisturbed. Then it is done again in new folders, each
process killed with SIGKILL after a random time, and continued with --resume (search and rank: with the same command) until it
ends by itself. After that it is done with a random limit on the size of files, which stands for a full disk, and continued without.
In the end every result must have the bytes of the undisturbed one, no temporary file may be left, and every command that failed
must have said so in one line. Prints the totals; exit code 1 when something did not hold.

With a launcher, several processes share the work of each command, and a random one of them is killed: all must end within ten
seconds. Rankings, searches and comparisons must have the bytes of one process, trainings those of as many undisturbed ones. Disks stay
large, for MPI has files of its own.
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
PATIENCE = 10  # seconds in which all ranks have to end when one is killed
LARGEST_FILE = 120_000  # bytes; more than any file of these runs


class Work:
    """One kind of work: its command in a folder, and the files that tell its result."""

    def __init__(self, name, command, results, needs=None, ranks_change_it=False):
        self.name, self.command, self.results, self.needs, self.ranks_change_it = name, command, results, needs, ranks_change_it


def works(trained):
    newest = "checkpoints/*/tensors.safetensors"
    return [
        Work("train", lambda run: ["train", *SUPERNET, "--epochs", "12", "--out", run, "--resume"], ["weights.safetensors", newest], ranks_change_it=True),
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
    def __init__(self, panda, seed, launcher, ranks):
        self.panda, self.random, self.ranks = panda, random.Random(seed), ranks
        machine = ["--allow-run-as-root", "--oversubscribe", "--bind-to", "none"] if launcher == "mpirun.openmpi" else []
        self.launch = [launcher, *machine, "-n", str(ranks)] if launcher else []
        self.root = Path(tempfile.mkdtemp(prefix="panda-campaign-"))
        self.kills, self.fills, self.refused, self.faults = {}, {}, 0, []
        # The runtime's double mapping of code is a large file in memory, which a limit forbids.
        self.environment = dict(os.environ, DOTNET_EnableWriteXorExecute="0", DOTNET_EnableDiagnostics="0", XDG_CACHE_HOME=str(self.root / "cache"))

    def start(self, arguments, limit=None, alone=False):
        def prepare():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

        return subprocess.Popen(
            [*([] if alone else self.launch), "dotnet", self.panda, *arguments, "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=self.environment,
            preexec_fn=prepare if limit else None)

    def run(self, arguments, limit=None, alone=False):
        process = self.start(arguments, limit, alone)
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
                if not self.kill_one(process, run):
                    break
                here, done = here + 1, done + 1
            self.check(work, run, expected, f"{here} kills")
            shutil.rmtree(run, ignore_errors=True)
        self.kills[work.name] = done

    def kill_one(self, process, run):
        """Kills the process, or one of its ranks; whether there was one left to kill."""
        if not self.launch:
            process.kill()
            process.communicate()
            return True
        victim = str(self.random.randrange(self.ranks))
        while victim not in (found := ranks_of(run)) and process.poll() is None:
            time.sleep(0.01)
        killed = time.monotonic()
        if victim in found:
            os.kill(found[victim], signal.SIGKILL)
        try:
            process.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            self.fault(f"{run}: rank {victim} was killed, and the others go on after {PATIENCE} s")
            process.kill()
            process.communicate()
        if victim in found and process.returncode == FINISHED:
            self.fault(f"{run}: rank {victim} was killed, and the exit code is 0")
        # On a busy machine a process that the launcher has killed takes a moment to go.
        while (left := ranks_of(run)) and time.monotonic() < killed + PATIENCE:
            time.sleep(0.1)
        if left:
            self.fault(f"{run}: rank {victim} was killed, and the ranks {sorted(left)} go on after {PATIENCE} s")
        return victim in found

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
    parser.add_argument("--launcher", choices=["mpirun.openmpi", "mpirun.mpich"])
    parser.add_argument("--ranks", type=int, default=2)
    arguments = parser.parse_args()
    campaign = Campaign(str(Path(arguments.panda).resolve()), arguments.seed, arguments.launcher, arguments.ranks)
    if arguments.launcher:
        arguments.fills = 0
    trained = str(campaign.root / "trained")
    kinds = [work for work in works(trained) if not (arguments.launcher and work.name == "retrain")]
    code, error = campaign.run(["train", *SUPERNET, "--epochs", "1", "--out", trained], alone=True)
    if code != FINISHED:
        sys.exit(error)
    for number, work in enumerate(kinds):
        run = campaign.folder(work, f"{work.name}-whole")
        started = time.monotonic()
        code, error = campaign.run(work.command(run), alone=not work.ranks_change_it)
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


def ranks_of(run):
    """The processes of panda that work in a folder, by their rank."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command = (folder / "cmdline").read_bytes().split(b"\0")
            if command[0] == b"dotnet" and run.encode() in command:
                variables = dict(pair.split(b"=", 1) for pair in (folder / "environ").read_bytes().split(b"\0") if b"=" in pair)
                rank = variables.get(b"OMPI_COMM_WORLD_RANK", variables.get(b"PMI_RANK"))
                if rank is not None:
                    found[rank.decode()] = int(folder.name)
        except OSError:
            continue
    return found


def share(total, number, kinds):
    return total // kinds + (number < total % kinds)


if __name__ == "__main__":
    main()

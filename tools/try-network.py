#!/usr/bin/env python3
"""Trainings that two ranks divide over a network, each in a network namespace of its own, by both MPI implementations.

    tools/try-network.py [--panda src/PandaNas.Cli/bin/Release/net10.0/panda.dll] [--launchers mpirun.mpich,mpirun.openmpi] [--delay MS]

1. The weights are, byte for byte, those of two ranks in one machine's memory.
2. Killed (SIGKILL) or asked to stop (SIGTERM), one rank or the other: all end within ten seconds, and --resume goes on to the same weights.

Exit code 1 when something does not hold, 77 where namespaces or MPI are missing. Takes some minutes.
"""
import argparse
import contextlib
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time

from network_namespaces import launcher, missing, namespaces

PANDA = pathlib.Path(__file__).resolve().parents[1] / "src/PandaNas.Cli/bin/Release/net10.0/panda.dll"
TRAINING = ("train --data fashion-mnist-small --image-size 8 --channels 2 --cells 1 --threads 1 --precision float32 --train-images 2000 "
            "--validation-images 60 --batch-size 32 --seed 3 --epochs 12").split()
RANKS, PATIENCE, LONGEST = 2, 10, 180
NUMBERS = (b"PMI_RANK=", b"OMPI_COMM_WORLD_RANK=")


def end(root):
    for folder in root.glob("*/"):
        for process in processes(folder).values():
            os.kill(process, signal.SIGKILL)


def processes(folder):
    """The ranks that work on a folder, and their processes."""
    found = {}
    for process in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            words = (process / "cmdline").read_bytes().split(b"\0")
            if words[0].endswith(b"dotnet") and str(folder).encode() in words:
                variables = (process / "environ").read_bytes().split(b"\0")
                found.update({int(one.split(b"=")[1]): int(process.name) for one in variables if one.startswith(NUMBERS)})
        except (OSError, IndexError):
            continue
    return found


def start(words, panda, folder, *more):
    with open(f"{folder}.log", "a") as log:
        return subprocess.Popen(
            [*words, "dotnet", panda, *TRAINING, "--out", str(folder), *more], stdout=log, stderr=log, env={**os.environ, "OMP_WAIT_POLICY": "passive"})


def finish(words, panda, folder, *more):
    process = start(words, panda, folder, *more)
    try:
        if process.wait(LONGEST) == 0:
            return (folder / "weights.safetensors").read_bytes()
    except subprocess.TimeoutExpired:
        process.kill()
    return None


def stop(words, panda, folder, rank, how):
    """Seconds until launcher and ranks had ended after one was stopped; None where they did not."""
    process = start(words, panda, folder)
    begun = time.monotonic()
    while not (log := folder / "log.jsonl").exists() or not log.stat().st_size:
        if process.poll() is not None or time.monotonic() - begun > LONGEST:
            return None
        time.sleep(0.05)
    os.kill(processes(folder)[rank], how)
    stopped = time.monotonic()
    while (process.poll() is None or processes(folder)) and time.monotonic() - stopped < 4 * PATIENCE:
        time.sleep(0.05)
    return None if process.poll() is None or processes(folder) else time.monotonic() - stopped


def main():
    # Namespaces are taken away again however it ends.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--panda", default=str(PANDA))
    parser.add_argument("--launchers", default="mpirun.mpich,mpirun.openmpi")
    parser.add_argument("--delay", type=float, default=0, help="ms, one way; 0 is a network of 1 Gbit/s")
    options = parser.parse_args()
    programs = options.launchers.split(",")
    if lacks := missing(*programs):
        print(f"try-network: nothing was tried, for there is no {', '.join(lacks)} (Debian: iproute2, mpich, openmpi-bin)")
        sys.exit(77)
    faults = 0
    with tempfile.TemporaryDirectory() as root, namespaces(RANKS, "1000mbit", options.delay / 1e3), contextlib.ExitStack() as leaving:
        for program in programs:
            root_of = pathlib.Path(root, program)
            root_of.mkdir()
            leaving.callback(end, root_of)
            near = [program, "-n", str(RANKS), *(["--allow-run-as-root", "--oversubscribe", "--bind-to", "none"] if "openmpi" in program else [])]
            wanted = finish(near, options.panda, root_of / "memory")
            with launcher(program, RANKS) as words:
                same = wanted is not None and finish(words, options.panda, root_of / "network") == wanted
                faults += not same
                print(f"{program}: the same weights over the network: {'yes' if same else 'NO'}", flush=True)
                for rank in range(RANKS):
                    for how in (signal.SIGKILL, signal.SIGTERM):
                        folder = root_of / f"{how.name}-{rank}"
                        seconds = stop(words, options.panda, folder, rank, how)
                        same = seconds is not None and finish(words, options.panda, folder, "--resume") == wanted
                        faults += not same or seconds > PATIENCE
                        ended = f"all ended after {seconds:.1f} s" if seconds is not None else "NOT ALL ENDED"
                        print(f"{program}: {how.name} of rank {rank}: {ended}; resumed, the same weights: {'yes' if same else 'NO'}", flush=True)
    print(f"{faults} faults")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Steps that ranks divide over a network, measured between network namespaces of this machine and held against the model of scaling_model.py.

Each rank gets a namespace of its own. Rates are the kernel's; delays are made by handing packets on that much later. Then
`panda bench --distributed` runs over it, and

    nominal   is the step that the model says from the network's rate and delay alone and the computing that was measured,
    fitted    the one that it says with the latency and bandwidth that the same run measured of sums.

    benchmarks/networks.py [--panda PANDA] [--ranks 2,4] [--networks memory,1000mbit,100mbit,2ms] [--out FOLDER] [-- FLAGS OF bench]

What it needs says tools/network_namespaces.py; where something is missing it ends with exit code 77. Nothing else may run.
"""
import argparse
import json
import math
import os
import pathlib
import signal
import subprocess
import sys

from scaling_model import step, title

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tools"))
from network_namespaces import launcher, missing, namespaces

PANDA = pathlib.Path(__file__).resolve().parents[1] / "src/PandaNas.Cli/bin/Release/net10.0/panda"
# Of veth pairs and the hub: some µs, which nobody states.
VETH_LATENCY = 20e-6


def bench(words, panda, flags):
    words = [*words, *panda.split(), "bench", "--distributed", "--threads", "1", "--precision", "float32", *flags, "--json"]
    done = subprocess.run(words, text=True, capture_output=True, env={**os.environ, "OMP_WAIT_POLICY": "passive"})
    if done.returncode:
        sys.exit(f"networks: {' '.join(words)}\n{done.stderr[-2000:]}")
    return json.loads(done.stdout)


def measure(panda, ranks, network, flags):
    """A report and, of a network, its nominal seconds of latency and bytes a second."""
    if network == "memory":
        return bench(["mpirun.mpich", "-n", str(ranks)], panda, flags), None
    delay = float(network[:-2]) / 1e3 if network.endswith("ms") else 0
    rate = network if network.endswith("bit") else ""
    with namespaces(ranks, rate, delay), launcher("mpirun.mpich", ranks) as words:
        report = bench(words, panda, flags)
    return report, (delay or VETH_LATENCY, float(rate[:-4]) * 1e6 / 8 if rate else math.inf)


def main():
    # Namespaces are taken away again however it ends.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--panda", default=str(PANDA), help="the program, words separated by spaces")
    parser.add_argument("--ranks", default="2")
    parser.add_argument("--networks", default="memory,1000mbit,100mbit,2ms", help="memory, veth (no limit), RATEmbit or DELAYms, one way")
    parser.add_argument("--out", type=pathlib.Path, help="folder for the reports")
    parser.add_argument("flags", nargs="*", help="of panda bench, after --")
    options = parser.parse_args()
    if lacks := missing("mpirun.mpich"):
        print(f"networks: nothing was measured, for there is no {', '.join(lacks)} (Debian: iproute2, mpich)")
        sys.exit(77)
    print("| ranks | network | α, β of sums | step | computing | for the others | nominal | fitted |")
    print("|---|---|---|---|---|---|---|---|")
    for ranks in map(int, options.ranks.split(",")):
        for network in options.networks.split(","):
            report, nominal = measure(options.panda, ranks, network, options.flags)
            if options.out:
                options.out.mkdir(parents=True, exist_ok=True)
                options.out.joinpath(f"{report['options']['space']}-{ranks}-{network}.json").write_text(json.dumps(report, indent=2) + "\n")
            seconds, deviation = report["step_seconds"], report["straggler_deviation"]

            def told(latency, bandwidth):
                model = step(report, ranks, latency, bandwidth, deviation)
                return f"{1000 * model:.1f} ms ({model / seconds - 1:+.0%})"

            fitted = max(report["latency_seconds"], 0), max(report["bandwidth_gigabytes"], 1e-3) * 1e9
            print(
                f"| {ranks} | {network} | {1e6 * fitted[0]:.0f} µs, {fitted[1] / 1e9:.3f} GB/s | {1000 * seconds:.1f} ms | "
                f"{1000 * report['compute_seconds']:.1f} ms | {report['communication_share']:.1%} | {told(*nominal) if nominal else ''} | {told(*fitted)} |",
                flush=True)
    print(f"\n{title(report)}, {report['processor']}")


if __name__ == "__main__":
    main()

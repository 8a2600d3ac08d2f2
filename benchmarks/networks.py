#!/usr/bin/env python3
"""Steps that ranks divide over a network, measured between network namespaces of this machine and held against the model of scaling_model.py.

Each rank gets a namespace of its own. Rates are the kernel's (tc tbf on both ends of a veth pair to a hub that forwards); delays are made
by this program, which hands packets from one TUN device to another that much later. Then `panda bench --distributed` runs over it, and

    nominal   is the step that the model says from the network's rate and delay alone and the computing that was measured,
    fitted    the one that it says with the latency and bandwidth that the same run measured of sums.

    benchmarks/networks.py [--panda PANDA] [--ranks 2,4] [--networks memory,1000mbit,100mbit,2ms] [--out FOLDER] [-- FLAGS OF bench]

Needs root, Debian's iproute2 and mpich, and Linux with tbf, veth and TUN; says what is missing (exit code 77). Nothing else may run.
"""
import argparse
import contextlib
import fcntl
import heapq
import json
import math
import os
import pathlib
import select
import shutil
import struct
import subprocess
import sys
import tempfile
import threading
import time

from scaling_model import step, title

PANDA = pathlib.Path(__file__).resolve().parents[1] / "src/PandaNas.Cli/bin/Release/net10.0/panda"
ASK_FOR_TUN, TUN_WITHOUT_HEADER = 0x400454CA, 0x1001
# Of one veth pair and the hub: some µs, which nobody states.
VETH_LATENCY = 20e-6


def run(*words, **more):
    return subprocess.run([str(word) for word in words], check=True, text=True, capture_output=True, **more).stdout


def address(rank):
    return f"10.211.{rank}.2"


@contextlib.contextmanager
def namespaces(ranks):
    made = []
    try:
        for name in ("panda-hub", *(f"panda-{rank}" for rank in range(ranks))):
            run("ip", "netns", "add", name)
            made.append(name)
            run("ip", "-n", name, "link", "set", "lo", "up")
        yield made[0], made[1:]
    finally:
        for name in made:
            subprocess.run(["ip", "netns", "del", name], check=False)


def limit_rate(hub, members, rate):
    run("ip", "netns", "exec", hub, "sysctl", "-q", "net.ipv4.ip_forward=1")
    for rank, member in enumerate(members):
        run("ip", "link", "add", "eth0", "netns", member, "type", "veth", "peer", "name", f"to{rank}", "netns", hub)
        for name, device, own in ((member, "eth0", address(rank)), (hub, f"to{rank}", f"10.211.{rank}.1")):
            run("ip", "-n", name, "address", "add", own + "/24", "dev", device)
            run("ip", "-n", name, "link", "set", device, "up")
            if rate:
                run("tc", "-n", name, "qdisc", "add", "dev", device, "root", "tbf", "rate", rate, "burst", "128k", "latency", "200ms")
        run("ip", "-n", member, "route", "add", "default", "via", f"10.211.{rank}.1")


class Delay(threading.Thread):
    """Hands every packet to the device of its address so many seconds later."""

    def __init__(self, members, seconds):
        super().__init__(daemon=True)
        self.seconds, self.devices, self.stopped = seconds, {}, False
        for rank, member in enumerate(members):
            device = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
            fcntl.ioctl(device, ASK_FOR_TUN, struct.pack("16sH", f"pandatun{rank}".encode(), TUN_WITHOUT_HEADER))
            run("ip", "link", "set", f"pandatun{rank}", "netns", member)
            run("ip", "-n", member, "address", "add", address(rank) + "/16", "dev", f"pandatun{rank}")
            run("ip", "-n", member, "link", "set", f"pandatun{rank}", "up", "mtu", "65000")
            self.devices[rank] = device

    def run(self):
        due, count = [], 0
        while not self.stopped:
            wait = max(0, due[0][0] - time.monotonic()) if due else 0.2
            readable = select.select(list(self.devices.values()), [], [], wait)[0]
            for device in readable:
                with contextlib.suppress(BlockingIOError):
                    packet = os.read(device, 66000)
                    if packet[0] >> 4 == 4 and packet[18] in self.devices:
                        count += 1
                        heapq.heappush(due, (time.monotonic() + self.seconds, count, packet))
            while due and due[0][0] <= time.monotonic():
                packet = heapq.heappop(due)[2]
                with contextlib.suppress(OSError):
                    os.write(self.devices[packet[18]], packet)

    def close(self):
        self.stopped = True
        self.join()
        for device in self.devices.values():
            os.close(device)


def bench(panda, ranks, flags, hosts=(), agent=None):
    words = ["mpirun.mpich", "-n", ranks]
    if hosts:
        words = ["ip", "netns", "exec", "panda-0", *words, "-hosts", ",".join(hosts), "-localhost", hosts[0], "-launcher", "ssh", "-launcher-exec", agent]
    words += [*panda.split(), "bench", "--distributed", "--threads", 1, "--precision", "float32", *flags, "--json"]
    # Between namespaces of one machine MPICH would take shared memory.
    environment = {**os.environ, "OMP_WAIT_POLICY": "passive", **({"UCX_TLS": "tcp,self"} if hosts else {})}
    done = subprocess.run([str(word) for word in words], text=True, capture_output=True, env=environment)
    if done.returncode:
        sys.exit(f"networks: {' '.join(map(str, words))}\n{done.stderr[-2000:]}")
    return json.loads(done.stdout)


def measure(panda, ranks, network, flags):
    """A report and, of a network, its nominal seconds of latency and bytes a second."""
    if network == "memory":
        return bench(panda, ranks, flags), None
    delay = float(network[:-2]) / 1e3 if network.endswith("ms") else 0
    with namespaces(ranks) as (hub, members), tempfile.TemporaryDirectory() as folder:
        # What mpirun takes for ssh: enters the namespace of the address instead.
        agent = pathlib.Path(folder, "agent")
        agent.write_text('#!/bin/bash\nwhile [[ $1 == -* ]]; do shift; done\nIFS=. read -r _ _ rank _ <<< "$1"; shift\nexec ip netns exec "panda-$rank" sh -c "$*"\n')
        agent.chmod(0o755)
        relay = Delay(members, delay) if delay else None
        if relay:
            relay.start()
        else:
            limit_rate(hub, members, "" if network == "veth" else network)
        try:
            report = bench(panda, ranks, flags, [address(rank) for rank in range(ranks)], agent)
        finally:
            if relay:
                relay.close()
    rate = float(network[:-4]) * 1e6 / 8 if network.endswith("mbit") else math.inf
    return report, (delay or VETH_LATENCY, rate)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--panda", default=str(PANDA), help="the program, words separated by spaces")
    parser.add_argument("--ranks", default="2")
    parser.add_argument("--networks", default="memory,1000mbit,100mbit,2ms", help="memory, veth (no limit), RATEmbit or DELAYms, one way")
    parser.add_argument("--out", type=pathlib.Path, help="folder for the reports")
    parser.add_argument("flags", nargs="*", help="of panda bench, after --")
    options = parser.parse_args()
    if os.geteuid() != 0 or not all(map(shutil.which, ("ip", "tc", "mpirun.mpich"))):
        print("networks: needs root, ip, tc and mpirun.mpich (Debian: iproute2, mpich): nothing was measured")
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

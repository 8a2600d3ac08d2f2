"""Processes of MPI a network apart, on one machine: a network namespace for each rank. Needs root, Debian's iproute2, and Linux with veth,
tbf and TUN."""
import contextlib
import fcntl
import heapq
import os
import pathlib
import select
import shutil
import struct
import subprocess
import tempfile
import threading
import time

ASK_FOR_TUN, TUN_WITHOUT_HEADER = 0x400454CA, 0x1001
# Between namespaces of one machine MPICH would take shared memory.
OVER_TCP = ["env", "UCX_TLS=tcp,self"]


def missing(*programs):
    """What is not there of what namespaces need; empty if all is."""
    return [*([] if os.geteuid() == 0 else ["root"]), *(one for one in ("ip", "tc", *programs) if not shutil.which(one))]


def run(*words):
    return subprocess.run([str(word) for word in words], check=True, text=True, capture_output=True).stdout


def name(rank):
    return f"panda-{rank}"


def address(rank):
    return f"10.211.{rank}.2"


@contextlib.contextmanager
def namespaces(ranks, rate="", delay=0.0):
    """One for each rank, joined by a hub: with a rate as tc writes it, or so many seconds later."""
    made, relay = [], None
    try:
        for one in ("panda-hub", *map(name, range(ranks))):
            run("ip", "netns", "add", one)
            made.append(one)
            run("ip", "-n", one, "link", "set", "lo", "up")
        if delay:
            relay = Delay(ranks, delay)
            relay.start()
        else:
            join(ranks, rate)
        yield
    finally:
        if relay:
            relay.close()
        for one in made:
            subprocess.run(["ip", "netns", "del", one], check=False)


def join(ranks, rate):
    """Veth pairs to the hub, which forwards; the kernel keeps the rate at both ends of each."""
    run("ip", "netns", "exec", "panda-hub", "sysctl", "-q", "net.ipv4.ip_forward=1")
    for rank in range(ranks):
        run("ip", "link", "add", "eth0", "netns", name(rank), "type", "veth", "peer", "name", f"to{rank}", "netns", "panda-hub")
        for one, device, own in ((name(rank), "eth0", address(rank)), ("panda-hub", f"to{rank}", f"10.211.{rank}.1")):
            run("ip", "-n", one, "address", "add", own + "/24", "dev", device)
            run("ip", "-n", one, "link", "set", device, "up")
            if rate:
                run("tc", "-n", one, "qdisc", "add", "dev", device, "root", "tbf", "rate", rate, "burst", "128k", "latency", "200ms")
        run("ip", "-n", name(rank), "route", "add", "default", "via", f"10.211.{rank}.1")


class Delay(threading.Thread):
    """A TUN device for each rank; hands every packet to the device of its address so many seconds later. The kernel's netem is not everywhere."""

    def __init__(self, ranks, seconds):
        super().__init__(daemon=True)
        self.seconds, self.devices, self.stopped = seconds, {}, False
        for rank in range(ranks):
            device = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
            fcntl.ioctl(device, ASK_FOR_TUN, struct.pack("16sH", f"pandatun{rank}".encode(), TUN_WITHOUT_HEADER))
            run("ip", "link", "set", f"pandatun{rank}", "netns", name(rank))
            run("ip", "-n", name(rank), "address", "add", address(rank) + "/16", "dev", f"pandatun{rank}")
            run("ip", "-n", name(rank), "link", "set", f"pandatun{rank}", "up", "mtu", "65000")
            self.devices[rank] = device

    def run(self):
        due, count = [], 0
        while not self.stopped:
            wait = max(0, due[0][0] - time.monotonic()) if due else 0.2
            for device in select.select(list(self.devices.values()), [], [], wait)[0]:
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


@contextlib.contextmanager
def launcher(program, ranks):
    """The words that start so many processes by mpirun.mpich or mpirun.openmpi, each in its namespace."""
    hosts = ",".join(map(address, range(ranks)))
    with tempfile.TemporaryDirectory() as folder:
        # What mpirun takes for ssh: enters the namespace of the address instead.
        agent = pathlib.Path(folder, "agent")
        agent.write_text(
            '#!/bin/bash\nwhile [[ $1 == -* ]]; do shift; done\nIFS=. read -r _ _ rank _ <<< "$1"; shift\n'
            'exec ip netns exec "panda-$rank" sh -c "$*"\n')
        agent.chmod(0o755)
        words = ["ip", "netns", "exec", name(0), *OVER_TCP, program, "-n", str(ranks)]
        if program.endswith("openmpi"):
            network = "10.211.0.0/16"
            settings = {
                "plm_rsh_agent": agent, "plm_rsh_no_tree_spawn": 1, "pml": "ob1", "btl": "tcp,self", "btl_tcp_if_include": network,
                "oob_tcp_if_include": network}
            words += ["--allow-run-as-root", "--oversubscribe", "--bind-to", "none", "--host", hosts]
            words += [str(word) for key, value in settings.items() for word in ("--mca", key, value)]
        else:
            words += ["-hosts", hosts, "-localhost", address(0), "-launcher", "ssh", "-launcher-exec", str(agent)]
        yield words

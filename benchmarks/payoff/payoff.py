#!/usr/bin/env python3
"""Does searching pay, against one good network trained for the whole time?

Every run has the same total time, all its steps together: supernet, search, retraining. It ends with one network under a limit of
parameters and its accuracy on the test images. Short trials tell how many epochs fit the time; they are told and not counted, since they
only make runs equally long. The rows, where SPACE is nasbench201, proxylessnas, residual, or hybrid (hybrid.yaml beside this file):

  a-SPACE                 supernet, search by --ranker, retraining of the best
  b-SPACE                 search by --training-free, without a supernet that is worth the name, retraining of the best
  c-halving, c-hybrid     random architectures of residual or hybrid, by --halving: of so many the best ones, of which the best
  d-random, d-hybrid      one random architecture of residual or hybrid, all the time
  e-resnet, e-mobilenet   networks like ResNet-10 and MobileNetV2 as wide as the limit allows, all the time
  f-hybrid                the known network's neighbours: of those at most two of its operations away, each as wide as the limit of
                          parameters allows, the one with most multiply-adds that leave --least-epochs; where time suffices, it, some
                          with fewer and the known network itself are trained for equally many epochs and held-out images choose

With --pace 1, what is searched or drawn has at most the latency of a known network of its space under the same limit, by a table of
batches' latencies that is measured once for all runs and not counted: what is slower is trained for fewer epochs. In hybrid what was
chosen is then made as wide as the limit of parameters allows, as known networks are.

Time is the processor time of the processes (--count processor, the default: other work on the machine does not count) or the clock's;
both are kept. Folder OUT/ROW-LIMIT-SEED has the runs of panda, steps.json with every command, its time and its result, and
result.json. What is there is not done twice: the same command goes on after an interruption. OUT/results.md and results.csv are
written after every run. Needs only Python itself.

  benchmarks/payoff/payoff.py --data images:cifar10 --out runs/payoff
  benchmarks/payoff/payoff.py --data images:cifar10 --out runs/short --minutes 4 --limits 60000 --seeds 0 --rows a-residual,e-resnet
"""
import argparse
import concurrent.futures
import csv
import json
import os
import pathlib
import random
import shlex
import shutil
import signal
import statistics
import subprocess
import sys
import threading
import time

PANDA = pathlib.Path(__file__).resolve().parents[2] / "src/PandaNas.Cli/bin/Release/net10.0/panda"
ROWS = [*(f"{kind}-{space}" for kind in "ab" for space in ("nasbench201", "proxylessnas", "residual", "hybrid")),
        "c-halving", "c-hybrid", "d-random", "d-hybrid", "e-resnet", "e-mobilenet", "f-hybrid"]
HYBRID = pathlib.Path(__file__).with_name("hybrid.yaml")
KNOWN = {
    "resnet": "conv_3x3-skip-conv_3x3-skip-skip-conv_3x3-skip-skip-conv_3x3-skip-skip",
    "mobilenet": "mobile_3x3-skip-mobile_3x3-mobile_3x3-skip-mobile_3x3-mobile_3x3-skip-mobile_3x3-mobile_3x3-skip",
}
# Whose latency is the measure of others'.
PACE = {
    "nasbench201": "|nor_conv_3x3~0|+|none~0|nor_conv_3x3~1|+|skip_connect~0|none~1|skip_connect~2|",
    "proxylessnas": "-".join(["k3e3"] * 21),
    "residual": KNOWN["resnet"],
    "hybrid": KNOWN["resnet"],
}
# Sizes whose architectures lie around a limit, the nearest of which is taken.
SIZES = {
    "nasbench201": {60000: ["--channels", 8], 250000: ["--channels", 16]},
    "proxylessnas": {60000: ["--widths", "16,8,8,12,16,16,24,32,96"], 250000: ["--widths", "24,12,16,24,32,40,56,80,192"]},
    "residual": {60000: ["--width-multiplier", 0.5], 250000: ["--width-multiplier", 1]},
    "hybrid": {60000: ["--width-multiplier", 0.67], 250000: ["--width-multiplier", 1.33]},
}


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True, help="as panda's --data")
    parser.add_argument("--out", required=True, type=pathlib.Path)
    parser.add_argument("--minutes", type=float, default=20, help="of every run, all its steps together (20)")
    parser.add_argument("--count", choices=["processor", "clock"], default="processor", help="which time is meant")
    parser.add_argument("--limits", default="60000,250000", help="most parameters")
    parser.add_argument("--seeds", default="0,1,2")
    parser.add_argument("--rows", default=",".join(ROWS))
    parser.add_argument("--parallel", type=int, default=2, help="runs at a time (2)")
    parser.add_argument("--threads", type=int, default=1, help="of each (1)")
    parser.add_argument("--image-size", type=int, default=32)
    parser.add_argument("--supernet-image-size", type=int, default=0, help="of rows a's supernet and search; 0 is --image-size")
    parser.add_argument("--supernet-share", type=float, default=0.35, help="share of the time (0.35)")
    parser.add_argument("--search-share", type=float, default=0.1, help="share of the time, at most (0.1)")
    parser.add_argument("--search-images", type=int, default=500)
    parser.add_argument("--method", default="", help="of supernets, instead of their presets'")
    parser.add_argument("--supernet", default="", help="more options of panda train of rows a's supernets")
    parser.add_argument("--ranker", default="accuracy+live-params", help="of rows a")
    parser.add_argument("--training-free", default="live-params+jacov", help="ranker of rows b")
    parser.add_argument("--evaluations", type=int, default=200, help="architectures that rows b score (200)")
    parser.add_argument("--halving", default="9,3,1", help="architectures of each rung of rows c")
    parser.add_argument("--halving-share", type=float, default=0.35, help="share of the time of all rungs but the last (0.35)")
    parser.add_argument("--least-epochs", type=float, default=30, help="epochs of the last training that rows f plan for (30)")
    parser.add_argument("--guard-share", type=float, default=0.15, help="share of the time in which rows f compare, if it is 2 epochs each")
    parser.add_argument("--trial-images", type=int, default=8192, help="of the short trainings that tell the time of an epoch (8192)")
    parser.add_argument("--pace", type=float, default=1, help="latency of what is searched or drawn, by a known network's (1); 0 is any")
    parser.add_argument("--retrain", default="--batch-size 128", help="more options of panda retrain, the same for all rows")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--precision", default="float32")
    parser.add_argument("--panda", default=str(PANDA), help="the program, words separated by spaces")
    options = parser.parse_args()
    options.limits = [int(limit) for limit in options.limits.split(",")]
    options.seeds = [int(seed) for seed in options.seeds.split(",")]
    options.rows = options.rows.split(",")
    options.halving = [int(count) for count in options.halving.split(",")]
    for row in options.rows:
        if row not in ROWS:
            parser.error(f"row {row} is unknown: choose of {', '.join(ROWS)}")
    return options


class Stopped(Exception):
    """Somebody interrupted the study."""


class Processes:
    """The commands that run, so that an interruption reaches them."""

    def __init__(self):
        self.lock, self.running, self.stopped = threading.Lock(), set(), False

    def stop(self, *_):
        self.stopped = True
        with self.lock:
            for process in self.running:
                try:
                    os.kill(process, signal.SIGINT)
                except ProcessLookupError:
                    pass


class Ledger:
    """The steps of a run: what was done, with which command, and what it took."""

    def __init__(self, folder, processes):
        self.folder, self.processes = folder, processes
        folder.mkdir(parents=True, exist_ok=True)
        self.path = folder / "steps.json"
        self.steps = json.loads(self.path.read_text()) if self.path.exists() else {}

    def save(self):
        partial = self.path.with_suffix(".part")
        partial.write_text(json.dumps(self.steps, indent=1))
        partial.replace(self.path)

    def spent(self, count):
        return sum(step[f"{count}_s"] for step in self.steps.values() if step["part"] != "trials")

    def run(self, name, part, command, log=None):
        """The JSON that a command prints; from the file where it was done before. Of a log, the time when each of its lines came is kept."""
        step = self.steps.setdefault(
            name, {"part": part, "command": shlex.join(command), "processor_s": 0.0, "clock_s": 0.0, "done": False})
        if step["done"]:
            return step["result"]
        step["command"] = shlex.join(command)
        self.save()
        output, errors = self.folder / f"{name}.out", self.folder / f"{name}.err"
        before = step["processor_s"], step["clock_s"]
        started = time.monotonic()
        with open(output, "wb") as out, open(errors, "ab") as err:
            with self.processes.lock:
                if self.processes.stopped:
                    raise Stopped
                # Without our session's interrupts: they are passed on once, by us.
                process = subprocess.Popen(command, stdout=out, stderr=err, start_new_session=True)
                self.processes.running.add(process.pid)
        saved, step["epochs"] = started, []
        while True:
            if log is not None and lines_of(log) > len(step["epochs"]):
                step["epochs"].append({"processor_s": processor_seconds(process.pid), "clock_s": time.monotonic() - started})
            pid, status, usage = os.wait4(process.pid, os.WNOHANG)
            step["clock_s"] = before[1] + time.monotonic() - started
            if pid:
                break
            # What a killed study had used is not lost.
            if time.monotonic() - saved > 5:
                saved = time.monotonic()
                step["processor_s"] = before[0] + processor_seconds(process.pid)
                self.save()
            time.sleep(0.1)
        process.returncode = os.waitstatus_to_exitcode(status)
        with self.processes.lock:
            self.processes.running.discard(process.pid)
        step["processor_s"] = before[0] + usage.ru_utime + usage.ru_stime
        self.save()
        if process.returncode == 130 or self.processes.stopped:
            raise Stopped
        if process.returncode != 0:
            raise RuntimeError(f"{shlex.join(command)} failed:\n{errors.read_text()[-2000:]}")
        step["result"], step["done"] = json.loads(output.read_text()), True
        self.save()
        return step["result"]


def lines_of(path):
    try:
        return path.read_bytes().count(b"\n")
    except OSError:
        return 0


def processor_seconds(pid):
    """Of a process and those of its children that have ended."""
    try:
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return 0.0
    return sum(int(field) for field in fields[11:15]) / os.sysconf("SC_CLK_TCK")


class Run:
    """One row at one limit with one seed."""

    def __init__(self, options, row, limit, seed, processes):
        self.o, self.row, self.limit, self.seed = options, row, limit, seed
        self.folder = options.out / f"{row}-{limit}-{seed}"
        self.ledger = Ledger(self.folder, processes)
        self.total = 60 * options.minutes

    # Networks.

    def sizes(self, space):
        of = SIZES[space]
        return [str(word) for word in of[min(of, key=lambda limit: abs(limit - self.limit))]]

    def of(self, space):
        return ["--space", str(HYBRID) if space == "hybrid" else space]

    def network(self, space, sizes, image_size):
        return [*self.of(space), *sizes, "--image-size", str(image_size), "--data", self.o.data, "--seed", str(self.seed)]

    def machine(self):
        return ["--threads", str(self.o.threads), "--precision", self.o.precision, "--device", self.o.device]

    # Steps.

    def panda(self, name, part, *words):
        return self.ledger.run(name, part, [*self.o.panda.split(), *(str(word) for word in words), "--json"])

    def train(self, name, part, *words):
        """A supernet or a network in a folder of its own, continued where it was interrupted."""
        return self.panda(name, part, *words, *self.machine(), "--out", self.folder / name, "--resume")

    def trial(self, name, *words):
        """The same, with the time of each epoch; interrupted, it begins anew."""
        if not self.ledger.steps.get(name, {}).get("done"):
            shutil.rmtree(self.folder / name, ignore_errors=True)
        command = [*self.o.panda.split(), *(str(word) for word in words), *self.machine(), "--out", str(self.folder / name), "--json"]
        self.ledger.run(name, "trials", command, self.folder / name / "log.jsonl")
        return self.ledger.steps[name]

    def left(self):
        return self.total - self.ledger.spent(self.o.count)

    def cost_of(self, name, *words):
        """Seconds of a training without its images, and of each image: by epochs of a short one, when the first has warmed up."""
        epochs, count = 4, f"{self.o.count}_s"
        trial = self.trial(f"{name}-trial", *words, "--epochs", epochs, "--train-images", self.o.trial_images)
        first, last = trial["epochs"][0][count], trial["epochs"][-1][count]
        each = (last - first) / (len(trial["epochs"]) - 1) / self.o.trial_images
        return max(trial[count] - each * epochs * self.o.trial_images, 0), each

    def schedule(self, cost, images, seconds):
        """Epochs and images of each that take so long."""
        fixed, each = cost
        possible = max((seconds - fixed) / each, images / 20)
        epochs = max(1, -int(-possible // images))
        return ["--epochs", epochs, "--train-images", min(images, max(256, int(possible / epochs)))]

    def costs(self, name, space, sizes, *words):
        return self.panda(name, "drawing", "cost", *self.of(space), *sizes, "--image-size", self.o.image_size, *words)

    def most_latency(self, space, side):
        """Options of a limit on latency: that of a known network, times --pace."""
        if not self.o.pace:
            return []
        table = table_of(self.o, space, self.limit, side)
        most = self.o.pace * json.loads(table.with_suffix(".known").read_text())["ms"]
        return ["--max-latency-ms", f"{most:.4f}", "--latency-table", table]

    def measure(self, space, side):
        """
        A table of latencies, and by it that of the known network as wide as the limit allows: the table is for other widths, so it is
        foreseen there and multiplied by what both widths take, measured in turn.
        """
        table = table_of(self.o, space, self.limit, side)
        panda, sizes = self.o.panda.split(), self.sizes(space)
        of = ["--image-size", str(side), "--threads", str(self.o.threads), "--batch", "128", "--json"]
        made = [*panda, "latency", *self.of(space), *sizes, *of, "--out", str(table)]
        if not table.exists():
            call(made)
        widths = {"same": sizes, "widest": self.widest(space, PACE[space])}
        least = dict.fromkeys(widths, float("inf"))
        for _ in range(3 if widths["same"] != widths["widest"] else 0):
            for name, width in widths.items():
                found = call([*panda, "latency", PACE[space], *self.of(space), *width, *of])
                least[name] = min(least[name], found["networks"][0]["measured_ms"])
        foreseen = call([*panda, "cost", "--architecture", PACE[space], *self.of(space), *sizes, "--image-size", str(side),
                         "--latency-table", str(table), "--json"])["latency_ms"]
        ratio = least["widest"] / least["same"] if least["same"] < float("inf") else 1
        table.with_suffix(".known").write_text(json.dumps({
            "ms": foreseen * ratio, "foreseen_ms": foreseen, "measured_ms": least, "command": shlex.join(made)}))

    def widest(self, space, architecture):
        """The sizes at which an architecture of hybrid uses the limit up; those at which others were found."""
        if space != "hybrid":
            return self.sizes(space)
        found = self.costs("widest", space, [], "--architecture", architecture, "--max-params", self.limit)
        return ["--width-multiplier", str(found["width_multiplier"])]

    def retrain(self, name, network, architecture, schedule=None):
        """Trains a network for what is left of the time, or by a schedule."""
        words = ["retrain", *network, "--architecture", architecture, *self.o.retrain.split()]
        if schedule is None and (schedule := self.planned(name)) is None:
            schedule = self.schedule(self.cost_of(name, *words), self.images(), self.left())
        return self.train(name, "retraining", *words, *schedule)

    def planned(self, name):
        """The schedule of a step that was begun before: another one would be another training."""
        if name not in self.ledger.steps:
            return None
        given = shlex.split(self.ledger.steps[name]["command"])
        return given[given.index("--epochs"):given.index("--epochs") + 4]

    def images(self):
        """How many training images there are."""
        return json.loads((self.o.out / "images.json").read_text())["train"]

    def held_out(self):
        """How many of them halving chooses by."""
        return self.images() // 10

    # Rows.

    def do(self):
        result_path = self.folder / "result.json"
        if result_path.exists():
            return json.loads(result_path.read_text())
        kind, _, what = self.row.partition("-")
        trained = {"a": self.searched, "b": self.searched, "c": self.halved, "d": self.drawn, "e": self.known,
                   "f": self.neighbour}[kind](what)
        parts = {}
        for step in self.ledger.steps.values():
            times = parts.setdefault(step["part"], {"processor_s": 0.0, "clock_s": 0.0})
            for key in times:
                times[key] += step[key]
        result = {
            "row": self.row, "limit": self.limit, "seed": self.seed, "architecture": trained["architecture"],
            "test_accuracy": trained["test_accuracy"], "params": trained["params"], "macs": trained["macs"], "epochs": trained["epochs"],
            "train_images": trained["setup"]["train_images"], "parts": parts,
            "processor_s": self.ledger.spent("processor"), "clock_s": self.ledger.spent("clock"), "asked_s": self.total,
            "count": self.o.count, "commands": [step["command"] for step in self.ledger.steps.values()],
        }
        result_path.write_text(json.dumps(result, indent=1))
        return result

    def searched(self, space):
        o, free = self.o, self.row.startswith("b")
        side = supernet_side(o, self.row)
        preset = "residual-cpu" if space == "hybrid" else f"{space}-cpu"
        words = ["train", "--preset", preset, *self.network(space, self.sizes(space), side), "--validation-images", 2 * o.search_images]
        if o.method:
            words += ["--method", o.method]
        if not free:
            words += o.supernet.split()
        limits = ["--max-params", self.limit, *self.most_latency(space, side)]
        if free:
            # Nothing of it is used but its sizes, images and seed.
            self.train("supernet", "supernet", *words, "--epochs", 1, "--train-images", 512)
            evaluations = o.evaluations
        else:
            if (schedule := self.planned("supernet")) is None:
                fixed, each = self.cost_of("supernet", *words)
                schedule = self.schedule((fixed, each), self.images() - 2 * o.search_images, o.supernet_share * self.total)
                self.ledger.steps["search"] = {
                    "part": "search", "command": "", "processor_s": 0.0, "clock_s": 0.0, "done": False,
                    # Forward alone is a third of a step.
                    "evaluations": int(min(1000, max(50, o.search_share * self.total / (each / 3 * o.search_images))))}
            self.train("supernet", "supernet", *words, *schedule)
            evaluations = self.ledger.steps["search"]["evaluations"]
        search = ["search", self.folder / "supernet", *limits, "--images", o.search_images, "--seed", self.seed,
                  "--generations", 10, "--population", max(5, evaluations // 10), "--threads", o.threads,
                  "--ranker", o.training_free if free else o.ranker]
        found = self.panda("search", "search", *search)["best"][0]["architecture"]
        return self.retrain("winner", self.network(space, self.widest(space, found), o.image_size), found)

    def draw(self, space, count):
        """Random architectures under the limits."""
        latency = self.most_latency(space, self.o.image_size)
        choices = self.panda("space", "drawing", "spaces", *self.of(space))["space"]["choices"]
        drawn, source = [], random.Random(f"{self.limit} {self.seed}")
        file = self.folder / "drawn.txt"
        for round_number in range(100):
            texts = ["-".join(source.choice(choice["operations"]) for choice in choices) for _ in range(200)]
            file.write_text("\n".join(dict.fromkeys(texts)) + "\n")
            costs = self.costs(f"costs-{round_number}", space, self.sizes(space), "--architectures", file, *latency[2:])
            drawn += [one["architecture"] for one in costs["architectures"]
                      if one["params"] <= self.limit and (not latency or one["latency_ms"] <= float(latency[1]))]
            if len(drawn) >= count:
                return drawn[:count]
        raise RuntimeError(f"too few random architectures of {space} keep the limit of {self.limit} parameters")

    def drawn(self, what):
        space = "residual" if what == "random" else what
        architecture = self.draw(space, 1)[0]
        return self.retrain("winner", self.network(space, self.widest(space, architecture), self.o.image_size), architecture)

    def halved(self, what):
        """Every rung trains anew, since a finished training cannot be prolonged: its learning rate has fallen to 0."""
        space = "residual" if what == "halving" else what
        network = self.network(space, self.sizes(space), self.o.image_size)
        rungs = self.o.halving
        alive = self.draw(space, rungs[0])
        held = ["--hold-out", str(self.held_out())]
        for rung, count in enumerate(rungs[:-1]):
            if (schedule := self.planned(f"rung-{rung}-0")) is None:
                # One schedule for all of a rung, by trials of one of them.
                words = ["retrain", *network, *held, "--architecture", alive[len(alive) // 2], *self.o.retrain.split()]
                cost = self.cost_of("rungs", *words)
                seconds = self.o.halving_share * self.total / (len(rungs) - 1) / count
                schedule = self.schedule(cost, self.images() - self.held_out(), seconds)
            accuracy = {
                architecture: self.retrain(f"rung-{rung}-{number}", [*network, *held], architecture, schedule)["validation_accuracy"]
                for number, architecture in enumerate(alive)
            }
            alive = sorted(alive, key=lambda one: -accuracy[one])[:rungs[rung + 1]]
        return self.retrain("winner", self.network(space, self.widest(space, alive[0]), self.o.image_size), alive[0])

    def known(self, name):
        scaled = self.costs("scale", "residual", [], "--architecture", KNOWN[name], "--max-params", self.limit)
        network = self.network("residual", ["--width-multiplier", str(scaled["width_multiplier"])], self.o.image_size)
        return self.retrain("winner", network, KNOWN[name])

    def neighbour(self, space):
        """
        Under a limit of parameters a known network leaves time unused, the more the longer it is. Its late layers have the parameters: a
        step that saves them there makes all of the network wider, which uses the time up in the early ones.
        """
        o = self.o
        known = self.scaled("known", space, KNOWN["resnet"])
        fixed, each = self.cost_of("known", *known["retrain"])
        growth = self.total / (each * self.images() * o.least_epochs)
        costs = self.neighbours(space, known)
        candidates = [known]
        for level in (2, 3, 5):
            below = {one: macs for one, macs in costs.items() if macs <= min(growth, level) * known["macs"]}
            best = max(below, key=below.get)
            if best not in [one["architecture"] for one in candidates]:
                candidates.append(self.scaled(f"level-{level}", space, best))
        # Times by multiply-adds: trials of all would cost more than the error.
        of_all = each * sum(one["macs"] for one in candidates) / known["macs"]
        shown = int((o.guard_share * self.total - fixed * len(candidates)) / of_all)
        trained = self.images() - self.held_out()
        best = candidates[-1]
        if shown >= 2 * trained:
            if (schedule := self.planned("compared-0")) is None:
                epochs = -int(-shown // trained)
                schedule = ["--epochs", epochs, "--train-images", shown // epochs]
            held = ["--hold-out", self.held_out()]
            accuracy = [self.train(f"compared-{number}", "search", *one["retrain"], *held, *schedule)["validation_accuracy"]
                        for number, one in enumerate(candidates)]
            best = candidates[max(range(len(candidates)), key=accuracy.__getitem__)]
        return self.retrain("winner", best["network"], best["architecture"])

    def scaled(self, name, space, architecture):
        """Costs of an architecture at the width at which it uses the limit up, with the words that train it."""
        costs = self.costs(f"scale-{name}", space, [], "--architecture", architecture, "--max-params", self.limit)
        network = self.network(space, ["--width-multiplier", str(costs["width_multiplier"])], self.o.image_size)
        return {**costs, "network": network, "retrain": ["retrain", *network, "--architecture", architecture, *self.o.retrain.split()]}

    def neighbours(self, space, known):
        """Multiply-adds of all networks at most two steps away, at about the width at which each uses the limit up."""
        kept = self.folder / "neighbours.json"
        if kept.exists():
            return json.loads(kept.read_text())
        choices = [choice["operations"] for choice in self.panda("space", "drawing", "spaces", *self.of(space))["space"]["choices"]]
        origin = known["architecture"].split("-")
        alike = {tuple(origin)}
        for _ in range(2):
            alike |= {(*one[:place], operation, *one[place + 1:])
                      for one in alike for place, operations in enumerate(choices) for operation in operations}
        file = self.folder / "neighbours.txt"
        file.write_text("\n".join(sorted("-".join(one) for one in alike)) + "\n")
        macs = {}
        for percent in range(70, 300, 12):
            width = ["--width-multiplier", f"{known['width_multiplier'] * percent / 100:.2f}"]
            costs = self.panda(f"costs-{percent}", "search", "cost", *self.of(space), *width, "--image-size", self.o.image_size,
                               "--architectures", file)["architectures"]
            macs.update({one["architecture"]: one["macs"] for one in costs if one["params"] <= self.limit})
        kept.write_text(json.dumps(macs))
        for percent in range(70, 300, 12):
            # Megabytes, which would be written again every five seconds.
            self.ledger.steps[f"costs-{percent}"]["result"] = None
        return macs


def call(command):
    """What a command prints as JSON; what it says to people is shown, and ends the study where it fails."""
    done = subprocess.run(command, stdout=subprocess.PIPE)
    if done.returncode != 0:
        sys.exit(f"{shlex.join(command)} ended with exit code {done.returncode}")
    return json.loads(done.stdout)


def supernet_side(options, row):
    """The side of the images by which a row chooses its network."""
    return options.supernet_image_size if options.supernet_image_size and row.startswith("a") else options.image_size


def table_of(options, space, limit, side):
    return options.out / f"{space}-{limit}-{side}.latency.json"


def prepare(options):
    """Counts the images, has them decoded for every size that will be asked for, and measures latencies: no run pays for that."""
    path = options.out / "images.json"
    if not path.exists():
        found = call([*options.panda.split(), "data", "inspect", options.data, "--json"])
    for side in {options.image_size, *(supernet_side(options, row) for row in options.rows)}:
        command = [*options.panda.split(), "retrain", "--space", "residual", "--data", options.data, "--image-size", str(side),
                   "--architecture", KNOWN["resnet"], "--epochs", "1", "--train-images", "64", "--batch-size", "32", "--precision", "float32",
                   "--out", str(options.out / f"prepared-{side}"), "--resume", "--json"]
        if not (options.out / f"prepared-{side}/retrain.json").exists():
            subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    if not path.exists():
        path.write_text(json.dumps({"train": found["train"]}))
    for row in options.rows if options.pace else []:
        kind, _, what = row.partition("-")
        space = {"halving": "residual", "random": "residual"}.get(what, what)
        for limit in options.limits if kind not in "ef" else []:
            side = supernet_side(options, row)
            run = Run(options, row, limit, options.seeds[0], Processes())
            if not table_of(options, space, limit, side).with_suffix(".known").exists():
                run.measure(space, side)
            # One of another machine is refused here, before a supernet is trained that could not be searched.
            call([*options.panda.split(), "cost", "--architecture", PACE[space], *run.of(space), *run.sizes(space), "--image-size", str(side),
                  "--latency-table", str(table_of(options, space, limit, side)), "--json"])


def report(options):
    """Tables of all that is done in the folder, by this command and by earlier ones."""
    results = [json.loads(path.read_text()) for path in options.out.glob("*/result.json")]
    results.sort(key=lambda result: (result["limit"], ROWS.index(result["row"]), result["seed"]))
    columns = ["row", "limit", "seed", "test_accuracy", "params", "macs", "epochs", "train_images", "processor_s", "clock_s", "architecture"]
    with open(options.out / "results.csv", "w", newline="") as file:
        writer = csv.DictWriter(file, columns, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(results)
    lines = [
        f"{options.minutes:g} minutes of {options.count} time a run, {options.threads} thread(s) each, {options.parallel} at a time: "
        f"`{shlex.join(sys.argv)}`", "",
        "| row | most parameters | test accuracy, % | seeds | parameters | epochs | supernet, search, retraining: minutes of processor time "
        "| all: processor, clock |", "|---|---|---|---|---|---|---|---|"]
    for limit in sorted({result["limit"] for result in results}):
        for row in ROWS:
            of = [result for result in results if (result["row"], result["limit"]) == (row, limit)]
            if not of:
                continue
            accuracy = [100 * result["test_accuracy"] for result in of]
            spread = f" ± {statistics.stdev(accuracy):.2f}" if len(of) > 1 else ""
            split = ", ".join(
                f"{statistics.mean(result['parts'].get(part, {}).get('processor_s', 0) for result in of) / 60:.1f}"
                for part in ("supernet", "search", "retraining"))
            off = "" if all(abs(result[f"{result['count']}_s"] / result["asked_s"] - 1) <= 0.1 for result in of) else " (!)"
            lines.append(
                f"| {row} | {limit:,} | {statistics.mean(accuracy):.2f}{spread} | {', '.join(str(result['seed']) for result in of)} "
                f"| {', '.join(format(result['params'], ',') for result in of)} | {', '.join(str(result['epochs']) for result in of)} "
                f"| {split} | {statistics.mean(result['processor_s'] for result in of) / 60:.1f}, "
                f"{statistics.mean(result['clock_s'] for result in of) / 60:.1f}{off} |")
    lines += ["", "± is the standard deviation over seeds; (!) marks rows of which a run is more than a tenth off the time asked for.", ""]
    for path in sorted(options.out.glob("*.latency.known")):
        known = json.loads(path.read_text())
        lines += [f"Once for all runs, not counted; the known network has {known['ms']:.2f} ms by it:", "",
                  "```", known["command"], "```", ""]
    for result in results:
        lines += [f"{result['row']}, {result['limit']:,}, seed {result['seed']}:", "", "```", *result["commands"], "```", ""]
    (options.out / "results.md").write_text("\n".join(lines))


def main():
    options = parse()
    options.out.mkdir(parents=True, exist_ok=True)
    prepare(options)
    processes = Processes()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, processes.stop)
    runs = [Run(options, row, limit, seed, processes) for seed in options.seeds for limit in options.limits for row in options.rows]
    failed, finished = [], 0
    with concurrent.futures.ThreadPoolExecutor(options.parallel) as pool:
        waiting = {pool.submit(run.do): run for run in runs}
        for done in concurrent.futures.as_completed(waiting):
            run = waiting[done]
            try:
                accuracy, finished = done.result()["test_accuracy"], finished + 1
                report(options)
                print(f"{run.folder.name}: {100 * accuracy:.2f}%, {finished} of {len(runs)} done", flush=True)
            except Stopped:
                pass
            except Exception as error:
                failed.append(run.folder.name)
                print(f"{run.folder.name}: {error}", file=sys.stderr, flush=True)
    if processes.stopped:
        print("Interrupted: the same command goes on.", file=sys.stderr)
        return 130
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

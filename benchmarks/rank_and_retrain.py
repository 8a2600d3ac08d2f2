#!/usr/bin/env python3
"""Does a supernet rank architectures as training them one by one does, in a space without a benchmark table?

Trains a supernet with every method, retrains random architectures briefly as the truth, ranks them with each supernet, and retrains what
a search under the random ones' median parameters finds. Everything lies in FOLDER and is not done twice. Needs only Python itself.

  benchmarks/rank_and_retrain.py --preset darts-cpu --data images:cifar10 --out runs/darts
"""
import argparse
import csv
import json
import pathlib
import statistics
import subprocess

PANDA = pathlib.Path(__file__).parent.parent / "src/PandaNas.Cli/bin/Release/net10.0/panda"


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--preset", required=True)
    parser.add_argument("--data", required=True)
    parser.add_argument("--out", required=True, type=pathlib.Path)
    parser.add_argument("--methods", default="panda,spos", help="the first one's supernet is searched")
    parser.add_argument("--architectures", type=int, default=12)
    parser.add_argument("--epochs", type=int, default=20, help="of the supernets")
    parser.add_argument("--retrain-epochs", type=int, default=6)
    parser.add_argument("--retrain-images", type=int, default=10000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--panda", default=str(PANDA), help="the program, words separated by spaces")
    return parser.parse_args()


class Study:
    def __init__(self, options):
        self.options = options
        options.out.mkdir(parents=True, exist_ok=True)

    def panda(self, *arguments):
        """The JSON of a verb."""
        command = [*self.options.panda.split(), *map(str, arguments), "--threads", str(self.options.threads), "--json"]
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if done.returncode != 0:
            raise SystemExit(f"{' '.join(command)} failed:\n{done.stderr[-2000:]}")
        return json.loads(done.stdout)

    def supernet(self, method):
        o = self.options
        run = o.out / method
        if not (run / "weights.safetensors").exists():
            self.panda("train", "--preset", o.preset, "--data", o.data, "--method", method, "--epochs", o.epochs, "--seed", o.seed,
                       "--out", run, "--resume")
        return run

    def random_architectures(self, run):
        """Architectures and their parameters."""
        self.panda("rank", run, "--data", self.options.data, "--architectures", self.options.architectures, "--images", 500)
        with open(run / "ranking.csv", newline="") as file:
            return [(row["architecture"], int(row["params"])) for row in csv.DictReader(file)]

    def retrain(self, run, architecture, name):
        """Test accuracy in percent after a short training."""
        o = self.options
        result = self.options.out / f"{name}.json"
        if not result.exists():
            report = self.panda("retrain", run, "--architecture", architecture, "--data", o.data, "--epochs", o.retrain_epochs,
                                "--train-images", o.retrain_images, "--out", o.out / name, "--resume")
            result.write_text(json.dumps(report))
        return 100 * json.loads(result.read_text())["test_accuracy"]

    def rank(self, run, truth, architectures):
        return self.panda("rank", run, "--data", self.options.data, "--architectures", architectures, "--truth", truth,
                          "--truth-column", "truth", "--allow-mismatch")

    def study(self):
        o = self.options
        runs = {method: self.supernet(method) for method in o.methods.split(",")}
        first = next(iter(runs.values()))
        drawn = self.random_architectures(first)
        truths = [self.retrain(first, architecture, f"random-{i}") for i, (architecture, _) in enumerate(drawn)]
        table, listed = o.out / "truth.csv", o.out / "architectures.txt"
        with open(table, "w", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(["architecture", "truth"])
            writer.writerows((architecture, truth) for (architecture, _), truth in zip(drawn, truths))
        listed.write_text("".join(f"{architecture}\n" for architecture, _ in drawn))
        rankings = {method: self.rank(run, table, listed) for method, run in runs.items()}

        limit = int(statistics.median(params for _, params in drawn))
        found = self.panda("search", first, "--data", o.data, "--max-params", limit, "--images", 1000,
                           "--population", 24, "--generations", 8)["best"][0]
        within = [truth for (_, params), truth in zip(drawn, truths) if params <= limit]
        return {
            "preset": o.preset,
            "random": [{"architecture": a, "params": p, "test_accuracy": t} for (a, p), t in zip(drawn, truths)],
            "rankings": rankings,
            "max_params": limit,
            "searched": {**found, "test_accuracy": self.retrain(first, found["architecture"], "searched")},
            "random_within": {"count": len(within), "mean": statistics.mean(within), "best": max(within)},
        }


def main():
    options = parse()
    result = Study(options).study()
    (options.out / "study.json").write_text(json.dumps(result, indent=2) + "\n")
    for method, ranking in result["rankings"].items():
        print(f"{method}: tau {ranking['kendall_tau']:.3f}, 95% {ranking['kendall_tau_ci95']}")
    for name, control in next(iter(result["rankings"].values()))["controls"].items():
        print(f"control {name}: tau {control['kendall_tau']}")
    print(f"random: {sorted(round(one['test_accuracy'], 1) for one in result['random'])}")
    searched, within = result["searched"], result["random_within"]
    print(f"searched under {result['max_params']} parameters: {searched['test_accuracy']:.1f} with {searched['params']}; "
          f"{within['count']} random ones under it: mean {within['mean']:.1f}, best {within['best']:.1f}")


main()
